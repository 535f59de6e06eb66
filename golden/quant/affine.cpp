// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/affine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/input_error.h"
#include "golden/fast/dot_products.h"
#include "golden/format/graph_check.h"
#include "golden/format/network_file.h"
#include "golden/op/multiplier.h"
#include "golden/op/validate.h"

namespace systole::quant {

namespace {

using base::InputError;
using model::FloatLayer;
using model::FloatNetwork;
using op::Kind;

constexpr int kLeastLayerBits = 2, kMostLayerBits = 16;
constexpr int kAddHeadRoom = 20;  // head room of TFLite's ADD: 9-bit operands times 2^20 stay below 2^29
constexpr auto kLargestSum = static_cast<double>(std::numeric_limits<std::int32_t>::max());

/// What the integers of a tensor are.
struct AffineElement {
  AffineScale scale;
  AffineCodes codes;
};

/// Builds the integer network: scales of tensors, then weights, then layers.
class Quantizer {
 public:
  Quantizer(const FloatNetwork& network, const std::vector<Distribution>& calibration, const AffineOptions& options)
      : network_(network),
        options_(options),
        calibration_(calibration),
        activation_codes_{options.activation_bits, options.symmetric_activations} {}

  AffineNetwork run() {
    result_.network = {network_.name, input(), {}, network_.classes, {}};
    choose_elements();
    result_.weights = affine_weights(network_, options_);
    fit_into_sums();
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      result_.network.nodes.push_back({layer(i), network_.nodes[i].inputs});
      result_.notes.push_back(note(i));
    }
    for (const AffineElement& element : elements_)
      result_.tensors.push_back({{element.scale.scale}, element.scale.zero});
    return std::move(result_);
  }

 private:
  [[nodiscard]] const AffineElement& element(int tensor) const { return elements_[static_cast<std::size_t>(tensor)]; }
  /// AffineElement of node i's output.
  [[nodiscard]] const AffineElement& output(std::size_t i) const { return elements_[i + 1]; }

  // ---- tensors

  /// real = pixel_scale * (q - (pixel_zero - 128)) is exact.
  [[nodiscard]] model::Input input() const {
    const model::FloatInput& in = network_.input;
    return {in.height, in.width, in.channels, true, 8, kPixelOffset};
  }

  void choose_elements() {
    const model::FloatInput& in = network_.input;
    elements_.assign(1, {{static_cast<double>(in.pixel_scale), in.pixel_zero + kPixelOffset}, {}});
    result_.outputs.resize(network_.nodes.size());
    const AffineScale shared = options_.scale == ScaleShare::network ? network_scale() : AffineScale{};
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      const model::FloatNode& node = network_.nodes[i];
      if (keeps_scale(node.layer.kind)) {
        elements_.push_back(element(node.inputs[0]));
      } else if (options_.scale == ScaleShare::network) {
        elements_.push_back({shared, activation_codes_});
      } else {
        const std::span<const Distribution> values{&calibration_[i + 1], 1};
        elements_.push_back({tensor_scale(node.layer.name, values, result_.outputs[i]), activation_codes_});
      }
    }
  }

  /// The scale of all tensors that do not keep another's. What it gains is the first such tensor's to tell.
  AffineScale network_scale() {
    std::vector<Distribution> all;
    std::size_t first = 0;
    for (std::size_t i = network_.nodes.size(); i-- > 0;) {
      if (keeps_scale(network_.nodes[i].layer.kind)) continue;
      all.push_back(calibration_[i + 1]);
      first = i;
    }
    if (all.empty()) return {};
    return tensor_scale(network_.nodes[first].layer.name, all, result_.outputs[first]);
  }

  AffineScale tensor_scale(const std::string& name, std::span<const Distribution> values, RangeGain& gain) const {
    double low = 0, high = 0, narrow_low = 0, narrow_high = 0;
    for (const Distribution& distribution : values) {
      low = std::min(low, distribution.low);
      high = std::max(high, distribution.high);
      const PercentileRange narrow(distribution, options_.percentile);
      narrow_low = std::min(narrow_low, narrow.low);
      narrow_high = std::max(narrow_high, narrow.high);
      for (const std::int64_t count : distribution.counts) gain.values += count;
    }
    try {
      const AffineScale full = affine_scale(low, high, activation_codes_);
      if (!chooses_range()) return full;
      const auto error = [&](const AffineScale& scale) { return squared_error(values, scale, activation_codes_); };
      const AffineScale chosen = options_.optimal_activations
                                     ? optimal_scale(low, high, activation_codes_, error)
                                     : affine_scale(narrow_low, narrow_high, activation_codes_);
      gain.full_error = error(full);
      gain.error = error(chosen);
      gain.clipped = clipped(values, chosen, activation_codes_);
      return chosen;
    } catch (const std::invalid_argument& problem) {
      refuse(network_, name, problem.what());
    }
  }

  /// Whether activations have another range than lowest .. highest.
  [[nodiscard]] bool chooses_range() const { return options_.optimal_activations || options_.percentile < 100; }

  // ---- sums

  /// What one output channel asks of the accumulator, in codes.
  struct Demand {
    double products = 0;  ///< max|a| * sum|w|
    double bias = 0;      ///< |bias|
    [[nodiscard]] double total() const { return products + bias; }
  };

  [[nodiscard]] Demand demand(std::size_t i, Eigen::Index channel) const {
    const auto& [from, inputs] = network_.nodes[i];
    const AffineWeights& weights = result_.weights[i];
    const AffineElement& in = element(inputs[0]);
    op::Layer type;
    type.act_bits = in.codes.bits;
    const auto largest = static_cast<double>(fast::largest_activation(type, in.scale.zero));
    const auto sum = (weights.codes.row(channel).array() - weights.scale.zero).abs().cast<double>().sum();
    const double bias =
        from.bias.size() == 0
            ? 0.0
            : std::round(static_cast<double>(from.bias(channel)) / (in.scale.scale * weights.scale.of(channel)));
    return {largest * sum, std::abs(bias)};
  }

  /// Makes weight scales coarser until no sum can leave 32 bits. Rounding may keep a sum above the bound, so each try
  /// goes a little further than it must.
  void fit_into_sums() {
    constexpr double kMargin = 1.01;
    wanted_ = result_.weights;
    describe_sums();
    for (;;) {
      const std::vector<std::vector<double>> excess = excesses();
      double largest = 0;
      for (const auto& of_node : excess) {
        for (const double factor : of_node) largest = std::max(largest, factor);
      }
      if (largest <= 1) break;
      for (std::size_t i = 0; i < excess.size(); ++i) coarsen(i, excess[i], largest, kMargin);
    }
    describe_coarsening();
  }

  /// Demand of each channel over what 32 bits hold, by node.
  [[nodiscard]] std::vector<std::vector<double>> excesses() const {
    std::vector<std::vector<double>> result(network_.nodes.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
      for (Eigen::Index channel = 0; channel < result_.weights[i].codes.rows(); ++channel) {
        result[i].push_back(demand(i, channel).total() / kLargestSum);
      }
    }
    return result;
  }

  /// Multiplies the scales of node i by what the channels that share them exceed the sums.
  void coarsen(std::size_t i, const std::vector<double>& excess, double largest, double margin) {
    AffineWeights& weights = result_.weights[i];
    if (weights.codes.size() == 0) return;
    std::vector<double>& scales = weights.scale.scale;
    if (options_.scale != ScaleShare::network) largest = *std::ranges::max_element(excess);
    for (std::size_t channel = 0; channel < scales.size(); ++channel) {
      const double factor = options_.scale == ScaleShare::channel ? excess[channel] : largest;
      if (factor > 1) scales[channel] *= factor * margin;
    }
    const FloatLayer& from = network_.nodes[i].layer;
    weights.codes = affine_codes(from.weights, weights.scale, weight_codes(options_, from.name));
    require_weights(i);
  }

  /// A channel whose bias leaves no room for its weights is refused.
  void require_weights(std::size_t i) const {
    for (Eigen::Index channel = 0; channel < result_.weights[i].codes.rows(); ++channel) {
      const auto vanished = [channel](const AffineWeights& w) {
        return (w.codes.row(channel).array() == w.scale.zero).all();
      };
      if (!vanished(result_.weights[i]) || vanished(wanted_[i])) continue;
      const auto& [from, inputs] = network_.nodes[i];
      const double psum_scale = element(inputs[0]).scale.scale * wanted_[i].scale.of(channel);
      const double bias = from.bias.size() == 0 ? 0.0 : static_cast<double>(from.bias(channel));
      refuse(network_, from.name,
             fmt::format("expected a bias of 32 bits at scale {:.3g}, found {:.3g} in channel {}", psum_scale,
                         bias / psum_scale, channel));
    }
  }

  void describe_sums() {
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      int bits = 0;
      for (Eigen::Index channel = 0; channel < result_.weights[i].codes.rows(); ++channel) {
        bits = std::max(bits, std::ilogb(std::max(1.0, demand(i, channel).products)) + 2);  // and the sign
      }
      result_.sum_bits.push_back(bits);
    }
  }

  void describe_coarsening() {
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      const std::vector<double>& found = result_.weights[i].scale.scale;
      double most = 1;
      for (std::size_t c = 0; c < found.size(); ++c) most = std::max(most, found[c] / wanted_[i].scale.scale[c]);
      result_.bits_given_up.push_back(op::has_weights(network_.nodes[i].layer.kind) ? std::log2(most) : 0);
    }
  }

  // ---- layers

  [[nodiscard]] op::Layer layer(std::size_t i) const {
    const auto& [from, inputs] = network_.nodes[i];
    op::Layer to = geometry(from);
    to.act_bits = 0;
    for (const int tensor : inputs) to.act_bits = std::max(to.act_bits, element(tensor).codes.bits);
    to.zero_in = element(inputs[0]).scale.zero;
    bounds(from, output(i), to.out);
    switch (from.kind) {
      case Kind::conv2d:
      case Kind::depthwise:
      case Kind::fully_connected:
        weighted(i, to);
        break;
      case Kind::max_pool:
        pass_through(to.out);  // the psum is act - zero_in, and zero_out = zero_in restores it
        break;
      case Kind::avg_pool:
        average(to);
        break;
      case Kind::add:
        add(element(inputs[0]).scale, element(inputs[1]).scale, output(i).scale, to);
        break;
      case Kind::concat:
        concat(i, to);
        break;
    }
    return to;
  }

  static void bounds(const FloatLayer& from, const AffineElement& element, op::Requantization& out) {
    const auto& [scale, codes] = element;
    out.zero_out = scale.zero;
    out.act_min = from.relu ? scale.zero : codes.low();
    out.act_max = from.clip > 0 ? affine_code(static_cast<double>(from.clip), scale, codes) : codes.high();
  }

  void weighted(std::size_t i, op::Layer& to) const {
    const auto& [from, inputs] = network_.nodes[i];
    const auto& [codes, scale, range] = result_.weights[i];
    const double scale_in = element(inputs[0]).scale.scale;
    to.wgt_bits = weight_codes(options_, from.name).bits;
    to.weights = codes;
    to.zero_wgt = scale.zero;
    start_multipliers(to.out);
    if (from.bias.size() != 0) to.bias.resize(from.out_c);
    for (Eigen::Index channel = 0; channel < from.out_c; ++channel) {
      const double psum_scale = scale_in * scale.of(channel);
      if (from.bias.size() != 0) {  // fit_into_sums has made it an int32
        to.bias(channel) = static_cast<std::int32_t>(std::round(static_cast<double>(from.bias(channel)) / psum_scale));
      }
      const std::string place = fmt::format("channel {}: ", channel);
      append(multiplier(from.name, place, psum_scale / output(i).scale.scale), to.out);
    }
  }

  void start_multipliers(op::Requantization& out) const {
    out.rule = options_.rule;
    out.m0.clear();
    out.lshift.clear();
    out.n.clear();
  }

  static void append(const op::Multiplier& m, op::Requantization& out) {
    out.m0.push_back(m.m0);
    out.lshift.push_back(m.lshift);
    out.n.push_back(m.n);
  }

  /// `place` is what the message names besides the layer: "channel 3: " or nothing.
  [[nodiscard]] op::Multiplier multiplier(const std::string& name, const std::string& place, double real) const {
    try {
      return op::quantize_multiplier(real);
    } catch (const std::invalid_argument& problem) {
      refuse(network_, name, place + problem.what());
    }
  }

  /// TFLite's ADD: both operands brought to 2 max(S_a, S_b) / 2^k, added, brought to S_out. |q - zero| < 2^bits, so
  /// k = 31 - bits keeps an operand within 32 bits.
  void add(const AffineScale& a, const AffineScale& b, const AffineScale& sum, op::Layer& to) const {
    const int shift = std::min(kAddHeadRoom, 31 - to.act_bits);
    const double common = 2 * std::max(a.scale, b.scale);
    const auto operand = [&](const AffineScale& from) {
      const op::Multiplier m = multiplier(to.name, "", from.scale / common);  // at most 0.5: no left shift of its own
      return op::AddOperand{from.zero, m.m0, shift + m.lshift, m.n};
    };
    to.add_a = operand(a);
    to.add_b = operand(b);
    start_multipliers(to.out);
    append(multiplier(to.name, "", common / sum.scale / (1 << shift)), to.out);
  }

  /// Each input's channels are requantized from its own scale; where that is the output's, M = 1 changes nothing. As in
  /// an add, codes are shifted up first, so that double rounding's first step rounds nothing that counts.
  void concat(std::size_t i, op::Layer& to) const {
    start_multipliers(to.out);
    for (const int tensor : network_.nodes[i].inputs) {
      const int channels = model::tensor_shape(network_, tensor).channels;
      const AffineScale& from = element(tensor).scale;
      to.concat.push_back({channels, from.zero, 0});
      op::Multiplier m = multiplier(to.name, "", from.scale / output(i).scale.scale);
      const int shift = std::clamp(31 - to.act_bits - m.lshift, 0, std::min(kAddHeadRoom, 31 - m.n));
      m.lshift += shift;
      m.n += shift;
      for (int channel = 0; channel < channels; ++channel) append(m, to.out);
    }
  }

  // ---- report

  [[nodiscard]] std::string note(std::size_t i) const {
    const AffineScale& scale = output(i).scale;
    std::string text = fmt::format("scale {:.5g}, zero {}", scale.scale, scale.zero);
    const std::string& name = network_.nodes[i].layer.name;
    if (options_.layer_bits.contains(name)) {
      text += fmt::format(", weights of {} bits", weight_codes(options_, name).bits);
    }
    const auto gains = [&text](const char* what, const RangeGain& gain) {
      text +=
          fmt::format(", {} gains {:.2f} dB and clips {:.3g} %", what, gain.decibels(), 100 * gain.clipped_fraction());
    };
    if (chooses_range() && result_.outputs[i].values > 0) {
      gains(options_.optimal_activations ? "optimal range of outputs" : "percentile of outputs", result_.outputs[i]);
    }
    if (options_.optimal_weights && result_.weights[i].range.values > 0) {
      gains("optimal range of weights", result_.weights[i].range);
    }
    if (result_.bits_given_up[i] > 0) {
      const bool shared = options_.scale == ScaleShare::network;
      const int wanted = shared ? *std::ranges::max_element(result_.sum_bits) : result_.sum_bits[i];
      text += fmt::format(", weights give up {:.1f} bits: sums would need {} bits", result_.bits_given_up[i], wanted);
    }
    return text;
  }

  const FloatNetwork& network_;
  const AffineOptions& options_;
  const std::vector<Distribution>& calibration_;  ///< by tensor
  AffineCodes activation_codes_;
  std::vector<AffineElement> elements_;  ///< by tensor
  std::vector<AffineWeights> wanted_;    ///< before fit_into_sums
  AffineNetwork result_;
};

void check_bits(const FloatNetwork& network, const char* what, int bits) {
  if (bits == 4 || bits == 8 || bits == 12 || bits == 16) return;
  throw InputError(network.name, what, fmt::format("expected 4, 8, 12 or 16, found {}", bits));
}

}  // namespace

AffineCodes weight_codes(const AffineOptions& options, const std::string& layer) {
  return {bits_of(options.layer_bits, layer, options.weight_bits), options.symmetric_weights};
}

void check_affine_options(const FloatNetwork& network, const AffineOptions& options) {
  check_bits(network, "weight bits", options.weight_bits);
  check_bits(network, "activation bits", options.activation_bits);
  check_layer_bits(network, options.layer_bits, kLeastLayerBits, kMostLayerBits);
  if (!options.layer_bits.empty() && options.scale == ScaleShare::network) {
    throw InputError(network.name, "scale", "expected one of a channel or a layer: layers have their own widths");
  }
  if (!(options.percentile > 50 && options.percentile <= 100)) {
    throw InputError(network.name, "percentile",
                     fmt::format("expected above 50 and at most 100, found {}", options.percentile));
  }
  if (options.percentile < 100 && options.optimal_activations) {
    throw InputError(network.name, "percentile", "expected one range of activations, found an optimal one as well");
  }
  using enum fixed::Rounding;
  if (options.rule == clipq || options.rule == trunc) {
    throw InputError(network.name, "rule",
                     fmt::format("expected {}, {}, {} or {}, found {}", to_string(floor), to_string(half_up),
                                 to_string(half_away), to_string(double_rounding), to_string(options.rule)));
  }
}

std::vector<Distribution> affine_calibration(const FloatNetwork& network, std::span<const op::Tensor> calibration) {
  model::check_float_network(network, network.name);
  std::vector<Distribution> result;
  for (auto& groups : distributions(network, calibration, [](std::size_t) { return 0; })) {
    result.push_back(std::move(groups.at(0)));
  }
  return result;
}

AffineNetwork quantize_affine(const FloatNetwork& network, const std::vector<Distribution>& calibration,
                              const AffineOptions& options) {
  model::check_float_network(network, network.name);
  check_affine_options(network, options);
  if (calibration.size() != network.nodes.size() + 1) {
    throw InputError(network.name, "calibration",
                     fmt::format("expected {} tensors, found {}", network.nodes.size() + 1, calibration.size()));
  }
  AffineNetwork result = Quantizer(network, calibration, options).run();
  model::check_network(result.network, network.name);
  return result;
}

AffineNetwork quantize_affine(const FloatNetwork& network, std::span<const op::Tensor> calibration,
                              const AffineOptions& options) {
  return quantize_affine(network, affine_calibration(network, calibration), options);
}

}  // namespace systole::quant
