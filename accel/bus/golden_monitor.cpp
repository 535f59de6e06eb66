// SPDX-License-Identifier: Apache-2.0
#include "accel/bus/golden_monitor.h"

#include <memory>

#include "accel/dut/geometry.h"
#include "accel/dut/pin_names.h"

namespace systole::bus {

GoldenMonitor::GoldenMonitor(const dut::Dut& design, check::CheckLevel level)
    : on_(level >= check::CheckLevel::pins),
      watch_(design.pins(), level,
             std::make_unique<cycle::Reference>(accel::geometry_of(design), level, accel::has_wires(design.pins()))) {}

kernel::Outcome GoldenMonitor::after_edge(std::uint64_t cycle, const port::Handshakes& in) {
  if (!on_ || !mismatches_.empty()) return kernel::Outcome::passed;
  if (!watch_.after_edge(cycle, in)) [[unlikely]]
    mismatches_ = watch_.differences(cycle, kMaxMismatches);
  return kernel::Outcome::passed;
}

}  // namespace systole::bus
