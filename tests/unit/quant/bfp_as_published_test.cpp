// SPDX-License-Identifier: Apache-2.0
// Static block floating point as its authors computed it, against a transcription of their rules.
#include "golden/quant/bfp_as_published.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "golden/op/validate.h"
#include "models/dataset/dataset.h"
#include "tests/support/bfp_published_transcription.h"
#include "tests/support/rounds.h"
#include "tests/unit/model/bad_input.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using model::FloatMatrix;
using model::FloatNetwork;
using op::Kind;
using quant::BfpOptions;
using quant::PublishedBfp;
using quant::PublishedGrid;
using test::BfpPart;

TEST_CASE("quant.bfp_as_published.value_exponent.worked") {
  CHECK(quant::value_exponent(1, 8) == 0);
  CHECK(quant::value_exponent(-1.99F, 8) == 0);
  CHECK(quant::value_exponent(2, 8) == 1);
  CHECK(quant::value_exponent(0.49F, 8) == -2);
  CHECK(quant::value_exponent(0, 8) == -128);
  CHECK(quant::value_exponent(100, 2) == 1);  // two bits: -2 .. 1
  CHECK(quant::value_exponent(0.01F, 2) == -2);
  for (int i = 0; i < 2000; ++i) {
    const auto x =
        static_cast<float>(std::ldexp(test::float_draws.real(5'000'000 + static_cast<std::uint64_t>(i)), i % 40 - 20));
    CHECK(quant::value_exponent(x, 2 + i % 8) ==
          test::transcribe_published_exponent(static_cast<double>(x), 2 + i % 8));
  }
}

TEST_CASE("quant.bfp_as_published.grid.ties_to_even_and_clamp") {
  const PublishedGrid grid(0, 8);  // step 1/64
  CHECK(grid.mantissa(0.5F / 64) == 0);
  CHECK(grid.mantissa(1.5F / 64) == 2);
  CHECK(grid.mantissa(-2.5F / 64) == -2);
  CHECK(grid.mantissa(1.999F) == 126);  // 127 is beyond 2 (1 - 1/64)
  CHECK(grid.mantissa(-2) == -126);
  for (int bits = 5; bits <= 12; ++bits) {
    for (int i = -300; i <= 300; ++i) {  // every tie of a short mantissa, and beyond the clamp
      const float x = static_cast<float>(i) / 16;
      CHECK(static_cast<double>(PublishedGrid(1, bits).value(x)) ==
            test::transcribe_published_value(static_cast<double>(x), 1, bits));
    }
  }
}

quant::SearchRule search_rule(BfpPart part) {
  if (part == BfpPart::linear_activations) return quant::kLinearSearch;
  if (part == BfpPart::weights) return quant::kWeightSearch;
  return part == BfpPart::depthwise_weights ? quant::kDepthwiseSearch : quant::kActivationSearch;
}

int search_for(const std::vector<float>& block, BfpPart part, int bits, int exponent_bits) {
  const auto [low, high] = std::ranges::minmax_element(block);
  quant::PublishedSearch search(*low, *high, bits, exponent_bits, search_rule(part));
  const bool weights = part == BfpPart::weights || part == BfpPart::depthwise_weights;
  if (weights && search.maximum() < 2) return search.maximum();
  for (const float x : block) search.add(x);
  return search.best();
}

/// Returns how many searches took less than the maximum's exponent.
int compare_search(const std::vector<float>& block) {
  int lower = 0;
  for (const BfpPart part :
       {BfpPart::activations, BfpPart::linear_activations, BfpPart::weights, BfpPart::depthwise_weights}) {
    for (const int bits : {5, 6, 8, 12}) {
      for (const int exponent_bits : {2, 8}) {
        CAPTURE(static_cast<int>(part));
        CAPTURE(bits);
        CAPTURE(exponent_bits);
        const int expected = test::transcribe_published_search(block, part, bits, exponent_bits);
        CHECK(search_for(block, part, bits, exponent_bits) == expected);
        int maximum = -1000;
        for (const float x : block) maximum = std::max(maximum, quant::value_exponent(x, exponent_bits));
        lower += expected < maximum ? 1 : 0;
      }
    }
  }
  return lower;
}

TEST_CASE("quant.bfp_as_published.search.transcription.random") {
  int lower = 0;
  for (std::uint64_t trial = 0; trial < test::rounds(60U); ++trial) {
    CAPTURE(trial);
    std::vector<float> block;
    const double bound = std::ldexp(1.0, static_cast<int>(trial % 9) - 3);
    for (std::uint64_t i = 0; i < 300; ++i) {  // the third power: a sharp middle and long tails
      const double x = 2 * test::float_draws.real(6'000'000 + 1000 * trial + i) - 1;
      const bool cut = trial % 3 == 0 && x < 0;  // as behind a ReLU
      block.push_back(cut ? 0.0F : static_cast<float>(bound * (trial % 2 == 0 ? x * x * x : x)));
    }
    lower += compare_search(block);
  }
  CHECK(lower > 100);  // the search does choose
}

TEST_CASE("quant.bfp_as_published.search.transcription.tied") {
  for (const int steps : {3, 7, 16, 30}) {  // few values, each many times, on the edges between bins and mantissas
    CAPTURE(steps);
    std::vector<float> block;
    block.reserve(240);
    for (int i = 0; i < 240; ++i) block.push_back(static_cast<float>(i % (2 * steps + 1) - steps) / 4);
    (void)compare_search(block);
  }
}

TEST_CASE("quant.bfp_as_published.search.transcription.degenerate") {
  (void)compare_search({0, 0, 0});
  (void)compare_search({5});
  (void)compare_search({-5, -5});
  (void)compare_search({0, 7});
  (void)compare_search({-7, 0});
  (void)compare_search({-1e-20F, 1e-20F});
  (void)compare_search({3.999F, 4, 4.001F});
  (void)compare_search({-100, 0.001F, 0.002F, 0.003F});
  (void)compare_search({1000, 1000.5F, 1001});
  (void)compare_search({-0.3F, -0.2F, -0.1F});  // the largest quantized value may lie below floor(smallest)
}

std::vector<op::Tensor> first_glyphs(int count) {
  const auto glyphs = dataset::open_dataset("glyphs:calibration");
  std::vector<op::Tensor> images;
  images.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) images.push_back(glyphs->at(i).pixels);
  return images;
}

/// [node]: what it computes over the images, before ReLU.
std::vector<std::vector<float>> before_relu(const FloatNetwork& network, const std::vector<op::Tensor>& images) {
  std::vector<std::vector<float>> values(network.nodes.size());
  model::FloatExecutor executor(network, [&](std::size_t node, FloatMatrix& computed) {
    values[node].insert(values[node].end(), computed.data(), computed.data() + computed.size());
  });
  for (const op::Tensor& image : images) (void)executor.run(model::to_input(network.input, image));
  return values;
}

std::vector<float> values_of_row(const FloatMatrix& weights, Eigen::Index row) {
  return {weights.data() + row * weights.cols(), weights.data() + (row + 1) * weights.cols()};
}

/// Exponents of every layer, weights and biases.
void compare_published_network(const std::string& folder) {
  const FloatNetwork network = model::load_float_network(folder);
  const auto images = first_glyphs(test::rounds(8));
  const auto values = before_relu(network, images);
  for (const int bits : {5, 6, 8}) {
    CAPTURE(bits);
    const PublishedBfp made = quant::quantize_bfp_as_published(network, images, {.mantissa_bits = bits});
    for (std::size_t node = 0; node < network.nodes.size(); ++node) {
      const model::FloatLayer& layer = network.nodes[node].layer;
      CAPTURE(layer.name);
      if (!op::has_weights(layer.kind)) continue;
      const bool linear = layer.kind == Kind::fully_connected;
      CHECK(made.activations[node] ==
            std::vector{test::transcribe_published_search(
                values[node], linear ? BfpPart::linear_activations : BfpPart::activations, bits, 8)});
      for (Eigen::Index filter = 0; filter < layer.weights.rows(); ++filter) {
        const int e = test::transcribe_published_search(values_of_row(layer.weights, filter),
                                                        linear ? BfpPart::linear_weights : BfpPart::weights, bits, 8);
        CHECK(made.weights[node][static_cast<std::size_t>(filter)] == e);
        for (Eigen::Index i = 0; i < layer.weights.cols(); ++i) {
          const auto w = static_cast<double>(layer.weights(filter, i));
          CHECK(static_cast<double>(made.network.nodes[node].layer.weights(filter, i)) ==
                test::transcribe_published_value(w, e, bits));
        }
      }
    }
  }
}

TEST_CASE("quant.bfp_as_published.networks.resnet") { compare_published_network("models/resnet-float"); }
TEST_CASE("quant.bfp_as_published.networks.inception") { compare_published_network("models/inception-float"); }

/// Weights of a filter in blocks of `group` channels, the last one smaller; large ones, so that they are searched.
TEST_CASE("quant.bfp_as_published.weights.blocks_of_channels") {
  FloatNetwork network{"grouped", {4, 4, 5, 128, 1.0F / 128}, {}, {}};
  auto conv = test::float_layer("conv", Kind::conv2d, {4, 4, 5}, {4, 4, 3}, test::kSame3x3);
  conv.weights = test::random_matrix(3, 45, 7'000'000, 6);
  conv.bias = test::random_matrix(3, 1, 7'100'000, 0.1);
  auto each = test::float_layer("each", Kind::depthwise, {4, 4, 3}, {4, 4, 3}, test::kSame3x3);
  each.weights = test::random_matrix(3, 9, 7'200'000, 9);
  network.nodes = {{conv, {0}}, {each, {1}}};
  const auto images = test::random_images(6, 4, 4, 5);
  const PublishedBfp made = quant::quantize_bfp_as_published(network, images, {.mantissa_bits = 6, .group = 2});
  REQUIRE(made.activations[0].size() == 2);
  REQUIRE(made.weights[0].size() == 9);
  for (int filter = 0; filter < 3; ++filter) {
    for (int block = 0; block < 3; ++block) {
      std::vector<float> values;
      for (int tap = 0; tap < 9; ++tap) {
        for (int c = 2 * block; c < std::min(5, 2 * block + 2); ++c)
          values.push_back(conv.weights(filter, 5 * tap + c));
      }
      const int e = test::transcribe_published_search(values, BfpPart::weights, 6, 8);
      CHECK(made.weights[0][static_cast<std::size_t>(3 * filter + block)] == e);
    }
    CHECK(made.weights[1][static_cast<std::size_t>(filter)] ==
          test::transcribe_published_search(values_of_row(each.weights, filter), BfpPart::depthwise_weights, 6, 8));
    const double bias = std::nearbyint(static_cast<double>(conv.bias(filter)) * 65536) / 65536;
    CHECK(static_cast<double>(made.network.nodes[0].layer.bias(filter)) == bias);
  }
  CHECK(test::mentions(test::refusal([&] { (void)quant::quantize_bfp(made); }), "group"));
}

/// One weight, so that every output is pixel / 128 and mantissas of 5 bits meet ties: the integer network rounds up.
TEST_CASE("quant.bfp_as_published.integer_network.differs_in_ties_alone") {
  FloatNetwork network{"ties", {1, 1, 1, 128, 1.0F / 128}, {}, {}};
  auto fc = test::float_layer("fc", Kind::fully_connected, {1, 1, 1}, {1, 1, 1});
  fc.weights = FloatMatrix::Constant(1, 1, 1.0F);
  network.nodes = {{fc, {0}}};
  std::vector<op::Tensor> images;
  images.reserve(256);
  for (int value = 0; value < 256; ++value) images.push_back(test::pixel({value}));
  const PublishedBfp made =
      quant::quantize_bfp_as_published(network, images, {.mantissa_bits = 5, .exponent = quant::BfpExponent::maximum});
  REQUIRE(made.activations[0] == std::vector{0});  // -1 .. 127/128
  const quant::Quantized integer = quant::quantize_bfp(made);
  int ties = 0;  // steps of 1/8, 16 pixels: a tie goes up where the even mantissa lies below it
  for (int value = -128; value < 128; ++value) ties += (value - 8) % 32 == 0 ? 1 : 0;
  const auto counts = quant::differing_values(made, integer, images);
  REQUIRE(counts.size() == 1);
  CHECK(counts[0].values == 256);
  CHECK(counts[0].differ == ties);
  CHECK(ties == 8);
  CHECK(integer.network.nodes[0].layer.out.act_max == 14);
  CHECK(integer.network.nodes[0].layer.out.act_min == -14);
}

/// A filter of zeros, a tensor that is zero on every image, a silent image.
TEST_CASE("quant.bfp_as_published.zeros") {
  FloatNetwork network{"zeros", {1, 1, 2, 128, 1.0F / 128}, {}, {}};
  auto fc = test::float_layer("fc", Kind::fully_connected, {1, 1, 2}, {1, 1, 2});
  fc.weights = (FloatMatrix(2, 2) << 0.5F, 0.25F, 0, 0).finished();
  network.nodes = {{fc, {0}}};
  const auto images = test::random_images(8, 1, 1, 2);
  const PublishedBfp made = quant::quantize_bfp_as_published(network, images);
  CHECK(made.weights[0] == std::vector{-1, -128});
  const quant::Quantized integer = quant::quantize_bfp(made);
  CHECK(integer.network.nodes[0].layer.weights.row(1).isZero(0));
  const auto silent = quant::quantize_bfp_as_published(network, std::vector{test::pixel({128, 128})});
  CHECK(silent.activations[0] == std::vector{-128});
}

TEST_CASE("quant.bfp_as_published.bad_input") {
  const FloatNetwork network = model::load_float_network("models/resnet-float");
  CHECK(test::mentions(test::refusal([&] { (void)quant::quantize_bfp_as_published(network, {}); }),
                       "at least one image") != std::string::npos);
  CHECK(test::mentions(
      test::refusal([&] { (void)quant::quantize_bfp_as_published(network, first_glyphs(1), {.mantissa_bits = 4}); }),
      "5 .. 12"));
}

}  // namespace
