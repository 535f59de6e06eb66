// SPDX-License-Identifier: Apache-2.0
#pragma once
// Commands played through the sockets once, in a simulation of their own. What is checked is the observer's business.
// No SystemC header, so that callers need not know it.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "accel/bus/clocked_dut.h"
#include "accel/bus/traffic.h"
#include "accel/contract/command.h"
#include "sim/dut/dut.h"
#include "sim/kernel/outcome.h"
#include "sim/kernel/stall.h"

namespace systole::bus {

struct PlaySettings {
  TrafficSettings traffic{};
  QueueDepths depths{};
  std::uint64_t seed = 1;                  ///< of the state that reset does not clear
  CycleObserver* observer = nullptr;       ///< sees every cycle and may end the run
  kernel::TraceSink* trace = nullptr;      ///< gets every cycle's samples
  kernel::StallPattern* stalls = nullptr;  ///< between queues and pins, on top of what the bus makes wait
  std::uint64_t silent_cycles = 0;         ///< clocked after the last transaction, for output that none expects
};

struct PlayResult {
  /// What the observer ended the run with; else `timeout` where the design came to rest and left a transaction waiting,
  /// `unexpected_output` where out beats are left, `input_left` where input beats are left or the design is not in
  /// S_IDLE, `passed`.
  kernel::Outcome outcome = kernel::Outcome::passed;
  std::string detail;                ///< the transaction that a timeout left waiting, or empty
  std::vector<base::Beats> outputs;  ///< raw out beats of each job, as the initiator read them
  std::uint64_t cycles = 0;          ///< clock edges of the design
  double simulated_ns = 0;           ///< SystemC time at the last transaction
  double seconds = 0;                ///< wall clock of the simulation, elaboration left out
  std::uint64_t syncs = 0;           ///< quanta used up
};

/// Resets `design` and plays the jobs. Throws std::invalid_argument for settings out of range, TransactionError where
/// the target refuses a transaction as such, and what an observer throws. Not reentrant: SystemC has one simulation at
/// a time.
[[nodiscard]] PlayResult play(dut::Dut& design, std::span<const accel::Job> jobs, const PlaySettings& settings);

}  // namespace systole::bus
