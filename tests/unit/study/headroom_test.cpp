// SPDX-License-Identifier: Apache-2.0
// The head-room certificate on random layers: no input exceeds the bounds, the attaining inputs reach them.
#include "golden/study/headroom.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "golden/fast/op.h"
#include "tests/support/random_layer.h"

namespace systole::test {
namespace {

using fast::Extent;
using op::Kind;
using op::Layer;
using op::Tensor;

constexpr int kLayers = 150;
constexpr int kInputs = 4;

/// Range of the accumulator that the golden saw, after every pass and with the bias.
Extent seen(const Layer& layer, const Tensor& a, const Tensor& b) {
  std::vector<const Tensor*> inputs{&a};
  if (layer.kind == Kind::add) inputs.push_back(&b);
  fast::RunStats stats;
  (void)fast::run_layer(layer, inputs, &stats);
  CHECK(std::ranges::all_of(stats.overflow, [](std::uint8_t flag) { return flag == 0; }));
  return {.low = stats.psum_min, .high = stats.psum_max};
}

/// A random layer that shows its accumulator after every pass and never clamps.
Layer observed_layer(Kind kind, Draw& draw) {
  Layer layer = random_layer(kind, draw, false, {.map = 7, .channels = 11});
  layer.saturate = true;
  layer.psum_width = 32;
  layer.psum_bits = 31;
  return layer;
}

bool within(const Extent& inner, const Extent& outer) { return inner.low >= outer.low && inner.high <= outer.high; }

void check_layer(Kind kind, int seed) {
  CAPTURE(seed);
  Draw draw(static_cast<std::uint64_t>(seed), "study.headroom", "layers");
  const Layer layer = observed_layer(kind, draw);
  const study::Headroom headroom(layer, op::element_range(layer.act_signed, layer.act_bits));
  const Extent proved = headroom.layer().accumulator;
  for (int i = 0; i < kInputs; ++i)
    CHECK(within(seen(layer, random_input(layer, draw), random_input(layer, draw)), proved));
  const Tensor high = headroom.attaining_input(true);
  const Tensor low = headroom.attaining_input(false);
  const Extent at_high = seen(layer, high, high);
  const Extent at_low = seen(layer, low, low);
  CHECK(within(at_high, proved));
  CHECK(within(at_low, proved));
  CHECK(at_high.high == proved.high);
  CHECK(at_low.low == proved.low);
}

TEST_CASE("study.headroom.bounds_are_attained.conv2d") {
  for (int seed = 0; seed < kLayers; ++seed) check_layer(Kind::conv2d, seed);
}
TEST_CASE("study.headroom.bounds_are_attained.depthwise") {
  for (int seed = 0; seed < kLayers; ++seed) check_layer(Kind::depthwise, seed);
}
TEST_CASE("study.headroom.bounds_are_attained.fully_connected") {
  for (int seed = 0; seed < kLayers; ++seed) check_layer(Kind::fully_connected, seed);
}
TEST_CASE("study.headroom.bounds_are_attained.avg_pool") {
  for (int seed = 0; seed < kLayers; ++seed) check_layer(Kind::avg_pool, seed);
}
TEST_CASE("study.headroom.bounds_are_attained.add") {
  for (int seed = 0; seed < kLayers; ++seed) check_layer(Kind::add, seed);
}

/// One pixel of `weights.size()` channels, one output; 4-bit signed values.
Layer dot_product(const std::vector<std::int32_t>& weights) {
  Layer layer;
  layer.name = "dot";
  layer.in_c = static_cast<int>(weights.size());
  layer.act_bits = 4;
  layer.weights = Eigen::Map<const op::Matrix>(weights.data(), 1, layer.in_c);
  layer.tile_channels = 2;
  return layer;
}

TEST_CASE("study.headroom.worked_example") {
  Layer layer = dot_product({3, -2, 1});  // values -8 .. 7, tiles {3, -2} and {1}
  layer.bias = op::Vector::Constant(1, -5);
  const study::Headroom headroom(layer, op::element_range(true, 4));
  CHECK(headroom.layer().column == Extent{.low = -24 - 14, .high = 21 + 16});
  CHECK(headroom.layer().accumulator == Extent{.low = -38 - 8 - 5, .high = 37 + 7});  // the bias only narrows the top
  CHECK(headroom.layer().width() == 7);
  const Tensor high = headroom.attaining_input(true);
  CHECK(high.at(0, 0, 0) == 7);
  CHECK(high.at(0, 0, 1) == -8);
  CHECK(high.at(0, 0, 2) == 7);
}

TEST_CASE("study.headroom.column_before_align_decides") {
  Layer layer = dot_product({7, 7, 1});
  layer.align = {6, 0};
  const study::Bounds bounds = study::Headroom(layer, op::element_range(true, 4)).layer();
  CHECK(bounds.column == Extent{.low = -112, .high = 98});
  CHECK(bounds.accumulator == Extent{.low = -2 - 8, .high = 1 + 7});  // floor(-112 / 64) = -2
  CHECK(bounds.width() == 8);
}

TEST_CASE("study.headroom.saturates_at_edges_of_a_width") {
  CHECK(Extent{.low = -128, .high = 127}.psum_bits() == 7);
  CHECK(Extent{.low = -129, .high = 0}.psum_bits() == 8);
  CHECK(Extent{.low = 0, .high = 128}.psum_bits() == 8);
  CHECK(Extent{.low = 0, .high = 0}.psum_bits() == 0);
}

TEST_CASE("study.headroom.padding_cuts_every_window") {
  // A 2 x 2 map under a 3 x 3 kernel, padded by one at the top and left: no window holds all nine taps.
  Layer layer;
  layer.in_h = layer.in_w = layer.out_h = layer.out_w = 2;
  layer.window.kernel_h = layer.window.kernel_w = 3;
  layer.window.pad_top = layer.window.pad_left = 1;
  layer.act_bits = 4;
  layer.weights = op::Matrix::Ones(1, 9);
  const study::Headroom headroom(layer, op::element_range(true, 4));
  CHECK(headroom.layer().accumulator == Extent{.low = -32, .high = 28});
}

TEST_CASE("study.headroom.planted_weight_is_seen") {
  const Layer proved = dot_product({3, -2, 1});
  Layer changed = dot_product({3, -2, 2});  // the weights are not those that the proof was made of
  changed.saturate = true;
  const study::Headroom headroom(proved, op::element_range(true, 4));
  const Tensor high = headroom.attaining_input(true);
  CHECK(seen(changed, high, high).high > headroom.layer().accumulator.high);
}

TEST_CASE("study.headroom.bad_input") {
  Layer layer = dot_product({1});
  CHECK_THROWS_AS(study::Headroom(layer, {.low = 1, .high = 7}), std::invalid_argument);  // zero_in = 0
  layer.kind = Kind::max_pool;
  CHECK_THROWS_AS(study::Headroom(layer, {.low = -8, .high = 7}), std::invalid_argument);
}

TEST_CASE("study.headroom.input_range_follows_the_producer") {
  model::Network network;
  network.nodes = {{dot_product({1, 1}), {0}}, {dot_product({1}), {1}}};
  network.nodes[0].layer.out.act_min = 0;
  network.nodes[0].layer.out.act_max = 5;
  CHECK(study::input_range(network, 0).low == -8);
  CHECK(study::input_range(network, 0).high == 7);
  CHECK(study::input_range(network, 1).low == 0);
  CHECK(study::input_range(network, 1).high == 5);
  network.nodes[1].layer.zero_in = -3;  // padding reads it
  CHECK(study::input_range(network, 1).low == -3);
}

}  // namespace
}  // namespace systole::test
