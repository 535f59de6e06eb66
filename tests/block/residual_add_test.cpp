// SPDX-License-Identifier: Apache-2.0
// rtl/residual_add.v against saturate32(requantize(a) + requantize(b)); the products' register is one step long.
#include <Vresidual_add.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "golden/fixed/round.h"
#include "tests/support/rtl_bench.h"

namespace systole::test {
namespace {

struct Operand {
  std::int32_t value, m0;
  int lshift, n;
};

std::int64_t golden_sum(fixed::Rounding rule, const Operand& a, const Operand& b) {
  const std::int64_t s_a = fixed::requantize(a.value, rule, true, a.m0, a.lshift, a.n);
  const std::int64_t s_b = fixed::requantize(b.value, rule, true, b.m0, b.lshift, b.n);
  return fixed::saturate(s_a + s_b, fixed::kInt32Min, fixed::kInt32Max);
}

void drive(RtlBench<Vresidual_add>& dut, fixed::Rounding rule, const Operand& a, const Operand& b) {
  dut->rule_i = static_cast<CData>(rule);
  dut->a_i = static_cast<IData>(a.value);
  dut->m_a_i = static_cast<IData>(a.m0);
  dut->lshift_a_i = static_cast<CData>(a.lshift);
  dut->n_a_i = static_cast<CData>(a.n);
  dut->b_i = static_cast<IData>(b.value);
  dut->m_b_i = static_cast<IData>(b.m0);
  dut->lshift_b_i = static_cast<CData>(b.lshift);
  dut->n_b_i = static_cast<CData>(b.n);
}

std::int64_t sum(RtlBench<Vresidual_add>& dut) { return sign_extend(dut->sum_o, 32); }

TEST_CASE("block.residual_add.random") {
  RtlBench<Vresidual_add> dut;
  Draws draws("block.residual_add.random");
  dut->mul_en_i = dut->round_en_i = 1;
  Tally tally;
  constexpr int kCount = 200000;
  const auto operand = [&] {
    return Operand{static_cast<std::int32_t>(draws.bits32()) >> draws.between(0, 30),
                   static_cast<std::int32_t>(draws.bits32() >> 1), draws.between(0, 31), draws.between(0, 31)};
  };
  for (int i = 0; i < kCount; ++i) {
    const auto rule = static_cast<fixed::Rounding>(draws.between(0, fixed::kRoundingCount - 1));
    const Operand a = operand();
    const Operand b = operand();
    drive(dut, rule, a, b);
    dut.tick();
    tally.expect(sum(dut), golden_sum(rule, a, b), [&] {
      return fmt::format("rule {} a {} m {} l {} n {} b {} m {} l {} n {}", static_cast<int>(rule), a.value, a.m0,
                         a.lshift, a.n, b.value, b.m0, b.lshift, b.n);
    });
  }
  CHECK_TALLY(tally, kCount);
}

TEST_CASE("block.residual_add.saturates_high_and_low") {
  RtlBench<Vresidual_add> dut;
  dut->mul_en_i = dut->round_en_i = 1;
  drive(dut, fixed::Rounding::floor, {INT32_MAX, INT32_MAX, 0, 0}, {INT32_MAX, INT32_MAX, 0, 0});
  dut.tick();
  CHECK(sum(dut) == INT32_MAX);
  drive(dut, fixed::Rounding::floor, {INT32_MIN, INT32_MAX, 0, 0}, {INT32_MIN, INT32_MAX, 0, 0});
  dut.tick();
  CHECK(sum(dut) == INT32_MIN);
}

TEST_CASE("block.residual_add.holds_without_enable") {
  RtlBench<Vresidual_add> dut;
  const Operand half{40, 1 << 30, 0, 0};
  dut->mul_en_i = dut->round_en_i = 1;
  drive(dut, fixed::Rounding::floor, half, half);
  dut.tick();
  CHECK(sum(dut) == 40);
  dut->mul_en_i = 0;
  dut->a_i = 100;
  dut.tick();
  CHECK(sum(dut) == 40);
  dut->round_en_i = 0;
  dut.settle();
  CHECK(sum(dut) == 0);
  dut->round_en_i = 1;
  dut.settle();
  CHECK(sum(dut) == 40);
  dut.reset();
  CHECK(sum(dut) == 0);
}

}  // namespace
}  // namespace systole::test
