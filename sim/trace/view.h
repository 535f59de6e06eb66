// SPDX-License-Identifier: Apache-2.0
#pragma once
// The GTKWave view of a dump: groups, radices, state names, colours, marker. docs/waveforms.md shows it.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "accel/contract/program.h"

namespace systole::trace {

struct ViewSettings {
  accel::Geometry geometry;
  bool cells = true;                    ///< the dump holds golden's cells (GoldenScope with `cells`)
  std::filesystem::path dump;           ///< VCD or FST; empty: GTKWave gets it on its command line
  std::filesystem::path state_filter;   ///< holds state_filter_text(); GTKWave reads a relative path from its own cwd
  int row = 0;                          ///< the array row that is shown cell by cell, 0 .. rows - 1
  std::uint64_t first = 0;              ///< time at the left edge, half cycles
  double zoom = -3;                     ///< GTKWave's: one less shows twice the time
  std::optional<std::uint64_t> marker;  ///< time of the primary marker, half cycles
};

/// The save file (.gtkw). Throws std::invalid_argument where `row` is outside the array.
[[nodiscard]] std::string view_text(const ViewSettings& settings);

/// GTKWave translate filter: code of state_o to its name.
[[nodiscard]] std::string state_filter_text();

/// Where a dump and its view end: "lenet.vcd" has "lenet.vcd.gtkw" beside it.
[[nodiscard]] std::filesystem::path view_path(const std::filesystem::path& dump);

/// Writes the view of `settings.dump` and its filter beside the dump, with absolute paths, so that GTKWave may be
/// started anywhere; returns the view's path. With a marker the view opens around it. Throws base::InputError where a
/// file cannot be written.
std::filesystem::path write_view(ViewSettings settings);

}  // namespace systole::trace
