// SPDX-License-Identifier: Apache-2.0
// rtl/skew.v: lane i of a row delayed by i steps, or by Lanes-1-i.
#include <Vskew_forward.h>
#include <Vskew_forward___024root.h>
#include <Vskew_reverse.h>
#include <Vskew_reverse___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <vector>

#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

/// Feeds random rows, `step_of_256` / 256 of the cycles being steps, and compares every lane in every cycle.
template <class Model, class Root>
void compare_lanes(std::uint32_t step_of_256, std::uint32_t reset_of_256) {
  constexpr int kLanes = Root::skew__DOT__Lanes;
  constexpr int kWidth = Root::skew__DOT__Width;
  constexpr bool kReverse = Root::skew__DOT__Reverse != 0;
  RtlBench<Model> dut;
  Draws draws("block.skew", step_of_256);
  Tally tally;
  std::vector<std::uint64_t> rows;  // of past steps, oldest first
  constexpr int kCycles = 20000;
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    const std::uint64_t row = draws.bits64() & ((std::uint64_t{1} << (kLanes * kWidth)) - 1);
    dut->data_i = static_cast<std::remove_reference_t<decltype(dut->data_i)>>(row);
    dut->step_i = draws.chance(step_of_256) ? 1 : 0;
    if (draws.chance(reset_of_256)) {
      dut.reset();
      rows.clear();
    }
    dut.settle();
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto delay = static_cast<std::size_t>(kReverse ? kLanes - 1 - lane : lane);
      std::uint64_t golden = 0;
      if (delay == 0) {
        golden = field(row, lane * kWidth, kWidth);
      } else if (delay <= rows.size()) {
        golden = field(rows[rows.size() - delay], lane * kWidth, kWidth);
      }
      tally.expect(static_cast<std::int64_t>(field(dut->data_o, lane * kWidth, kWidth)),
                   static_cast<std::int64_t>(golden), [&] { return fmt::format("cycle {} lane {}", cycle, lane); });
    }
    if (dut->step_i != 0) rows.push_back(row);
    dut.tick();
  }
  CHECK_TALLY(tally, kCycles * kLanes);
}

static_assert(Vskew_forward___024root::skew__DOT__Reverse == 0 && Vskew_reverse___024root::skew__DOT__Reverse == 1);

TEST_CASE("block.skew.forward.back_to_back") { compare_lanes<Vskew_forward, Vskew_forward___024root>(256, 0); }
TEST_CASE("block.skew.forward.random_steps") { compare_lanes<Vskew_forward, Vskew_forward___024root>(150, 0); }
TEST_CASE("block.skew.forward.reset_midstream") { compare_lanes<Vskew_forward, Vskew_forward___024root>(200, 20); }
TEST_CASE("block.skew.reverse.back_to_back") { compare_lanes<Vskew_reverse, Vskew_reverse___024root>(256, 0); }
TEST_CASE("block.skew.reverse.random_steps") { compare_lanes<Vskew_reverse, Vskew_reverse___024root>(150, 0); }
TEST_CASE("block.skew.reverse.reset_midstream") { compare_lanes<Vskew_reverse, Vskew_reverse___024root>(200, 20); }

}  // namespace
}  // namespace systole::test
