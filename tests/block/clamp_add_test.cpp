// SPDX-License-Identifier: Apache-2.0
// rtl/clamp_add.v against fixed::clamp_psum: every pair of operands at every clamp width.
#include <Vclamp_add.h>
#include <Vclamp_add___024root.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "golden/fixed/saturate.h"
#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

constexpr int kWidth = Vclamp_add___024root::clamp_add__DOT__Width;
static_assert(kWidth == 6);

TEST_CASE("block.clamp_add.exhaustive.width_6") {
  RtlBench<Vclamp_add> dut;
  Tally tally;
  for (int bits = 0; bits < kWidth; ++bits) {
    put(dut->max_i, fixed::psum_max(bits), kWidth);
    for (int a = -32; a <= 31; ++a) {
      for (int b = -32; b <= 31; ++b) {
        put(dut->a_i, a, kWidth);
        put(dut->b_i, b, kWidth);
        dut.settle();
        const fixed::ClampedPsum golden = fixed::clamp_psum(a + b, bits);
        const auto where = [&] { return fmt::format("{} + {} at {} bits", a, b, bits); };
        tally.expect(sign_extend(dut->sum_o, kWidth), golden.value, where);
        tally.expect(dut->overflow_o, golden.overflow ? 1 : 0, where);
      }
    }
  }
  CHECK_TALLY(tally, 6 * 64 * 64 * 2);
}

}  // namespace
}  // namespace systole::test
