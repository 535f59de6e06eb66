// SPDX-License-Identifier: Apache-2.0
// rtl/weight_loader.v against the equations of docs/timing.md, section 5.
#include <Vweight_loader.h>
#include <Vweight_loader___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <queue>

#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

using Root = Vweight_loader___024root;
constexpr int kRows = Root::weight_loader__DOT__Rows;
constexpr int kBeatWidth = Root::weight_loader__DOT__BeatWidth;
constexpr int kAlignWidth = Root::weight_loader__DOT__AlignWidth;
constexpr int kElementBits = kBeatWidth - kAlignWidth;

struct LoaderModel {
  std::queue<std::uint32_t> fifo;
  int wrow = 0, align = 0;
  bool full = false;

  [[nodiscard]] bool pops(const Vweight_loader& in) const {
    if (in.step_i == 0 || fifo.empty()) return false;
    return in.pass_start_i != 0 ? in.last_pass_i == 0 : in.more_i != 0 && !full;
  }

  void edge(const Vweight_loader& in) {
    const bool pop = pops(in);
    const bool push = in.wgt_valid_i != 0 && fifo.size() < 2;
    if (pop && wrow == 0) align = static_cast<int>(fifo.front() >> kElementBits);
    if (in.pass_start_i != 0) {
      full = false;
    } else if (pop && wrow == kRows - 1) {
      full = true;
    }
    if (pop) wrow = wrow == kRows - 1 ? 0 : wrow + 1;
    if (pop || in.w8_pop_i != 0) fifo.pop();
    if (push) fifo.push(in.wgt_data_i);
  }
};

/// Inputs that ctrl can give: a pass starts on a step with a full tile; the W8 beat is popped before the first pass.
void drive(RtlBench<Vweight_loader>& dut, const LoaderModel& model, Draws& draws, bool& more) {
  dut->step_i = draws.chance(200) ? 1 : 0;
  dut->wgt_valid_i = draws.chance(180) ? 1 : 0;
  dut->wgt_data_i = draws.bits32() & ((1U << kBeatWidth) - 1);
  const bool start = more && model.full && dut->step_i != 0 && draws.chance(100);
  dut->pass_start_i = start ? 1 : 0;
  dut->last_pass_i = start && draws.chance(64) ? 1 : 0;
  dut->more_i = more ? 1 : 0;
  dut->w8_pop_i = !more && !model.fifo.empty() && draws.chance(128) ? 1 : 0;
  if (dut->last_pass_i != 0) {
    more = false;
  } else if (!more) {
    more = draws.chance(64);
  }
}

TEST_CASE("block.weight_loader.random") {
  RtlBench<Vweight_loader> dut;
  Draws draws("block.weight_loader.random");
  LoaderModel model;
  Tally tally;
  bool more = false;
  int tiles = 0;
  constexpr int kCycles = 50000;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    drive(dut, model, draws, more);
    dut.settle();
    const auto at = [&](const char* name) { return [=] { return fmt::format("cycle {} {}", cycle, name); }; };
    const bool pop = model.pops(*dut);
    const std::uint32_t head = model.fifo.empty() ? 0 : model.fifo.front();
    tally.expect(dut->wgt_ready_o, model.fifo.size() < 2 ? 1 : 0, at("wgt_ready_o"));
    tally.expect(dut->available_o, model.fifo.empty() ? 0 : 1, at("available_o"));
    tally.expect(dut->arriving_o, model.full || model.wrow != 0 ? 1 : 0, at("arriving_o"));
    tally.expect(dut->full_o, model.full ? 1 : 0, at("full_o"));
    tally.expect(dut->pop_o, pop ? 1 : 0, at("pop_o"));
    tally.expect(dut->row_en_o, pop ? 1 << model.wrow : 0, at("row_en_o"));
    tally.expect(dut->beat_o, head & ((1U << kElementBits) - 1), at("beat_o"));
    tally.expect(dut->align_o, model.align, at("align_o"));
    tiles += dut->pass_start_i;
    model.edge(*dut);
    dut.tick();
  }
  CHECK_TALLY(tally, kCycles * 8);
  CHECK(tiles > 1000);
}

}  // namespace
}  // namespace systole::test
