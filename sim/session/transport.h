// SPDX-License-Identifier: Apache-2.0
#pragma once
// Another way from the streams to the pins than straight: through the sockets of a bus.
#include <cstdint>
#include <functional>
#include <limits>
#include <string>

#include "sim/dut/dut.h"
#include "sim/kernel/outcome.h"
#include "sim/kernel/stall.h"
#include "sim/kernel/trace_sink.h"
#include "sim/kernel/watchdog.h"
#include "sim/session/monitor.h"
#include "sim/session/plan.h"

namespace systole::session {

/// How beats reach the design.
enum class Via {
  native,  ///< kernel::RunLoop: each stream at its own rate
  tlm      ///< bursts through TLM-2.0 sockets, one beat a cycle for all streams; out is read by transactions
};
inline constexpr std::array<std::string_view, 2> kViaNames{"native", "tlm"};
constexpr std::string_view to_string(Via via) { return kViaNames[static_cast<std::size_t>(via)]; }

struct TransportSettings {
  std::uint64_t seed = 1;                  ///< of the state that reset does not clear
  kernel::StallPattern* stalls = nullptr;  ///< between the bus and the pins
  kernel::TraceSink* trace = nullptr;
  std::uint64_t max_cycles = std::numeric_limits<std::uint64_t>::max();  ///< edges, beyond them `unfinished`
  std::function<void(std::uint64_t)> on_progress;                        ///< called now and then with the cycle count
};

struct TransportResult {
  kernel::Outcome outcome = kernel::Outcome::passed;
  std::uint64_t cycles = 0;  ///< edges since reset
  std::string detail;        ///< of a timeout: the transaction that the design left waiting, or empty
};

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  Transport(Transport&&) = delete;
  Transport& operator=(Transport&&) = delete;
  virtual ~Transport() = default;

  /// Resets `dut` and plays the image. `monitor` has begun it, and `watchdog` is the monitor's. Ends as RunLoop::run
  /// does; the beats that the bus has read are compared once more at the end (Monitor::outputs_read).
  virtual TransportResult run(dut::Dut& dut, const Plan& plan, const ImageWork& work, Monitor& monitor,
                              kernel::Watchdog& watchdog, const TransportSettings& settings) const = 0;
};

/// The bus of this program's design, or null: defined beside the design, found when the program is linked.
const Transport* bus_transport();

}  // namespace systole::session
