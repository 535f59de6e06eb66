// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/prune.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include "golden/format/pixels.h"
#include "golden/model/float_execute.h"
#include "golden/quant/bfp.h"
#include "golden/quant/conversion.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using model::FloatNetwork;
using op::Kind;
using quant::PruneBy;
using quant::Pruner;
using quant::PruneUnit;

/// Integers in -3 .. 3: with integer pixels every sum of these networks is exact in float, in any order.
model::FloatMatrix integers(int rows, int columns, std::uint64_t first) {
  model::FloatMatrix matrix(rows, columns);
  for (Eigen::Index i = 0; i < matrix.size(); ++i) {
    matrix.data()[i] = static_cast<float>(test::float_draws.between(first + static_cast<std::uint64_t>(i), -3, 3));
  }
  return matrix;
}

/// a -> b, both into an add; a depthwise layer of two outputs a channel; pool; c; concatenation of pool and c; average;
/// fully connected over four pixels. Units: image 3, a (= b = add = two depthwise channels) 6, c 4, outputs 5.
FloatNetwork every_kind(std::uint64_t seed = 0) {
  FloatNetwork network{"kinds", {6, 6, 3, 128, 1.0F}, {}, {}};
  const std::uint64_t draws = 5'000'000 + 10'000 * seed;
  auto a = test::float_layer("a", Kind::conv2d, {6, 6, 3}, {6, 6, 6}, test::kSame3x3);
  a.weights = integers(6, 27, draws);
  a.bias = integers(6, 1, draws + 1000);
  a.relu = true;
  auto b = test::float_layer("b", Kind::conv2d, {6, 6, 6}, {6, 6, 6}, test::kSame3x3);
  b.weights = integers(6, 54, draws + 2000);
  auto add = test::float_layer("add", Kind::add, {6, 6, 6}, {6, 6, 6});
  add.relu = true;
  auto depthwise = test::float_layer("depthwise", Kind::depthwise, {6, 6, 6}, {6, 6, 12}, test::kSame3x3);
  depthwise.weights = integers(12, 9, draws + 3000);
  depthwise.bias = integers(12, 1, draws + 4000);
  const auto max = test::float_layer("max", Kind::max_pool, {6, 6, 12}, {3, 3, 12}, test::kHalve);
  auto c = test::float_layer("c", Kind::conv2d, {3, 3, 12}, {3, 3, 4});
  c.weights = integers(4, 12, draws + 5000);
  const auto concat = test::float_layer("concat", Kind::concat, {3, 3, 12}, {3, 3, 16});
  const op::Window halve_padded{2, 2, 2, 2, 1, 1, 1, 1};
  const auto average = test::float_layer("average", Kind::avg_pool, {3, 3, 16}, {2, 2, 16}, halve_padded);
  auto fc = test::float_layer("fc", Kind::fully_connected, {2, 2, 16}, {1, 1, 5});
  fc.weights = integers(5, 64, draws + 6000);
  fc.bias = integers(5, 1, draws + 7000);
  network.nodes = {{a, {0}}, {b, {1}},         {add, {1, 2}},  {depthwise, {3}}, {max, {4}},
                   {c, {5}}, {concat, {5, 6}}, {average, {7}}, {fc, {8}}};
  return network;
}

constexpr std::size_t kFirstOfA = 3, kFirstOfC = 9, kUnits = 18;

void silence(model::FloatLayer& layer, Eigen::Index channel) {
  layer.weights.row(channel).setZero();
  if (layer.bias.size() != 0) layer.bias(channel) = 0;
}

/// The whole network with the removed units' filters and biases at zero.
FloatNetwork masked(FloatNetwork network, const std::vector<bool>& removed) {
  for (int unit = 0; unit < 6; ++unit) {
    if (!removed[kFirstOfA + static_cast<std::size_t>(unit)]) continue;
    silence(network.nodes[0].layer, unit);
    silence(network.nodes[1].layer, unit);
    silence(network.nodes[3].layer, Eigen::Index{2} * unit);
    silence(network.nodes[3].layer, Eigen::Index{2} * unit + 1);
  }
  for (int unit = 0; unit < 4; ++unit) {
    if (removed[kFirstOfC + static_cast<std::size_t>(unit)]) silence(network.nodes[5].layer, unit);
  }
  return network;
}

TEST_CASE("quant.prune.units_of_every_kind") {
  const FloatNetwork network = every_kind();
  const Pruner pruner(network, PruneBy::filter);
  const std::vector<PruneUnit>& units = pruner.units();
  REQUIRE(units.size() == kUnits);
  for (std::size_t i = 0; i < kUnits; ++i) {
    CAPTURE(i);
    CHECK(units[i].layer == (i < kFirstOfA ? -1 : i < kFirstOfC ? 0 : i < 13 ? 5 : 8));
    if (i < kFirstOfA || i >= 13) CHECK(units[i].required);
  }
  const auto required = [](const PruneUnit& unit) { return unit.required; };
  CHECK(std::count_if(units.begin() + 3, units.begin() + 9, required) == 1);
  CHECK(std::count_if(units.begin() + 9, units.begin() + 13, required) == 1);
  const auto square = [&](std::size_t node, Eigen::Index row) {
    return static_cast<double>(network.nodes[node].layer.weights.row(row).squaredNorm());
  };
  CHECK(units[kFirstOfA + 2].norm ==
        doctest::Approx(std::sqrt(square(0, 2) + square(1, 2) + square(3, 4) + square(3, 5))));
  CHECK(units[kFirstOfC + 1].norm == doctest::Approx(std::sqrt(square(5, 1))));
}

TEST_CASE("quant.prune.norm_by_channel_is_that_of_the_readers") {
  const FloatNetwork network = every_kind();
  const Pruner pruner(network, PruneBy::channel);
  double c1 = 0;
  for (const int column : {13, 29, 45, 61}) {  // channel 12 + 1 of each of the four pixels
    c1 += static_cast<double>(network.nodes[8].layer.weights.col(column).squaredNorm());
  }
  CHECK(pruner.units()[kFirstOfC + 1].norm == doctest::Approx(std::sqrt(c1)));
  double a2 = 0;
  for (int tap = 0; tap < 9; ++tap) {
    a2 += static_cast<double>(network.nodes[1].layer.weights.col(6 * tap + 2).squaredNorm());
  }
  for (const int channel : {4, 5}) {
    a2 += static_cast<double>(network.nodes[3].layer.weights.row(channel).squaredNorm());
    a2 += static_cast<double>(network.nodes[5].layer.weights.col(channel).squaredNorm());
    for (int p = 0; p < 4; ++p)
      a2 += static_cast<double>(network.nodes[8].layer.weights.col(16 * p + channel).squaredNorm());
  }
  CHECK(pruner.units()[kFirstOfA + 2].norm == doctest::Approx(std::sqrt(a2)));
}

TEST_CASE("quant.prune.shapes") {
  const FloatNetwork network = every_kind();
  const Pruner pruner(network, PruneBy::filter);
  std::vector<bool> removed(kUnits, false);
  for (const std::size_t unit : {3U, 4U, 8U, 10U}) removed[unit] = !pruner.units()[unit].required;
  const int a = 6 - static_cast<int>(std::count(removed.begin() + 3, removed.begin() + 9, true));
  const int c = removed[10] ? 3 : 4;
  const FloatNetwork small = pruner.without(removed);
  model::check_float_network(small, "small");
  const std::vector<int> channels{a, a, a, 2 * a, 2 * a, c, 2 * a + c, 2 * a + c, 5};
  for (std::size_t i = 0; i < channels.size(); ++i) CHECK(small.nodes[i].layer.out_c == channels[i]);
  CHECK(small.nodes[8].layer.weights.cols() == 4 * (2 * a + c));
  CHECK(quant::parameter_bytes(small) < quant::parameter_bytes(network));
}

TEST_CASE("quant.prune.computes_what_zeroed_filters_do.random") {
  for (std::uint64_t trial = 0; trial < 60; ++trial) {
    CAPTURE(trial);
    const FloatNetwork network = every_kind(trial);
    const Pruner pruner(network, trial % 2 == 0 ? PruneBy::filter : PruneBy::channel);
    std::vector<bool> removed(kUnits, false);
    for (std::size_t i = 0; i < kUnits; ++i) {
      removed[i] = !pruner.units()[i].required && test::float_draws.between(9'000'000 + 100 * trial + i, 0, 1) == 1;
    }
    const FloatNetwork small = pruner.without(removed), whole = masked(network, removed);
    model::FloatExecutor run_small(small), run_whole(whole);
    for (const op::Tensor& image : test::random_images(2, 6, 6, 3)) {
      const auto input = model::to_input(network.input, image);
      const model::FloatMatrix expected = run_whole.run(input).back().data;
      CHECK(run_small.run(input).back().data == expected);
      CHECK(expected.cwiseAbs().maxCoeff() < 1 << 22);  // a quarter of one is still exact
    }
  }
}

TEST_CASE("quant.prune.smallest_fraction.worked") {
  const std::vector<PruneUnit> units{{-1, 0.0, true}, {0, 3.0, false}, {0, 1.0, false}, {0, 2.0, false},
                                     {0, 1.0, false}, {0, 9.0, true},  {2, 5.0, true},  {2, 4.0, false}};
  const auto chosen = [&](double fraction) {
    std::vector<std::size_t> result;
    const std::vector<bool> removed = quant::smallest_fraction(units, fraction);
    for (std::size_t i = 0; i < removed.size(); ++i) {
      if (removed[i]) result.push_back(i);
    }
    return result;
  };
  CHECK(chosen(0).empty());
  CHECK(chosen(0.19).empty());
  CHECK(chosen(0.2) == std::vector<std::size_t>{2});  // the first of two equals
  CHECK(chosen(0.5) == std::vector<std::size_t>{2, 4, 7});
  CHECK(chosen(1) == std::vector<std::size_t>{1, 2, 3, 4, 7});
  CHECK_THROWS_AS((void)quant::smallest_fraction(units, 1.01), std::invalid_argument);
  CHECK_THROWS_AS((void)quant::smallest_fraction(units, std::numeric_limits<double>::quiet_NaN()),
                  std::invalid_argument);
}

TEST_CASE("quant.prune.below_threshold.worked") {
  const std::vector<PruneUnit> units{{0, 1.0, false}, {0, 2.0, false}, {1, 0.5, true}, {1, 2.5, false}};
  CHECK(quant::below_threshold(units, 0) == std::vector<bool>{false, false, false, false});
  CHECK(quant::below_threshold(units, 2) == std::vector<bool>{true, false, false, false});
  CHECK(quant::below_threshold(units, 100) == std::vector<bool>{true, true, false, true});
  CHECK_THROWS_AS((void)quant::below_threshold(units, -1), std::invalid_argument);
}

TEST_CASE("quant.prune.something_always_stays") {
  const FloatNetwork network = every_kind();
  for (const PruneBy by : {PruneBy::filter, PruneBy::channel}) {
    const Pruner pruner(network, by);
    const FloatNetwork small = pruner.without(quant::smallest_fraction(pruner.units(), 1));
    model::check_float_network(small, "small");
    CHECK(small.nodes[0].layer.out_c == 1);
    CHECK(small.nodes[5].layer.out_c == 1);
    CHECK(small.nodes[8].layer.out_c == 5);
  }
}

TEST_CASE("quant.prune.refuses_required_units") {
  const FloatNetwork network = every_kind();
  const Pruner pruner(network, PruneBy::filter);
  std::vector<bool> removed(kUnits, false);
  removed[0] = true;
  CHECK_THROWS_AS((void)pruner.without(removed), std::invalid_argument);
  CHECK_THROWS_AS((void)pruner.without(std::vector<bool>(kUnits - 1, false)), std::invalid_argument);
}

TEST_CASE("quant.prune.then_quantize") {
  const FloatNetwork network = every_kind();
  const Pruner pruner(network, PruneBy::filter);
  const FloatNetwork small = pruner.without(quant::smallest_fraction(pruner.units(), 0.5));
  const auto images = test::random_images(8, 6, 6, 3);
  const quant::Quantized made = quant::quantize_bfp(small, images);
  CHECK(made.network.nodes[0].layer.out_c == 3);
  for (const double decibel : quant::layer_sqnr(small, made, images)) CHECK(decibel > 15);
}

}  // namespace
