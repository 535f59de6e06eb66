// SPDX-License-Identifier: Apache-2.0
#include "golden/op/multiplier.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "golden/fixed/counter_random.h"
#include "golden/fixed/round.h"
#include "tests/support/rounds.h"

namespace systole::op {
namespace {

// The published matrix product: scales 1 / 30, 4.5 / 255 and 16.5 / 255.
TEST_CASE("op.quantize_multiplier.published") {
  CHECK(quantize_multiplier(1.0 / 30.0 * (4.5 / 255.0) / (16.5 / 255.0)) == Multiplier{1249445032, 0, 6});
}

TEST_CASE("op.quantize_multiplier.powers_of_two") {
  CHECK(quantize_multiplier(0.5) == Multiplier{1 << 30, 0, 0});
  CHECK(quantize_multiplier(0.25) == Multiplier{1 << 30, 0, 1});
  CHECK(quantize_multiplier(1.0) == Multiplier{1 << 30, 1, 0});
  CHECK(quantize_multiplier(0x1p30) == Multiplier{1 << 30, 31, 0});
  CHECK(quantize_multiplier(0x1p-32) == Multiplier{1 << 30, 0, 31});
}

TEST_CASE("op.quantize_multiplier.rounds_up_to_the_next_power") {
  CHECK(quantize_multiplier(std::nextafter(0.5, 0.0)) == Multiplier{1 << 30, 0, 0});
  CHECK(quantize_multiplier(std::nextafter(1.0, 0.0)) == Multiplier{1 << 30, 1, 0});
}

TEST_CASE("op.quantize_multiplier.random") {
  const fixed::CounterRandom random(1, "op.quantize_multiplier", "real");
  for (std::uint64_t i = 0; i < test::rounds(2000U); ++i) {
    const double real = std::exp2(random.real(i) * 60.0 - 31.0);
    const Multiplier m = quantize_multiplier(real);
    REQUIRE(m.m0 >= 1 << 30);
    REQUIRE((m.lshift == 0 || m.n == 0));
    const double back = std::ldexp(static_cast<double>(m.m0), m.lshift - m.n - 31);
    REQUIRE(std::abs(back - real) <= real * 0x1p-31);
  }
}

TEST_CASE("op.quantize_multiplier.out_of_range") {
  for (const double real : {0.0, -1.0, 0x1p-33, 0x1p31, std::nextafter(0x1p31, 0.0),
                            std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    CAPTURE(real);
    CHECK_THROWS_AS((void)quantize_multiplier(real), std::invalid_argument);
  }
}

// Every count and every sum a window of 8-bit values can give, against division with rounding half away from zero.
TEST_CASE("op.average_multiplier.exhaustive") {
  int wrong = 0;
  for (int count = 1; count <= 225; ++count) {
    const Multiplier m = average_multiplier(count);
    REQUIRE(m.m0 >= 1 << 30);
    for (int sum = -65535; sum <= 65535; ++sum) {
      const int expected =
          sum < 0 ? -((-2 * sum + count) / (2 * count)) : (2 * sum + count) / (2 * count);
      if (fixed::requantize(sum, fixed::Rounding::half_away, true, m.m0, m.lshift, m.n) != expected) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

// The ties and their neighbours at the largest sums that the page promises.
TEST_CASE("op.average_multiplier.largest_sums") {
  int wrong = 0;
  for (int count = 1; count <= 225; ++count) {
    const Multiplier m = average_multiplier(count);
    for (std::int64_t tie = (std::int64_t{1} << 30) - std::int64_t{2} * count; tie <= std::int64_t{1} << 30; ++tie) {
      for (const std::int64_t sum : {tie / 2, -(tie / 2)}) {
        const std::int64_t magnitude = (2 * (sum < 0 ? -sum : sum) + count) / (std::int64_t{2} * count);
        const auto x = static_cast<std::int32_t>(sum);
        const std::int64_t y = fixed::requantize(x, fixed::Rounding::half_away, true, m.m0, m.lshift, m.n);
        if (y != (sum < 0 ? -magnitude : magnitude)) ++wrong;
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("op.average_multiplier.out_of_range") {
  CHECK_THROWS_AS((void)average_multiplier(0), std::invalid_argument);
  CHECK_THROWS_AS((void)average_multiplier(226), std::invalid_argument);
}

}  // namespace
}  // namespace systole::op
