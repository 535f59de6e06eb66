// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/pact4.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include "golden/fixed/round.h"
#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "golden/model/float_execute.h"
#include "golden/op/validate.h"
#include "golden/quant/distribution.h"
#include "tests/support/pact4_transcription.h"
#include "tests/unit/model/bad_input.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using model::FloatNetwork;
using op::Kind;
using quant::Distribution;

TEST_CASE("quant.pact4_weights.worked") {
  // delta = 0.7 / 7 = 0.1: 0.04 rounds down, 0.06 up, beyond alpha is clamped, never to -8.
  const auto weights = (model::FloatMatrix(1, 7) << 0.7F, -0.7F, 0.04F, 0.06F, -0.26F, 5.0F, -5.0F).finished();
  CHECK(quant::pact4_weights(weights, 0.7) == (op::Matrix(1, 7) << 7, -7, 0, 1, -3, 7, -7).finished());
  const auto ties = (model::FloatMatrix(1, 4) << 0.5F, -0.5F, 2.5F, -2.5F).finished();
  CHECK(quant::pact4_weights(ties, 7.0) == (op::Matrix(1, 4) << 1, -1, 3, -3).finished());  // half away
  CHECK_THROWS_AS((void)quant::pact4_weights(ties, 0.0), std::invalid_argument);
}

TEST_CASE("quant.best_alpha.grid_is_found") {  // values on a grid of 7 steps lose nothing at their largest magnitude
  std::vector<float> values;
  values.reserve(500);
  for (int i = 0; i < 500; ++i) values.push_back(0.125F * static_cast<float>(i % 15 - 7));
  CHECK(quant::best_alpha(quant::distribution_of(values), 7) == doctest::Approx(0.875));
}

TEST_CASE("quant.best_alpha.outlier_is_clipped") {
  std::vector<float> values;
  values.reserve(100001);
  for (int i = 0; i < 100000; ++i) values.push_back(static_cast<float>(i % 1000) / 1000);
  values.push_back(10.0F);
  const Distribution distribution = quant::distribution_of(values);
  const double alpha = quant::best_alpha(distribution, 15);
  CHECK(alpha > 0.9);
  CHECK(alpha < 1.5);
  CHECK(quant::squared_error(distribution, alpha / 15, 0, 0, 15) <
        0.1 * quant::squared_error(distribution, 10.0 / 15, 0, 0, 15));
}

TEST_CASE("quant.best_alpha.all_zero") {
  CHECK(quant::best_alpha(quant::distribution_of(std::vector<float>(9, 0.0F)), 7) == 0);
  CHECK_THROWS_AS((void)quant::distribution_of(std::vector<float>{}), std::invalid_argument);
}

/// Convolution on the image, a 4-bit convolution, max pool, average pool, add and a last fully connected layer.
FloatNetwork relu_network() {
  FloatNetwork network{"small", {8, 8, 3, 128, 1.0F / 128}, {}, {}};
  auto first = test::float_layer("first", Kind::conv2d, {8, 8, 3}, {8, 8, 6}, test::kSame3x3);
  first.weights = test::random_matrix(6, 27, 0, 0.5);
  first.bias = test::random_matrix(6, 1, 100, 0.2);
  first.relu = true;
  auto second = test::float_layer("second", Kind::conv2d, {8, 8, 6}, {8, 8, 6}, test::kSame3x3);
  second.weights = test::random_matrix(6, 54, 200, 0.3);
  second.bias = test::random_matrix(6, 1, 300, 0.2);
  second.relu = true;
  auto add = test::float_layer("add", Kind::add, {8, 8, 6}, {8, 8, 6});
  const auto max = test::float_layer("max", Kind::max_pool, {8, 8, 6}, {4, 4, 6}, test::kHalve);
  const auto average = test::float_layer("average", Kind::avg_pool, {4, 4, 6}, {2, 2, 6}, test::kHalve);
  auto last = test::float_layer("last", Kind::fully_connected, {2, 2, 6}, {1, 1, 5});
  last.weights = test::random_matrix(5, 24, 400);
  last.bias = test::random_matrix(5, 1, 500, 0.2);
  network.nodes = {{first, {0}}, {second, {1}}, {add, {1, 2}}, {max, {3}}, {average, {4}}, {last, {5}}};
  return network;
}

TEST_CASE("quant.quantize_pact4.fields") {
  FloatNetwork network = relu_network();
  network.nodes[1].layer.clip = 0.75F;
  const quant::Quantized made = quant::quantize_pact4(network, test::random_images(8, 8, 8, 3));
  const op::Layer& first = made.network.nodes[0].layer;
  CHECK(first.act_bits == 8);
  CHECK(first.wgt_bits == 8);
  CHECK(first.psum_width == 32);
  CHECK(first.out.act_max == 15);
  const op::Layer& second = made.network.nodes[1].layer;
  CHECK_FALSE(second.act_signed);
  CHECK(second.act_bits == 4);
  CHECK(second.wgt_bits == 4);
  CHECK(second.weights.minCoeff() >= -7);
  CHECK(second.weights.cwiseAbs().maxCoeff() == 7);
  CHECK(second.psum_width == 16);
  CHECK(second.saturate);
  CHECK(second.out.act_min == 0);
  CHECK(second.out.rule == fixed::Rounding::half_up);
  CHECK(made.tensors[2].scale[0] == doctest::Approx(0.05));  // alpha is the layer's clip
  const double real = std::ldexp(static_cast<double>(second.out.m0[0]), second.out.lshift[0] - second.out.n[0] - 31);
  CHECK(real == doctest::Approx(
                    made.tensors[1].scale[0] / 0.05 *
                    (quant::best_alpha(quant::distribution_of({network.nodes[1].layer.weights.data(), 324}), 7) / 7)));
  const op::Layer& last = made.network.nodes[5].layer;
  CHECK(last.out.raw);
  CHECK(last.act_bits == 4);
}

/// Whatever pixel means 0: an element is the nearest multiple of 16 pixels from it.
TEST_CASE("quant.quantize_pact4.input_of_4_bits") {
  op::Tensor pixels(16, 16, 1);
  for (int i = 0; i < 256; ++i) pixels.data(i) = i;
  for (const int pixel_zero : {0, 7, 8, 100, 128, 247, 248, 255}) {
    CAPTURE(pixel_zero);
    FloatNetwork network{"one", {16, 16, 1, pixel_zero, 1.0F / 64}, {}, {}};
    auto layer = test::float_layer("conv", Kind::conv2d, {16, 16, 1}, {16, 16, 2}, test::kSame3x3);
    layer.weights = test::random_matrix(2, 9, 0);
    layer.relu = true;
    network.nodes = {{layer, {0}}};
    const quant::Quantized made = quant::quantize_pact4(network, {&pixels, 1}, {.input_bits = 4});
    const quant::TensorScale& scale = made.tensors[0];
    CHECK(scale.scale[0] == 0.25);
    const op::Layer& conv = made.network.nodes[0].layer;
    CHECK(conv.act_signed);
    CHECK(conv.act_bits == 4);
    CHECK(conv.zero_in == scale.zero);
    CHECK(conv.wgt_bits == 4);
    CHECK(conv.psum_width == 16);
    CHECK(conv.saturate);
    const op::Tensor elements = model::to_input(made.network.input, pixels);
    for (int i = 0; i < 256; ++i) {
      const int nearest = static_cast<int>(std::floor((i - pixel_zero) / 16.0 + 0.5));
      CHECK(elements.data(i) == std::clamp(nearest + scale.zero, -8, 7));
    }
    CHECK(scale.zero >= -8);  // padding is an element
    CHECK(scale.zero <= 7);
  }
}

/// Of an image whose poolings come first too, nothing is wider than 4 bits.
TEST_CASE("quant.quantize_pact4.all_in_4_bits") {
  FloatNetwork network = relu_network();
  auto pool = test::float_layer("pool", Kind::max_pool, {8, 8, 3}, {8, 8, 3}, test::kSame3x3);
  for (model::FloatNode& node : network.nodes) {
    for (int& input : node.inputs) ++input;
  }
  network.nodes.insert(network.nodes.begin(), model::FloatNode{pool, {0}});
  const auto images = test::random_images(8, 8, 8, 3);
  const quant::Quantized made = quant::quantize_pact4(network, images, {.input_bits = 4});
  CHECK(made.network.nodes[0].layer.out.act_min == -8);
  CHECK(made.network.nodes[0].layer.out.act_max == 7);
  for (const model::Node& node : made.network.nodes) {
    CHECK(node.layer.act_bits == 4);
    if (op::has_weights(node.layer.kind)) CHECK(node.layer.wgt_bits == 4);
  }
  for (const double sqnr : quant::layer_sqnr(network, made, images)) CHECK(sqnr > 8);
}

/// What networks of residual blocks and modules have: convolutions without ReLU before an add and in a concatenation.
FloatNetwork signed_network() {
  FloatNetwork network{"signed", {8, 8, 3, 128, 1.0F / 128}, {}, {}};
  const auto conv = [](const char* name, int in, std::uint64_t first, double bound) {
    auto layer = test::float_layer(name, Kind::conv2d, {8, 8, in}, {8, 8, 6}, test::kSame3x3);
    layer.weights = test::random_matrix(6, 9 * in, first, bound);
    layer.bias = test::random_matrix(6, 1, first + 800, 0.2);
    return layer;
  };
  auto first = conv("first", 3, 0, 0.5);
  first.relu = true;
  const auto left = conv("left", 6, 1000, 0.3);
  const auto right = conv("right", 6, 2000, 0.1);
  auto add = test::float_layer("add", Kind::add, {8, 8, 6}, {8, 8, 6});
  const auto join = test::float_layer("join", Kind::concat, {8, 8, 6}, {8, 8, 12});
  const auto most = test::float_layer("most", Kind::max_pool, {8, 8, 12}, {8, 8, 12}, test::kSame3x3);
  const auto mean = test::float_layer("mean", Kind::avg_pool, {8, 8, 12}, {4, 4, 12}, test::kHalve);
  auto wide = test::float_layer("wide", Kind::conv2d, {4, 4, 12}, {4, 4, 6}, test::kSame3x3);
  wide.weights = test::random_matrix(6, 108, 4000, 0.3);
  wide.relu = true;
  auto last = test::float_layer("last", Kind::fully_connected, {4, 4, 6}, {1, 1, 5});
  last.weights = test::random_matrix(5, 96, 5000);
  network.nodes = {{first, {0}}, {left, {1}}, {right, {1}}, {add, {2, 3}}, {join, {4, 1}},
                   {most, {5}},  {mean, {6}}, {wide, {7}},  {last, {8}}};
  return network;
}

TEST_CASE("quant.quantize_pact4.negative_values_have_a_zero_point") {
  const auto images = test::random_images(16, 8, 8, 3);
  for (const int input_bits : {8, 4}) {
    CAPTURE(input_bits);
    const quant::Quantized made = quant::quantize_pact4(signed_network(), images, {.input_bits = input_bits});
    CHECK(made.tensors[1].zero == 0);
    for (const std::size_t tensor : {2, 3, 4, 5}) {  // left, right, add, join
      CHECK(made.tensors[tensor].zero > 0);
      CHECK(made.tensors[tensor].zero < 15);
    }
    CHECK(made.tensors[6] == made.tensors[5]);  // pools keep scale and zero point
    CHECK(made.tensors[7] == made.tensors[5]);
    for (std::size_t i = 1; i < made.network.nodes.size(); ++i) {
      const op::Layer& layer = made.network.nodes[i].layer;
      CHECK_FALSE(layer.act_signed);
      CHECK(layer.act_bits == 4);
      CHECK(layer.out.act_min == 0);
      CHECK(layer.out.act_max == 15);
    }
    const op::Layer& add = made.network.nodes[3].layer;
    CHECK(add.add_a.zero == made.tensors[2].zero);
    CHECK(add.add_b.zero == made.tensors[3].zero);
    CHECK(add.add_a.lshift == 11);
    const op::Layer& join = made.network.nodes[4].layer;
    CHECK(join.concat == std::vector<op::ConcatInput>{{6, made.tensors[4].zero, 0}, {6, 0, 0}});
    CHECK(join.out.m0.size() == 12);
    const std::vector<double> sqnr = quant::layer_sqnr(signed_network(), made, images);
    for (const double decibels : sqnr) CHECK(decibels > 8);
  }
}

/// The largest and smallest sums of an add fit 16-bit psums, whatever the scales and zero points are.
TEST_CASE("quant.quantize_pact4.adds_fit_16_bits") {
  const auto images = test::random_images(4, 8, 8, 3);
  for (const double bound : {0.01, 0.1, 1.0, 10.0}) {
    FloatNetwork network = signed_network();
    network.nodes[2].layer.weights *= static_cast<float>(bound);
    const op::Layer add = quant::quantize_pact4(network, images).network.nodes[3].layer;
    std::int64_t largest = 0;
    for (const int a : {0, 15}) {
      for (const int b : {0, 15}) {
        const auto scaled = [&](int code, const op::AddOperand& operand) {
          return fixed::requantize(code - operand.zero, add.out.rule, true, operand.m0, operand.lshift, operand.n);
        };
        largest = std::max(largest, std::abs(scaled(a, add.add_a) + scaled(b, add.add_b)));
      }
    }
    CHECK(largest > 15 << 8);  // and most of their bits are used
    CHECK(largest < 1 << 15);
  }
}

/// Every output of the integer network is the code of what its inputs mean, to a 32nd of a step at ties.
TEST_CASE("quant.quantize_pact4.integers_mean_what_they_should") {
  const auto images = test::random_images(4, 8, 8, 3);
  const quant::Quantized made = quant::quantize_pact4(signed_network(), images, {.psum_width = 32});
  model::Executor executor(made.network);
  for (const op::Tensor& image : images) {
    const op::Tensor input = model::to_input(made.network.input, image);
    const auto& outputs = executor.run(input);
    const auto meaning = [&](int tensor, int y, int x, int c) {
      const op::Tensor& values = tensor == 0 ? input : outputs[static_cast<std::size_t>(tensor) - 1];
      return made.tensors[static_cast<std::size_t>(tensor)].real(values.at(y, x, c), 0);
    };
    const auto check = [&](std::size_t node, int y, int x, int c, double real) {
      const quant::TensorScale& scale = made.tensors[node + 1];
      const double exact = real / scale.scale[0] + scale.zero;
      const int found = outputs[node].at(y, x, c);
      CHECK(found >= test::transcribe_pact4_code(exact - 1.0 / 32));
      CHECK(found <= test::transcribe_pact4_code(exact + 1.0 / 32));
    };
    for (int y = 0; y < 8; ++y) {
      for (int x = 0; x < 8; ++x) {
        for (int c = 0; c < 6; ++c) {
          check(3, y, x, c, meaning(2, y, x, c) + meaning(3, y, x, c));
          check(4, y, x, c, meaning(4, y, x, c));
          check(4, y, x, c + 6, meaning(1, y, x, c));
        }
      }
    }
    // A convolution over codes with a zero point: padding means 0.
    const op::Layer& wide = made.network.nodes[7].layer;
    const double w_delta = std::ldexp(static_cast<double>(wide.out.m0[0]), wide.out.lshift[0] - wide.out.n[0] - 31) *
                           made.tensors[8].scale[0] / made.tensors[7].scale[0];
    for (int oc = 0; oc < 6; ++oc) {
      double sum = 0;
      for (int kh = 0; kh < 3; ++kh) {
        for (int kw = 0; kw < 3; ++kw) {
          if (kh == 0 || kw == 0) continue;  // the corner: above and left of it is padding
          for (int ic = 0; ic < 12; ++ic) {
            sum += meaning(7, kh - 1, kw - 1, ic) * w_delta * wide.weights(oc, (kh * 3 + kw) * 12 + ic);
          }
        }
      }
      check(7, 0, 0, oc, std::max(sum, 0.0));
    }
  }
}

TEST_CASE("quant.quantize_pact4.follows_the_float_network") {
  const FloatNetwork network = relu_network();
  const auto images = test::random_images(32, 8, 8, 3);
  const std::vector<double> sqnr = quant::layer_sqnr(network, quant::quantize_pact4(network, images), images);
  const std::vector<double> least{18, 12, 12, 12, 12, 10};  // 4 bits of a half-normal: about 20 dB, less layer by layer
  for (std::size_t i = 0; i < sqnr.size(); ++i) {
    CAPTURE(i);
    CHECK(sqnr[i] > least[i]);
    CHECK(sqnr[i] < 40);
  }
}

TEST_CASE("quant.quantize_pact4.psum_saturates_at_its_width") {
  const auto images = test::random_images(8, 8, 8, 3);
  const quant::Quantized narrow = quant::quantize_pact4(relu_network(), images, {9});
  model::Executor executor(narrow.network);
  std::vector<fast::RunStats> stats;
  const auto& outputs = executor.run(model::to_input(narrow.network.input, images[0]), &stats);
  CHECK(outputs.back().data.cwiseAbs().maxCoeff() <= 256);
  bool clamped = false;
  for (const auto flag : stats[1].overflow) clamped = clamped || flag != 0;
  CHECK(clamped);
}

TEST_CASE("quant.quantize_pact4.refuses_degenerate") {
  const auto images = test::random_images(2, 8, 8, 3);
  const auto refusal = [&](const FloatNetwork& network) {
    return test::refusal([&] { (void)quant::quantize_pact4(network, images); });
  };
  REQUIRE(refusal(relu_network()).empty());
  CHECK(test::mentions(test::refusal([] { (void)quant::quantize_pact4(relu_network(), {}); }),
                       "calibration: expected at least one image"));
  FloatNetwork network = relu_network();
  network.nodes[2].inputs = {0, 0};
  network.nodes[2].layer.in_c = network.nodes[2].layer.out_c = 3;
  network.nodes.resize(3);
  CHECK(refusal(network).empty());  // the image twice: one type
  network = signed_network();
  network.nodes[4].inputs[1] = 0;
  network.nodes[4].layer.out_c = 9;
  network.nodes.resize(5);
  CHECK(test::mentions(refusal(network), "layer 'join': expected inputs of one element type, found the image beside"));
  network = relu_network();
  network.nodes[1].layer.weights.setZero();
  CHECK(test::mentions(refusal(network), "layer 'second': expected weights that are not all zero"));
  network = relu_network();
  network.nodes[0].layer.bias.setConstant(-1000);
  CHECK(test::mentions(refusal(network), "layer 'first': expected outputs that are not all zero"));
  network = relu_network();
  network.nodes[1].layer.bias(3) = 1e4F;
  CHECK(test::mentions(refusal(network), "layer 'second': expected a bias of 16 bits"));
  network = relu_network();
  network.nodes[1].layer.weights(0) = std::numeric_limits<float>::infinity();
  CHECK(test::mentions(refusal(network), "'second'.weights: expected finite numbers"));
  CHECK(test::mentions(test::refusal([&] { (void)quant::quantize_pact4(relu_network(), images, {40}); }),
                       "psum width: expected 8 .. 32"));
  CHECK(test::mentions(test::refusal([&] { (void)quant::quantize_pact4(relu_network(), images, {.input_bits = 5}); }),
                       "input bits: expected 4 or 8, found 5"));
}

}  // namespace
