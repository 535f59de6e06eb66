// SPDX-License-Identifier: Apache-2.0
#pragma once
// How the traffic of a run through the sockets looks. No SystemC header.
#include <cstddef>

namespace systole::bus {

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
