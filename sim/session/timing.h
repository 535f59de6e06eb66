// SPDX-License-Identifier: Apache-2.0
#pragma once
// Cycles per layer of a run, kept in a file, so that a later run shows which layers became slower or faster.
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "sim/session/session.h"

namespace systole::session {

/// What cycles depend on, and the cycles themselves. Equal stalls, seed and images give equal cycles of equal RTL.
struct Timing {
  std::string network, configuration, stall;
  std::uint64_t seed = 0, images = 0;
  std::vector<std::pair<std::string, std::uint64_t>> layers;  ///< name, cycles in which the design was busy with it
};

/// Of a run that passed.
Timing timing_of(const RunReport& report, const RunOptions& options, const std::string& network);

/// JSON text; read_timing gives the same back, and throws base::InputError for anything else.
std::string timing_json(const Timing& timing);
Timing read_timing(const std::filesystem::path& file);

struct TimingChange {
  std::string layer;
  std::uint64_t recorded = 0, now = 0;  ///< cycles, unlike
};

/// The layers whose cycles changed, in order. Throws base::InputError, naming `file`, where `now` is no repetition of
/// what was recorded: another network, configuration, stall, seed, number of images, or other layers.
std::vector<TimingChange> compare_timing(const std::filesystem::path& file, const Timing& recorded, const Timing& now);

}  // namespace systole::session
