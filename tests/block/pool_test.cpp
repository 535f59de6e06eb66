// SPDX-License-Identifier: Apache-2.0
// rtl/pool.v: one step of a running maximum that padding never wins.
#include <Vpool.h>
#include <Vpool___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

constexpr int kWidth = Vpool___024root::pool__DOT__Width;
static_assert(kWidth == 4);

TEST_CASE("block.pool.exhaustive.width_4") {
  RtlBench<Vpool> dut;
  Tally tally;
  for (int operands = 0; operands < 1 << (3 * kWidth + 2); ++operands) {
    const bool first = (operands & 1) != 0;
    const bool tap = (operands & 2) != 0;
    const auto operand = [&](int i) {
      return sign_extend(static_cast<std::uint64_t>(operands) >> (2 + i * kWidth), kWidth);
    };
    const std::int64_t lowest = operand(0);
    const std::int64_t best = operand(1);
    const std::int64_t value = operand(2);
    dut->first_i = first ? 1 : 0;
    dut->tap_i = tap ? 1 : 0;
    put(dut->lowest_i, lowest, kWidth);
    put(dut->best_i, best, kWidth);
    put(dut->value_i, value, kWidth);
    dut.settle();
    const std::int64_t before = first ? lowest : best;
    tally.expect(sign_extend(dut->max_o, kWidth), tap ? std::max(before, value) : before, [&] {
      return fmt::format("first {} tap {} lowest {} best {} value {}", first, tap, lowest, best, value);
    });
  }
  CHECK_TALLY(tally, 1 << 14);
}

}  // namespace
}  // namespace systole::test
