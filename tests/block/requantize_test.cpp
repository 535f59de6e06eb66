// SPDX-License-Identifier: Apache-2.0
// rtl/requantize_mul.v and requantize_round.v, joined by tests/block/requantize.v, against fixed::requantize.
#include <Vrequantize.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>

#include "golden/fixed/round.h"
#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

constexpr int kResultBits = 34;

struct Mode {
  int rule;
  bool multiply;
};
constexpr std::array<Mode, 12> kModes{{{0, true},
                                       {1, true},
                                       {2, true},
                                       {3, true},
                                       {4, true},
                                       {5, true},
                                       {0, false},
                                       {1, false},
                                       {2, false},
                                       {3, false},
                                       {4, false},
                                       {5, false}}};
constexpr std::array<std::int32_t, 16> kValues{
    INT32_MIN, INT32_MIN + 1, -(1 << 30), -65536, -100, -6, -3, -1, 0, 1, 3, 6, 100, 255, INT32_MAX - 1, INT32_MAX};
constexpr std::array<std::int32_t, 7> kMultipliers{0, 1, 1 << 29, 1 << 30, (1 << 30) + 1, 1249445032, INT32_MAX};

class Requantizer {
 public:
  Requantizer() { dut_->en_i = 1; }

  void expect(std::int32_t x, Mode mode, std::int32_t m0, int lshift, int n) {
    dut_->x_i = static_cast<IData>(x);
    dut_->multiply_i = mode.multiply ? 1 : 0;
    dut_->rule_i = static_cast<CData>(mode.rule);
    dut_->m0_i = static_cast<IData>(m0);
    dut_->lshift_i = static_cast<CData>(lshift);
    dut_->n_i = static_cast<CData>(n);
    dut_.settle();
    tally.expect(sign_extend(dut_->y_o, kResultBits), golden(x, mode, m0, lshift, n), [&] {
      return fmt::format("x {} rule {} multiply {} m0 {} lshift {} n {}", x, mode.rule, mode.multiply, m0, lshift, n);
    });
  }

  Tally tally;

 private:
  static std::int64_t golden(std::int32_t x, Mode mode, std::int32_t m0, int lshift, int n) {
    auto rule = static_cast<fixed::Rounding>(mode.rule);
    // Not a mode of the golden; the RTL's documented answer is rule 2.
    if (!mode.multiply && rule == fixed::Rounding::double_rounding) rule = fixed::Rounding::half_away;
    return fixed::requantize(x, rule, mode.multiply, m0, lshift, n);
  }

  RtlBench<Vrequantize> dut_;
};

TEST_CASE("block.requantize.exhaustive.corners") {
  Requantizer requantizer;
  for (const Mode mode : kModes) {
    for (const std::int32_t x : kValues) {
      for (const std::int32_t m0 : kMultipliers) {
        for (int lshift = 0; lshift <= 31; ++lshift) {
          for (int n = 0; n <= 31; ++n) requantizer.expect(x, mode, m0, lshift, n);
        }
      }
    }
  }
  CHECK_TALLY(requantizer.tally, kModes.size() * kValues.size() * kMultipliers.size() * 32 * 32);
}

TEST_CASE("block.requantize.random") {
  Requantizer requantizer;
  Draws draws("block.requantize.random");
  constexpr int kCount = 1000000;
  for (int i = 0; i < kCount; ++i) {
    const Mode mode = kModes[static_cast<std::size_t>(draws.between(0, static_cast<int>(kModes.size()) - 1))];
    const auto x = static_cast<std::int32_t>(draws.bits32()) >> draws.between(0, 30);
    const auto m0 = static_cast<std::int32_t>(draws.bits32() >> 1);
    // Large left shifts saturate nearly always; keep half of the draws where the rounding is seen.
    const int lshift = draws.chance(128) ? 0 : draws.between(0, 31);
    requantizer.expect(x, mode, m0, lshift, draws.between(0, 31));
  }
  CHECK_TALLY(requantizer.tally, kCount);
}

// -100 / 8 = -12.5 (docs/numerics.md, section 3).
TEST_CASE("block.requantize.negative_ties") {
  RtlBench<Vrequantize> dut;
  dut->en_i = 1;
  put(dut->x_i, -100, 32);
  dut->multiply_i = 1;
  dut->m0_i = 1U << 30;
  dut->n_i = 2;
  constexpr std::array<std::int64_t, 6> kExpected{-13, -12, -13, -13, -12, -12};
  for (std::size_t rule = 0; rule < kExpected.size(); ++rule) {
    CAPTURE(rule);
    dut->rule_i = static_cast<CData>(rule);
    dut.settle();
    CHECK(sign_extend(dut->y_o, kResultBits) == kExpected[rule]);
  }
}

TEST_CASE("block.requantize.zero_without_enable") {
  RtlBench<Vrequantize> dut;
  put(dut->x_i, -100, 32);
  for (const int multiply : {0, 1}) {
    dut->multiply_i = static_cast<CData>(multiply);
    dut->m0_i = INT32_MAX;
    dut->en_i = 1;
    dut.settle();
    CHECK(dut->y_o != 0);
    dut->en_i = 0;
    dut.settle();
    CHECK(dut->y_o == 0);
  }
}

}  // namespace
}  // namespace systole::test
