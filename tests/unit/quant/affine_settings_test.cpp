// SPDX-License-Identifier: Apache-2.0
// The affine quantizer over its settings: widths, zero points, ranges, what shares a scale, head room, concatenation.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "golden/model/float_execute.h"
#include "golden/quant/affine.h"
#include "tests/unit/model/bad_input.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using fixed::Rounding;
using model::FloatNetwork;
using op::Kind;
using quant::AffineNetwork;
using quant::AffineOptions;
using quant::ScaleShare;

constexpr std::array<int, 4> kWidths{4, 8, 12, 16};
constexpr std::array<ScaleShare, 3> kShares{ScaleShare::channel, ScaleShare::layer, ScaleShare::network};

/// Two branches of different ranges side by side, with the image itself, then a residual add, pools and a fully
/// connected layer; pixel 100 is zero.
FloatNetwork branches() {
  FloatNetwork network{"branches", {6, 6, 2, 100, 1.0F / 64}, {}, {}};
  auto left = test::float_layer("left", Kind::conv2d, {6, 6, 2}, {6, 6, 3}, test::kSame3x3);
  left.weights = test::random_matrix(3, 18, 0);
  left.bias = test::random_matrix(3, 1, 100);
  left.relu = true;
  auto right = test::float_layer("right", Kind::conv2d, {6, 6, 2}, {6, 6, 2});
  right.weights = test::random_matrix(2, 2, 200, 0.2);
  const auto concat = test::float_layer("concat", Kind::concat, {6, 6, 3}, {6, 6, 7});
  auto mix = test::float_layer("mix", Kind::depthwise, {6, 6, 7}, {6, 6, 7}, test::kSame3x3);
  mix.weights = test::random_matrix(7, 9, 300);
  const auto add = test::float_layer("add", Kind::add, {6, 6, 7}, {6, 6, 7});
  auto average = test::float_layer("average", Kind::avg_pool, {6, 6, 7}, {3, 3, 7}, test::kHalve);
  average.relu = true;
  auto fc = test::float_layer("fc", Kind::fully_connected, {3, 3, 7}, {1, 1, 4});
  fc.weights = test::random_matrix(4, 63, 400);
  fc.bias = test::random_matrix(4, 1, 700);
  network.nodes = {{left, {0}},    {right, {0}}, {concat, {1, 2, 0}}, {mix, {3}}, {add, {3, 4}},
                   {average, {5}}, {fc, {6}}};
  return network;
}

/// One fully connected layer, out = W x + b, x = pixel_scale * pixel.
FloatNetwork one_layer(const model::FloatMatrix& weights, float bias = 0, float pixel_scale = 1) {
  const auto inputs = static_cast<int>(weights.cols()), outputs = static_cast<int>(weights.rows());
  FloatNetwork network{"linear", {1, 1, inputs, 0, pixel_scale}, {}, {}};
  auto fc = test::float_layer("fc", Kind::fully_connected, {1, 1, inputs}, {1, 1, outputs});
  fc.weights = weights;
  if (bias != 0) fc.bias = model::FloatVector::Constant(outputs, bias);
  network.nodes.push_back({fc, {0}});
  return network;
}

/// Signal-to-noise ratio of the network's output over the images, in dB.
double sqnr(const FloatNetwork& network, const AffineNetwork& made, const std::vector<op::Tensor>& images) {
  return quant::layer_sqnr(network, made, images).back();
}

/// The largest sum that any input can drive a layer to: from the integer network alone.
double worst_sum(const op::Layer& layer) {
  const double lowest = -std::ldexp(1.0, layer.act_bits - 1), highest = -lowest - 1;
  const double reach = std::max(highest - layer.zero_in, layer.zero_in - lowest);
  double worst = 0;
  for (Eigen::Index row = 0; row < layer.weights.rows(); ++row) {
    const double sum = (layer.weights.row(row).array() - layer.zero_wgt).abs().cast<double>().sum() * reach;
    worst = std::max(worst, sum + (layer.bias.size() == 0 ? 0.0 : std::abs(static_cast<double>(layer.bias(row)))));
  }
  return worst;
}

TEST_CASE("quant.affine_settings.every_one_runs_and_follows_the_float_network") {
  const FloatNetwork network = branches();
  auto images = test::random_images(24, 6, 6, 2);
  images.front().data.setZero();  // extremes too
  images.back().data.setConstant(255);
  const auto calibration = quant::affine_calibration(network, images);
  // dB at the network's output: 6 a bit up to 12 bits; with 16 bits the 32-bit sums of products are the bound.
  const std::array<double, 4> least{2, 26, 50, 50};
  for (std::size_t b = 0; b < kWidths.size(); ++b) {
    for (const ScaleShare scale : kShares) {
      for (const bool symmetric : {false, true}) {
        for (const bool optimal : {false, true}) {
          const AffineOptions options{kWidths.at(b), kWidths.at(b), symmetric, symmetric, scale, optimal, optimal};
          const AffineNetwork made = quant::quantize_affine(network, calibration, options);
          CAPTURE(kWidths.at(b));
          CAPTURE(static_cast<int>(scale));
          CAPTURE(symmetric);
          CAPTURE(optimal);
          CHECK(sqnr(network, made, images) > least.at(b));
          for (const auto& [layer, inputs] : made.network.nodes) CHECK(worst_sum(layer) <= 2147483647.0);
        }
      }
    }
  }
}

TEST_CASE("quant.affine_settings.more_bits_less_noise") {
  const FloatNetwork network = branches();
  const auto images = test::random_images(16, 6, 6, 2);
  const auto calibration = quant::affine_calibration(network, images);
  const auto of = [&](int weight_bits, int activation_bits) {
    return sqnr(network, quant::quantize_affine(network, calibration, {weight_bits, activation_bits}), images);
  };
  CHECK(of(8, 8) > of(4, 8) + 6);
  CHECK(of(8, 8) > of(8, 4) + 6);
  CHECK(of(12, 12) > of(8, 12) + 6);
  CHECK(of(12, 12) > of(12, 8) + 6);
  CHECK(of(8, 16) > of(8, 8));
}

TEST_CASE("quant.affine_settings.zero_points") {
  const FloatNetwork network = branches();
  const auto images = test::random_images(8, 6, 6, 2);
  for (const ScaleShare scale : kShares) {
    const AffineNetwork symmetric = quant::quantize_affine(
        network, images, {.symmetric_weights = true, .symmetric_activations = true, .scale = scale});
    for (const model::Node& node : symmetric.network.nodes) {
      const op::Layer& layer = node.layer;
      CHECK(layer.zero_wgt == 0);
      CHECK(layer.out.zero_out == 0);
      CHECK(layer.out.act_min >= -127);
      CHECK((layer.weights.size() == 0 || layer.weights.minCoeff() >= -127));
    }
    const AffineNetwork asymmetric =
        quant::quantize_affine(network, images, {.symmetric_weights = false, .scale = scale});
    CHECK(asymmetric.network.nodes[3].layer.zero_wgt != 0);
    // Without sharing across layers the codes reach both ends.
    if (scale == ScaleShare::network) continue;
    CHECK(asymmetric.network.nodes[3].layer.weights.minCoeff() + asymmetric.network.nodes[3].layer.weights.maxCoeff() <=
          2);
    CHECK(asymmetric.network.nodes[6].layer.weights.maxCoeff() >= 126);
    CHECK(asymmetric.network.nodes[6].layer.weights.minCoeff() <= -126);
  }
}

TEST_CASE("quant.affine_settings.what_shares_a_scale") {
  const FloatNetwork network = branches();
  const auto images = test::random_images(8, 6, 6, 2);
  const AffineNetwork channel = quant::quantize_affine(network, images, {});
  const AffineNetwork layer = quant::quantize_affine(network, images, {.scale = ScaleShare::layer});
  const AffineNetwork whole = quant::quantize_affine(network, images, {.scale = ScaleShare::network});
  CHECK(channel.weights[0].scale.scale.size() == 3);
  CHECK(layer.weights[0].scale.scale.size() == 1);
  CHECK(layer.weights[0].scale.scale[0] == *std::ranges::max_element(channel.weights[0].scale.scale));
  CHECK(layer.weights[0].scale != layer.weights[1].scale);
  for (const std::size_t i : {0U, 1U, 3U, 6U}) CHECK(whole.weights[i].scale == whole.weights[0].scale);
  CHECK(channel.tensors == layer.tensors);
  for (std::size_t t = 2; t < whole.tensors.size(); ++t) CHECK(whole.tensors[t] == whole.tensors[1]);
  CHECK(whole.tensors[0] == channel.tensors[0]);  // the image keeps its own
  CHECK_FALSE(channel.tensors[1] == channel.tensors[2]);
}

TEST_CASE("quant.affine_settings.channel_of_one_sign_beside_a_layer_of_both") {
  // The layer's zero point would lie at the top code, where a channel's only, positive, weights have no code left.
  const auto weights = (model::FloatMatrix(2, 2) << -1.0F, -0.5F, 0.001F, 0.0005F).finished();
  const AffineNetwork made =
      quant::quantize_affine(one_layer(weights), std::vector{test::pixel({200, 100})}, {.symmetric_weights = false});
  const auto& [codes, scale, range] = made.weights[0];
  CHECK(scale.zero == 126);
  CHECK(scale.scale[1] == doctest::Approx(0.001));
  CHECK(codes(1, 0) - scale.zero == 1);
  CHECK(codes(0, 0) == -128);
}

TEST_CASE("quant.affine_settings.concat_requantizes_each_input") {
  const FloatNetwork network = branches();
  const auto images = test::random_images(8, 6, 6, 2);
  const AffineNetwork made = quant::quantize_affine(network, images);
  const op::Layer& concat = made.network.nodes[2].layer;
  REQUIRE(concat.concat.size() == 3);
  REQUIRE(concat.out.m0.size() == 7);
  const std::array<int, 7> input_of{0, 0, 0, 1, 1, 2, 2};
  const std::array<std::size_t, 3> tensor_of{1, 2, 0};
  for (std::size_t channel = 0; channel < 7; ++channel) {
    const auto& in = made.tensors[tensor_of.at(static_cast<std::size_t>(input_of.at(channel)))];
    const double m = std::ldexp(concat.out.m0[channel], concat.out.lshift[channel] - concat.out.n[channel] - 31);
    CHECK(m == doctest::Approx(in.scale[0] / made.tensors[3].scale[0]).epsilon(1e-8));
  }
  // Value by value: the nearest code of what the input's code means.
  model::Executor executor(made.network);
  const op::Tensor input = model::to_input(made.network.input, images[3]);
  const auto& outputs = executor.run(input);
  const std::array<const op::Tensor*, 3> inputs{outputs.data(), &outputs[1], &input};
  int wrong = 0;
  for (Eigen::Index p = 0; p < 36; ++p) {
    Eigen::Index out = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      const auto& scale = made.tensors[tensor_of.at(k)];
      for (Eigen::Index c = 0; c < inputs.at(k)->data.cols(); ++c, ++out) {
        const double steps = scale.scale[0] * (inputs.at(k)->data(p, c) - scale.zero) / made.tensors[3].scale[0];
        const double found = outputs[2].data(p, out) - made.tensors[3].zero;
        wrong += std::abs(found - steps) > 0.5 + 1e-6 ? 1 : 0;
      }
    }
  }
  CHECK(wrong == 0);
  // With one scale for all, a concatenation copies codes.
  const AffineNetwork whole = quant::quantize_affine(network, images, {.scale = ScaleShare::network});
  model::Executor whole_executor(whole.network);
  const auto& copied = whole_executor.run(input);
  CHECK(copied[2].data.leftCols(3) == copied[0].data);
  CHECK(copied[2].data.middleCols(3, 2) == copied[1].data);
}

TEST_CASE("quant.affine_settings.multiplier_above_one") {
  // Differences of large products: outputs of 0 .. 2 in 255 steps, M = 1 / 127 / (2 / 255) > 1 and left shifts.
  const auto weights = (model::FloatMatrix(1, 2) << 1.0F, -1.0F).finished();
  const FloatNetwork network = one_layer(weights);
  const std::vector calibration{test::pixel({200, 200}), test::pixel({201, 200}), test::pixel({202, 200})};
  for (const Rounding rule : {Rounding::floor, Rounding::half_up, Rounding::half_away, Rounding::double_rounding}) {
    const AffineNetwork made = quant::quantize_affine(network, calibration, {.rule = rule});
    const op::Layer& layer = made.network.nodes[0].layer;
    CHECK(layer.out.rule == rule);
    CHECK(layer.out.lshift[0] == 1);
    CHECK(layer.out.n[0] == 0);
    model::Executor executor(made.network);
    const auto code = [&](int a, int b) {
      return executor.run(model::to_input(made.network.input, test::pixel({a, b}))).back().data(0, 0);
    };
    CHECK(code(200, 200) == -128);
    CHECK(std::abs(code(51, 50)) <= 1);  // 1 of 2: 127.5 steps above -128, rounded by the rule
    CHECK(code(52, 50) >= 126);
    CHECK(code(255, 0) == 127);  // far beyond: saturates
    CHECK(code(0, 255) == -128);
  }
  // Factors of many thousands, far beyond what a psum of 32 bits can be shifted by without saturating.
  const FloatNetwork tiny = one_layer((model::FloatMatrix(1, 2) << 1.0F, -0.99999F).finished(), 0, 1);
  const AffineNetwork made = quant::quantize_affine(tiny, std::vector{test::pixel({1, 1})}, {});
  CHECK(made.network.nodes[0].layer.out.lshift[0] > 10);
  model::Executor executor(made.network);
  CHECK(executor.run(model::to_input(made.network.input, test::pixel({255, 0}))).back().data(0, 0) == 127);
  CHECK(executor.run(model::to_input(made.network.input, test::pixel({0, 255}))).back().data(0, 0) == -128);
}

TEST_CASE("quant.affine_settings.rule_is_used_by_weights_add_and_concat") {
  const FloatNetwork network = branches();
  const auto images = test::random_images(8, 6, 6, 2);
  const AffineNetwork made = quant::quantize_affine(network, images, {.rule = Rounding::half_up});
  for (const std::size_t i : {0U, 1U, 2U, 3U, 4U, 6U}) CHECK(made.network.nodes[i].layer.out.rule == Rounding::half_up);
  CHECK(made.network.nodes[5].layer.out.rule == Rounding::half_away);  // average pooling
  const AffineNetwork down = quant::quantize_affine(network, images, {.rule = Rounding::floor});
  CHECK(sqnr(network, made, images) > sqnr(network, down, images) + 1);  // a bias of half a step
}

TEST_CASE("quant.affine_settings.sums_fit_32_bits.16x16") {
  // 200 weights of one magnitude, so that nothing but the sum's bound can shrink them.
  const auto images = std::vector{test::pixel(std::vector<int>(200, 255)), test::pixel(std::vector<int>(200, 0))};
  FloatNetwork network = one_layer(model::FloatMatrix::Constant(6, 200, 0.01F));
  auto second = test::float_layer("second", Kind::fully_connected, {1, 1, 6}, {1, 1, 1});
  second.weights = (model::FloatMatrix(1, 6) << 1, -1, 1, -1, 1, -1).finished();
  second.bias = model::FloatVector::Constant(1, 3.0F);
  network.nodes.push_back({second, {1}});
  for (const ScaleShare scale : kShares) {
    const AffineNetwork made = quant::quantize_affine(network, images, {16, 16, true, false, scale});
    const op::Layer& layer = made.network.nodes[1].layer;
    CHECK(made.sum_bits[1] > 32);
    CHECK(made.bits_given_up[1] > 2.5);
    CHECK(made.bits_given_up[1] < 3);  // 65535 * 6 * 32767 / 2^31 is 2^2.59
    CHECK(test::mentions(made.notes[1], "weights give up 2.6 bits: sums would need 35 bits"));
    CHECK(worst_sum(layer) <= 2147483647.0);
    CHECK(worst_sum(layer) > 0.9 * 2147483647.0);  // and no more than needed
    model::Executor executor(made.network);
    for (const op::Tensor& image : images) CHECK_NOTHROW(executor.run(model::to_input(made.network.input, image)));
    // With the codes that the options ask for, the same image overflows.
    model::Network wide = made.network;
    wide.nodes[1].layer.weights.setConstant(32767);
    model::Executor wide_executor(wide);
    CHECK_THROWS_AS(wide_executor.run(model::to_input(wide.input, images[0])), fixed::OverflowError);
  }
  const AffineNetwork narrow = quant::quantize_affine(network, images, {12, 12});
  CHECK(narrow.bits_given_up == std::vector<double>{0, 0});
  CHECK(narrow.sum_bits[1] <= 32);
}

TEST_CASE("quant.affine_settings.large_bias_makes_weights_coarser") {
  // bias / (S_in * S_w) = 1.6 * 2^31: the weights' scale doubles nearly, and the bias fits.
  const float weight = 127.0F, bias = 3435973836.8F;
  const AffineNetwork made =
      quant::quantize_affine(one_layer(model::FloatMatrix::Constant(1, 1, weight), bias), std::vector{test::pixel({255})});
  CHECK(made.bits_given_up[0] > 0.6);
  CHECK(made.bits_given_up[0] < 0.8);
  CHECK(made.weights[0].codes(0) > 70);
  CHECK(worst_sum(made.network.nodes[0].layer) <= 2147483647.0);
  const std::string refused = test::refusal([&] {
    (void)quant::quantize_affine(one_layer(model::FloatMatrix::Constant(1, 1, 1.0F), bias * 1000),
                                 std::vector{test::pixel({255})});
  });
  CHECK(test::mentions(refused, "linear: layer 'fc': expected a bias of 32 bits at scale"));
}

TEST_CASE("quant.affine_settings.optimal_activations_drop_outliers") {
  // 2000 outputs in -1 .. 1 and one of 16: at 4 bits the full range spends its 15 steps on nothing.
  model::FloatMatrix weights = test::random_matrix(2000, 1, 20'000, 1.0 / 255);
  weights(7) = 16.0F / 255;
  const FloatNetwork network = one_layer(weights);
  const std::vector calibration{test::pixel({255})};
  for (const ScaleShare scale : {ScaleShare::layer, ScaleShare::network}) {
    for (const bool symmetric : {false, true}) {
      AffineOptions options{.activation_bits = 4, .symmetric_activations = symmetric, .scale = scale};
      const AffineNetwork full = quant::quantize_affine(network, calibration, options);
      options.optimal_activations = true;
      const AffineNetwork optimal = quant::quantize_affine(network, calibration, options);
      CHECK(full.outputs[0].decibels() == 0);
      CHECK(optimal.outputs[0].decibels() > 2);
      CHECK(optimal.outputs[0].clipped == 1);
      CHECK(optimal.outputs[0].values == 2000);
      CHECK(sqnr(network, optimal, calibration) > sqnr(network, full, calibration) + 2);
      CHECK(optimal.tensors[1].scale[0] < full.tensors[1].scale[0]);
      CHECK(test::mentions(optimal.notes[0], "optimal range of outputs gains "));
    }
  }
}

TEST_CASE("quant.affine_settings.clip_is_kept_where_the_range_is_wider") {
  FloatNetwork network = one_layer((model::FloatMatrix(2, 1) << 1.0F, 0.1F).finished());
  network.nodes[0].layer.relu = true;
  network.nodes[0].layer.clip = 6.0F;
  auto second = test::float_layer("second", Kind::fully_connected, {1, 1, 2}, {1, 1, 1});
  second.weights = model::FloatMatrix::Constant(1, 2, 10.0F);
  network.nodes.push_back({second, {1}});
  const std::vector images{test::pixel({255})};
  const AffineNetwork whole = quant::quantize_affine(network, images, {.scale = ScaleShare::network});
  const op::Requantization& out = whole.network.nodes[0].layer.out;
  CHECK((out.act_max - out.zero_out) * whole.tensors[1].scale[0] == doctest::Approx(6).epsilon(0.1));
  CHECK(quant::quantize_affine(network, images).network.nodes[0].layer.out.act_max == 127);
}

TEST_CASE("quant.affine_weights.dequantized_network") {
  const FloatNetwork network = branches();
  for (const ScaleShare scale : kShares) {
    for (const bool symmetric : {false, true}) {
      const AffineOptions options{.weight_bits = 8, .symmetric_weights = symmetric, .scale = scale};
      const auto weights = quant::affine_weights(network, options);
      const FloatNetwork made = quant::with_affine_weights(network, weights);
      for (const std::size_t i : {0U, 1U, 3U, 6U}) {
        const auto& before = network.nodes[i].layer;
        const auto& after = made.nodes[i].layer;
        CHECK(after.bias == before.bias);
        CHECK_FALSE(after.weights == before.weights);
        for (Eigen::Index row = 0; row < before.weights.rows(); ++row) {
          const float most = (after.weights.row(row) - before.weights.row(row)).cwiseAbs().maxCoeff();
          CHECK(static_cast<double>(most) <= 0.5001 * weights[i].scale.of(row));
        }
      }
      CHECK(made.nodes[2].layer.weights.size() == 0);
      // Weights on the grid already are found again.
      const auto again = quant::affine_weights(made, options);
      if (symmetric) CHECK(again[6].codes == weights[6].codes);
    }
  }
}

}  // namespace
