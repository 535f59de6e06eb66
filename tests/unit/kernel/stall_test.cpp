// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/stall.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

using namespace systole::kernel;

namespace {

constexpr std::uint64_t kCycles = 32768;
const StreamNames kStreams{"cfg", "wgt", "act", "out"};

std::array<std::uint64_t, 4> count_withheld(StallPattern pattern) {
  std::array<std::uint64_t, 4> counts{};
  for (std::uint64_t cycle = 0; cycle < kCycles; ++cycle) {
    const unsigned withheld = pattern.withheld(cycle);
    for (unsigned stream = 0; stream < counts.size(); ++stream) counts[stream] += withheld >> stream & 1U;
  }
  return counts;
}

}  // namespace

TEST_CASE("kernel.stall.names_round_trip") {
  for (const std::string_view name : kStallNames) {
    const auto stall = stall_from_string(name);
    REQUIRE(stall.has_value());
    CHECK(to_string(*stall) == name);
  }
  CHECK_FALSE(stall_from_string("sometimes").has_value());
}

TEST_CASE("kernel.stall.affects_the_named_streams") {
  CHECK(count_withheld({Stall::none, 1, "t", kStreams}) == std::array<std::uint64_t, 4>{});
  const auto in = count_withheld({Stall::in, 1, "t", kStreams}), out = count_withheld({Stall::out, 1, "t", kStreams});
  for (std::size_t stream = 0; stream < 3; ++stream) {
    CHECK(in[stream] > 0);
    CHECK(out[stream] == 0);
  }
  CHECK(in[3] == 0);
  CHECK(out[3] > 0);
}

TEST_CASE("kernel.stall.probability") {
  // Binomial: the standard deviation is below sqrt(32768 / 4) = 91 draws; six of them are 546. Bursts draw 32 cycles at
  // once: 546 * sqrt(32).
  for (const unsigned of_256 : {1U, 37U, 64U, 128U, 255U}) {
    CAPTURE(of_256);
    const double expected = static_cast<double>(kCycles) * of_256 / 256;
    for (const auto count : count_withheld({Stall::both, 5, "t", kStreams, of_256}))
      CHECK(std::abs(static_cast<double>(count) - expected) < 546);
    for (const auto count : count_withheld({Stall::bursts, 5, "t", kStreams, of_256}))
      CHECK(std::abs(static_cast<double>(count) - expected) < 546 * 5.7);
  }
  for (const auto count : count_withheld({Stall::both, 5, "t", kStreams, 256})) CHECK(count == kCycles);
  for (const auto count : count_withheld({Stall::both, 5, "t", kStreams, 0})) CHECK(count == 0);
}

TEST_CASE("kernel.stall.depends_on_seed_test_and_cycle_only") {
  StallPattern forward(Stall::both, 7, "a", kStreams), backward(Stall::both, 7, "a", kStreams),
      other_seed(Stall::both, 8, "a", kStreams), other_test(Stall::both, 7, "b", kStreams);
  std::array<unsigned, 256> seen{};
  unsigned differs_by_seed = 0, differs_by_test = 0;
  for (unsigned cycle = 0; cycle < seen.size(); ++cycle) seen[cycle] = forward.withheld(cycle);
  for (auto cycle = static_cast<unsigned>(seen.size()); cycle-- > 0;) {
    CHECK(backward.withheld(cycle) == seen[cycle]);
    differs_by_seed += other_seed.withheld(cycle) != seen[cycle];
    differs_by_test += other_test.withheld(cycle) != seen[cycle];
  }
  CHECK(differs_by_seed > 0);
  CHECK(differs_by_test > 0);
}

TEST_CASE("kernel.stall.bursts_last_32_cycles") {
  StallPattern pattern(Stall::bursts, 3, "t", kStreams);
  for (std::uint64_t cycle = 0; cycle < 4096; ++cycle)
    CHECK(pattern.withheld(cycle) == pattern.withheld(cycle / 32 * 32));
}
