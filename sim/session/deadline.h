// SPDX-License-Identifier: Apache-2.0
#pragma once
// Arms the watchdog for each command, with what a bus that all streams share adds to the design's own bound.
#include <cstdint>
#include <optional>

#include "sim/kernel/watchdog.h"
#include "sim/session/design.h"

namespace systole::session {

class Deadline {
 public:
  explicit Deadline(kernel::Watchdog& watchdog) : watchdog_(watchdog) {}

  /// All streams share a bus of one beat a cycle, whose initiator leaves the design alone for up to `idle_cycles`.
  void share_bus(std::uint64_t idle_cycles) { bus_idle_ = idle_cycles; }
  /// A run begins: the bus has nothing left to carry.
  void restart() { left_on_bus_ = 0; }
  /// The command is next.
  void arm(const CommandFacts& command) {
    std::uint64_t bound = command.cycle_bound;
    if (bus_idle_) bound += *bus_idle_ + command.beats_in_all + left_on_bus_;
    watchdog_.arm(bound);
  }
  /// The command has ended, and the bus may still have to carry its output.
  void ended(const CommandFacts& command) { left_on_bus_ = command.out_beats; }

 private:
  kernel::Watchdog& watchdog_;
  std::optional<std::uint64_t> bus_idle_;
  std::uint64_t left_on_bus_ = 0;
};

}  // namespace systole::session
