// SPDX-License-Identifier: Apache-2.0
// The histogram of partial sums against plain loops: every accumulation counted once, in its bin, extremes exact.
#include "golden/fast/partial_sums.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <vector>

#include "golden/fast/op.h"
#include "golden/op/run_layer.h"
#include "golden/study/headroom.h"
#include "golden/study/operations.h"
#include "tests/support/random_layer.h"

namespace systole::test {
namespace {

using fast::Extent;
using fast::PartialSums;
using op::Kind;
using op::Layer;
using op::PsumOrder;

std::map<std::int64_t, std::uint64_t> binned(const std::vector<std::int64_t>& sums, int shift) {
  std::map<std::int64_t, std::uint64_t> bins;
  const std::int64_t width = std::int64_t{1} << shift;
  for (const std::int64_t sum : sums) {
    const std::int64_t rest = ((sum % width) + width) % width;
    ++bins[sum - rest];
  }
  return bins;
}

std::map<std::int64_t, std::uint64_t> counted(const PartialSums& sums) {
  std::map<std::int64_t, std::uint64_t> bins;
  for (const PartialSums::Bin& bin : sums.bins()) bins[bin.low] = bin.count;
  return bins;
}

Extent extent_of(const op::PsumLog& log) {
  Extent extent;
  for (const std::int64_t x : log.sums) extent.widen({.low = x, .high = x});
  for (const std::int64_t x : log.products) extent.widen({.low = x, .high = x});
  return extent;
}

/// The partial sums of a layer that clamps at `bits` against the specification's.
void compare(Layer layer, PsumOrder order, int bits, Draw& draw) {
  layer.saturate = bits < 31;
  layer.psum_width = 32;
  layer.psum_bits = bits;
  const op::Tensor input = random_input(layer, draw);
  const std::array<const op::Tensor*, 1> inputs{&input};
  op::PsumLog expected;
  expected.keep = true;
  (void)op::run_layer(layer, inputs, order, &expected);
  const study::Bounds bounds = study::Headroom(layer, op::element_range(layer.act_signed, layer.act_bits)).layer();
  Extent range = bounds.column;
  range.widen(bounds.accumulator);
  PartialSums sums(range);
  fast::RunStats stats;
  stats.every = &sums;
  (void)fast::run_layer(layer, inputs, &stats, order);
  CHECK(sums.take_extent() == extent_of(expected));
  CHECK(counted(sums) == binned(expected.sums, sums.shift()));
  CHECK(stats.overflow == expected.overflow);
  CHECK(static_cast<std::int64_t>(expected.sums.size()) == study::operations(layer, order).adds);
}

void compare_many(Kind kind, PsumOrder order) {
  for (int seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    Draw draw(static_cast<std::uint64_t>(seed), "study.partial_sums", "layers");
    Layer layer = random_layer(kind, draw, false, {.map = 6, .channels = 11});
    if (order != PsumOrder::array) layer.align.clear();
    compare(layer, order, 31, draw);
    compare(layer, order, draw.between(4, 16), draw);
  }
}

}  // namespace

TEST_CASE("study.partial_sums.as_specified.conv2d_channelwise") { compare_many(Kind::conv2d, PsumOrder::channelwise); }
TEST_CASE("study.partial_sums.as_specified.conv2d_array") { compare_many(Kind::conv2d, PsumOrder::array); }
TEST_CASE("study.partial_sums.as_specified.fully_connected_channelwise") {
  compare_many(Kind::fully_connected, PsumOrder::channelwise);
}
TEST_CASE("study.partial_sums.as_specified.fully_connected_channelwise_hwc") {
  compare_many(Kind::fully_connected, PsumOrder::channelwise_hwc);
}
TEST_CASE("study.partial_sums.as_specified.fully_connected_array") {
  compare_many(Kind::fully_connected, PsumOrder::array);
}
TEST_CASE("study.partial_sums.as_specified.depthwise") { compare_many(Kind::depthwise, PsumOrder::array); }
TEST_CASE("study.partial_sums.as_specified.avg_pool") { compare_many(Kind::avg_pool, PsumOrder::array); }

TEST_CASE("study.partial_sums.planted_order_is_seen") {
  // 3 channels, 2 x 2 taps, all products different: the orders share the last sum and little else.
  Layer layer;
  layer.in_h = layer.in_w = 2;
  layer.in_c = 3;
  layer.window.kernel_h = layer.window.kernel_w = 2;
  layer.weights.resize(1, 12);
  for (Eigen::Index i = 0; i < 12; ++i) layer.weights(0, i) = static_cast<std::int32_t>((i * i) % 23) - 9;
  op::Tensor input(2, 2, 3);
  input.data.setConstant(100);
  const std::array<const op::Tensor*, 1> inputs{&input};
  PartialSums sums({.low = -40000, .high = 40000});
  fast::RunStats stats;
  stats.every = &sums;
  (void)fast::run_layer(layer, inputs, &stats, PsumOrder::array);
  op::PsumLog array;
  array.keep = true;
  op::PsumLog channelwise;
  channelwise.keep = true;
  (void)op::run_layer(layer, inputs, PsumOrder::array, &array);
  (void)op::run_layer(layer, inputs, PsumOrder::channelwise, &channelwise);
  CHECK(counted(sums) == binned(array.sums, sums.shift()));
  CHECK(counted(sums) != binned(channelwise.sums, sums.shift()));
}

TEST_CASE("study.partial_sums.powers_of_two_are_edges") {
  PartialSums sums({.low = -70000, .high = 70000});
  REQUIRE(sums.shift() == 6);
  const std::vector<std::int32_t> values{-65537, -65536, -1, 0, 65535, 65536};
  sums.add(values.data(), 6);
  const std::map<std::int64_t, std::uint64_t> expected{{-65600, 1}, {-65536, 1}, {-64, 1},
                                                       {0, 1},      {65472, 1},  {65536, 1}};
  CHECK(counted(sums) == expected);
}

TEST_CASE("study.partial_sums.extent_is_taken_once") {
  PartialSums sums({.low = -8, .high = 7});
  const std::int32_t first = -8;
  const std::int32_t second = 3;
  sums.add(&first, 1);
  CHECK(sums.take_extent() == Extent{.low = -8, .high = -8});
  sums.see(&second, 1);
  CHECK(sums.take_extent() == Extent{.low = 3, .high = 3});
  CHECK(sums.take_extent().empty());
  CHECK(sums.total() == Extent{.low = -8, .high = 3});
}

TEST_CASE("study.partial_sums.outside_the_proved_range") {
  PartialSums sums({.low = -8, .high = 7});
  const std::int32_t above = 8;
  CHECK_THROWS_AS(sums.add(&above, 1), std::logic_error);
  CHECK_THROWS_AS(PartialSums(Extent{}), std::invalid_argument);
  CHECK_THROWS_AS(sums.merge(PartialSums({.low = -8, .high = 8})), std::invalid_argument);
}

TEST_CASE("study.partial_sums.merge_adds") {
  PartialSums sums({.low = -8, .high = 7});
  PartialSums other = sums;
  const std::vector<std::int32_t> values{1, 1, -2};
  sums.add(values.data(), 3);
  other.add(values.data(), 2);
  sums.merge(other);
  CHECK(counted(sums) == std::map<std::int64_t, std::uint64_t>{{-2, 1}, {1, 4}});
  CHECK(sums.take_extent() == Extent{.low = -2, .high = 1});
}

}  // namespace systole::test
