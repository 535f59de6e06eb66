// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/weight_file.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "base/npy.h"
#include "golden/quant/bfp.h"
#include "golden/quant/clipq.h"
#include "golden/quant/pact4.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using op::Kind;
using quant::AffineOptions;
using quant::WeightFile;

/// A layer of each kind that has weights, under names that are no file names.
model::FloatNetwork network() {
  model::FloatNetwork result{"net", {4, 4, 2, 0, 1.0F / 255}, {}, {}};
  auto conv = test::float_layer("block/conv", Kind::conv2d, {4, 4, 2}, {4, 4, 3}, test::kSame3x3);
  conv.weights = test::random_matrix(3, 18, 0);
  conv.bias = test::random_matrix(3, 1, 100);
  auto depthwise = test::float_layer("..", Kind::depthwise, {4, 4, 3}, {4, 4, 3}, test::kSame3x3);
  depthwise.weights = test::random_matrix(3, 9, 200);
  const auto pool = test::float_layer("pool", Kind::max_pool, {4, 4, 3}, {2, 2, 3}, test::kHalve);
  auto fc = test::float_layer("block_conv", Kind::fully_connected, {2, 2, 3}, {1, 1, 5});
  fc.weights = test::random_matrix(5, 12, 300);
  fc.bias = test::random_matrix(5, 1, 400);
  result.nodes = {{conv, {0}}, {depthwise, {1}}, {pool, {2}}, {fc, {3}}};
  return result;
}

WeightFile exported(const AffineOptions& options) {
  return quant::exported_weights(quant::quantize_affine(network(), test::random_images(4, 4, 4, 2), options));
}

TEST_CASE("quant.weight_file.reads_back_equal") {
  for (const int bits : {4, 8, 12, 16}) {
    for (const auto scale : {quant::ScaleShare::channel, quant::ScaleShare::layer, quant::ScaleShare::network}) {
      const test::TemporaryFolder folder;
      const WeightFile weights =
          exported({.weight_bits = bits, .activation_bits = bits, .symmetric_weights = bits != 8, .scale = scale});
      quant::save_weights(weights, folder / "w");
      const WeightFile read = quant::load_weights(folder / "w");
      CHECK(read == weights);
      REQUIRE(read.layers.size() == 3);
      CHECK(read.layers[0].shape == std::vector<std::size_t>{3, 3, 3, 2});
      CHECK(read.layers[1].shape == std::vector<std::size_t>{3, 3, 3});
      CHECK(read.layers[2].shape == std::vector<std::size_t>{5, 2, 2, 3});
      CHECK(read.layers[2].name == "block_conv");
      CHECK(read.layers[1].bias.size() == 0);
    }
  }
}

TEST_CASE("quant.weight_file.means_the_weights") {
  const WeightFile weights = exported({.symmetric_weights = false});
  const model::FloatNetwork real = network();
  const std::vector<std::size_t> node{0, 1, 3};
  for (std::size_t i = 0; i < 3; ++i) {
    const quant::WeightLayer& layer = weights.layers[i];
    const auto& from = real.nodes[node[i]].layer;
    for (Eigen::Index oc = 0; oc < layer.codes.rows(); ++oc) {
      const double scale = layer.scale.of(oc);
      for (Eigen::Index k = 0; k < layer.codes.cols(); ++k) {
        const double found = scale * (layer.codes(oc, k) - layer.scale.zero);
        CHECK(std::abs(found - static_cast<double>(from.weights(oc, k))) <= 0.5001 * scale);
      }
      if (layer.bias.size() == 0) continue;
      const double found = layer.input.scale * scale * layer.bias(oc);
      CHECK(std::abs(found - static_cast<double>(from.bias(oc))) <= 0.5001 * layer.input.scale * scale);
    }
  }
  CHECK(weights.layers[0].input == quant::AffineScale{static_cast<double>(1.0F / 255), -128});
  CHECK(weights.layers[0].output == weights.layers[1].input);
}

/// The scales that a network's multipliers say are those that the quantizer chose.
TEST_CASE("quant.weight_file.of_a_stored_network") {
  for (const int bits : {4, 8, 16}) {
    for (const auto scale : {quant::ScaleShare::channel, quant::ScaleShare::network}) {
      const quant::AffineNetwork made = quant::quantize_affine(
          network(), test::random_images(4, 4, 4, 2),
          {.weight_bits = bits, .activation_bits = 8, .symmetric_weights = bits != 8, .scale = scale});
      const WeightFile chosen = quant::exported_weights(made), said = quant::exported_weights(quant::described(made));
      REQUIRE(said.layers.size() == chosen.layers.size());
      for (std::size_t i = 0; i < said.layers.size(); ++i) {
        const quant::WeightLayer& a = said.layers[i];
        const quant::WeightLayer& b = chosen.layers[i];
        CHECK(a.codes == b.codes);
        CHECK(a.shape == b.shape);
        CHECK(a.scale.zero == b.scale.zero);
        CHECK(a.input == b.input);
        CHECK(a.output == b.output);
        for (Eigen::Index oc = 0; oc < a.codes.rows(); ++oc) {
          CHECK(std::abs(a.scale.of(oc) / b.scale.of(oc) - 1) < 1e-9);
        }
      }
    }
  }
}

/// Whatever the scheme: weights within half a step of the real ones, or at the largest code.
TEST_CASE("quant.weight_file.of_every_scheme") {
  model::FloatNetwork real = network();
  real.input.pixel_scale = 1.0F / 128;
  const auto images = test::random_images(4, 4, 4, 2);
  const auto check = [&](const quant::Quantized& made, bool near) {
    const WeightFile weights = quant::exported_weights(quant::described(made));
    REQUIRE(weights.layers.size() == 3);
    const std::vector<std::size_t> node{0, 1, 3};
    double signal = 0, noise = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const quant::WeightLayer& layer = weights.layers[i];
      const auto& from = real.nodes[node[i]].layer;
      for (Eigen::Index oc = 0; oc < layer.codes.rows(); ++oc) {
        for (Eigen::Index k = 0; k < layer.codes.cols(); ++k) {
          const double found = layer.scale.of(oc) * (layer.codes(oc, k) - layer.scale.zero);
          const auto wanted = static_cast<double>(from.weights(oc, k));
          signal += wanted * wanted;
          noise += (found - wanted) * (found - wanted);
        }
      }
    }
    CHECK(noise < (near ? 0.03 : 0.5) * signal);
    const test::TemporaryFolder folder;
    quant::save_weights(weights, folder / "w");
    CHECK(quant::load_weights(folder / "w") == weights);
  };
  check(quant::quantize_bfp(real, images), true);
  check(quant::quantize_pact4(real, images), true);
  check(quant::quantize_clipq(real), false);
}

TEST_CASE("quant.weight_file.codes_that_are_not_signed_numbers") {
  model::Network made = quant::described(quant::quantize_affine(network(), test::random_images(4, 4, 4, 2)));
  const WeightFile before = quant::exported_weights(made);
  op::Layer& conv = made.nodes[0].layer;
  conv.wgt_signed = false;
  conv.weights.array() += 128;
  conv.zero_wgt += 128;
  CHECK(quant::exported_weights(made) == before);
  op::Layer& fc = made.nodes[3].layer;
  fc.codebook = {-7, 0, 3, 100};
  fc.wgt_bits = 2;
  fc.weights = fc.weights.unaryExpr([](std::int32_t code) { return code & 3; });
  const quant::WeightLayer levels = quant::exported_weights(made).layers[2];
  CHECK(levels.bits == 8);
  for (Eigen::Index i = 0; i < levels.codes.size(); ++i) {
    CHECK(levels.codes.data()[i] == fc.codebook[static_cast<std::size_t>(fc.weights.data()[i])]);
  }
}

TEST_CASE("quant.weight_file.scales_that_are_not_known") {
  model::Network made = quant::described(quant::quantize_affine(network(), test::random_images(4, 4, 4, 2)));
  made.scales[0].scale = {0.5, 0.25, 0.5};
  CHECK(test::mentions(test::refusal([&] { (void)quant::exported_weights(made); }),
                       "layer 'block/conv': expected an output of one scale, found one for each channel"));
  made.scales.clear();
  const WeightFile integers = quant::exported_weights(made);
  CHECK(integers.layers[0].scale.scale.empty());
  CHECK(integers.layers[0].input == quant::AffineScale{0, -128});
  const test::TemporaryFolder folder;
  quant::save_weights(integers, folder / "w");
  CHECK(test::read_text(folder / "w/weights.json").find("scale") == std::string::npos);
  CHECK(quant::load_weights(folder / "w") == integers);
}

TEST_CASE("quant.weight_file.files") {
  const test::TemporaryFolder folder;
  quant::save_weights(exported({}), folder / "w");
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "w")) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  CHECK(names == std::vector<std::string>{"00_block_conv.bias.npy", "00_block_conv.npy", "01___.npy",
                                          "02_block_conv.bias.npy", "02_block_conv.npy", "weights.json"});
  CHECK(std::holds_alternative<std::vector<std::int8_t>>(base::read_npy(folder / "w/01___.npy").values));
  // A second export takes the first one's place; a folder of anything else is not touched.
  const WeightFile other = exported({.weight_bits = 12});
  quant::save_weights(other, folder / "w");
  CHECK(quant::load_weights(folder / "w") == other);
  std::filesystem::create_directory(folder / "mine");
  test::write_text(folder / "mine/thesis.tex", "text");
  const std::string refused = test::refusal([&] { quant::save_weights(other, folder / "mine"); });
  CHECK(test::mentions(refused, "thesis.tex: expected an export of weights to replace, found a foreign file"));
  CHECK(test::read_text(folder / "mine/thesis.tex") == "text");
}

TEST_CASE("quant.weight_file.refuses_damage") {
  const test::TemporaryFolder folder;
  const auto damaged = [&](const std::string& from, const std::string& to) {
    quant::save_weights(exported({}), folder / "w");
    std::string text = test::read_text(folder / "w/weights.json");
    const auto place = text.find(from);
    REQUIRE(place != std::string::npos);
    test::write_text(folder / "w/weights.json", text.replace(place, from.size(), to));
    return test::refusal([&] { (void)quant::load_weights(folder / "w"); });
  };
  CHECK(damaged("\"net\"", "\"net\"").empty());
  CHECK(test::mentions(damaged("systole-weights", "weights"), "format: expected 'systole-weights', found 'weights'"));
  CHECK(test::mentions(damaged("\"version\": 1", "\"version\": 2"), "version: expected 1"));
  CHECK(test::mentions(damaged("00_block_conv.npy", "../00.npy"), "expected the name of an .npy file beside it"));
  CHECK(test::mentions(damaged("00_block_conv.npy", "03.npy"), "cannot be read"));
  CHECK(test::mentions(damaged("\"bits\": 8", "\"bits\": 4"), "expected values in -8 .. 7"));
  CHECK(test::mentions(damaged("\"bits\": 8", "\"bits\": 12"), "descr: expected int32"));
  CHECK(test::mentions(damaged("02_block_conv.bias.npy", "00_block_conv.bias.npy"), "shape: expected (5,)"));
  CHECK(test::mentions(damaged("\"scales\": [", "\"scales\": [0.5,"), "expected an array of 1 .. 3 numbers"));
  CHECK(test::mentions(damaged("\"kind\"", "\"sort\""), "kind: missing key"));
  CHECK(test::mentions(damaged("\"zero_point\": 0", "\"zero_point\": 900"), "zero_point: expected an integer in"));
}

}  // namespace
