// SPDX-License-Identifier: Apache-2.0
#include "golden/study/bits_study.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/input_error.h"
#include "golden/format/pixels.h"
#include "golden/model/float_execute.h"

namespace systole::study {

namespace {

using quant::AffineNetwork;
using quant::AffineWeights;

/// The result of `quantize`, or nothing and why not.
template <typename Quantize>
auto attempt(Quantize quantize, std::string& problem) -> std::optional<decltype(quantize())> {
  try {
    return quantize();
  } catch (const base::InputError& error) {
    problem = error.what();
    return std::nullopt;
  }
}

quant::RangeGain sum(const std::vector<AffineWeights>& weights) {
  quant::RangeGain total;
  for (const AffineWeights& layer : weights) total += layer.range;
  return total;
}

std::int64_t bytes_of(const model::FloatNetwork& network, int bits) {
  std::int64_t bytes = 0;
  for (const auto& [layer, inputs] : network.nodes) {
    bytes += (std::int64_t{layer.weights.size()} * bits + 7) / 8;
    bytes += layer.bias.size() * static_cast<std::int64_t>(sizeof(std::int32_t));
  }
  return bytes;
}

}  // namespace

quant::AffineOptions BitsSetting::options() const {
  return {.weight_bits = bits,
          .activation_bits = bits,
          .symmetric_weights = symmetric,
          .symmetric_activations = symmetric,
          .scale = scale,
          .optimal_weights = optimal,
          .optimal_activations = optimal};
}

std::vector<BitsSetting> bits_settings(const std::vector<int>& widths) {
  std::vector<BitsSetting> settings;
  for (const bool weights_only : {true, false}) {
    for (const auto scale : {quant::ScaleShare::network, quant::ScaleShare::layer, quant::ScaleShare::channel}) {
      for (const bool symmetric : {true, false}) {
        for (const bool optimal : {false, true}) {
          for (const int bits : widths) settings.push_back({weights_only, scale, symmetric, optimal, bits});
        }
      }
    }
  }
  return settings;
}

BitsStudy::BitsStudy(const model::FloatNetwork& network, std::span<const op::Tensor> calibration)
    : network_(network), calibration_(calibration), distributions_(quant::affine_calibration(network, calibration)) {}

BitsOutcome BitsStudy::run(const BitsSetting& setting, const BitsAccuracy& accuracy) const {
  BitsOutcome outcome;
  if (setting.weights_only) {
    run_weights_only(setting.options(), accuracy, outcome);
  } else {
    run_integers(setting.options(), accuracy, outcome);
  }
  return outcome;
}

void BitsStudy::run_weights_only(const quant::AffineOptions& options, const BitsAccuracy& accuracy,
                                 BitsOutcome& outcome) const {
  const auto weights = attempt([&] { return quant::affine_weights(network_, options); }, outcome.problem);
  if (!weights) return;
  const model::FloatNetwork changed = quant::with_affine_weights(network_, *weights);
  outcome.accuracy = accuracy.real(changed);
  outcome.sqnr = float_sqnr(changed);
  outcome.bytes = bytes_of(network_, options.weight_bits);
  outcome.weights = sum(*weights);
}

void BitsStudy::run_integers(const quant::AffineOptions& options, const BitsAccuracy& accuracy,
                             BitsOutcome& outcome) const {
  const auto made = attempt([&] { return quant::quantize_affine(network_, distributions_, options); }, outcome.problem);
  if (!made) return;
  outcome.accuracy = accuracy.integer(made->network);
  outcome.sqnr = quant::layer_sqnr(network_, *made, calibration_).back();
  outcome.bytes = quant::parameter_bytes(made->network);
  outcome.weights = sum(made->weights);
  for (const quant::RangeGain& tensor : made->outputs) outcome.activations += tensor;
  outcome.sum_bits = *std::ranges::max_element(made->sum_bits);
  outcome.bits_given_up = *std::ranges::max_element(made->bits_given_up);
}

double BitsStudy::float_sqnr(const model::FloatNetwork& changed) const {
  model::FloatExecutor reference(network_), executor(changed);
  double signal = 0, noise = 0;
  for (const op::Tensor& image : calibration_) {
    const model::FloatTensor input = model::to_input(network_.input, image);
    const Eigen::ArrayXXd expected = reference.run(input).back().data.cast<double>();
    const Eigen::ArrayXXd found = executor.run(input).back().data.cast<double>();
    signal += expected.square().sum();
    noise += (expected - found).square().sum();
  }
  return noise == 0 ? std::numeric_limits<double>::infinity() : 10 * std::log10(signal / noise);
}

}  // namespace systole::study
