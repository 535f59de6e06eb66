// SPDX-License-Identifier: Apache-2.0
// Widths of single layers in every scheme that has them, and ranges by percentile.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "golden/quant/affine.h"
#include "golden/quant/bfp.h"
#include "golden/quant/bfp_as_published.h"
#include "golden/quant/pact4.h"
#include "tests/unit/model/bad_input.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using model::FloatNetwork;
using op::Kind;
using quant::LayerBits;

/// Convolution, depthwise, pool and fully connected, all behind ReLU but the last.
FloatNetwork three() {
  FloatNetwork network{"three", {6, 6, 2, 0, 1.0F / 128}, {}, {}};
  auto conv = test::float_layer("conv", Kind::conv2d, {6, 6, 2}, {6, 6, 4}, test::kSame3x3);
  conv.weights = test::random_matrix(4, 18, 0);
  conv.bias = test::random_matrix(4, 1, 100);
  conv.relu = true;
  auto deep = test::float_layer("deep=1", Kind::depthwise, {6, 6, 4}, {6, 6, 4}, test::kSame3x3);
  deep.weights = test::random_matrix(4, 9, 200);
  deep.relu = true;
  const auto pool = test::float_layer("pool", Kind::max_pool, {6, 6, 4}, {3, 3, 4}, test::kHalve);
  auto fc = test::float_layer("fc", Kind::fully_connected, {3, 3, 4}, {1, 1, 5});
  fc.weights = test::random_matrix(5, 36, 300);
  fc.bias = test::random_matrix(5, 1, 500);
  network.nodes = {{conv, {0}}, {deep, {1}}, {pool, {2}}, {fc, {3}}};
  return network;
}

std::vector<op::Tensor> images() { return test::random_images(8, 6, 6, 2); }

TEST_CASE("quant.layer_bits.affine.one_layer_alone_changes") {
  const FloatNetwork network = three();
  const auto calibration = quant::affine_calibration(network, images());
  const quant::AffineNetwork whole = quant::quantize_affine(network, calibration);
  for (const int bits : {2, 3, 4, 5, 6, 7, 9, 16}) {
    const quant::AffineNetwork made = quant::quantize_affine(network, calibration, {.layer_bits = {{"deep=1", bits}}});
    CAPTURE(bits);
    const op::Layer& deep = made.network.nodes[1].layer;
    CHECK(deep.wgt_bits == bits);
    CHECK(std::max(deep.weights.maxCoeff(), -deep.weights.minCoeff()) == (1 << (bits - 1)) - 1);
    CHECK(test::mentions(made.notes[1], "weights of " + std::to_string(bits) + " bits"));
    for (const std::size_t i : {0U, 3U}) {
      CHECK(made.network.nodes[i].layer.weights == whole.network.nodes[i].layer.weights);
      CHECK(made.network.nodes[i].layer.wgt_bits == 8);
      CHECK(made.notes[i] == whole.notes[i]);
    }
    CHECK(made.tensors == whole.tensors);  // activations are calibrated in float
  }
}

TEST_CASE("quant.layer_bits.affine.all_named_is_the_common_width") {
  const FloatNetwork network = three();
  const auto calibration = quant::affine_calibration(network, images());
  for (const bool symmetric : {true, false}) {
    for (const bool optimal : {true, false}) {
      for (const int bits : {4, 12}) {
        quant::AffineOptions common{.weight_bits = bits, .symmetric_weights = symmetric, .optimal_weights = optimal};
        quant::AffineOptions named = common;
        named.weight_bits = 8;
        named.layer_bits = {{"conv", bits}, {"deep=1", bits}, {"fc", bits}};
        const auto a = quant::quantize_affine(network, calibration, common);
        const auto b = quant::quantize_affine(network, calibration, named);
        CHECK(quant::parameter_bytes(a.network) == quant::parameter_bytes(b.network));
        for (std::size_t i = 0; i < network.nodes.size(); ++i) {
          CHECK(a.network.nodes[i].layer.weights == b.network.nodes[i].layer.weights);
          CHECK(a.network.nodes[i].layer.out.m0 == b.network.nodes[i].layer.out.m0);
        }
      }
    }
  }
}

TEST_CASE("quant.layer_bits.affine.fewer_bits_more_noise") {
  const FloatNetwork network = three();
  const auto inputs = images();
  const auto calibration = quant::affine_calibration(network, inputs);
  double last = 0;
  for (const int bits : {2, 4, 6, 8}) {
    const auto made = quant::quantize_affine(network, calibration, {.layer_bits = {{"fc", bits}}});
    const double sqnr = quant::layer_sqnr(network, made, inputs).back();
    CHECK(sqnr > last + 3);
    last = sqnr;
  }
}

TEST_CASE("quant.layer_bits.bfp") {
  const FloatNetwork network = three();
  const auto inputs = images();
  const quant::Quantized whole = quant::quantize_bfp(network, inputs);
  const quant::Quantized made = quant::quantize_bfp(network, inputs, {.layer_bits = {{"conv", 5}, {"fc", 12}}});
  CHECK(made.network.nodes[0].layer.wgt_bits == 5);
  CHECK(made.network.nodes[1].layer.weights == whole.network.nodes[1].layer.weights);
  CHECK(made.network.nodes[3].layer.wgt_bits == 12);
  CHECK(made.network.nodes[0].layer.weights.cwiseAbs().maxCoeff() <= 16);
  CHECK(made.network.nodes[0].layer.weights.cwiseAbs().maxCoeff() > 7);
  CHECK(made.network.nodes[3].layer.weights.cwiseAbs().maxCoeff() > 1023);
  CHECK(made.tensors == whole.tensors);
  CHECK(made.notes[0].starts_with("weights of 5 bits "));
  const auto rough = quant::layer_sqnr(network, made, inputs), fine = quant::layer_sqnr(network, whole, inputs);
  CHECK(rough[0] > 20);
  CHECK(rough[0] < fine[0] - 6);
}

TEST_CASE("quant.layer_bits.pact4") {
  const FloatNetwork network = three();
  const auto inputs = images();
  const quant::Quantized whole = quant::quantize_pact4(network, inputs);
  const quant::Quantized same =
      quant::quantize_pact4(network, inputs, {.layer_bits = {{"conv", 8}, {"deep=1", 4}, {"fc", 4}}});
  const quant::Quantized made = quant::quantize_pact4(network, inputs, {.layer_bits = {{"conv", 4}, {"deep=1", 8}}});
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    CHECK(same.network.nodes[i].layer.weights == whole.network.nodes[i].layer.weights);
    CHECK(same.network.nodes[i].layer.psum_width == whole.network.nodes[i].layer.psum_width);
  }
  const op::Layer& conv = made.network.nodes[0].layer;
  const op::Layer& deep = made.network.nodes[1].layer;
  CHECK(conv.wgt_bits == 4);
  CHECK(conv.weights.cwiseAbs().maxCoeff() == 7);
  CHECK(conv.psum_width == 32);  // its activations are 8 bits wide
  CHECK(deep.wgt_bits == 8);
  CHECK(deep.weights.cwiseAbs().maxCoeff() == 127);
  CHECK(deep.psum_width == 32);
  CHECK_FALSE(deep.saturate);
  CHECK(made.network.nodes[3].layer.psum_width == 16);
}

TEST_CASE("quant.layer_bits.refused") {
  const FloatNetwork network = three();
  const auto inputs = images();
  const auto affine = [&](const LayerBits& layers, quant::ScaleShare scale = quant::ScaleShare::channel) {
    return test::refusal(
        [&] { (void)quant::quantize_affine(network, inputs, {.scale = scale, .layer_bits = layers}); });
  };
  CHECK(affine({{"conv", 8}}).empty());
  CHECK(affine({{"Conv", 8}}) == "three: layer 'Conv': expected a layer that has weights: conv, deep=1, fc");
  CHECK(affine({{"pool", 8}}) == "three: layer 'pool': expected a layer that has weights: conv, deep=1, fc");
  CHECK(affine({{"fc", 1}}) == "three: layer 'fc': expected 2 .. 16 bits, found 1");
  CHECK(affine({{"fc", 17}}) == "three: layer 'fc': expected 2 .. 16 bits, found 17");
  CHECK(test::mentions(affine({{"fc", 4}}, quant::ScaleShare::network), "three: scale: expected"));
  const auto bfp = [&](int bits) {
    return test::refusal([&] { (void)quant::quantize_bfp(network, inputs, {.layer_bits = {{"fc", bits}}}); });
  };
  CHECK(bfp(4) == "three: layer 'fc': expected 5 .. 12 bits, found 4");
  CHECK(bfp(13) == "three: layer 'fc': expected 5 .. 12 bits, found 13");
  CHECK(test::mentions(test::refusal([&] {
                         (void)quant::quantize_bfp_as_published(network, inputs, {.layer_bits = {{"fc", 6}}});
                       }),
                       "three: layer 'fc': expected no width of its own"));
  CHECK(test::refusal([&] {
          (void)quant::quantize_pact4(network, inputs, {.layer_bits = {{"fc", 9}}});
        }) == "three: layer 'fc': expected 2 .. 8 bits, found 9");
}

/// The values sorted: the `percent` % smallest of n are the first ceil(percent n / 100).
double sorted_percentile(std::vector<float> values, double percent) {
  std::ranges::sort(values);
  const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(values.size()) - 1e-9));
  return static_cast<double>(values.at(rank - 1));
}

TEST_CASE("quant.percentile_range.sorted_values") {
  const model::FloatMatrix drawn = test::random_matrix(1, 5000, 40'000, 3);
  std::vector<float> values, negated;
  for (const float x : drawn.reshaped()) values.push_back(x * x * x);  // tails
  for (const float x : values) negated.push_back(-x);
  const quant::Distribution distribution = quant::distribution_of(values);
  for (const double percent : {51.0, 75.0, 90.0, 99.0, 99.9, 99.99}) {
    const quant::PercentileRange range(distribution, percent);
    CAPTURE(percent);
    const double high = sorted_percentile(values, percent), low = -sorted_percentile(negated, percent);
    CHECK(range.high >= high - 1e-9);
    CHECK(range.high <= high + distribution.bin_width() + 1e-9);
    CHECK(range.low <= low + 1e-9);
    CHECK(range.low >= low - distribution.bin_width() - 1e-9);
  }
  const quant::PercentileRange whole(distribution, 100);
  CHECK(whole.low == distribution.low);
  CHECK(whole.high == distribution.high);
}

TEST_CASE("quant.percentile_range.one_value") {
  const quant::PercentileRange range(quant::distribution_of(std::vector<float>(9, 2.0F)), 99);
  CHECK(range.low == 2);
  CHECK(range.high == 2);
}

TEST_CASE("quant.percentile_range.drops_outliers_of_activations") {
  // 2000 outputs in -1 .. 1 and one of 16: 99.9 % leave it out.
  model::FloatMatrix weights = test::random_matrix(2000, 1, 20'000, 1.0 / 255);
  weights(7) = 16.0F / 255;
  FloatNetwork network{"linear", {1, 1, 1, 0, 1}, {}, {}};
  auto fc = test::float_layer("fc", Kind::fully_connected, {1, 1, 1}, {1, 1, 2000});
  fc.weights = weights;
  network.nodes.push_back({fc, {0}});
  const std::vector calibration{test::pixel({255})};
  for (const auto scale : {quant::ScaleShare::channel, quant::ScaleShare::network}) {
    const auto full = quant::quantize_affine(network, calibration, {.activation_bits = 4, .scale = scale});
    const auto made =
        quant::quantize_affine(network, calibration, {.activation_bits = 4, .scale = scale, .percentile = 99.9});
    CHECK(full.tensors[1].scale[0] > 1);     // 17 / 15
    CHECK(made.tensors[1].scale[0] < 0.14);  // 2 / 15
    CHECK(made.tensors[1].scale[0] > 0.12);
    CHECK(made.outputs[0].clipped >= 1);
    CHECK(made.outputs[0].clipped <= 3);
    CHECK(test::mentions(made.notes[0], "percentile of outputs gains "));
    CHECK(made.weights[0].codes == full.weights[0].codes);
  }
  const auto refused = [&](double percent, bool optimal) {
    return test::refusal([&] {
      (void)quant::quantize_affine(network, calibration, {.optimal_activations = optimal, .percentile = percent});
    });
  };
  for (const double percent : {50.0, 100.5, -1.0, std::nan("")}) {
    CHECK(test::mentions(refused(percent, false), "linear: percentile: expected above 50 and at most 100, found "));
  }
  CHECK(test::mentions(refused(99, true), "linear: percentile: expected one range"));
  CHECK(refused(100, true).empty());
}

}  // namespace
