#include "sim/tlm/golden_monitor.h"

#include <iterator>

namespace systole::tlm {
namespace {

check::PinSource pin_source(const dut::Dut& design) {
  const dut::Ports& p = design.ports();
  return {.cfg_ready = p.cfg_ready,
          .wgt_ready = p.wgt_ready,
          .act_ready = p.act_ready,
          .out_valid = p.out_valid,
          .out_last = p.out_last,
          .state = p.state,
          .overflow = p.overflow.data,
          .overflow_bytes = p.overflow.bytes,
          .counters = p.counters,
          .out_data = p.out_data.data,
          .cols = design.geometry().cols,
          .psum_width = design.geometry().psum_width};
}

check::CellSource cell_source(const dut::CellRegister& reg) { return {reg.at, reg.bits, reg.bytes}; }

}  // namespace

GoldenMonitor::GoldenMonitor(const dut::Dut& design, CheckLevel level)
    : level_(level), model_(design.geometry(), level == CheckLevel::cells), pins_(pin_source(design)) {
  if (level != CheckLevel::cells) return;
  const dut::Cells& cells = design.cells();
  cells_.emplace(design.geometry().cols, cell_source(cells.weight), cell_source(cells.act), cell_source(cells.psum));
}

void GoldenMonitor::after_edge(std::uint64_t cycle, const cycle::InPins& in) {
  if (level_ == CheckLevel::none || !mismatches_.empty()) return;
  model_.tick(in);
  bool equal = pins_.equal(cycle, model_.pins());
  if (cells_) equal &= cells_->equal(cycle, model_.cell_weight(), model_.cell_act(), model_.cell_psum());
  if (!equal) [[unlikely]]
    record(cycle);
}

void GoldenMonitor::record(std::uint64_t cycle) {
  mismatches_ = pins_.differences(cycle, model_.pins(), kMaxMismatches);
  if (!cells_) return;
  auto more = cells_->differences(cycle, model_.cell_weight(), model_.cell_act(), model_.cell_psum(), kMaxMismatches);
  std::move(more.begin(), more.end(), std::back_inserter(mismatches_));
}

}  // namespace systole::tlm
