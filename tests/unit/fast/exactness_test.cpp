// SPDX-License-Identifier: Apache-2.0
// Where the golden must not trust its fast way: sums beside the limits of a float, of the declared width, of the clamp.
#include <doctest/doctest.h>

#include <array>

#include "golden/fast/float_product.h"
#include "golden/fast/op.h"
#include "golden/op/run_layer.h"
#include "tests/support/random_layer.h"
#include "tests/support/rounds.h"

namespace systole::fast {
namespace {

/// A raw fully connected layer of `depth` inputs and one output with every weight equal.
op::Layer raw_sum(int depth, std::int32_t weight) {
  op::Layer layer;
  layer.name = "sum";
  layer.kind = op::Kind::fully_connected;
  layer.in_c = depth;
  layer.weights = op::Matrix::Constant(1, depth, weight);
  layer.out.raw = true;
  return layer;
}

op::Tensor constant_input(const op::Layer& layer, std::int32_t value) {
  op::Tensor input(layer.in_h, layer.in_w, layer.in_c);
  input.data.setConstant(value);
  return input;
}

std::int32_t run_one(const op::Layer& layer, const op::Tensor& input, RunStats* stats = nullptr) {
  const std::array<const op::Tensor*, 1> inputs{&input};
  return fast::run_layer(layer, inputs, stats).data(0, 0);
}

// Every sum beyond 2^24 that a float cannot hold: odd values, at depths on both sides of the chunk length 2^24 / (255 *
// 127).
TEST_CASE("fast.float_product.sums_beyond_2_24") {
  for (const int depth : {517, 518, 519, 1037, 4095, 4096, 4097}) {
    op::Layer layer = raw_sum(depth, -127);
    layer.zero_in = 127;
    op::Tensor input = constant_input(layer, -128);  // a = -255
    input.data(0, 0) = 126;                          // a = -1: makes the sum odd
    CAPTURE(depth);
    CHECK(run_one(layer, input) == (depth - 1) * 255 * 127 + 127);
  }
}

TEST_CASE("fast.float_product.chunks_follow_the_weights") {
  CHECK(FloatProduct(op::Matrix::Constant(1000, 3, 127), 255).worthwhile());
  CHECK_FALSE(FloatProduct(op::Matrix::Constant(1000, 3, 32767), 65535).worthwhile());
  CHECK(FloatProduct(op::Matrix::Constant(1, 1, 256), 65536).worthwhile());        // one product of exactly 2^24
  CHECK_FALSE(FloatProduct(op::Matrix::Constant(1, 1, 257), 65536).worthwhile());  // and one beyond
}

TEST_CASE("fast.conv2d.random.wide_operands") {
  for (std::uint64_t i = 0; i < test::rounds(100U); ++i) {
    test::Draw draw(i, "op.conv2d", "wide");
    op::Layer layer = test::random_layer(op::Kind::conv2d, draw, false);
    layer.codebook.clear();
    layer.act_bits = draw.between(9, 16);
    layer.wgt_bits = draw.between(9, 12);
    layer.zero_in = layer.zero_wgt = 0;
    for (Eigen::Index k = 0; k < layer.weights.size(); ++k) {
      layer.weights.data()[k] = draw.between(layer.wgt_signed ? -255 : 0, 255) >> draw.between(0, 8);
    }
    layer.out.raw = true;
    const op::Tensor input = test::random_input(layer, draw);
    const std::array<const op::Tensor*, 1> inputs{&input};
    CAPTURE(i);
    CHECK(fast::run_layer(layer, inputs) == op::run_layer(layer, inputs));
  }
}

// 1,600 patches of 1,035 values do not fit the patch buffer: they are made and summed in blocks, the last one short.
TEST_CASE("fast.conv2d.patches_in_blocks") {
  test::Draw draw(1, "op.conv2d", "blocks");
  op::Layer layer;
  layer.name = "blocks";
  layer.in_h = layer.in_w = layer.out_h = layer.out_w = 40;
  layer.in_c = 115;
  layer.out_c = 3;
  layer.window.kernel_h = layer.window.kernel_w = 3;
  layer.window.pad_top = layer.window.pad_left = 1;
  layer.weights.resize(3, 1035);
  for (Eigen::Index i = 0; i < layer.weights.size(); ++i) layer.weights.data()[i] = draw.between(-128, 127);
  layer.out.raw = true;
  const op::Tensor input = test::random_input(layer, draw);
  const std::array<const op::Tensor*, 1> inputs{&input};
  CHECK(fast::run_layer(layer, inputs) == op::run_layer(layer, inputs));
  layer.saturate = true;
  layer.psum_bits = 18;
  op::PsumLog log;
  const op::Tensor clamped = op::run_layer(layer, inputs, op::PsumOrder::array, &log);
  REQUIRE(log.overflow == std::vector<std::uint8_t>{1, 1, 1});
  CHECK(fast::run_layer(layer, inputs) == clamped);
}

TEST_CASE("fast.psum_width.fits_exactly") {
  op::Layer layer = raw_sum(8, 127);
  const op::Tensor input = constant_input(layer, 127);  // 8 * 16129 = 129032 < 2^17
  layer.psum_width = 18;
  CHECK(run_one(layer, input) == 129032);
}

TEST_CASE("fast.psum_width.overflow_is_an_error") {
  op::Layer layer = raw_sum(8, 127);
  const op::Tensor input = constant_input(layer, 127);
  layer.psum_width = 17;
  CHECK_THROWS_WITH_AS((void)run_one(layer, input),
                       "layer 'sum', output channel 0: a partial sum leaves psum_width = 17 bits",
                       fixed::OverflowError);
}

// An intermediate sum leaves the width although the result fits: the register would have clamped.
TEST_CASE("fast.psum_width.intermediate_overflow_is_an_error") {
  op::Layer layer = raw_sum(16, 127);
  layer.weights.rightCols(8).setConstant(-127);
  layer.psum_width = 17;
  const op::Tensor input = constant_input(layer, 127);
  CHECK_THROWS_AS((void)run_one(layer, input), fixed::OverflowError);
  layer.psum_width = 18;
  CHECK(run_one(layer, input) == 0);
}

TEST_CASE("fast.psum_width.bias_overflow_is_an_error") {
  op::Layer layer = raw_sum(1, 1);
  layer.bias = op::Vector::Constant(1, 127);
  layer.psum_width = 8;
  CHECK(run_one(layer, constant_input(layer, 0)) == 127);
  CHECK_THROWS_AS((void)run_one(layer, constant_input(layer, 1)), fixed::OverflowError);
}

TEST_CASE("fast.add.overflow_is_an_error") {
  op::Layer layer;
  layer.name = "add";
  layer.kind = op::Kind::add;
  layer.add_a.lshift = layer.add_b.lshift = 24;  // 64 * 2^24 = 2^30 for each operand, just beyond 31 bits for two
  layer.add_a.m0 = layer.add_b.m0 = INT32_MAX;
  layer.out.rule = fixed::Rounding::half_away;
  layer.out.raw = true;
  const op::Tensor high = constant_input(layer, 64);
  const op::Tensor low = constant_input(layer, -64);
  const std::array<const op::Tensor*, 2> fits{&low, &low};
  CHECK(fast::run_layer(layer, fits).data(0, 0) == INT32_MIN);
  const std::array<const op::Tensor*, 2> overflows{&high, &high};
  CHECK_THROWS_AS((void)fast::run_layer(layer, overflows), fixed::OverflowError);
  layer.saturate = true;
  CHECK(fast::run_layer(layer, overflows).data(0, 0) == INT32_MAX);
}

// The two orders differ once a clamp bites: 8 x +16, 8 x -16 over two channels and eight taps, clamped at 2^6.
TEST_CASE("fast.psum_order.array_and_channelwise_differ") {
  op::Layer layer;
  layer.name = "orders";
  layer.in_w = 8;
  layer.in_c = 2;
  layer.window.kernel_w = 8;
  layer.weights.resize(1, 16);
  for (int tap = 0; tap < 8; ++tap) {
    layer.weights(0, Eigen::Index{2} * tap) = 16;
    layer.weights(0, 2 * tap + 1) = -16;
  }
  layer.saturate = true;
  layer.psum_bits = 6;
  layer.out.raw = true;
  const op::Tensor input = constant_input(layer, 1);
  const std::array<const op::Tensor*, 1> inputs{&input};
  RunStats array_stats;
  RunStats channel_stats;
  CHECK(fast::run_layer(layer, inputs, &array_stats).data(0, 0) == 0);  // every pass adds 16 - 16
  CHECK(array_stats.overflow == std::vector<std::uint8_t>{0});
  CHECK(fast::run_layer(layer, inputs, &channel_stats, op::PsumOrder::channelwise).data(0, 0) == -1);  // 63 - 64
  CHECK(channel_stats.overflow == std::vector<std::uint8_t>{1});
  CHECK(channel_stats.psum_min == -1);
  CHECK(channel_stats.psum_max == 63);
}

// Two pixels of two channels behind a map, products 3 -3 3 -3 in HWC order, clamped to -4 .. 3.
TEST_CASE("fast.psum_order.fully_connected_behind_a_map") {
  op::Layer layer;
  layer.name = "orders";
  layer.kind = op::Kind::fully_connected;
  layer.in_w = 2;
  layer.in_c = 2;
  layer.weights.resize(1, 4);
  layer.weights << 3, -3, 3, -3;
  layer.saturate = true;
  layer.psum_bits = 2;
  layer.out.raw = true;
  const op::Tensor input = constant_input(layer, 1);
  const std::array<const op::Tensor*, 1> inputs{&input};
  const auto check = [&](op::PsumOrder order, std::int32_t expected, bool overflows) {
    RunStats stats;
    CHECK(op::run_layer(layer, inputs, order).data(0, 0) == expected);
    CHECK(fast::run_layer(layer, inputs, &stats, order).data(0, 0) == expected);
    CHECK(stats.overflow == std::vector<std::uint8_t>{overflows});
  };
  check(op::PsumOrder::channelwise, -3, true);      // 3, 3 for 6, 0, -3: a channel's two pixels first
  check(op::PsumOrder::channelwise_hwc, 0, false);  // 3, 0, 3, 0
  check(op::PsumOrder::array, 0, false);            // one tile of four rows, in HWC order too
}

TEST_CASE("fast.psum_order.channelwise_refuses_align") {
  op::Layer layer = raw_sum(8, 1);
  layer.align = {1};
  CHECK_THROWS_AS((void)make_op(layer, op::PsumOrder::channelwise), std::invalid_argument);
  CHECK_THROWS_AS((void)make_op(layer, op::PsumOrder::channelwise_hwc), std::invalid_argument);
}

TEST_CASE("fast.run_stats.successive_runs_widen") {
  const op::Layer layer = raw_sum(4, 3);
  RunStats stats;
  (void)run_one(layer, constant_input(layer, 5), &stats);
  (void)run_one(layer, constant_input(layer, -7), &stats);
  CHECK(stats.psum_min == -84);
  CHECK(stats.psum_max == 60);
}

TEST_CASE("fast.run.refuses_wrong_inputs") {
  const op::Layer layer = raw_sum(4, 3);
  const op::Tensor narrow(1, 1, 3);
  const op::Tensor large = constant_input(layer, 128);
  const op::Tensor right = constant_input(layer, 127);
  const std::array<const op::Tensor*, 1> wrong_shape{&narrow};
  const std::array<const op::Tensor*, 1> wrong_value{&large};
  const std::array<const op::Tensor*, 2> too_many{&right, &right};
  CHECK_THROWS_WITH_AS((void)fast::run_layer(layer, wrong_shape), "layer 'sum': input is 1x1x3, expected 1x1x4",
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS((void)fast::run_layer(layer, wrong_value), "layer 'sum': input value 128, expected -128 .. 127",
                       std::invalid_argument);
  CHECK_THROWS_WITH_AS((void)fast::run_layer(layer, too_many), "layer 'sum': 2 inputs, expected 1",
                       std::invalid_argument);
}

// TFLite's rule: the sum of the taps inside the map over their number, against the specification's plain division.
TEST_CASE("fast.avg_pool.random.exclude_padding") {
  const int kLayers = test::rounds(200);
  int layers = 0;
  for (std::uint64_t i = 0; layers < kLayers; ++i) {
    test::Draw draw(i, "op.avg_pool", "exclude_padding");
    op::Layer layer = test::random_layer(op::Kind::avg_pool, draw, false);
    layer.exclude_padding = true;
    layer.align.clear();
    layer.out.raw = false;
    layer.bias.resize(0);
    const op::Tensor input = test::random_input(layer, draw);
    const std::array<const op::Tensor*, 1> inputs{&input};
    try {
      (void)make_op(layer);
    } catch (const std::invalid_argument&) {
      continue;  // a pixel without a tap
    }
    ++layers;
    CAPTURE(i);
    CHECK(fast::run_layer(layer, inputs) == op::run_layer(layer, inputs));
  }
}

}  // namespace
}  // namespace systole::fast
