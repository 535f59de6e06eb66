// SPDX-License-Identifier: Apache-2.0
// requantize_float32_half_even against the machine's own float32: nearbyint(float(x) * scale), in the default rounding
// mode, which is to nearest with ties to even.
#include <doctest/doctest.h>

#include <cfenv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "golden/fixed/counter_random.h"
#include "golden/fixed/round.h"

namespace systole::fixed {
namespace {

static_assert(std::numeric_limits<float>::is_iec559 && std::numeric_limits<float>::digits == 24);

constexpr int kSpareBits = 7;  // of m0 below a significand of 24 bits
constexpr std::int32_t kUnit = std::int32_t{1} << kSpareBits;
constexpr std::int32_t kHalf = std::int32_t{1} << 30;
constexpr std::int32_t kLargest = kInt32Max - kUnit + 1;  // 24 ones

float scale_of(std::int32_t m0, int n) { return std::ldexp(static_cast<float>(m0), -31 - n); }

std::int64_t machine(std::int32_t x, float scale) {
  const volatile float product = static_cast<float>(x) * scale;  // a float32 whatever the compiler holds it in
  return static_cast<std::int64_t>(std::nearbyint(product));
}

/// Steps of 1 around every power of two and the ends of 32 bits, both signs, then random values of every magnitude.
std::vector<std::int32_t> sums(int around, int random_count) {
  std::vector<std::int32_t> values;
  const auto add = [&values](std::int64_t x) {
    if (x >= kInt32Min && x <= kInt32Max) values.push_back(static_cast<std::int32_t>(x));
  };
  for (int bit = 0; bit <= 31; ++bit) {
    for (std::int64_t step = -around; step <= around; ++step) {
      add((std::int64_t{1} << bit) + step);
      add(-(std::int64_t{1} << bit) + step);
    }
  }
  const CounterRandom random(1, "fixed.requantize_float32", "operands");
  for (int i = 0; i < random_count; ++i)
    values.push_back(static_cast<std::int32_t>(random.bits32(static_cast<std::uint64_t>(i))) >> (i % 31));
  return values;
}

/// Every multiplier has 24 significant bits: ends, powers of two, thirds and sixths, whose products with small x come
/// near to ties, and random ones.
std::vector<std::int32_t> significands(int random_count) {
  std::vector<std::int32_t> values{0,       kUnit,         kHalf,      kHalf + kUnit, kLargest,
                                   1 << 29, (1 << 24) - 1, 1431655808, 1431655680,    1717986944};
  const CounterRandom random(2, "fixed.requantize_float32", "multipliers");
  for (int i = 0; i < random_count; ++i) {
    values.push_back(static_cast<std::int32_t>(random.bits32(static_cast<std::uint64_t>(i)) >> 2 | (1U << 30)) &
                     ~(kUnit - 1));
  }
  return values;
}

TEST_CASE("fixed.round_float32.machine") {
  int wrong = 0;
  for (const std::int32_t x : sums(3000, 100000)) {
    if (round_float32(x) != static_cast<std::int64_t>(static_cast<float>(x))) ++wrong;
  }
  // Products: 24 by 24 bits and more.
  const std::vector<std::int32_t> factors = significands(300);
  for (const std::int32_t x : sums(3, 1000)) {
    for (const std::int32_t m0 : factors) {
      const std::int64_t product = std::int64_t{x} * m0;
      if (round_float32(product) != static_cast<std::int64_t>(static_cast<float>(product))) ++wrong;
    }
  }
  for (const std::int64_t x : {std::int64_t{1} << 62, (std::int64_t{1} << 62) - 1, 3 * (std::int64_t{1} << 60)}) {
    if (round_float32(x) != static_cast<std::int64_t>(static_cast<float>(x))) ++wrong;
    if (round_float32(-x) != static_cast<std::int64_t>(static_cast<float>(-x))) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("fixed.round_shift_half_even.exhaustive.width_12") {
  int wrong = 0;
  for (int s = 0; s <= 14; ++s) {
    for (int x = -2048; x <= 2047; ++x) {
      if (static_cast<double>(round_shift_half_even(x, s)) != std::nearbyint(std::ldexp(x, -s))) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("fixed.requantize_float32_half_even.machine.edges") {
  REQUIRE(std::fegetround() == FE_TONEAREST);
  const std::vector<std::int32_t> factors = significands(20);
  const std::vector<std::int32_t> xs = sums(40, 3000);
  int wrong = 0;
  for (int n = 0; n <= 31; ++n) {
    for (const std::int32_t m0 : factors) {
      const float scale = scale_of(m0, n);
      for (const std::int32_t x : xs) wrong += requantize_float32_half_even(x, m0, n) != machine(x, scale) ? 1 : 0;
    }
  }
  CHECK(wrong == 0);
}

// All sums of small layers, where a few in a million products are rounded to a tie.
TEST_CASE("fixed.requantize_float32_half_even.machine.small_sums") {
  int wrong = 0, not_rounded_once = 0;
  for (const std::int32_t m0 : significands(60)) {
    for (const int n : {2, 7}) {
      const float scale = scale_of(m0, n);
      for (std::int32_t x = -20000; x <= 20000; ++x) {
        const std::int64_t y = requantize_float32_half_even(x, m0, n);
        wrong += y != machine(x, scale) ? 1 : 0;
        not_rounded_once += y != round_shift_half_even(std::int64_t{x} * m0, 31 + n) ? 1 : 0;
      }
    }
  }
  CHECK(wrong == 0);
  CHECK(not_rounded_once > 0);
}

TEST_CASE("fixed.requantize_float32_half_even.machine.random") {
  const CounterRandom random(3, "fixed.requantize_float32", "all");
  int wrong = 0;
  constexpr std::uint64_t kCount = 3000000;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    const std::uint64_t first = random.bits64(2 * i), second = random.bits64(2 * i + 1);
    const auto x = static_cast<std::int32_t>(first) >> (first >> 32) % 31;
    const auto m0 = static_cast<std::int32_t>(second & kInt32Max) & ~(kUnit - 1);
    const int n = static_cast<int>(second >> 59);
    wrong += requantize_float32_half_even(x, m0, n) != machine(x, scale_of(m0, n)) ? 1 : 0;
  }
  CHECK(wrong == 0);
}

// The worked examples of docs/numerics.md, section 3; each step of the formula decides one of them.
TEST_CASE("fixed.requantize_float32_half_even.worked") {
  static_assert(requantize_float32_half_even(-5, kHalf, 0) == -2 && requantize_float32_half_even(7, kHalf, 0) == 4);
  // 3 * 11184811 / 2^26 is 0.500000015; its float32 is 0.5, a tie.
  static_assert(requantize_float32_half_even(3, 1431655808, 2) == 0);
  static_assert(round_shift_half_even(std::int64_t{3} * 1431655808, 33) == 1);
  // 2^24 + 1 is no float32: 2^24 / 2^25 is a tie, (2^24 + 1) / 2^25 is above it.
  static_assert(requantize_float32_half_even((1 << 24) + 1, kHalf, 24) == 0);
  static_assert(round_shift_half_even((std::int64_t{1} << 24) + 1, 25) == 1);
  static_assert(requantize_float32_half_even(INT32_MAX, kHalf, 30) == 1);
  CHECK(machine(3, scale_of(1431655808, 2)) == 0);
  CHECK(machine((1 << 24) + 1, scale_of(kHalf, 24)) == 0);
}

}  // namespace
}  // namespace systole::fixed
