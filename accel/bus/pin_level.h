// SPDX-License-Identifier: Apache-2.0
#pragma once
// The accelerator as Verilator's SystemC module (--sc), every pin a signal: the customary bench, kept to measure what
// it costs. No SystemC header.
#include <cstdint>
#include <span>
#include <vector>

#include "accel/contract/command.h"

namespace systole::bus {

struct PinLevelResult {
  std::vector<base::Beats> outputs;  ///< raw out beats of each job
  std::uint64_t cycles = 0;          ///< rising edges from the end of reset to the last beat of out
  double seconds = 0;                ///< wall clock of the simulation, elaboration left out
};

/// Plays the jobs at the full rate of the streams, without checks. Throws std::invalid_argument where a job is not for
/// the 8x8 array with 8-bit elements and 32-bit psums, std::runtime_error where the outputs do not come within twice
/// the cycles that docs/timing.md, section 9, allows.
[[nodiscard]] PinLevelResult run_pin_level(std::span<const accel::Job> jobs);

}  // namespace systole::bus
