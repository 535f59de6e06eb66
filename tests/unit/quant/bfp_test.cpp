// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/bfp.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "tests/unit/model/bad_input.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using model::FloatNetwork;
using op::Kind;
using quant::maximum_exponent;

TEST_CASE("quant.maximum_exponent.worked") {
  CHECK(maximum_exponent(127, 8) == 0);
  CHECK(maximum_exponent(127.4, 8) == 0);
  CHECK(maximum_exponent(127.5, 8) == 1);  // rounds to 128, which 8 bits do not hold
  CHECK(maximum_exponent(128, 8) == 1);
  CHECK(maximum_exponent(1.0, 8) == -6);
  CHECK(maximum_exponent(0.9, 5) == -4);  // 14.4 of 15
  CHECK(maximum_exponent(2047, 12) == 0);
  CHECK_THROWS_AS((void)maximum_exponent(0, 8), std::invalid_argument);
  CHECK_THROWS_AS((void)maximum_exponent(1e-37, 8), std::invalid_argument);
  CHECK_THROWS_AS((void)maximum_exponent(std::numeric_limits<double>::infinity(), 8), std::invalid_argument);
}

std::vector<float> half_normal(int count) {
  std::vector<float> values;
  for (int i = 0; i < count; ++i) {
    double sum = 0;
    for (int k = 0; k < 12; ++k)
      sum += test::float_draws.real(70'000'000 + static_cast<std::uint64_t>(i) * 12 + static_cast<std::uint64_t>(k));
    values.push_back(static_cast<float>(std::abs(sum - 6)));
  }
  return values;
}

TEST_CASE("quant.kl_exponent.outlier_is_clipped") {
  std::vector<float> values = half_normal(20000);
  const int without = quant::kl_exponent(quant::distribution_of(values), 5);
  values.push_back(29.0F);  // one value wastes three bits of every other's mantissa
  const quant::Distribution with = quant::distribution_of(values);
  CHECK(maximum_exponent(29.0, 5) == 1);
  CHECK(quant::kl_exponent(with, 5) < 1);
  CHECK(quant::kl_exponent(with, 5) >= without);
}

TEST_CASE("quant.kl_exponent.uniform_keeps_its_maximum") {
  std::vector<float> values;
  for (int i = 0; i <= 12700; ++i) values.push_back(static_cast<float>(i) / 100);
  CHECK(quant::kl_exponent(quant::distribution_of(values), 8) == 0);
}

TEST_CASE("quant.kl_divergence.fine_mantissas_lose_nothing") {
  const quant::Distribution distribution = quant::distribution_of(half_normal(5000));
  CHECK(quant::kl_divergence(distribution, -20, 30) == doctest::Approx(0));
  const int exponent = maximum_exponent(distribution.largest_magnitude(), 5);
  CHECK(quant::kl_divergence(distribution, exponent, 5) > quant::kl_divergence(distribution, exponent - 3, 8));
  CHECK(quant::kl_divergence(distribution, exponent - 4, 5) > quant::kl_divergence(distribution, exponent - 1, 5));
}

/// Pixels are integers; `a` = gain_a * pixel, `b` = gain_b * pixel, joined by an add or a concat.
FloatNetwork joined(Kind kind, float gain_a, float gain_b) {
  FloatNetwork network{"joined", {1, 1, 2, 128, 1.0F}, {}, {}};
  auto a = test::float_layer("a", Kind::fully_connected, {1, 1, 2}, {1, 1, 2});
  a.weights = model::FloatMatrix::Identity(2, 2) * gain_a;
  auto b = test::float_layer("b", Kind::fully_connected, {1, 1, 2}, {1, 1, 2});
  b.weights = model::FloatMatrix::Identity(2, 2) * gain_b;
  const int channels = kind == Kind::concat ? 4 : 2;
  network.nodes = {{a, {0}}, {b, {0}}, {test::float_layer("join", kind, {1, 1, 2}, {1, 1, channels}), {1, 2}}};
  return network;
}

std::vector<op::Tensor> pixel_pairs() {
  std::vector<op::Tensor> result;
  for (int value = 0; value < 256; ++value) {
    op::Tensor& image = result.emplace_back(1, 1, 2);
    image.data << value, 255 - value;
  }
  return result;
}

const quant::BfpOptions kMaximum{8, 0, 8, quant::BfpExponent::maximum};

/// An upper bound is a mantissa of the integer network, also where blocks of channels would have other exponents.
TEST_CASE("quant.quantize_bfp.bounds") {
  FloatNetwork network = joined(Kind::concat, 1.0F, 0.25F);
  for (const std::size_t node : {0, 2}) network.nodes[node].layer.relu = true;
  network.nodes[0].layer.clip = 90.5F;
  network.nodes[2].layer.clip = 70.0F;
  for (const int group : {0, 8}) {
    CAPTURE(group);
    quant::BfpOptions options = kMaximum;
    options.group = group;
    const quant::Quantized made = quant::quantize_bfp(network, pixel_pairs(), options);
    CHECK(made.network.nodes[1].layer.out.act_max == 127);
    model::Executor executor(made.network);
    for (const op::Tensor& image : pixel_pairs()) {
      const auto& outputs = executor.run(model::to_input(made.network.input, image));
      for (int c = 0; c < 2; ++c) {
        const int value = image.data(c) - 128;
        CHECK(outputs[0].data(c) == std::clamp(value, 0, 91));  // in units of 1, half up
        CHECK(outputs[2].data(c) == std::clamp(value, 0, 70));
      }
    }
  }
}

/// Weights and groups of channels: a bound makes the tensor one block.
TEST_CASE("quant.quantize_bfp.bounded_tensors_are_one_block") {
  FloatNetwork network{"bounded", {1, 1, 16, 128, 1.0F}, {}, {}};
  auto fc = test::float_layer("fc", Kind::fully_connected, {1, 1, 16}, {1, 1, 16});
  fc.weights = model::FloatMatrix::Identity(16, 16);
  fc.weights.bottomRows(8) *= 0.125F;
  fc.relu = true;
  auto last = fc;
  last.name = "last";
  network.nodes = {{fc, {0}}, {last, {1}}};
  quant::BfpOptions options = kMaximum;
  options.group = 8;
  const std::vector<op::Tensor> images = test::random_images(8, 1, 1, 16);
  const quant::TensorScale free = quant::quantize_bfp(network, images, options).tensors[1];
  CHECK(free.scale.front() > free.scale.back());
  network.nodes[0].layer.clip = 6.0F;
  const quant::Quantized made = quant::quantize_bfp(network, images, options);
  CHECK(made.tensors[1].scale == std::vector<double>(16, made.tensors[1].scale.front()));
  CHECK(made.network.nodes[0].layer.out.act_max * made.tensors[1].scale[0] == 6.0);
}

int floor_shift(int x, int s) { return s > 30 ? (x < 0 ? -1 : 0) : x >> s; }

TEST_CASE("quant.quantize_bfp.concat_aligns_to_the_common_exponent") {
  for (const int difference : {0, 1, 3, 7, 8, 20, 40}) {  // 8 and more: beyond the mantissa
    CAPTURE(difference);
    const FloatNetwork network = joined(Kind::concat, std::ldexp(1.0F, -difference), 1.0F);
    const quant::Quantized made = quant::quantize_bfp(network, pixel_pairs(), kMaximum);
    const op::Layer& concat = made.network.nodes[2].layer;
    REQUIRE(made.tensors[1].scale[0] == std::ldexp(made.tensors[2].scale[0], -difference));
    CHECK(concat.concat == std::vector<op::ConcatInput>{{2, 0, std::min(31, difference)}, {2, 0, 0}});
    CHECK(made.tensors[3].scale == std::vector<double>(4, made.tensors[2].scale[0]));
    model::Executor executor(made.network);
    for (const op::Tensor& image : pixel_pairs()) {
      const auto& outputs = executor.run(model::to_input(made.network.input, image));
      for (int c = 0; c < 2; ++c) {
        CHECK(outputs[2].data(c) == floor_shift(outputs[0].data(c), difference));
        CHECK(outputs[2].data(2 + c) == outputs[1].data(c));
      }
    }
  }
}

TEST_CASE("quant.quantize_bfp.add_aligns_both_operands") {
  for (const int difference : {1, 3, 7, 8, 20, 40}) {
    CAPTURE(difference);
    const FloatNetwork network = joined(Kind::add, 1.0F, std::ldexp(-1.0F, -difference));
    const quant::Quantized made = quant::quantize_bfp(network, pixel_pairs(), kMaximum);
    const op::Layer& add = made.network.nodes[2].layer;
    CHECK(add.add_a.n == 0);
    CHECK(add.add_b.n == std::min(31, difference));
    const int to_output = std::ilogb(made.tensors[3].scale[0]) - std::ilogb(made.tensors[1].scale[0]);
    model::Executor executor(made.network);
    for (const op::Tensor& image : pixel_pairs()) {
      const auto& outputs = executor.run(model::to_input(made.network.input, image));
      for (int c = 0; c < 2; ++c) {
        const double aligned = std::floor(std::ldexp(outputs[1].data(c), -difference) + 0.5);
        if (difference > 8) CHECK(aligned == 0);  // nothing of the small operand is left
        const double sum = outputs[0].data(c) + aligned;
        CHECK(outputs[2].data(c) == std::clamp(std::floor(std::ldexp(sum, -to_output) + 0.5), -128.0, 127.0));
      }
    }
  }
}

/// 16 channels in two groups of very different size, a 1x1 convolution over both.
FloatNetwork grouped(float small) {
  FloatNetwork network{"grouped", {4, 4, 3, 128, 1.0F / 128}, {}, {}};
  auto first = test::float_layer("first", Kind::conv2d, {4, 4, 3}, {4, 4, 16}, test::kSame3x3);
  first.weights = test::random_matrix(16, 27, 0);
  first.weights.bottomRows(8) *= small;
  first.bias = test::random_matrix(16, 1, 500, 0.1);
  first.bias.bottomRows(8) *= small;
  auto second = test::float_layer("second", Kind::conv2d, {4, 4, 16}, {4, 4, 5});
  second.weights = test::random_matrix(5, 16, 600);
  second.weights.rightCols(8) /= small;  // the small group counts as much as the large one
  network.nodes = {{first, {0}}, {second, {1}}};
  return network;
}

TEST_CASE("quant.quantize_bfp.groups_are_aligned_pass_by_pass") {
  const auto images = test::random_images(16, 4, 4, 3);
  const FloatNetwork network = grouped(1.0F / 64);
  const quant::Quantized made = quant::quantize_bfp(network, images, {8, 8, 8, quant::BfpExponent::maximum});
  const auto& scale = made.tensors[1].scale;
  REQUIRE(scale[0] == scale[7]);
  const int difference = std::ilogb(scale[0]) - std::ilogb(scale[8]);
  CHECK(difference >= 5);
  CHECK(difference <= 7);
  CHECK(made.network.nodes[1].layer.align == std::vector{0, difference});
  CHECK(made.network.nodes[0].layer.align.empty());
  const quant::Quantized whole = quant::quantize_bfp(network, images, kMaximum);
  CHECK(whole.network.nodes[1].layer.align.empty());
  CHECK(whole.tensors[1].scale[0] == whole.tensors[1].scale[15]);
  const double grouped_sqnr = quant::layer_sqnr(network, made, images)[0];
  CHECK(grouped_sqnr > 30);
}

TEST_CASE("quant.quantize_bfp.outputs_are_one_block") {
  FloatNetwork network = grouped(1.0F / 64);
  network.nodes[1].layer.weights.row(4) *= 1.0F / 64;  // outputs of very different size are to be compared
  const quant::Quantized made =
      quant::quantize_bfp(network, test::random_images(16, 4, 4, 3), {8, 1, 1, quant::BfpExponent::maximum});
  CHECK(made.tensors[1].scale[0] != made.tensors[1].scale[8]);
  CHECK(made.tensors[2].scale == std::vector<double>(5, made.tensors[2].scale[0]));
}

TEST_CASE("quant.quantize_bfp.a_block_of_one_channel") {
  const auto images = test::random_images(16, 4, 4, 3);
  const FloatNetwork network = grouped(1.0F / 64);
  const quant::Quantized made = quant::quantize_bfp(network, images, {8, 1, 1, quant::BfpExponent::maximum});
  const op::Layer& second = made.network.nodes[1].layer;
  REQUIRE(second.tile_channels == 1);
  REQUIRE(second.align.size() == 16);
  const double largest = *std::ranges::max_element(made.tensors[1].scale);
  for (std::size_t channel = 0; channel < 16; ++channel) {
    CHECK(std::ldexp(largest, -second.align[channel]) == made.tensors[1].scale[channel]);
  }
  model::Executor executor(made.network);
  for (const op::Tensor& image : images) {  // every product is shifted on its own
    const auto& outputs = executor.run(model::to_input(made.network.input, image));
    for (int oc = 0; oc < 5; ++oc) {
      std::int64_t sum = 0;
      for (int c = 0; c < 16; ++c) {
        sum += floor_shift(outputs[0].data(3, c) * second.weights(oc, c), second.align[static_cast<std::size_t>(c)]);
      }
      const auto place = static_cast<std::size_t>(oc);
      const double out =
          std::floor(std::ldexp(static_cast<double>(sum), second.out.lshift[place] - second.out.n[place]) + 0.5);
      CHECK(outputs[1].data(3, oc) == std::clamp(out, -128.0, 127.0));
    }
  }
}

TEST_CASE("quant.exponent_range.worked") {
  CHECK(quant::exponent_range(2, 8).lowest == -9);  // E = -2 .. 1, e = E - 7
  CHECK(quant::exponent_range(2, 8).highest == -6);
  CHECK(quant::exponent_range(5, 12).lowest == -27);
  CHECK(quant::exponent_range(5, 12).highest == 4);
  for (int bits = 2; bits <= 9; ++bits) {
    const auto [lowest, highest] = quant::exponent_range(bits, 5);
    CHECK(highest - lowest + 1 == 1 << bits);  // every code has its exponent
  }
}

/// The exponents of one weight and of what it gives for pixels -128 .. 127, chosen with `bits` for a stored exponent.
struct Chosen {
  int weight = 0, output = 0;
  std::int32_t mantissa = 0;
};

Chosen choose(float gain, int bits) {
  const FloatNetwork network = joined(Kind::concat, gain, gain);
  const quant::Quantized made =
      quant::quantize_bfp(network, pixel_pairs(), {8, 0, 8, quant::BfpExponent::maximum, bits});
  const op::Layer& layer = made.network.nodes[0].layer;
  const int output = std::ilogb(made.tensors[1].scale[0]);
  return {output - layer.out.n[0] + layer.out.lshift[0], output, layer.weights(0, 0)};  // pixels have the exponent 0
}

TEST_CASE("quant.quantize_bfp.exponents_beyond_the_stored_width_are_clamped") {
  // A gain of 2^-3 is 64 * 2^-9; of its outputs the largest is -16, and 128 * 2^-3 does not fit: 64 * 2^-2.
  CHECK(choose(0.125F, 9).weight == -9);
  CHECK(choose(0.125F, 9).output == -2);
  CHECK(choose(0.125F, 9).mantissa == 64);
  CHECK(choose(0.125F, 2).weight == -9);   // the lowest of -9 .. -6
  CHECK(choose(0.125F, 2).output == -6);   // the highest: outputs beyond 2 saturate
  CHECK(choose(0.0625F, 2).weight == -9);  // below the lowest: a bit of the mantissa is lost
  CHECK(choose(0.0625F, 2).mantissa == 32);
  CHECK(choose(0.0625F, 3).weight == -10);
  CHECK(choose(0.0625F, 3).mantissa == 64);
  CHECK(choose(4.0F, 2).weight == -6);  // above the highest: the weight saturates at 127 * 2^-6 < 2
  CHECK(choose(4.0F, 2).mantissa == 127);
  CHECK(choose(4.0F, 3).weight == -4);  // 64 * 2^-4; an output of -512 needs 3, the highest is -4
  CHECK(choose(4.0F, 3).output == -4);
  CHECK(choose(4.0F, 5).output == 3);
}

/// One dot product of `count` equal weights and pixels, all as large as can be.
FloatNetwork long_sum(int count) {
  FloatNetwork network{"long_sum", {1, 1, count, 128, 1.0F / 128}, {}, {}};
  auto first = test::float_layer("first", Kind::depthwise, {1, 1, count}, {1, 1, count});
  first.weights.setConstant(count, 1, 1.0F);
  auto sum = test::float_layer("sum", Kind::fully_connected, {1, 1, count}, {1, 1, 2});
  sum.weights.setConstant(2, count, 2047.0F / 2048);
  sum.weights.row(1).setConstant(0.001F);
  sum.weights(1, 0) = 2047.0F / 2048;  // one large weight keeps its finest exponent: the sum is small
  network.nodes = {{first, {0}}, {sum, {1}}};
  return network;
}

TEST_CASE("quant.quantize_bfp.wide_mantissas_never_leave_the_psum") {
  // 511 products of 2048 * 2047 are within 2^31, 2000 are not: two bits less.
  for (const auto& [count, coarser] : {std::pair{500, 0}, std::pair{2000, 2}}) {
    const std::vector<op::Tensor> calibration{op::Tensor(1, 1, count)};  // black: all -1
    const quant::Quantized made =
        quant::quantize_bfp(long_sum(count), calibration, {12, 0, 8, quant::BfpExponent::maximum});
    const op::Layer& sum = made.network.nodes[1].layer;
    CHECK(sum.weights(1, 0) == 2047);
    CHECK(sum.weights(0, 0) == (2047 + (coarser == 0 ? 0 : 2)) >> coarser);
    model::Executor executor(made.network);
    const auto& outputs = executor.run(model::to_input(made.network.input, calibration[0]));
    CHECK(outputs[0].data(0) == -1024);  // -1 = -2048 * 2^-11 would fit, but an exponent is chosen for both signs
    CHECK(outputs[1].data(0) == std::floor(std::ldexp(-1024.0 * count * sum.weights(0, 0), -sum.out.n[0]) + 0.5));
  }
}

/// Residual block, pools, concatenation and a fully connected layer over four pixels.
FloatNetwork every_shape() {
  FloatNetwork network{"shapes", {8, 8, 3, 128, 1.0F / 128}, {}, {}};
  auto stem = test::float_layer("stem", Kind::conv2d, {8, 8, 3}, {8, 8, 8}, test::kSame3x3);
  stem.weights = test::random_matrix(8, 27, 0, 0.4);
  stem.bias = test::random_matrix(8, 1, 1000, 0.2);
  stem.relu = true;
  auto block = test::float_layer("block", Kind::conv2d, {8, 8, 8}, {8, 8, 8}, test::kSame3x3);
  block.weights = test::random_matrix(8, 72, 2000, 0.1);
  auto add = test::float_layer("add", Kind::add, {8, 8, 8}, {8, 8, 8});
  add.relu = true;
  const auto max = test::float_layer("max", Kind::max_pool, {8, 8, 8}, {4, 4, 8}, test::kHalve);
  auto branch = test::float_layer("branch", Kind::depthwise, {4, 4, 8}, {4, 4, 8}, test::kSame3x3);
  branch.weights = test::random_matrix(8, 9, 3000, 0.5);
  auto concat = test::float_layer("concat", Kind::concat, {4, 4, 8}, {4, 4, 16});
  const auto average = test::float_layer("average", Kind::avg_pool, {4, 4, 16}, {2, 2, 16}, test::kHalve);
  auto fc = test::float_layer("fc", Kind::fully_connected, {2, 2, 16}, {1, 1, 5});
  fc.weights = test::random_matrix(5, 64, 4000);
  network.nodes = {{stem, {0}},   {block, {1}},     {add, {1, 2}},  {max, {3}},
                   {branch, {4}}, {concat, {4, 5}}, {average, {6}}, {fc, {7}}};
  return network;
}

TEST_CASE("quant.quantize_bfp.follows_the_float_network") {
  const auto images = test::random_images(24, 8, 8, 3);
  const FloatNetwork network = every_shape();
  std::vector<double> before(network.nodes.size(), 0);
  for (const int bits : {5, 8, 12}) {
    for (const quant::BfpExponent exponent : {quant::BfpExponent::kl, quant::BfpExponent::maximum}) {
      for (const int group : {0, 8}) {
        const quant::Quantized made = quant::quantize_bfp(network, images, {bits, group, 8, exponent});
        const std::vector<double> sqnr = quant::layer_sqnr(network, made, images);
        for (std::size_t i = 0; i < sqnr.size(); ++i) {
          CAPTURE(bits);
          CAPTURE(i);
          // 6 dB a bit. A KL exponent may clip: its mantissas then cost less than the tail that it gives up.
          CHECK(sqnr[i] > 6 * (exponent == quant::BfpExponent::kl ? std::min(bits, 8) : bits) - 24);
          CHECK(sqnr[i] < 6 * bits + 20);
        }
        if (exponent == quant::BfpExponent::maximum && group == 0) {
          for (std::size_t i = 0; i < sqnr.size(); ++i) CHECK(sqnr[i] > before[i] + 6);
          before = sqnr;
        }
      }
    }
  }
}

TEST_CASE("quant.quantize_bfp.refuses_degenerate") {
  const auto images = test::random_images(2, 8, 8, 3);
  const auto refusal = [&](const FloatNetwork& network, const quant::BfpOptions& options = {}) {
    return test::refusal([&] { (void)quant::quantize_bfp(network, images, options); });
  };
  REQUIRE(refusal(every_shape()).empty());
  CHECK(test::mentions(refusal(every_shape(), {4}), "mantissa bits: expected 5 .. 12, found 4"));
  CHECK(test::mentions(refusal(every_shape(), {8, 0, 8, quant::BfpExponent::kl, 1}),
                       "exponent bits: expected 2 .. 9, found 1"));
  CHECK(test::mentions(refusal(every_shape(), {8, 0, 8, quant::BfpExponent::kl, 10}),
                       "exponent bits: expected 2 .. 9, found 10"));
  CHECK(test::mentions(refusal(every_shape(), {8, 12}), "group: expected 0 or a multiple of 8 rows, found 12"));
  CHECK(test::mentions(test::refusal([] { (void)quant::quantize_bfp(every_shape(), {}); }),
                       "calibration: expected at least one image"));
  FloatNetwork network = every_shape();
  network.nodes[1].layer.weights.setZero();
  CHECK(test::mentions(refusal(network), "layer 'block': outputs: expected values that are not all zero"));
  network = every_shape();
  network.input.pixel_scale = 0.3F;
  CHECK(test::mentions(refusal(network), "input.pixel_scale: expected a power of two"));
  network = every_shape();
  network.nodes[0].layer.weights.row(1) *= 1e-30F;
  CHECK(test::mentions(refusal(network), "layer 'stem': expected a bias of 32 bits"));
  network = every_shape();
  network.nodes[0].layer.weights(3) = std::numeric_limits<float>::quiet_NaN();
  CHECK(test::mentions(refusal(network), "'stem'.weights: expected finite numbers"));
}

}  // namespace
