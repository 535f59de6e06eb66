// SPDX-License-Identifier: Apache-2.0
// rtl/ctrl.v under random inputs: exactly the edges of docs/timing.md, section 4, pass_start of section 6, counters of
// section 8.
#include <Vctrl.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <set>
#include <utility>

#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

enum State { S_IDLE, S_READ_PARAM, S_READ_W8, S_READ_W2, S_READ_INPUT, S_EMPTY, S_INPUT_CH, S_FINISH };

constexpr int kCycles = 100000;
constexpr std::size_t kCounters = 6;  ///< busy, stall_in, stall_out, weight_load, compute, drain

/// The inputs of one cycle, drawn freely; s1_fin is decoded in S_READ_PARAM only, so it comes in no other state.
void randomize(RtlBench<Vctrl>& dut, Draws& draws) {
  const auto bit = [&](std::uint32_t of_256) { return static_cast<CData>(draws.chance(of_256) ? 1 : 0); };
  dut->step_i = bit(200);
  dut->start_i = bit(100);
  dut->s1_fin_i = dut->state_o == S_READ_PARAM ? bit(80) : CData{0};
  dut->codebook_i = bit(128);
  dut->wgt_available_i = bit(128);
  dut->wgt_arriving_i = bit(128);
  dut->act_coming_i = bit(128);
  dut->last_taken_i = bit(100);
  dut->mid_i = bit(100);
  dut->wgt_full_i = bit(200);
  dut->act_full_i = bit(200);
  dut->par_ready_i = bit(128);
  dut->first_pass_i = bit(100);
  dut->last_pass_i = bit(64);
  dut->final_pass_i = dut->last_pass_i != 0 ? CData{1} : bit(80);  // the layer's last pass is some oc tile's last
  dut->wgt_pop_i = bit(128);
}

struct CtrlModel {
  int state = S_IDLE;
  bool first = false, more = false;
  std::array<std::uint32_t, kCounters> counters{};

  [[nodiscard]] bool pass_start(const Vctrl& in) const {
    return state == S_INPUT_CH && in.step_i != 0 && in.mid_i == 0 && in.wgt_full_i != 0 && in.act_full_i != 0 &&
           (in.first_pass_i == 0 || in.par_ready_i != 0);
  }
  [[nodiscard]] bool issue(const Vctrl& in) const { return pass_start(in) || (in.step_i != 0 && in.mid_i != 0); }
  [[nodiscard]] bool s2_fin(const Vctrl& in) const {
    return state == S_READ_W8 && (in.codebook_i == 0 || in.wgt_available_i != 0);
  }

  [[nodiscard]] int next(const Vctrl& in) const {
    switch (state) {
      case S_IDLE:
        return in.start_i != 0 ? S_READ_PARAM : S_IDLE;
      case S_READ_PARAM:
        return in.s1_fin_i != 0 ? S_READ_W8 : S_READ_PARAM;
      case S_READ_W8:
        return s2_fin(in) ? S_READ_W2 : S_READ_W8;
      case S_READ_W2:
        return in.wgt_arriving_i != 0 ? S_READ_INPUT : S_READ_W2;
      case S_READ_INPUT:
        return in.act_coming_i != 0 ? S_EMPTY : S_READ_INPUT;
      case S_EMPTY:
        return S_INPUT_CH;
      case S_INPUT_CH:
        if (!pass_start(in) || in.final_pass_i == 0) return S_INPUT_CH;
        return in.last_pass_i != 0 ? S_FINISH : S_READ_W2;
      default:
        return in.last_taken_i != 0 ? S_IDLE : S_FINISH;
    }
  }

  void count(const Vctrl& in) {
    auto& [busy, stall_in, stall_out, weight_load, compute, drain] = counters;
    ++busy;
    weight_load += in.wgt_pop_i;
    if (in.step_i == 0) {
      ++stall_out;
    } else if (issue(in)) {
      ++compute;
    } else if (state == S_FINISH && in.mid_i == 0) {
      ++drain;
    } else if (state != S_READ_PARAM) {
      ++stall_in;
    }
  }

  void edge(const Vctrl& in) {
    if (state == S_IDLE && in.start_i != 0) counters = {};
    if (state != S_IDLE) count(in);
    if (state == S_READ_PARAM && in.s1_fin_i != 0) first = true;
    if (state == S_EMPTY) first = false;
    if (s2_fin(in)) more = true;
    if (pass_start(in) && in.last_pass_i != 0) more = false;
    state = next(in);
  }
};

TEST_CASE("block.ctrl.random.edges_and_outputs") {
  RtlBench<Vctrl> dut;
  Draws draws("block.ctrl.random");
  CtrlModel model;
  Tally tally;
  std::set<std::pair<int, int>> edges;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    randomize(dut, draws);
    dut.settle();
    const auto at = [&](const char* name) {
      return [=, state = model.state] { return fmt::format("cycle {} state {} {}", cycle, state, name); };
    };
    const auto expect = [&](bool rtl, bool golden, const char* name) {
      tally.expect(rtl ? 1 : 0, golden ? 1 : 0, at(name));
    };
    tally.expect(dut->state_o, model.state, at("state_o"));
    expect(dut->start_o != 0, model.state == S_IDLE && dut->start_i != 0, "start_o");
    expect(dut->read_param_o != 0, model.state == S_READ_PARAM, "read_param_o");
    expect(dut->w8_pop_o != 0, model.s2_fin(*dut) && dut->codebook_i != 0, "w8_pop_o");
    expect(dut->more_o != 0, model.more, "more_o");
    expect(dut->zero_en_o != 0, model.state == S_EMPTY && model.first, "zero_en_o");
    expect(dut->pass_start_o != 0, model.pass_start(*dut), "pass_start_o");
    expect(dut->issue_o != 0, model.issue(*dut), "issue_o");
    const std::array<std::uint32_t, kCounters> counters{dut->cnt_busy_o,      dut->cnt_stall_in_o,
                                                        dut->cnt_stall_out_o, dut->cnt_weight_load_o,
                                                        dut->cnt_compute_o,   dut->cnt_drain_o};
    for (std::size_t i = 0; i < kCounters; ++i) tally.expect(counters[i], model.counters[i], at("counter"));
    const int before = dut->state_o;
    model.edge(*dut);
    dut.tick();
    if (dut->state_o != before) edges.emplace(before, dut->state_o);
  }
  CHECK_TALLY(tally, kCycles * (8 + kCounters));
  CHECK(edges == std::set<std::pair<int, int>>{{S_IDLE, S_READ_PARAM},
                                               {S_READ_PARAM, S_READ_W8},
                                               {S_READ_W8, S_READ_W2},
                                               {S_READ_W2, S_READ_INPUT},
                                               {S_READ_INPUT, S_EMPTY},
                                               {S_EMPTY, S_INPUT_CH},
                                               {S_INPUT_CH, S_READ_W2},
                                               {S_INPUT_CH, S_FINISH},
                                               {S_FINISH, S_IDLE}});
}

TEST_CASE("block.ctrl.reset_midstream") {
  RtlBench<Vctrl> dut;
  Draws draws("block.ctrl.reset_midstream");
  for (int cycle = 0; cycle < 1000 || dut->state_o != S_INPUT_CH; ++cycle) {
    REQUIRE(cycle < kCycles);
    randomize(dut, draws);
    dut.tick();
  }
  CHECK(dut->cnt_busy_o != 0);
  dut.reset();
  CHECK(dut->state_o == S_IDLE);
  CHECK(dut->more_o == 0);
  CHECK((dut->cnt_busy_o | dut->cnt_stall_in_o | dut->cnt_stall_out_o | dut->cnt_weight_load_o | dut->cnt_compute_o |
         dut->cnt_drain_o) == 0);
}

}  // namespace
}  // namespace systole::test
