// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/pact4.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "golden/model/float_execute.h"
#include "golden/op/validate.h"
#include "golden/quant/distribution.h"
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
  network.nodes[1].layer.relu = false;
  CHECK(test::mentions(refusal(network), "layer 'second': expected a ReLU behind it"));
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
