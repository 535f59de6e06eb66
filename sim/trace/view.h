// SPDX-License-Identifier: Apache-2.0
#pragma once
// The GTKWave view of a dump: groups, radices, state names, colours, marker. docs/waveforms.md shows it. What every
// design has (streams, the comparison with the golden, counters) comes from its pin map; the rest it adds itself.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/check/mismatch.h"
#include "sim/port/pin_map.h"

namespace systole::trace {

enum class Radix { binary, decimal, signed_decimal, hexadecimal };
enum class Color { normal = 0, red, orange, yellow, green, blue, indigo, violet };

struct ViewSignal {
  std::string name;  ///< as in the dump: "TOP.accel.step"
  int bits = 1;
  Radix radix = Radix::binary;
  Color color = Color::green;
  std::string alias;  ///< what the viewer writes instead of the name, or empty
};

struct ViewGroup {
  std::string name;
  bool closed = false;
  std::vector<ViewSignal> signals;
};

/// What only the design knows.
struct DesignView {
  std::string top;                            ///< module below TOP: "accel"
  std::string state_pin;                      ///< an output whose codes have names, or empty
  std::vector<std::string_view> state_names;  ///< by code
  std::vector<ViewGroup> groups;              ///< beside those made from the pin map
};

struct ViewSettings {
  const port::PinMap* pins = nullptr;  ///< null where nobody knows them: the view has the design's groups alone
  DesignView design = {};
  check::CheckLevel check = check::CheckLevel::pe;  ///< of the run: the dump holds golden's registers of that level
  std::filesystem::path dump;                       ///< VCD or FST; empty: GTKWave gets it on its command line
  std::filesystem::path state_filter =
      {};                ///< holds state_filter_text(); GTKWave reads a relative path from its own cwd
  std::size_t cell = 0;  ///< whose registers stand beside golden's
  std::vector<std::string> layer_names = {};    ///< of the layers that ran, for golden.layer; empty: not shown
  std::filesystem::path layer_filter = {};      ///< holds layer_filter_text()
  std::vector<check::Mismatch> wrong = {};      ///< first differences, shown above everything else
  std::uint64_t first = 0;                      ///< time at the left edge (sim/kernel/trace_sink.h)
  double zoom = -5.4;                           ///< GTKWave's: one less shows twice the time
  std::optional<std::uint64_t> marker = {};     ///< time of the primary marker
  std::optional<std::uint64_t> detection = {};  ///< time of marker A
};

/// The save file (.gtkw). Throws std::invalid_argument where `cell` is outside the array.
[[nodiscard]] std::string view_text(const ViewSettings& settings);

/// GTKWave translate filters: code of the state pin to its name, number of a layer to its name.
[[nodiscard]] std::string state_filter_text(const DesignView& design);
[[nodiscard]] std::string layer_filter_text(const std::vector<std::string>& names);

/// Where a dump and its view end: "lenet.vcd" has "lenet.vcd.gtkw" beside it.
[[nodiscard]] std::filesystem::path view_path(const std::filesystem::path& dump);

/// Writes the view of `settings.dump` and its filters beside the dump, with absolute paths, so that GTKWave may be
/// started anywhere; returns the view's path. With a marker the view opens around it. Throws base::InputError where a
/// file cannot be written.
std::filesystem::path write_view(ViewSettings settings);

}  // namespace systole::trace
