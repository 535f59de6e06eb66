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
