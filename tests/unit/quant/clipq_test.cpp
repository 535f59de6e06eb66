// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/clipq.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "golden/op/validate.h"
#include "tests/support/clipq_transcription.h"
#include "tests/support/every_sum.h"
#include "tests/support/rounds.h"
#include "tests/unit/model/bad_input.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using model::FloatNetwork;
using op::Kind;
using quant::clipq_weights;

model::FloatMatrix row(const std::vector<float>& values) {
  return Eigen::Map<const model::FloatMatrix>(values.data(), 1, static_cast<Eigen::Index>(values.size()));
}

/// Quantizer and transcription agree on every code and level.
void compare(const std::vector<float>& values, double fraction) {
  const auto found = clipq_weights(row(values), {.fraction = fraction});
  const auto expected = test::transcribe_clipq({values.begin(), values.end()}, fraction);
  for (std::size_t i = 0; i < values.size(); ++i) CHECK(found.codes(static_cast<Eigen::Index>(i)) == expected.codes[i]);
  for (std::size_t code = 0; code < 4; ++code) {
    CHECK(found.mean.at(code) == expected.mean.at(code));
    CHECK(found.level.at(code) == expected.level.at(code));
  }
}

TEST_CASE("quant.clipq_weights.worked") {
  // Five positives: ceil(0.4 * 5) = 2 become zero, threshold 0.2, level mean(0.3 0.4 0.5) = 0.4 -> 12/32.
  // Five negatives: threshold -0.4, extreme -2.4, width 1: -0.9 in bin 0, -1.4 and -2.4 in bin 1.
  const auto found = clipq_weights(row({0.1F, 0.2F, 0.3F, 0.4F, 0.5F, -0.3F, -0.4F, -0.9F, -1.5F, -2.4F, 0.0F}));
  CHECK(found.codes == (op::Matrix(1, 11) << 2, 2, 3, 3, 3, 2, 2, 1, 0, 0, 2).finished());
  CHECK(found.level == std::array<std::int32_t, 4>{-62, -28, 0, 12});  // -1.95 * 32 = -62.4, -0.9 * 32 = -28.8
  CHECK(found.mean[quant::kClipqPositive] == doctest::Approx(1.2 / (3 + 1e-7)).epsilon(1e-7));
}

TEST_CASE("quant.clipq_weights.levels_are_cut_toward_zero_and_clipped") {
  CHECK(clipq_weights(row({100.0F}), {.fraction = 0}).level[quant::kClipqPositive] == 127);
  CHECK(clipq_weights(row({-100.0F}), {.fraction = 0}).level[quant::kClipqNegative2] == -128);
  CHECK(clipq_weights(row({-0.99F / 32}), {.fraction = 0}).level[quant::kClipqNegative2] == 0);
  // 1.5 / (1 + 1e-7) is just below 48/32: the guard of the count takes a step.
  CHECK(clipq_weights(row({1.5F}), {.fraction = 0}).level[quant::kClipqPositive] == 47);
}

TEST_CASE("quant.clipq_weights.random") {
  for (std::uint64_t trial = 0; trial < 300; ++trial) {
    const int count = test::float_draws.between(50'000'000 + trial, 1, 60);
    const double fraction = trial % 3 == 0 ? 0.4 : 0.99 * test::float_draws.real(60'000'000 + trial);
    const auto matrix = test::random_matrix(1, count, 1000 * trial, trial % 5 == 0 ? 6.0 : 0.5);
    compare({matrix.data(), matrix.data() + matrix.size()}, fraction);
  }
}

TEST_CASE("quant.clipq_weights.ties") {
  for (std::uint64_t trial = 0; trial < 300; ++trial) {  // few distinct values, zeros among them
    std::vector<float> values;
    for (std::uint64_t i = 0; i < 30; ++i) {
      values.push_back(static_cast<float>(test::float_draws.between(100 * trial + i, -3, 3)) / 4);
    }
    compare(values, 0.4);
  }
}

TEST_CASE("quant.clipq_weights.adversarial") {
  compare({0.5F}, 0.4);  // one element: ceil(0.4) = 1 becomes zero
  compare({0.5F}, 0);    // or survives
  compare({-0.5F}, 0);
  compare({0.5F, 0.25F, 1.0F}, 0.4);            // no negatives
  compare({-0.5F, -0.25F, -1.0F, -0.9F}, 0.4);  // no positives
  compare(std::vector<float>(9, 0.75F), 0.4);   // all equal: width 0
  compare(std::vector<float>(9, -0.75F), 0.4);
  compare(std::vector<float>(9, 0.0F), 0.4);
  compare({-1.0F, -1.0F, -1.0F, -0.5F, -1e-30F}, 0.2);
  compare({1e-38F, -1e-38F, 3e38F, -3e38F, -1.7e38F}, 0.3);
  compare({-1.0F, -2.0F, -3.0F}, 1.0 / 3);  // -2 lies on the border of the two bins
}

/// Levels, and the extremes that the authors lose.
int compare_published(const std::vector<float>& values, double fraction) {
  const auto found = clipq_weights(row(values), {.fraction = fraction, .mean = quant::ClipqMean::published});
  const auto expected = test::transcribe_published_clipq(values, fraction);
  for (std::size_t code = 0; code < 4; ++code) {
    CHECK(found.mean.at(code) == expected.mean.at(code));
    CHECK(found.level.at(code) == expected.level.at(code));
  }
  CHECK(found.left_out == expected.left_out);
  return expected.left_out;
}

TEST_CASE("quant.clipq_weights.as_published.worked") {
  const auto level = [](const std::vector<float>& values, quant::ClipqMean mean) {
    return clipq_weights(row(values), {.mean = mean}).level[quant::kClipqPositive];
  };
  const std::vector<float> tied{0.25F, 0.25F, 0.5F, 1, 1}, rounded{0.25F, 0.5F, 1, 1.125F};
  CHECK(level(tied, quant::ClipqMean::published) == 23);  // 1.5 / 2.0000001, not 2.5 / 3.0000001
  CHECK(level(tied, quant::ClipqMean::exact) == 26);
  CHECK(level(rounded, quant::ClipqMean::published) == 34);  // 1.0624999 becomes 1.0625 in float32
  CHECK(level(rounded, quant::ClipqMean::exact) == 33);
}

TEST_CASE("quant.clipq_weights.as_published.transcription.random") {
  for (std::uint64_t trial = 0; trial < test::rounds(400U); ++trial) {
    const int count = test::float_draws.between(51'000'000 + trial, 1, 60);
    const double fraction = trial % 3 == 0 ? 0.4 : 0.99 * test::float_draws.real(61'000'000 + trial);
    const auto matrix = test::random_matrix(1, count, 2'000'000 + 1000 * trial, trial % 5 == 0 ? 6.0 : 0.5);
    (void)compare_published({matrix.data(), matrix.data() + matrix.size()}, fraction);
  }
}

TEST_CASE("quant.clipq_weights.as_published.ties_and_degenerate") {
  for (std::uint64_t trial = 0; trial < 300; ++trial) {
    std::vector<float> values;
    for (std::uint64_t i = 0; i < 30; ++i) {
      values.push_back(static_cast<float>(test::float_draws.between(3'000'000 + 100 * trial + i, -3, 3)) / 4);
    }
    (void)compare_published(values, trial % 2 == 0 ? 0.4 : 0);
  }
  for (const double fraction : {0.0, 0.4, 0.9}) {
    (void)compare_published({0.5F}, fraction);
    (void)compare_published({-0.5F, -0.5F, -0.5F}, fraction);
    (void)compare_published(std::vector<float>(9, 0.75F), fraction);
    (void)compare_published({0, 0, 0}, fraction);
    (void)compare_published({-1, -2, -3}, fraction);
    (void)compare_published({1e-38F, -1e-38F, 3e38F, -3e38F, -1.7e38F}, fraction);
  }
}

/// The networks in which four extremes were seen to be lost.
TEST_CASE("quant.clipq_weights.as_published.networks") {
  std::int64_t weights = 0, left_out = 0;
  for (const char* folder : {"models/nin-clipq-float", "models/nin-float"}) {
    for (const auto& [layer, inputs] : model::load_float_network(folder).nodes) {
      if (!op::has_weights(layer.kind)) continue;
      left_out += compare_published({layer.weights.data(), layer.weights.data() + layer.weights.size()}, 0.4);
      weights += layer.weights.size();
    }
  }
  CHECK(weights == 57056);
  CHECK(left_out == 4);
}

TEST_CASE("quant.clipq_weights.refuses_degenerate") {
  CHECK_THROWS_AS((void)clipq_weights(row({1.0F}), {.fraction = 1.0}), std::invalid_argument);
  CHECK_THROWS_AS((void)clipq_weights(row({1.0F}), {.fraction = -0.1}), std::invalid_argument);
  CHECK_THROWS_AS((void)clipq_weights(row({std::numeric_limits<float>::quiet_NaN()})), std::invalid_argument);
}

TEST_CASE("quant.quantize_clipq.rules_differ_at_negative_multiples_of_32") {
  constexpr int kLowest = -9000, kHighest = 9000;  // of the sums: beyond what int8 saturates at on either side
  const auto outputs = [](fixed::Rounding rule, bool relu) {
    const model::Network network = test::every_sum(rule, kLowest, kHighest, relu);
    model::Executor executor(network);
    return op::Tensor(executor.run(op::Tensor(1, 1, 1)).back());
  };
  const op::Tensor hardware = outputs(fixed::Rounding::clipq, false),
                   reference = outputs(fixed::Rounding::trunc, false);
  for (int sum = kLowest; sum <= kHighest; ++sum) {
    const int found = hardware.data(sum - kLowest), expected = reference.data(sum - kLowest);
    REQUIRE(expected == std::clamp(sum / 32, -128, 127));  // C++ divides toward zero
    // The set: -32, -64 .. -128 * 32. Multiples below saturate to -128 under both rules.
    const bool differ = sum < 0 && sum % 32 == 0 && sum >= -128 * 32;
    REQUIRE(found == expected + (differ ? 1 : 0));
  }
  CHECK(outputs(fixed::Rounding::clipq, true) == outputs(fixed::Rounding::trunc, true));  // nothing negative is left
}

/// Convolution, pools, add and a fully connected layer on 4 x 4 pixels.
FloatNetwork small_network() {
  FloatNetwork network{"small", {4, 4, 3, 128, 1.0F / 32}, {}, {}};
  auto conv = test::float_layer("conv", Kind::conv2d, {4, 4, 3}, {4, 4, 4}, test::kSame3x3);
  conv.weights = test::random_matrix(4, 27, 0, 0.2);
  conv.bias = test::random_matrix(4, 1, 100);
  conv.relu = true;
  auto second = test::float_layer("second", Kind::conv2d, {4, 4, 4}, {4, 4, 4}, test::kSame3x3);
  second.weights = test::random_matrix(4, 36, 200, 0.3);
  const auto add = test::float_layer("add", Kind::add, {4, 4, 4}, {4, 4, 4});
  const auto max = test::float_layer("max", Kind::max_pool, {4, 4, 4}, {2, 2, 4}, test::kHalve);
  const auto average = test::float_layer("average", Kind::avg_pool, {2, 2, 4}, {1, 1, 4}, test::kHalve);
  auto fc = test::float_layer("fc", Kind::fully_connected, {1, 1, 4}, {1, 1, 3});
  fc.weights = test::random_matrix(3, 4, 300);
  network.nodes = {{conv, {0}}, {second, {1}}, {add, {1, 2}}, {max, {3}}, {average, {4}}, {fc, {5}}};
  return network;
}

TEST_CASE("quant.quantize_clipq.follows_the_float_network_of_its_levels") {
  FloatNetwork network = small_network();
  const quant::Quantized integer = quant::quantize_clipq(network, {0.4, fixed::Rounding::trunc});
  for (std::size_t i = 0; i < network.nodes.size();
       ++i) {  // the float network with the very weights of the integer one
    const op::Layer& layer = integer.network.nodes[i].layer;
    model::FloatLayer& real = network.nodes[i].layer;
    if (!op::has_weights(real.kind)) continue;
    for (Eigen::Index w = 0; w < real.weights.size(); ++w) {
      real.weights.data()[w] =
          static_cast<float>(layer.codebook[static_cast<std::size_t>(layer.weights.data()[w])]) / 32;
    }
  }
  const auto images = test::random_images(16, 4, 4, 3);
  const std::vector<double> sqnr = quant::layer_sqnr(network, integer, images);
  for (const double decibel : sqnr) CHECK(decibel > 10);  // saturation at +-4 and steps of 1/32 are all that differs
  CHECK(sqnr[0] < 60);
}

TEST_CASE("quant.quantize_clipq.fields") {
  const quant::Quantized integer = quant::quantize_clipq(small_network());
  const op::Layer& conv = integer.network.nodes[0].layer;
  CHECK(conv.wgt_bits == 2);
  CHECK(conv.codebook.size() == 4);
  CHECK(conv.zero_in == 0);
  CHECK_FALSE(conv.out.multiply);
  CHECK(conv.out.rule == fixed::Rounding::clipq);
  CHECK(conv.out.n == std::vector{5});
  CHECK(conv.out.act_min == 0);  // ReLU
  CHECK(integer.network.nodes[1].layer.out.act_min == -128);
  CHECK(conv.psum_width == 32);
  CHECK(conv.bias(0) == std::lround(small_network().nodes[0].layer.bias(0) * 1024));
  CHECK(integer.tensors[1] == quant::TensorScale{{1.0 / 32}, 0});
  CHECK(quant::parameter_bytes(integer.network) == (108 + 144 + 12) / 4 + 3 * 4 + 4 * 4);
}

TEST_CASE("quant.quantize_clipq.input_of_other_fraction_bits") {
  FloatNetwork network = small_network();
  network.input.pixel_scale = 1.0F / 128;
  network.input.pixel_zero = 0;
  const quant::Quantized integer = quant::quantize_clipq(network);
  CHECK(integer.network.nodes[0].layer.out.n == std::vector{7});
  CHECK(integer.network.nodes[0].layer.zero_in == -128);
  CHECK(integer.network.nodes[0].layer.bias(0) == std::lround(network.nodes[0].layer.bias(0) * 4096));
  CHECK(integer.network.nodes[1].layer.out.n == std::vector{5});
}

/// Two convolutions and the image itself, one behind another, bounded, and a pool: every value by hand.
TEST_CASE("quant.quantize_clipq.concat_and_bounds_within_q3_5") {
  FloatNetwork network{"joined", {2, 2, 1, 100, 1.0F / 32}, {}, {}};
  auto left = test::float_layer("left", Kind::conv2d, {2, 2, 1}, {2, 2, 2});
  left.weights.resize(2, 1);
  left.weights << 1.001F, -0.501F;  // levels 32 / 32 and -16 / 32
  auto right = test::float_layer("right", Kind::conv2d, {2, 2, 1}, {2, 2, 1});
  right.weights = model::FloatMatrix::Constant(1, 1, 2.001F);
  right.relu = true;
  right.clip = 1.51F;  // 48.32 / 32
  auto join = test::float_layer("join", Kind::concat, {2, 2, 2}, {2, 2, 4});
  join.relu = true;
  join.clip = 100;  // beyond Q3.5
  network.nodes = {{left, {0}}, {right, {0}}, {join, {1, 0, 2}}};
  const quant::Quantized made = quant::quantize_clipq(network, {0.0, fixed::Rounding::trunc});
  const op::Layer& concat = made.network.nodes[2].layer;
  CHECK(concat.concat == std::vector<op::ConcatInput>{{2, 0, 0}, {1, -28, 0}, {1, 0, 0}});
  CHECK(concat.out.act_max == 127);
  CHECK(made.network.nodes[1].layer.out.act_max == 48);
  CHECK(made.network.nodes[1].layer.out.act_min == 0);
  op::Tensor image(2, 2, 1);
  image.data << 100, 110, 80, 255;  // 0, 10, -20 and 155 32ths
  model::Executor executor(made.network);
  const op::Tensor& found = executor.run(model::to_input(made.network.input, image)).back();
  op::Matrix expected(4, 4);
  expected << 0, 0, 0, 0,  //
      10, 0, 10, 20,       // -5 is below 0
      0, 10, 0, 0,         //
      127, 0, 127, 48;
  CHECK(found.data == expected);
}

TEST_CASE("quant.quantize_clipq.refuses_degenerate") {
  const auto refusal = [](const FloatNetwork& network, const quant::ClipqOptions& options = {}) {
    return test::refusal([&] { (void)quant::quantize_clipq(network, options); });
  };
  REQUIRE(refusal(small_network()).empty());
  FloatNetwork network = small_network();
  network.nodes[1].layer.weights *= 0.01F;
  CHECK(test::mentions(refusal(network), "layer 'second': expected a mean of surviving weights of at least 1/32"));
  network = small_network();
  network.nodes[0].layer.weights.setZero();
  CHECK(test::mentions(refusal(network), "layer 'conv': expected a mean of surviving weights"));
  network = small_network();
  network.nodes[0].layer.bias(2) = 1e8F;
  CHECK(test::mentions(refusal(network), "layer 'conv': expected a bias of 32 bits"));
  network = small_network();
  network.input.pixel_scale = 0.01F;
  CHECK(test::mentions(refusal(network), "input.pixel_scale: expected a power of two"));
  network = small_network();
  network.nodes[5].layer.weights(0) = std::numeric_limits<float>::quiet_NaN();
  CHECK(test::mentions(refusal(network), "'fc'.weights: expected finite numbers"));
  CHECK(test::mentions(refusal(small_network(), {1.0, fixed::Rounding::clipq}), "fraction: expected [0, 1)"));
  CHECK(test::mentions(refusal(small_network(), {0.4, fixed::Rounding::floor}), "rule: expected round_shift_clipq"));
}

}  // namespace
