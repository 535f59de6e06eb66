// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/pin_source.h"

namespace systole::kernel {

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

check::CellSource cell_source(const dut::CellRegister& reg) {
  return {.at = reg.at, .bits = reg.bits, .bytes = reg.bytes};
}

check::CellChecker cell_checker(const dut::Dut& design) {
  const dut::Cells& cells = design.cells();
  return {design.geometry().cols, cell_source(cells.weight), cell_source(cells.act), cell_source(cells.psum)};
}

}  // namespace systole::kernel
