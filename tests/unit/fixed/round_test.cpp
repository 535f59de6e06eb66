// SPDX-License-Identifier: Apache-2.0
// The rounding rules against their definition on exact fractions. A rule is right when its result satisfies the rule's
// defining inequality, which exactly one integer does; no shift and no rounding appears on the expecting side.
#include "golden/fixed/round.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#ifdef SYSTOLE_HAS_GEMMLOWP
#include <gemmlowp/fixedpoint/fixedpoint.h>
#endif

#include "golden/fixed/counter_random.h"

namespace systole::fixed {
namespace {

__extension__ using Int128 = __int128;

constexpr std::array kShiftRules{Rounding::floor, Rounding::half_up, Rounding::half_away, Rounding::clipq,
                                 Rounding::trunc};

Int128 magnitude(Int128 x) { return x < 0 ? -x : x; }

/// True where y is numerator / divisor rounded by the rule, divisor > 0.
bool rounds_to(Int128 numerator, Int128 divisor, Rounding rule, Int128 y) {
  const Int128 twice = 2 * numerator;
  const bool is_floor = y * divisor <= numerator && numerator < (y + 1) * divisor;
  switch (rule) {
    case Rounding::floor:
      return is_floor;
    case Rounding::half_up:
      return (2 * y - 1) * divisor <= twice && twice < (2 * y + 1) * divisor;
    case Rounding::half_away: {
      const Int128 distance = magnitude(twice - 2 * y * divisor);
      const bool away = magnitude(y) * divisor > magnitude(numerator);
      return distance < divisor || (distance == divisor && away);
    }
    case Rounding::clipq:
      return numerator < 0 ? (y - 1) * divisor <= numerator && numerator < y * divisor : is_floor;
    case Rounding::trunc: {
      const bool same_side = y == 0 || (y < 0) == (numerator < 0);
      return same_side && magnitude(y) * divisor <= magnitude(numerator) &&
             magnitude(numerator) < (magnitude(y) + 1) * divisor;
    }
    case Rounding::double_rounding:
      break;
  }
  return false;
}

Int128 power_of_two(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 2;
  return power;
}

std::int64_t saturated(Int128 x) {
  return static_cast<std::int64_t>(x < kInt32Min ? Int128{kInt32Min} : (x > kInt32Max ? Int128{kInt32Max} : x));
}

/// Values at the edges of 32 bits and around the ties of small shifts, then random ones.
std::vector<std::int32_t> operands(std::uint64_t seed, int random_count) {
  std::vector<std::int32_t> values{INT32_MIN, INT32_MIN + 1, INT32_MAX, INT32_MAX - 1, 1 << 30, -(1 << 30)};
  for (std::int32_t x = -33; x <= 33; ++x) values.push_back(x);
  const CounterRandom random(seed, "fixed.round", "operands");
  for (int i = 0; i < random_count; ++i) {
    const auto index = static_cast<std::uint64_t>(i);
    values.push_back(static_cast<std::int32_t>(random.bits32(index)) >> (i % 31));
  }
  return values;
}

TEST_CASE("fixed.round_shift.exhaustive.width_12") {
  for (const Rounding rule : kShiftRules) {
    CAPTURE(to_string(rule));
    int wrong = 0;
    for (int s = 0; s <= 14; ++s) {
      for (std::int64_t x = -2048; x <= 2047; ++x) {
        if (!rounds_to(x, power_of_two(s), rule, round_shift(x, rule, s))) ++wrong;
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("fixed.round_shift.range_ends") {
  constexpr std::int64_t kLimit = std::int64_t{1} << 62;
  for (const Rounding rule : kShiftRules) {
    for (const int s : {0, 1, 31, 61, 62}) {
      for (const std::int64_t x : {-kLimit + 1, -kLimit + 2, kLimit - 2, kLimit - 1}) {
        CAPTURE(to_string(rule));
        CAPTURE(s);
        CAPTURE(x);
        CHECK(rounds_to(x, power_of_two(s), rule, round_shift(x, rule, s)));
      }
    }
  }
}

// The worked examples of docs/numerics.md, section 1, at compile time.
TEST_CASE("fixed.round_shift_floor.negative_ties") {
  static_assert(round_shift_floor(-5, 1) == -3 && round_shift_floor(-6, 2) == -2 && round_shift_floor(-4, 2) == -1);
}
TEST_CASE("fixed.round_shift_half_up.negative_ties") {
  static_assert(round_shift_half_up(-5, 1) == -2 && round_shift_half_up(-6, 2) == -1 &&
                round_shift_half_up(-4, 2) == -1);
}
TEST_CASE("fixed.round_shift_half_away.negative_ties") {
  static_assert(round_shift_half_away(-5, 1) == -3 && round_shift_half_away(-6, 2) == -2);
  static_assert(round_shift_half_away(-4, 2) == -1);
}
TEST_CASE("fixed.round_shift_clipq.negative_multiples") {
  static_assert(round_shift_clipq(-5, 1) == -2 && round_shift_clipq(-6, 2) == -1 && round_shift_clipq(-4, 2) == 0);
  static_assert(round_shift_clipq(-7, 0) == -6 && round_shift_clipq(7, 0) == 7);
}
TEST_CASE("fixed.round_shift_trunc.negative_ties") {
  static_assert(round_shift_trunc(-5, 1) == -2 && round_shift_trunc(-6, 2) == -1 && round_shift_trunc(-4, 2) == -1);
}

TEST_CASE("fixed.round_shift_clipq.differs_from_trunc_at_negative_multiples_only") {
  int wrong = 0;
  for (int s = 0; s <= 6; ++s) {
    const std::int64_t divisor = std::int64_t{1} << s;
    for (std::int64_t x = -512; x <= 512; ++x) {
      const std::int64_t expected_difference = x < 0 && x % divisor == 0 ? 1 : 0;
      if (round_shift_clipq(x, s) - round_shift_trunc(x, s) != expected_difference) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("fixed.round_shift.refuses_double_rounding") {
  CHECK_THROWS_AS((void)round_shift(1, Rounding::double_rounding, 1), std::invalid_argument);
  CHECK_THROWS_AS((void)requantize(1, Rounding::double_rounding, false, 1, 0, 1), std::invalid_argument);
}

TEST_CASE("fixed.saturating_rounding_doubling_high_mul.exhaustive.width_8") {
  // 8-bit a and b scaled by 2^15 and 2^14: a * b / 2^31 = i * j / 4, every quarter with its ties.
  int wrong = 0;
  for (std::int32_t i = -128; i <= 127; ++i) {
    for (std::int32_t j = -128; j <= 127; ++j) {
      const std::int32_t y = saturating_rounding_doubling_high_mul(i * 32768, j * 16384);
      if (!rounds_to(Int128{i} * j, 4, Rounding::half_up, y)) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("fixed.saturating_rounding_doubling_high_mul.saturates_high") {
  static_assert(saturating_rounding_doubling_high_mul(INT32_MIN, INT32_MIN) == INT32_MAX);
  static_assert(saturating_rounding_doubling_high_mul(INT32_MIN, INT32_MAX) == -INT32_MAX);
  static_assert(saturating_rounding_doubling_high_mul(-3, 1 << 30) == -1);  // -1.5: a tie goes up
}

TEST_CASE("fixed.requantize.random.single_rounding") {
  int wrong = 0;
  for (const std::int32_t x : operands(1, 100)) {
    for (const std::int32_t m0 : {0, 1, 3, 1 << 29, 1 << 30, (1 << 30) + 1, 1249445032, INT32_MAX}) {
      for (const int lshift : {0, 1, 5, 31}) {
        for (const int n : {0, 1, 2, 6, 31}) {
          const Int128 x1 = saturated(Int128{x} * power_of_two(lshift));
          for (const Rounding rule : kShiftRules) {
            if (!rounds_to(x1 * m0, power_of_two(31 + n), rule, requantize(x, rule, true, m0, lshift, n))) ++wrong;
            if (!rounds_to(x1, power_of_two(n), rule, requantize(x, rule, false, m0, lshift, n))) ++wrong;
          }
        }
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("fixed.requantize.random.double_rounding") {
  int wrong = 0;
  for (const std::int32_t x : operands(2, 300)) {
    for (const std::int32_t m0 : {0, 1, 1 << 30, (1 << 30) + 1, 1249445032, INT32_MAX}) {
      for (const int lshift : {0, 3, 20}) {
        for (const int n : {0, 1, 2, 6, 31}) {
          const Int128 x1 = saturated(Int128{x} * power_of_two(lshift));
          const std::int32_t high = saturating_rounding_doubling_high_mul(static_cast<std::int32_t>(x1), m0);
          const std::int64_t y = requantize(x, Rounding::double_rounding, true, m0, lshift, n);
          if (!rounds_to(x1 * m0, power_of_two(31), Rounding::half_up, high)) ++wrong;
          if (!rounds_to(high, power_of_two(n), Rounding::half_away, y)) ++wrong;
        }
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("fixed.requantize.negative_ties") {
  // x / 8 = -12.5 (docs/numerics.md, section 3), through a multiplier of 1/2 and n = 2.
  constexpr auto by_8 = [](Rounding rule) { return requantize(-100, rule, true, 1 << 30, 0, 2); };
  static_assert(by_8(Rounding::floor) == -13 && by_8(Rounding::half_up) == -12 && by_8(Rounding::half_away) == -13);
  static_assert(by_8(Rounding::double_rounding) == -13 && by_8(Rounding::clipq) == -12 && by_8(Rounding::trunc) == -12);
  static_assert(requantize_double_rounding(-6, 1 << 30, 1) == -2);  // -3 / 2 away from zero
}

TEST_CASE("fixed.rounding.names") {
  for (int code = 0; code < kRoundingCount; ++code) {
    const auto rule = static_cast<Rounding>(code);
    CHECK(rounding_from_string(to_string(rule)) == rule);
  }
  static_assert(to_string(Rounding::clipq) == "round_shift_clipq");
  CHECK(rounding_from_string("half_up") == std::nullopt);
}

#ifdef SYSTOLE_HAS_GEMMLOWP
TEST_CASE("fixed.requantize_double_rounding.random.gemmlowp") {
  int wrong = 0;
  const std::vector<std::int32_t> xs = operands(3, 500);
  const std::vector<std::int32_t> multipliers = operands(4, 500);
  for (const std::int32_t x : xs) {
    for (const std::int32_t m0 : multipliers) {
      const std::int32_t high = gemmlowp::SaturatingRoundingDoublingHighMul(x, m0);
      if (saturating_rounding_doubling_high_mul(x, m0) != high) ++wrong;
    }
    for (int n = 0; n <= 31; ++n) {
      if (round_shift_half_away(x, n) != gemmlowp::RoundingDivideByPOT(x, n)) ++wrong;
    }
  }
  CHECK(wrong == 0);
}
#else
TEST_CASE("fixed.requantize_double_rounding.random.gemmlowp") { MESSAGE("skipped: libgemmlowp-dev is not installed"); }
#endif

}  // namespace
}  // namespace systole::fixed
