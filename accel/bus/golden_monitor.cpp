// SPDX-License-Identifier: Apache-2.0
#include "accel/bus/golden_monitor.h"

#include <iterator>

#include "sim/kernel/pin_source.h"

namespace systole::bus {

GoldenMonitor::GoldenMonitor(const dut::Dut& design, CheckLevel level)
    : level_(level), model_(design.geometry(), level == CheckLevel::cells), pins_(kernel::pin_source(design)) {
  if (level == CheckLevel::cells) cells_ = kernel::cell_checker(design);
}

kernel::Outcome GoldenMonitor::after_edge(std::uint64_t cycle, const cycle::InPins& in) {
  if (level_ == CheckLevel::none || !mismatches_.empty()) return kernel::Outcome::passed;
  model_.tick(in);
  bool equal = pins_.equal(cycle, model_.pins());
  if (cells_) equal &= cells_->equal(cycle, model_.cell_weight(), model_.cell_act(), model_.cell_psum());
  if (!equal) [[unlikely]]
    record(cycle);
  return kernel::Outcome::passed;
}

void GoldenMonitor::record(std::uint64_t cycle) {
  mismatches_ = pins_.differences(cycle, model_.pins(), kMaxMismatches);
  if (!cells_) return;
  auto more = cells_->differences(cycle, model_.cell_weight(), model_.cell_act(), model_.cell_psum(), kMaxMismatches);
  std::move(more.begin(), more.end(), std::back_inserter(mismatches_));
}

}  // namespace systole::bus
