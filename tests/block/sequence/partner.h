// SPDX-License-Identifier: Apache-2.0
#pragma once
// partner.v with every part that it has pins for.
#include <cstdint>
#include <string>
#include <utility>

#include "Vpartner.h"
#include "systole/adapter.h"

namespace systole::test {

class PartnerModel final : public dut::VerilatedDut<Vpartner, dut::NoBinding, dut::NoTrace> {
 public:
  using VerilatedDut::model;
};

struct Partner {
  static constexpr std::uint64_t kMost = 20000;  ///< cycles of a run

  PartnerModel dut;
  Vpartner& top = dut.model();
  Bench bench{dut, {.clock = &top.clk_i, .reset = &top.rst_ni}};
  Source<CData> in{bench, "in", top.in_valid_i, top.in_ready_o, top.in_data_i, &top.in_last_i};
  Sink<CData> out{bench, "out", top.out_valid_o, top.out_ready_i, top.out_data_o, &top.out_last_o};
  AxiLiteMaster<CData> registers{
      bench,
      "registers",
      {top.awvalid_i, top.awready_o, top.awaddr_i, top.wvalid_i, top.wready_o, top.wdata_i, top.bvalid_o, top.bready_i,
       top.bresp_o, top.arvalid_i, top.arready_o, top.araddr_i, top.rvalid_o, top.rready_i, top.rdata_o, top.rresp_o}};

  explicit Partner(int kind = 0, int bug = 0) {
    top.kind_i = static_cast<CData>(kind);
    top.bug_i = static_cast<CData>(bug);
    top.start_i = 0;
  }

  sequence::Ended run(Task task, std::uint64_t most = kMost) { return bench.run(std::move(task), most); }
};

}  // namespace systole::test
