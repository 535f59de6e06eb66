// SPDX-License-Identifier: Apache-2.0
// rtl/round_shift.v against golden/fixed/round.h. Codes 3, 6 and 7 round half away in the RTL; the golden has no such
// shift.
#include <Vround_shift_64.h>
#include <Vround_shift_64___024root.h>
#include <Vround_shift_8.h>
#include <Vround_shift_8___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "golden/fixed/round.h"
#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

constexpr int kRuleCodes = 8;
constexpr int kNarrow = Vround_shift_8___024root::round_shift__DOT__Width;
constexpr int kWide = Vround_shift_64___024root::round_shift__DOT__Width;
static_assert(kNarrow == 8 && kWide == 64);

fixed::Rounding rule_of(int code) {
  return code == 3 || code >= fixed::kRoundingCount ? fixed::Rounding::half_away : static_cast<fixed::Rounding>(code);
}

template <class Model>
std::int64_t rounded(RtlBench<Model>& dut, int width, std::int64_t x, int shift, int code) {
  dut->en_i = 1;
  put(dut->x_i, x, width);
  dut->shift_i = static_cast<CData>(shift);
  dut->rule_i = static_cast<CData>(code);
  dut.settle();
  return sign_extend(dut->y_o, width);
}

TEST_CASE("block.round_shift.exhaustive.width_8") {
  RtlBench<Vround_shift_8> dut;
  Tally tally;
  for (int code = 0; code < kRuleCodes; ++code) {
    for (int shift = 0; shift < kNarrow; ++shift) {
      for (int x = -128; x <= 127; ++x) {
        tally.expect(rounded(dut, kNarrow, x, shift, code), fixed::round_shift(x, rule_of(code), shift),
                     [&] { return fmt::format("rule {} x {} shift {}", code, x, shift); });
      }
    }
  }
  CHECK_TALLY(tally, 8 * 8 * 256);
}

TEST_CASE("block.round_shift.random.width_64") {
  RtlBench<Vround_shift_64> dut;
  Draws draws("block.round_shift.random.width_64");
  Tally tally;
  constexpr int kCount = 300000;
  for (int i = 0; i < kCount; ++i) {
    // |x| <= 2^62 is the golden's range and more than any product; every magnitude comes, and every shift with it.
    const std::int64_t x = draws.value(63) >> draws.between(0, 62);
    const int shift = draws.between(0, 62);
    const int code = draws.between(0, kRuleCodes - 1);
    tally.expect(rounded(dut, kWide, x, shift, code), fixed::round_shift(x, rule_of(code), shift),
                 [&] { return fmt::format("rule {} x {} shift {}", code, x, shift); });
  }
  CHECK_TALLY(tally, kCount);
}

// The three columns of docs/numerics.md, section 1, as literals: -2.5, -1.5 and the negative multiple -1.
TEST_CASE("block.round_shift.negative_ties") {
  struct Row {
    int code;
    std::int64_t minus_5_by_2, minus_6_by_4, minus_4_by_4;
  };
  constexpr Row kRows[] = {{0, -3, -2, -1}, {1, -2, -1, -1}, {2, -3, -2, -1}, {4, -2, -1, 0}, {5, -2, -1, -1}};
  RtlBench<Vround_shift_8> narrow;
  RtlBench<Vround_shift_64> wide;
  for (const Row& row : kRows) {
    CAPTURE(row.code);
    CHECK(rounded(narrow, kNarrow, -5, 1, row.code) == row.minus_5_by_2);
    CHECK(rounded(narrow, kNarrow, -6, 2, row.code) == row.minus_6_by_4);
    CHECK(rounded(narrow, kNarrow, -4, 2, row.code) == row.minus_4_by_4);
    CHECK(rounded(wide, kWide, -5, 1, row.code) == row.minus_5_by_2);
    CHECK(rounded(wide, kWide, -6, 2, row.code) == row.minus_6_by_4);
    CHECK(rounded(wide, kWide, -4, 2, row.code) == row.minus_4_by_4);
  }
}

TEST_CASE("block.round_shift.zero_without_enable") {
  RtlBench<Vround_shift_8> dut;
  for (int code = 0; code < kRuleCodes; ++code) {
    CHECK(rounded(dut, kNarrow, -100, 1, code) != 0);
    dut->en_i = 0;
    dut.settle();
    CHECK(dut->y_o == 0);
  }
}

}  // namespace
}  // namespace systole::test
