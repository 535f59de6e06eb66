// SPDX-License-Identifier: Apache-2.0
#pragma once
// A whole run through TLM-2.0 sockets as one call: initiator, target and monitor in a simulation of their own. No
// SystemC header, so that callers need not know it.
#include <cstdint>
#include <span>
#include <vector>

#include "accel/bus/clocked_dut.h"
#include "accel/bus/golden_monitor.h"
#include "accel/bus/traffic.h"
#include "sim/check/mismatch.h"
#include "sim/dut/dut.h"
#include "sim/kernel/outcome.h"

namespace systole::bus {

struct RunSettings {
  TrafficSettings traffic{};
  QueueDepths depths{};
  check::CheckLevel check = check::CheckLevel::pe;
  std::uint64_t seed = 1;
  check::PlantedFault fault{};  ///< for the pin check; none by default
};

struct RunResult {
  kernel::Outcome outcome = kernel::Outcome::nothing_compared;
  std::vector<check::Mismatch> mismatches;  ///< of the first cycle with any, else of the out beats
  std::vector<base::Beats> outputs;         ///< raw out beats of each job
  std::uint64_t cycles = 0;                 ///< clock edges of the design
  double simulated_ns = 0;                  ///< SystemC time at the end
  std::uint64_t compared = 0;               ///< pin and cell values, out lanes
  double seconds = 0;                       ///< wall clock of the simulation, elaboration left out
  std::uint64_t syncs = 0;                  ///< quanta used up
};

/// Plays the jobs through the sockets and checks every cycle and every out beat against the golden. `design` is fresh:
/// never evaluated. Throws std::runtime_error where the target answers a transaction with an error,
/// std::invalid_argument for settings out of range. Not reentrant: SystemC has one simulation at a time.
[[nodiscard]] RunResult run(dut::Dut& design, std::span<const accel::Job> jobs, const RunSettings& settings = {});

}  // namespace systole::bus
