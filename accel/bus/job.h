// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run through the sockets is given, and how its traffic looks. No SystemC header.
#include <cstddef>

#include "accel/lower/command.h"

namespace systole::bus {

/// A command with one image's stimulus; the memory stays the caller's.
struct Job {
  const lower::Command* command = nullptr;
  const lower::Stimulus* stimulus = nullptr;
};

enum class Traffic {
  write_then_read,  ///< all of a command's input, then all of its output: what a driver in software does
  interleaved       ///< bursts of the three inputs in turn, output drained as it comes: what a DMA engine does
};

struct TrafficSettings {
  Traffic traffic = Traffic::interleaved;
  std::size_t burst_beats = 256;  ///< beats of one transaction at most, 1 .. 4096
  double quantum_cycles = 4096;   ///< global quantum in clock cycles of 10 ns
};

}  // namespace systole::bus
