// SPDX-License-Identifier: Apache-2.0
#include "golden/fixed/counter_random.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <set>

namespace systole::fixed {
namespace {

// The three known answers that Salmon et al. publish with their reference implementation for philox4x32, ten rounds.
TEST_CASE("fixed.philox4x32_10.known_answers") {
  constexpr std::uint32_t kOnes = 0xffffffff;
  static_assert(philox4x32_10({0, 0, 0, 0}, {0, 0}) == PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  static_assert(philox4x32_10({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}) ==
                PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  static_assert(philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
                PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("fixed.counter_random.every_part_of_the_key_counts") {
  const std::set<std::uint64_t> draws{CounterRandom(1, 2U, 3U).bits64(4), CounterRandom(9, 2U, 3U).bits64(4),
                                      CounterRandom(1, 9U, 3U).bits64(4), CounterRandom(1, 2U, 9U).bits64(4),
                                      CounterRandom(1, 2U, 3U).bits64(9), CounterRandom(1ULL << 40, 2U, 3U).bits64(4)};
  CHECK(draws.size() == 6);
  CHECK(CounterRandom(7, "a", "b").bits32(5) == CounterRandom(7, name_hash("a"), name_hash("b")).bits32(5));
}

TEST_CASE("fixed.name_hash.known_answers") {
  static_assert(name_hash("") == 0x811c9dc5 && name_hash("a") == 0xe40c292c && name_hash("foobar") == 0xbf9cf968);
}

// Chi square of 60,000 draws over n cells; the bound is the mean n - 1 plus six standard deviations sqrt(2 (n - 1)).
TEST_CASE("fixed.counter_random.below.uniform") {
  constexpr std::uint32_t kDraws = 60000;
  const CounterRandom random(11, "below", "uniform");
  for (const std::uint32_t n : {2U, 3U, 7U, 64U, 100U}) {
    std::array<double, 100> cells{};
    for (std::uint32_t i = 0; i < kDraws; ++i) cells.at(random.below(i, n)) += 1.0;
    const double expected = double{kDraws} / n;
    double chi_square = 0.0;
    for (std::uint32_t cell = 0; cell < n; ++cell) chi_square += std::pow(cells.at(cell) - expected, 2) / expected;
    CAPTURE(n);
    CHECK(chi_square < (n - 1) + 6.0 * std::sqrt(2.0 * (n - 1)));
  }
}

// With n = 3 * 2^30 a quarter of the words is rejected; a biased draw would give the lower third twice as often.
TEST_CASE("fixed.counter_random.below.rejects_biased_words") {
  constexpr std::uint32_t kThird = 1U << 30;
  const CounterRandom random(12, "below", "rejection");
  std::array<int, 3> thirds{};
  for (std::uint32_t i = 0; i < 30000; ++i) thirds.at(random.below(i, 3 * kThird) / kThird) += 1;
  for (const int count : thirds) CHECK(std::abs(count - 10000) < 500);
}

TEST_CASE("fixed.counter_random.between.ends_included") {
  const CounterRandom random(13, "between", "ends");
  std::set<std::int32_t> seen;
  for (std::uint32_t i = 0; i < 1000; ++i) seen.insert(random.between(i, -3, 2));
  CHECK(seen == std::set<std::int32_t>{-3, -2, -1, 0, 1, 2});
  CHECK(random.between(0, 5, 5) == 5);
  CHECK(random.between(1, INT32_MIN, INT32_MAX) == static_cast<std::int32_t>(random.bits32(1)));
}

TEST_CASE("fixed.counter_random.real.range_and_mean") {
  const CounterRandom random(14, "real", "mean");
  double sum = 0.0;
  for (std::uint32_t i = 0; i < 20000; ++i) {
    const double x = random.real(i);
    REQUIRE((x >= 0.0 && x < 1.0));
    sum += x;
  }
  CHECK(sum / 20000 == doctest::Approx(0.5).epsilon(0.02));
}

}  // namespace
}  // namespace systole::fixed
