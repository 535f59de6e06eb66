// SPDX-License-Identifier: Apache-2.0
#include "debug/shrink.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "tests/support/random_layer.h"

namespace systole::debug {
namespace {

constexpr std::uint64_t kCycles = 1000;

LayerCase whole_case() {
  LayerCase one{.layer = test::conv_layer("shrink", 8, 12, 10, 3), .inputs = {}};
  one.inputs.push_back(test::random_input(one.layer));
  one.inputs[0].at(5, 6, 7) = 100;
  return one;
}

std::uint64_t cycles_of(const LayerCase& one) {
  return static_cast<std::uint64_t>(one.layer.out_h * one.layer.out_w * one.layer.out_c) + 10;
}

/// Fails where an activation is 64 or more.
std::optional<std::uint64_t> large_activation(const LayerCase& one) {
  return one.inputs[0].data.maxCoeff() >= 64 ? std::optional(cycles_of(one)) : std::nullopt;
}

TEST_CASE("debug.shrink.nothing_more_can_be_left_out") {
  const Shrunk shrunk = shrink(whole_case(), kCycles, large_activation, [] { return false; });
  CHECK(shrunk.minimal);
  CHECK(shrunk.cycles == 11);
  const op::Layer& layer = shrunk.smallest.layer;
  CHECK(layer.in_h * layer.in_w * layer.in_c == 1);
  CHECK(layer.out_h * layer.out_w * layer.out_c == 1);
  CHECK(layer.window.kernel_h * layer.window.kernel_w == 1);
  CHECK(shrunk.smallest.inputs[0].at(0, 0, 0) >= 64);
  CHECK(shrunk.smallest.inputs[0].at(0, 0, 0) < 128);
  CHECK(layer.weights(0, 0) == layer.zero_wgt);  // it plays no part
}

/// Needs two channels of output and a weight that is not zero.
TEST_CASE("debug.shrink.what_the_failure_needs_stays") {
  const auto trial = [](const LayerCase& one) -> std::optional<std::uint64_t> {
    const bool fails = one.layer.out_c >= 2 && (one.layer.weights.array() != 0).any();
    return fails ? std::optional(cycles_of(one)) : std::nullopt;
  };
  const Shrunk shrunk = shrink(whole_case(), kCycles, trial, [] { return false; });
  CHECK(shrunk.minimal);
  CHECK(shrunk.smallest.layer.out_c == 2);
  CHECK(shrunk.smallest.layer.out_h == 1);
  const auto used = (shrunk.smallest.layer.weights.array() != 0).count();
  CHECK(used == 1);
  CHECK(shrunk.smallest.layer.weights.cwiseAbs().maxCoeff() == 1);
  CHECK((shrunk.smallest.inputs[0].data.array() == shrunk.smallest.layer.zero_in).all());
}

TEST_CASE("debug.shrink.the_best_so_far_is_kept_when_stopped") {
  int left = 5;
  const Shrunk shrunk = shrink(whole_case(), kCycles, large_activation, [&left] { return --left < 0; });
  CHECK_FALSE(shrunk.minimal);
  CHECK(large_activation(shrunk.smallest));
}

TEST_CASE("debug.shrink.what_cannot_be_made_smaller_stays_as_it_is") {
  const Shrunk shrunk = shrink(
      whole_case(), kCycles, [](const LayerCase&) { return std::nullopt; }, [] { return false; });
  CHECK(shrunk.minimal);
  CHECK(shrunk.cycles == kCycles);
  CHECK(shrunk.smallest.layer.out_c == whole_case().layer.out_c);
  CHECK(shrunk.trials > 0);
}

}  // namespace
}  // namespace systole::debug
