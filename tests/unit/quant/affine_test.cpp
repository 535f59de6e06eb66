// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/affine.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "golden/fixed/counter_random.h"
#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "golden/model/float_execute.h"
#include "tests/unit/model/bad_input.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using model::FloatLayer;
using model::FloatNetwork;
using op::Kind;
using quant::affine_scale;
using quant::ScaleShare;

const fixed::CounterRandom random_draws(7, "quant.affine", "values");

/// Convolution, depthwise, residual add, both pools, fully connected; pixel 128 is zero.
FloatNetwork residual_network() {
  FloatNetwork network{"residual", {8, 8, 3, 128, 1.0F / 128}, {}, {}};
  auto conv = test::float_layer("conv", Kind::conv2d, {8, 8, 3}, {8, 8, 4}, test::kSame3x3);
  conv.weights = test::random_matrix(4, 27, 0);
  conv.bias = test::random_matrix(4, 1, 1000);
  conv.relu = true;
  auto depthwise = test::float_layer("depthwise", Kind::depthwise, {8, 8, 4}, {8, 8, 4}, test::kSame3x3);
  depthwise.weights = test::random_matrix(4, 9, 2000);
  const auto add = test::float_layer("add", Kind::add, {8, 8, 4}, {8, 8, 4});
  auto max = test::float_layer("max", Kind::max_pool, {8, 8, 4}, {4, 4, 4}, test::kHalve);
  max.relu = true;
  const auto average = test::float_layer("average", Kind::avg_pool, {4, 4, 4}, {2, 2, 4}, test::kHalve);
  auto fc = test::float_layer("fc", Kind::fully_connected, {2, 2, 4}, {1, 1, 5});
  fc.weights = test::random_matrix(5, 16, 3000);
  fc.bias = test::random_matrix(5, 1, 4000);
  network.nodes = {{conv, {0}}, {depthwise, {1}}, {add, {1, 2}}, {max, {3}}, {average, {4}}, {fc, {5}}};
  return network;
}

/// One fully connected layer of two pixels' values: out = W x, x in 0 .. 255 with scale 1.
FloatNetwork linear(const model::FloatMatrix& weights, const model::FloatVector& bias = {}, bool relu = false) {
  FloatNetwork network{"linear", {1, 1, static_cast<int>(weights.cols()), 0, 1.0F}, {}, {}};
  auto fc = test::float_layer("fc", Kind::fully_connected, {1, 1, static_cast<int>(weights.cols())},
                              {1, 1, static_cast<int>(weights.rows())});
  fc.weights = weights;
  fc.bias = bias;
  fc.relu = relu;
  network.nodes.push_back({fc, {0}});
  return network;
}

double multiplier_value(const op::Requantization& out, std::size_t channel) {
  return std::ldexp(static_cast<double>(out.m0[channel]), out.lshift[channel] - out.n[channel] - 31);
}

std::string refusal(const FloatNetwork& network, const std::vector<op::Tensor>& calibration) {
  return test::refusal([&] { (void)quant::quantize_affine(network, calibration); });
}

TEST_CASE("quant.affine_scale.worked") {
  CHECK(affine_scale(0, 25.5) == quant::AffineScale{0.1, -128});
  CHECK(affine_scale(-25.5, 0) == quant::AffineScale{0.1, 127});
  CHECK(affine_scale(5, 51) == quant::AffineScale{0.2, -128});  // zero is in the range even where no value is below 5
  CHECK(affine_scale(-51, -5) == quant::AffineScale{0.2, 127});
  CHECK(affine_scale(-1, 1).zero == -1);  // -0.5: half away from zero
}

TEST_CASE("quant.affine_scale.range_is_covered") {
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const double low = 20 * random_draws.real(2 * i) - 15, high = low + 10 * random_draws.real(2 * i + 1) + 1e-3;
    const auto [scale, zero] = affine_scale(low, high);
    CHECK(zero >= -128);
    CHECK(zero <= 127);
    CHECK(scale * (-128.5 - zero) <= low + 1e-12);  // both ends within half a step of a code
    CHECK(scale * (127.5 - zero) >= high - 1e-12);
  }
}

TEST_CASE("quant.affine_scale.refuses_degenerate") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS((void)affine_scale(0, 0), std::invalid_argument);
  CHECK_THROWS_AS((void)affine_scale(0, 1e-40), std::invalid_argument);
  CHECK_THROWS_AS((void)affine_scale(nan, 1), std::invalid_argument);
  CHECK_THROWS_AS((void)affine_scale(0, nan), std::invalid_argument);
  CHECK_THROWS_AS((void)affine_scale(0, infinity), std::invalid_argument);
  CHECK_THROWS_AS((void)affine_scale(1, -1), std::invalid_argument);
}

TEST_CASE("quant.quantize_affine.worked_layer") {
  // S_in = 1, zero_in = -128. Row 0: S_w = 1.27 / 127 = 0.01, codes 127 -50. Row 1: S_w = 0.02, codes -127 0.
  // Outputs at (200, 100): 254 - 50 + 10 = 214 and -508; S_out = 722 / 255, zero = round(-128 + 508 / S_out) = 51.
  const auto weights = (model::FloatMatrix(2, 2) << 1.27F, -0.5F, -2.54F, 0.0F).finished();
  const auto bias = (model::FloatVector(2) << 10.0F, 0.0F).finished();
  const model::Network network =
      quant::quantize_affine(linear(weights, bias), std::vector{test::pixel({200, 100})}).network;
  const op::Layer& layer = network.nodes[0].layer;
  CHECK(network.input.pixel_offset == -128);
  CHECK(layer.zero_in == -128);
  CHECK(layer.zero_wgt == 0);
  CHECK(layer.weights == (op::Matrix(2, 2) << 127, -50, -127, 0).finished());
  CHECK(layer.bias == (op::Vector(2) << 1000, 0).finished());
  CHECK(layer.out.rule == fixed::Rounding::double_rounding);
  CHECK(layer.out.act_min == -128);
  CHECK(multiplier_value(layer.out, 0) == doctest::Approx(0.01 * 255 / 722).epsilon(1e-6));
  CHECK(multiplier_value(layer.out, 1) == doctest::Approx(0.02 * 255 / 722).epsilon(1e-6));
  CHECK(layer.out.zero_out == 51);
  model::Executor executor(network);
  CHECK(executor.run(model::to_input(network.input, test::pixel({200, 100}))).back().data ==
        (op::Matrix(1, 2) << 127, -128).finished());
}

TEST_CASE("quant.quantize_affine.relu_is_act_min") {
  const auto weights = (model::FloatMatrix(2, 1) << 1.0F, -1.0F).finished();
  const model::Network network =
      quant::quantize_affine(linear(weights, {}, true), std::vector{test::pixel({255})}).network;
  CHECK(network.nodes[0].layer.out.zero_out == -128);
  CHECK(network.nodes[0].layer.out.act_min == -128);
  model::Executor executor(network);
  CHECK(executor.run(model::to_input(network.input, test::pixel({51}))).back().data ==
        (op::Matrix(1, 2) << -77, -128).finished());
}

TEST_CASE("quant.quantize_affine.zero_channel") {
  const auto weights = (model::FloatMatrix(2, 1) << 0.0F, 2.0F).finished();
  const model::Network network = quant::quantize_affine(linear(weights), std::vector{test::pixel({100})}).network;
  const op::Layer& layer = network.nodes[0].layer;
  CHECK(layer.weights(0, 0) == 0);
  CHECK(layer.out.m0[0] == layer.out.m0[1]);
  CHECK(layer.out.n[0] == layer.out.n[1]);
}

TEST_CASE("quant.quantize_affine.follows_the_float_network") {
  const FloatNetwork network = residual_network();
  const auto calibration = test::random_images(64, 8, 8, 3);
  const model::Network integer = quant::quantize_affine(network, calibration).network;
  model::FloatExecutor float_executor(network);
  model::Executor executor(integer);
  // The scale of each output, found from the calibration as the quantizer documents it.
  std::vector<double> low(network.nodes.size(), 0), high(network.nodes.size(), 0);
  for (const op::Tensor& image : calibration) {
    const auto& outputs = float_executor.run(model::to_input(network.input, image));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      low[i] = std::min(low[i], static_cast<double>(outputs[i].data.minCoeff()));
      high[i] = std::max(high[i], static_cast<double>(outputs[i].data.maxCoeff()));
    }
  }
  for (std::size_t pool : {3U, 4U})
    std::tie(low[pool], high[pool]) = std::tuple(low[2], high[2]);  // pools keep their input's scale
  std::vector<double> worst(network.nodes.size(), 0);
  for (const op::Tensor& image : calibration) {
    const auto& expected = float_executor.run(model::to_input(network.input, image));
    const auto& found = executor.run(model::to_input(integer.input, image));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto [scale, zero] = affine_scale(low[i], high[i]);
      const Eigen::ArrayXXd real = (found[i].data.array() - zero).cast<double>() * scale;
      worst[i] = std::max(worst[i], ((real - expected[i].data.cast<double>().array()).abs() / scale).maxCoeff());
    }
  }
  // In steps of each output's scale: errors of weights and inputs add up from layer to layer, but stay a few codes of
  // 256.
  const std::vector<double> bound{1.5, 3.0, 3.0, 3.0, 2.5, 4.0};
  for (std::size_t i = 0; i < worst.size(); ++i) {
    CAPTURE(network.nodes[i].layer.name);
    CHECK(worst[i] <= bound[i]);
    CHECK(worst[i] > 0.1);  // a comparison of nothing with nothing would be exact
  }
}

TEST_CASE("quant.quantize_affine.avg_pool_with_padding_divides_by_taps_inside") {
  FloatNetwork network = residual_network();
  network.nodes.resize(4);
  auto average = test::float_layer("average", Kind::avg_pool, {4, 4, 4}, {2, 2, 4}, {3, 3, 2, 2, 1, 1, 1, 1});
  network.nodes.push_back({average, {4}});
  const auto calibration = test::random_images(8, 8, 8, 3);
  const model::Network integer = quant::quantize_affine(network, calibration).network;
  CHECK(integer.nodes[4].layer.exclude_padding);
  CHECK_FALSE(quant::quantize_affine(residual_network(), calibration).network.nodes[4].layer.exclude_padding);
  model::Executor executor(integer);
  const auto& outputs = executor.run(model::to_input(integer.input, calibration[0]));
  const int zero = integer.nodes[4].layer.zero_in;
  const int sum =
      (outputs[3].data.row(0) + outputs[3].data.row(1) + outputs[3].data.row(4) + outputs[3].data.row(5))(0) - 4 * zero;
  CHECK(outputs[4].data(0, 0) == zero + static_cast<int>(std::lround(sum / 4.0)));
}

TEST_CASE("quant.quantize_affine.refuses_degenerate") {
  const auto calibration = test::random_images(4, 8, 8, 3);
  REQUIRE(refusal(residual_network(), calibration).empty());
  CHECK(test::mentions(refusal(residual_network(), {}), "residual: calibration: expected at least one image"));
  CHECK(test::mentions(refusal(residual_network(), test::random_images(1, 8, 7, 3)),
                       "calibration image 0: expected an image of 8 x 8 x 3"));

  FloatNetwork network = residual_network();
  network.nodes[1].layer.weights(0, 0) = std::numeric_limits<float>::quiet_NaN();
  CHECK(test::mentions(refusal(network, calibration), "'depthwise'.weights: expected finite numbers"));

  network = residual_network();
  network.nodes[0].layer.weights *= 3e38F;  // finite weights, infinite sums
  CHECK(test::mentions(refusal(network, calibration), "layer 'conv': expected finite outputs"));

  network = residual_network();
  network.nodes[5].layer.weights.setZero();
  CHECK(test::mentions(refusal(network, calibration), "layer 'fc': expected weights that are not all zero"));

  network = residual_network();
  network.nodes[0].layer.bias.setConstant(-1000);  // ReLU lets nothing through
  CHECK(test::mentions(refusal(network, calibration), "layer 'conv': expected values that are not all zero"));

  network = residual_network();
  network.nodes[0].layer.weights *= 1e-12F;
  CHECK(test::mentions(refusal(network, calibration), "layer 'conv': expected a bias of 32 bits"));

  network = residual_network();
  network.nodes[5].layer.weights.row(3) *= 1e-12F;
  network.nodes[5].layer.bias.setZero();
  CHECK(test::mentions(refusal(network, calibration), "layer 'fc': channel 3: multiplier"));

  network = residual_network();
  network.nodes[5].layer.weights(2, 3) = std::numeric_limits<float>::infinity();
  CHECK(test::mentions(refusal(network, calibration), "'fc'.weights: expected finite numbers"));

  network = residual_network();
  network.nodes[5].layer.weights *= 1e-42F;  // a scale below float32's normal numbers
  network.nodes[5].layer.bias.setOnes();
  CHECK(test::mentions(refusal(network, calibration), "layer 'fc': expected weights that are not all zero"));

  network = residual_network();
  network.input.pixel_scale = 1e-40F;  // outputs of some 1e-38 in 255 steps
  for (auto& [layer, inputs] : network.nodes) layer.bias.setZero();
  CHECK(test::mentions(refusal(network, calibration), "layer 'conv': expected values that are not all zero"));
}

TEST_CASE("quant.quantize_affine.weight_bits_and_scales") {
  const FloatNetwork network = residual_network();
  const auto calibration = test::random_images(16, 8, 8, 3);
  double before = 0;
  for (const int bits : {4, 8, 12, 16}) {
    const quant::Quantized made = quant::quantize_affine(network, calibration, {.weight_bits = bits});
    CHECK(made.network.nodes[0].layer.weights.cwiseAbs().maxCoeff() == (1 << (bits - 1)) - 1);
    CHECK(made.network.nodes[0].layer.wgt_bits == bits);
    // Rounding errors of the weights alone, without the activations' 8 bits.
    const auto largest = static_cast<double>(network.nodes[0].layer.weights.row(0).cwiseAbs().maxCoeff());
    const double scale = largest / ((1 << (bits - 1)) - 1);
    const Eigen::ArrayXd error = (made.network.nodes[0].layer.weights.row(0).cast<double>() * scale -
                                  network.nodes[0].layer.weights.row(0).cast<double>())
                                     .array();
    CHECK(error.abs().maxCoeff() <= 0.5000001 * scale);
    const double sqnr = quant::layer_sqnr(network, made, calibration)[5];
    CHECK(sqnr > before - 3);
    if (bits == 8) CHECK(sqnr > before + 6);
    before = sqnr;
  }
  const quant::Quantized layer = quant::quantize_affine(network, calibration, {.scale = ScaleShare::layer});
  const quant::Quantized whole = quant::quantize_affine(network, calibration, {.scale = ScaleShare::network});
  int full_layers = 0, full_whole = 0;
  for (const std::size_t i : {0U, 1U, 5U}) {
    full_layers += layer.network.nodes[i].layer.weights.cwiseAbs().maxCoeff() == 127 ? 1 : 0;
    full_whole += whole.network.nodes[i].layer.weights.cwiseAbs().maxCoeff() == 127 ? 1 : 0;
    const auto& m0 = layer.network.nodes[i].layer.out.m0;
    CHECK(std::all_of(m0.begin(), m0.end(), [&](std::int32_t m) { return m == m0[0]; }));
  }
  CHECK(full_layers == 3);
  CHECK(full_whole >= 1);
}

TEST_CASE("quant.quantize_affine.optimal_range_gives_up_outliers") {
  // 1000 weights in -1 .. 1 and one of 4: at the full range a step of 4 / 7 costs about 1000 (4 / 7)^2 / 12 = 27, a
  // range of 1.6 costs 2.4^2 + 1000 (1.6 / 7)^2 / 12 = 10.
  model::FloatMatrix weights = test::random_matrix(1, 1000, 9000);
  weights(0) = 4.0F;
  const FloatNetwork network = linear(weights);
  const std::vector calibration{test::pixel(std::vector<int>(1000, 50))};
  for (const auto shared : {ScaleShare::network, ScaleShare::layer, ScaleShare::channel}) {
    const quant::AffineOptions options{.weight_bits = 4, .scale = shared};
    quant::AffineOptions best = options;
    best.optimal_weights = true;
    const quant::AffineNetwork full = quant::quantize_affine(network, calibration, options);
    const quant::AffineNetwork optimal = quant::quantize_affine(network, calibration, best);
    CHECK(full.weights[0].codes.rightCols(999).cwiseAbs().maxCoeff() == 2);
    CHECK(optimal.weights[0].codes.rightCols(999).cwiseAbs().maxCoeff() >= 4);
    CHECK(optimal.weights[0].codes(0) == 7);  // clipped
    CHECK(optimal.weights[0].range.decibels() > 3.0);
    CHECK(optimal.weights[0].range.clipped >= 1);
    CHECK(optimal.weights[0].range.values == 1000);
    CHECK(full.weights[0].range.decibels() == 0);
    CHECK(full.weights[0].range.clipped == 0);
    CHECK(test::mentions(optimal.notes[0], "optimal range of weights gains "));
    CHECK_FALSE(test::mentions(full.notes[0], "optimal"));
  }
}

TEST_CASE("quant.quantize_affine.refuses_options") {
  const FloatNetwork network = residual_network();
  const auto calibration = test::random_images(1, 8, 8, 3);
  const auto problem = [&](const quant::AffineOptions& options) {
    return test::refusal([&] { (void)quant::quantize_affine(network, calibration, options); });
  };
  CHECK(problem({.weight_bits = 5}) == "residual: weight bits: expected 4, 8, 12 or 16, found 5");
  CHECK(problem({.activation_bits = 32}) == "residual: activation bits: expected 4, 8, 12 or 16, found 32");
  CHECK(test::mentions(problem({.rule = fixed::Rounding::clipq}), "residual: rule: expected round_shift_floor, "));
  CHECK(test::refusal([&] { (void)quant::affine_weights(network, {.weight_bits = 7}); }) ==
        "residual: weight bits: expected 4, 8, 12 or 16, found 7");
}

}  // namespace
