// SPDX-License-Identifier: Apache-2.0
// The quantizers of PACT and block floating point against direct transcriptions of their rules.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "golden/model/execute.h"
#include "golden/quant/bfp.h"
#include "golden/quant/pact4.h"
#include "tests/support/bfp_transcription.h"
#include "tests/support/pact4_transcription.h"
#include "tests/support/rounds.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using model::FloatMatrix;
using model::FloatNetwork;
using op::Kind;

std::vector<double> values_of(const FloatMatrix& matrix) { return {matrix.data(), matrix.data() + matrix.size()}; }

FloatMatrix row(const std::vector<float>& values) {
  return Eigen::Map<const FloatMatrix>(values.data(), 1, static_cast<Eigen::Index>(values.size()));
}

/// Rows of weights that a quantizer may stumble over: `steps` is the largest code.
std::vector<FloatMatrix> adversarial(int steps) {
  const auto largest = static_cast<float>(steps);
  std::vector<float> borders, no_negatives;
  for (int i = -2 * steps; i <= 2 * steps; ++i) borders.push_back(static_cast<float>(i) / 2);  // every tie
  for (int i = 0; i <= steps; ++i) no_negatives.push_back(static_cast<float>(i) + 0.25F);
  return {row({largest}),
          row({-largest}),
          row(std::vector<float>(9, 0.75F)),
          row(std::vector<float>(9, -0.75F)),
          row(borders),
          row(no_negatives),
          row({largest, largest + 0.49F, largest + 0.5F, -largest - 0.5F, -largest - 1}),
          row({1.0F, -1.0F, 0.5F, -0.5F, 1e-30F, -1e-30F, 0.0F}),
          row({3e38F, -1.5e38F, 1e37F}),
          row({1e-30F, -5e-31F})};
}

void compare_pact4(const FloatMatrix& weights, double alpha) {
  const op::Matrix found = quant::pact4_weights(weights, alpha);
  for (Eigen::Index i = 0; i < weights.size(); ++i) {
    CAPTURE(weights.data()[i] / alpha * 7);
    CHECK(found.data()[i] == test::transcribe_pact4_weight(static_cast<double>(weights.data()[i]), alpha));
  }
}

TEST_CASE("quant.pact4_weights.transcription.random") {
  for (std::uint64_t trial = 0; trial < test::rounds(300U); ++trial) {
    const FloatMatrix weights = test::random_matrix(3, 20, 2'000'000 + 100 * trial, trial % 2 == 0 ? 1.0 : 0.01);
    const double largest = static_cast<double>(weights.cwiseAbs().maxCoeff());
    compare_pact4(weights, largest);
    compare_pact4(weights, largest * (0.2 + test::float_draws.real(2'900'000 + trial)));
  }
}

TEST_CASE("quant.pact4_weights.transcription.adversarial") {
  for (const FloatMatrix& weights : adversarial(7)) {
    compare_pact4(weights, static_cast<double>(weights.cwiseAbs().maxCoeff()));
    compare_pact4(weights, static_cast<double>(weights.cwiseAbs().maxCoeff()) / 2);
  }
  compare_pact4(adversarial(7)[4], 7.0);  // every tie exactly
}

/// One layer on the image, its output in 4 bits with an alpha of 15 * 2^-6. Weights 127 .. 1 * 2^-10 and pixels in
/// 2^-7 make every output a multiple of 2^-17: M = 2^-11 has no error, ties occur.
TEST_CASE("quant.quantize_pact4.activations.transcription") {
  FloatNetwork network{"clipped", {1, 1, 2, 128, 1.0F / 128}, {}, {}};
  auto fc = test::float_layer("fc", Kind::fully_connected, {1, 1, 2}, {1, 1, 2});
  fc.weights = (FloatMatrix(2, 2) << 127.0F, 16.0F, -32.0F, 8.0F).finished() / 1024;
  fc.relu = true;
  fc.clip = 15.0F / 64;
  network.nodes.push_back({fc, {0}});
  const quant::Quantized made = quant::quantize_pact4(network, test::random_images(4, 1, 1, 2));
  REQUIRE(made.network.nodes[0].layer.weights == (op::Matrix(2, 2) << 127, 16, -32, 8).finished());
  REQUIRE(made.tensors[1].scale[0] == 1.0 / 64);
  model::Executor executor(made.network);
  int ties = 0;
  for (int a = -128; a <= 127; ++a) {
    for (const int b : {-128, -64, -1, 0, 1, 64, 127}) {
      op::Tensor input(1, 1, 2);
      input.data << a, b;
      const auto& found = executor.run(input).back().data;
      const double first = std::ldexp(127 * a + 16 * b, -17), second = std::ldexp(-32 * a + 8 * b, -17);
      CHECK(found(0) == test::transcribe_pact4_activation(first, 15.0 / 64));
      CHECK(found(1) == test::transcribe_pact4_activation(second, 15.0 / 64));
      const double steps = second * 64;
      ties += steps > 0 && steps - std::floor(steps) == 0.5 ? 1 : 0;
    }
  }
  CHECK(ties > 3);
}

/// Rows as blocks of weights of one layer on the image (exponent 0).
void compare_bfp(const FloatMatrix& weights, int bits) {
  const auto columns = static_cast<int>(weights.cols()), rows = static_cast<int>(weights.rows());
  FloatNetwork network{"blocks", {1, 1, columns, 128, 1.0F}, {}, {}};
  auto fc = test::float_layer("fc", Kind::fully_connected, {1, 1, columns}, {1, 1, rows});
  fc.weights = weights;
  network.nodes.push_back({fc, {0}});
  const auto images = test::random_images(1, 1, 1, columns);
  const quant::Quantized made = quant::quantize_bfp(network, images, {bits, 0, 8, quant::BfpExponent::maximum, 9});
  const op::Layer& layer = made.network.nodes[0].layer;
  const int output = std::ilogb(made.tensors[1].scale[0]);
  for (int oc = 0; oc < rows; ++oc) {
    const auto expected =
        test::transcribe_bfp(values_of(weights.row(oc)), bits, static_cast<double>(weights.cwiseAbs().maxCoeff()));
    const auto place = static_cast<std::size_t>(oc);
    CHECK(output - layer.out.n[place] + layer.out.lshift[place] == expected.exponent);
    for (int c = 0; c < columns; ++c) CHECK(layer.weights(oc, c) == expected.mantissas[static_cast<std::size_t>(c)]);
  }
}

TEST_CASE("quant.quantize_bfp.transcription.random") {
  for (std::uint64_t trial = 0; trial < test::rounds(120U); ++trial) {
    FloatMatrix weights = test::random_matrix(3, 10, 3'000'000 + 100 * trial);
    weights.row(1) *= std::ldexp(1.0F, -static_cast<int>(trial % 11));
    if (trial % 4 == 0) weights.row(2).setZero();  // takes the layer's exponent
    compare_bfp(weights, 5 + static_cast<int>(trial % 8));
  }
}

TEST_CASE("quant.quantize_bfp.transcription.adversarial") {
  for (const int bits : {5, 8, 12}) {
    const auto cases = adversarial((1 << (bits - 1)) - 1);
    for (std::size_t i = 0; i < 8; ++i) {  // the last two leave float32's sums and exponents
      CAPTURE(i);
      compare_bfp(cases[i], bits);
    }
    const auto largest = static_cast<double>(std::ldexp(1.0, bits - 1));
    for (const double value : {largest - 1, largest - 0.5, std::nextafter(largest - 0.5, 0.0), largest}) {
      CHECK(quant::maximum_exponent(value, bits) == test::transcribe_bfp({value}, bits, 0).exponent);
    }
  }
}

TEST_CASE("quant.kl_exponent.transcription.random") {
  for (std::uint64_t trial = 0; trial < 30; ++trial) {
    // Zero lies inside a bin: on a border rounding decides which bin is left out.
    quant::Distribution histogram{trial % 3 == 0 ? 0.0 : -2.01, 3.0, std::vector<std::int64_t>(120, 0)};
    for (std::size_t bin = 0; bin < histogram.counts.size(); ++bin) {
      const double spread = std::exp(-std::abs(histogram.value(bin)) * static_cast<double>(1 + trial % 7));
      histogram.counts[bin] =
          static_cast<std::int64_t>(1000 * spread * test::float_draws.real(4'000'000 + 200 * trial + bin));
    }
    histogram.counts.back() = 1;  // an outlier that clipping may give up
    CHECK(quant::kl_exponent(histogram, 5) == test::transcribe_kl_exponent(histogram, 5));
    CHECK(quant::kl_exponent(histogram, 6) == test::transcribe_kl_exponent(histogram, 6));
  }
}

}  // namespace
