// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <span>
#include <stdexcept>
#include <vector>

#include "golden/op/validate.h"
#include "golden/quant/affine.h"

namespace systole::quant {

namespace {

using model::FloatMatrix;
using model::FloatNetwork;

using Values = std::span<const float>;

Values values_of(const FloatMatrix& weights) { return {weights.data(), static_cast<std::size_t>(weights.size())}; }
Values values_of(const FloatMatrix& weights, Eigen::Index channel) {
  return {weights.row(channel).data(), static_cast<std::size_t>(weights.cols())};
}

struct Extremes {
  double low = 0, high = 0;  ///< zero is always inside
};

Extremes extremes(Values values) {
  const auto [low, high] = std::ranges::minmax_element(values);
  return {std::min(0.0, static_cast<double>(*low)), std::max(0.0, static_cast<double>(*high))};
}

RangeGain gain(Values values, const AffineScale& full, const AffineScale& chosen, const AffineCodes& codes) {
  return {squared_error(values, full, codes), squared_error(values, chosen, codes), clipped(values, chosen, codes),
          static_cast<std::int64_t>(values.size())};
}

/// Chooses the scales of one network's weights.
class WeightScales {
 public:
  WeightScales(const FloatNetwork& network, const AffineOptions& options)
      : network_(network), options_(options), codes_{options.weight_bits, options.symmetric_weights} {}

  std::vector<AffineWeights> run() {
    if (options_.scale == ScaleShare::network) shared_ = network_scale();
    std::vector<AffineWeights> result;
    for (const auto& [layer, inputs] : network_.nodes) {
      result.emplace_back();
      if (!op::has_weights(layer.kind)) continue;
      codes_ = weight_codes(options_, layer.name);
      result.back() = layer_weights(layer);
    }
    return result;
  }

 private:
  AffineWeights layer_weights(const model::FloatLayer& layer) const {
    const Extremes range = extremes(values_of(layer.weights));
    const AffineScale full = full_scale(layer.name, range);
    AffineWeights result;
    if (options_.scale == ScaleShare::channel) {
      result = channel_scales(layer.weights, channel_zero(range, full.zero));
    } else {
      const Values values = values_of(layer.weights);
      const AffineScale scale = options_.scale == ScaleShare::network ? shared_.chosen : chosen(values, range, full);
      const AffineScale& widest = options_.scale == ScaleShare::network ? shared_.full : full;
      result.scale = {{scale.scale}, scale.zero};
      result.range = gain(values, widest, scale, codes_);
    }
    return result;
  }

  /// The zero point of all channels: where there are values on a side of zero, there is a code for them.
  [[nodiscard]] int channel_zero(const Extremes& range, int zero) const {
    return std::clamp(zero, codes_.low() + (range.low < 0 ? 1 : 0), codes_.high() - (range.high > 0 ? 1 : 0));
  }

  AffineWeights channel_scales(const FloatMatrix& weights, int zero) const {
    AffineWeights result;
    result.scale = {std::vector<double>(static_cast<std::size_t>(weights.rows())), zero};
    std::vector<double>& scales = result.scale.scale;
    for (Eigen::Index channel = 0; channel < weights.rows(); ++channel) {
      const Extremes range = extremes(values_of(weights, channel));
      scales[static_cast<std::size_t>(channel)] = scale_at_zero(range.low, range.high, zero, codes_);
    }
    const double largest = *std::ranges::max_element(scales);
    for (Eigen::Index channel = 0; channel < weights.rows(); ++channel) {
      double& scale = scales[static_cast<std::size_t>(channel)];
      if (!(scale > 0)) scale = largest;
      const Values values = values_of(weights, channel);
      const AffineScale full{scale, zero};
      if (options_.optimal_weights) scale = narrowed_scale(full, error_of(values)).scale;
      result.range += gain(values, full, {scale, zero}, codes_);
    }
    return result;
  }

  [[nodiscard]] ScaleError error_of(Values values) const {
    return [values, codes = codes_](const AffineScale& scale) { return squared_error(values, scale, codes); };
  }

  [[nodiscard]] AffineScale chosen(Values values, const Extremes& range, const AffineScale& full) const {
    return options_.optimal_weights ? optimal_scale(range.low, range.high, codes_, error_of(values)) : full;
  }

  [[nodiscard]] AffineScale full_scale(const std::string& layer, const Extremes& range) const {
    try {
      return affine_scale(range.low, range.high, codes_);
    } catch (const std::invalid_argument&) {
      refuse(network_, layer,
             fmt::format("expected weights that are not all zero, found {:.3g} .. {:.3g}", range.low, range.high));
    }
  }

  struct Shared {
    AffineScale full, chosen;
  };

  /// One scale for the weights of all layers together.
  [[nodiscard]] Shared network_scale() const {
    std::vector<float> all;
    std::string first_layer;
    for (const auto& [layer, inputs] : network_.nodes) {
      const Values values = values_of(layer.weights);
      if (first_layer.empty() && !values.empty()) first_layer = layer.name;
      all.insert(all.end(), values.begin(), values.end());
    }
    if (all.empty()) return {};
    const Extremes range = extremes(all);
    const AffineScale full = full_scale(first_layer, range);
    return {full, chosen(all, range, full)};
  }

  const FloatNetwork& network_;
  const AffineOptions& options_;
  AffineCodes codes_;  ///< of the layer at hand
  Shared shared_;
};

}  // namespace

op::Matrix affine_codes(const FloatMatrix& weights, const TensorScale& scale, const AffineCodes& codes) {
  op::Matrix result(weights.rows(), weights.cols());
  for (Eigen::Index channel = 0; channel < weights.rows(); ++channel) {
    const AffineScale of_channel{scale.of(channel), scale.zero};
    for (Eigen::Index column = 0; column < weights.cols(); ++column) {
      result(channel, column) = affine_code(static_cast<double>(weights(channel, column)), of_channel, codes);
    }
  }
  return result;
}

std::vector<AffineWeights> affine_weights(const FloatNetwork& network, const AffineOptions& options) {
  model::check_float_network(network, network.name);
  check_affine_options(network, options);
  std::vector<AffineWeights> result = WeightScales(network, options).run();
  for (std::size_t i = 0; i < result.size(); ++i) {
    const model::FloatLayer& layer = network.nodes[i].layer;
    if (layer.weights.size() == 0) continue;
    result[i].codes = affine_codes(layer.weights, result[i].scale, weight_codes(options, layer.name));
  }
  return result;
}

FloatNetwork with_affine_weights(const FloatNetwork& network, const std::vector<AffineWeights>& weights) {
  FloatNetwork result = network;
  for (std::size_t i = 0; i < result.nodes.size(); ++i) {
    const auto& [codes, scale, range] = weights.at(i);
    FloatMatrix& target = result.nodes[i].layer.weights;
    for (Eigen::Index channel = 0; channel < target.rows(); ++channel) {
      const auto steps = (codes.row(channel).array() - scale.zero).cast<double>();
      target.row(channel) = (steps * scale.of(channel)).cast<float>();
    }
  }
  return result;
}

}  // namespace systole::quant
