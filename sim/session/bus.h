// SPDX-License-Identifier: Apache-2.0
#pragma once
// One image over the TLM-2.0 sockets instead of the native loop: the same commands, monitor, stalls and trace.
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "accel/bus/job.h"
#include "sim/dut/dut.h"
#include "sim/kernel/outcome.h"
#include "sim/kernel/stall.h"
#include "sim/kernel/watchdog.h"
#include "sim/session/monitor.h"
#include "sim/session/plan.h"
#include "sim/tlm/clocked_dut.h"

namespace systole::session {

/// How the streams reach the design.
enum class Via {
  native,  ///< a beat a cycle and stream, straight to the pins
  tlm      ///< bursts through the sockets of sim/tlm, one beat a cycle for all streams; out is read by transactions
};

inline constexpr std::array<std::string_view, 2> kViaNames{"native", "tlm"};

constexpr std::string_view to_string(Via via) { return kViaNames[static_cast<std::size_t>(via)]; }

struct BusSettings {
  std::uint64_t seed = 1;                  ///< of the state that reset does not clear
  kernel::StallPattern* stalls = nullptr;  ///< between the target's queues and the pins
  tlm::TraceSink* trace = nullptr;
  std::uint64_t max_cycles = std::numeric_limits<std::uint64_t>::max();  ///< edges, beyond them `unfinished`
  std::function<void(std::uint64_t)> on_progress;                        ///< called now and then with the cycle count
};

struct BusResult {
  kernel::Outcome outcome = kernel::Outcome::passed;
  std::uint64_t cycles = 0;  ///< edges since reset
  std::string detail;        ///< of a timeout: the transaction that the design left waiting, or empty
};

/// The image's commands with their streams, in order. They point into `plan` and `work`.
std::vector<bus::Job> jobs_of(const Plan& plan, const ImageWork& work);

/// Resets `dut` and plays the image. `monitor` has begun it, and `watchdog` is the monitor's. Ends as RunLoop::run
/// does; the beats that the initiator has read are compared once more at the end (Monitor::outputs_read).
BusResult run_on_bus(dut::Dut& dut, const Plan& plan, const ImageWork& work, Monitor& monitor,
                     kernel::Watchdog& watchdog, const BusSettings& settings);

}  // namespace systole::session
