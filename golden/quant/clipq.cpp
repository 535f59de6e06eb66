// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/clipq.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/input_error.h"
#include "golden/format/graph_check.h"
#include "golden/format/network_file.h"
#include "golden/op/validate.h"

namespace systole::quant {

namespace {

using model::FloatLayer;
using model::FloatNetwork;
using op::Kind;

constexpr double kCountGuard = 1e-7;  // keeps the mean of an empty bin at 0
constexpr int kLowest = -128, kHighest = 127;

/// One sign's values: magnitudes and where they are, in the order of storage.
struct Side {
  std::vector<double> magnitude;
  std::vector<Eigen::Index> place;
};

Side values_of_sign(const model::FloatMatrix& weights, bool positive) {
  Side side;
  for (Eigen::Index i = 0; i < weights.size(); ++i) {
    const auto value = static_cast<double>(weights.data()[i]);
    if (positive ? value > 0 : value < 0) {
      side.magnitude.push_back(std::abs(value));
      side.place.push_back(i);
    }
  }
  return side;
}

/// Indices of the side's values from small to large, equal ones in the order of storage.
std::vector<std::size_t> ascending(const Side& side) {
  std::vector<std::size_t> order(side.magnitude.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return side.magnitude[i]; });
  return order;
}

/// One sign's survivors are cut into bins between threshold and extreme.
struct Bins {
  double threshold, extreme;
  std::int64_t last;
  ClipqMean mean;

  [[nodiscard]] std::size_t of(double magnitude) const {
    const double bins = static_cast<double>(last) + 1;
    if (magnitude == extreme) return static_cast<std::size_t>(last);
    if (mean == ClipqMean::published) {  // float32 throughout
      const float width = static_cast<float>(extreme - threshold) / static_cast<float>(bins);
      const auto distance = static_cast<float>(magnitude - threshold);
      return static_cast<std::size_t>(std::min(last, static_cast<std::int64_t>(std::floor(distance / width))));
    }
    const double width = (extreme - threshold) / bins;
    return static_cast<std::size_t>(
        std::min(last, static_cast<std::int64_t>(std::floor((magnitude - threshold) / width))));
  }

  /// The authors move weights down by the threshold and back before they look for them: an extreme that float32 does
  /// not bring back is not found.
  [[nodiscard]] bool loses_extreme() const {
    const auto moved = static_cast<float>(extreme - threshold);
    return static_cast<double>(moved + static_cast<float>(threshold)) != extreme;
  }
};

/// The values of one bin.
struct BinMean {
  double sum = 0, count = 0;

  void add(double magnitude) {
    sum += magnitude;
    count += 1;
  }
  [[nodiscard]] double value(ClipqMean mean) const {
    if (mean == ClipqMean::exact) return sum / (count + kCountGuard);
    return static_cast<double>(
        static_cast<float>(static_cast<double>(static_cast<float>(sum)) / (count + kCountGuard)));
  }
};

/// Bins the survivors of one sign. codes_of_bin[k] is the code of bin k, from the threshold outwards.
void quantize_side(const Side& side, const ClipqOptions& options, const std::vector<std::int32_t>& codes_of_bin,
                   double sign, ClipqWeights& result) {
  const std::vector<std::size_t> order = ascending(side);
  if (order.empty()) return;
  const auto pruned = static_cast<std::size_t>(std::ceil(options.fraction * static_cast<double>(order.size())));
  const Bins bins{pruned == 0 ? 0.0 : side.magnitude[order[pruned - 1]], side.magnitude[order.back()],
                  static_cast<std::int64_t>(codes_of_bin.size()) - 1, options.mean};
  std::vector<BinMean> means(codes_of_bin.size());
  std::int64_t extremes = 0;
  for (std::size_t i = pruned; i < order.size(); ++i) {
    const double magnitude = side.magnitude[order[i]];
    const std::size_t bin = bins.of(magnitude);
    result.codes.data()[side.place[order[i]]] = codes_of_bin[bin];
    extremes += magnitude == bins.extreme ? 1 : 0;
    const bool counted = magnitude == bins.extreme && extremes > 1 && options.mean == ClipqMean::published;
    if (!counted) means[bin].add(magnitude);
  }
  if (options.mean == ClipqMean::published && bins.loses_extreme()) result.left_out += extremes;
  for (std::size_t bin = 0; bin < means.size(); ++bin) {
    const auto code = static_cast<std::size_t>(codes_of_bin[bin]);
    result.mean.at(code) = sign * means[bin].value(options.mean);
    const double steps = std::trunc(std::ldexp(result.mean.at(code), kClipqFractionBits));
    result.level.at(code) = static_cast<std::int32_t>(std::clamp<double>(steps, kLowest, kHighest));
  }
}

/// f where scale = 2^-f, 0 <= f <= 15.
int fraction_bits(const FloatNetwork& network) {
  int exponent = 0;
  const double mantissa = std::frexp(static_cast<double>(network.input.pixel_scale), &exponent);
  const int bits = 1 - exponent;
  if (mantissa != 0.5 || bits < 0 || bits > 15) {
    throw base::InputError(network.name, "input.pixel_scale",
                           fmt::format("expected a power of two in 2^-15 .. 1 (ClipQ has no multiplier), found {}",
                                       network.input.pixel_scale));
  }
  return bits;
}

/// Builds the integer network node by node.
class ClipqConverter {
 public:
  ClipqConverter(const FloatNetwork& network, const ClipqOptions& options)
      : network_(network), options_(options), input_bits_(fraction_bits(network)) {}

  Quantized run() {
    const model::FloatInput& in = network_.input;
    result_.network = {network_.name, {in.height, in.width, in.channels, true, 8, kLowest}, {}, network_.classes, {}};
    result_.tensors.push_back({{std::ldexp(1.0, -input_bits_)}, in.pixel_zero + kLowest});
    for (const model::FloatNode& node : network_.nodes) {
      result_.notes.emplace_back();
      result_.network.nodes.push_back({layer(node), node.inputs});
      result_.tensors.push_back({{std::ldexp(1.0, -kClipqFractionBits)}, 0});
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] op::Layer layer(const model::FloatNode& node) {
    op::Layer to = geometry(node.layer);
    to.zero_in = result_.tensors[static_cast<std::size_t>(node.inputs[0])].zero;
    to.out.act_min = node.layer.relu ? 0 : kLowest;
    to.out.act_max = highest(node.layer);
    if (op::has_weights(node.layer.kind)) {
      weighted(node.layer, node.inputs[0] == 0 ? input_bits_ : kClipqFractionBits, to);
      return to;
    }
    require_q3_5(node);
    if (node.layer.kind == Kind::avg_pool) {
      average(to);
    } else {
      pass_through(to.out);  // the operands of an add share one scale: AddOperand's default passes them through
    }
    if (node.layer.kind == Kind::add) {
      to.add_a.zero = to.zero_in;
      to.add_b.zero = result_.tensors[static_cast<std::size_t>(node.inputs[1])].zero;
      to.zero_in = 0;
    }
    if (node.layer.kind == Kind::concat) {
      to.zero_in = 0;
      for (const int tensor : node.inputs) {
        const int zero = result_.tensors[static_cast<std::size_t>(tensor)].zero;
        to.concat.push_back({model::tensor_shape(network_, tensor).channels, zero, 0});
      }
    }
    result_.notes.back() = "Q3.5";
    return to;
  }

  /// The layer's upper bound in Q3.5, cut toward zero as the output stage cuts.
  static int highest(const FloatLayer& from) {
    if (from.clip <= 0) return kHighest;
    return static_cast<int>(std::min(std::ldexp(static_cast<double>(from.clip), kClipqFractionBits), double{kHighest}));
  }

  void require_q3_5(const model::FloatNode& node) const {
    for (const int tensor : node.inputs) {
      if (tensor == 0 && input_bits_ != kClipqFractionBits) {
        refuse(network_, node.layer.name,
               fmt::format("expected an input of {} fraction bits, the network's has {}", kClipqFractionBits,
                           input_bits_));
      }
    }
  }

  void weighted(const FloatLayer& from, int bits_in, op::Layer& to) {
    const ClipqWeights quantized = clipq_weights(from.weights, options_);
    if (std::ranges::all_of(quantized.level, [](std::int32_t level) { return level == 0; })) {
      refuse(network_, from.name,
             fmt::format("expected a mean of surviving weights of at least 1/32, found levels {:.3g} {:.3g} {:.3g}",
                         quantized.mean[kClipqNegative2], quantized.mean[kClipqNegative1],
                         quantized.mean[kClipqPositive]));
    }
    to.weights = quantized.codes;
    to.wgt_bits = 2;
    to.codebook.assign(quantized.level.begin(), quantized.level.end());
    bias(from, bits_in + kClipqFractionBits, to);
    pass_through(to.out);
    to.out.rule = options_.rule;
    to.out.n = {bits_in};
    result_.notes.back() = fmt::format("levels {}/32 {}/32 {}/32", quantized.level[kClipqNegative2],
                                       quantized.level[kClipqNegative1], quantized.level[kClipqPositive]);
  }

  void bias(const FloatLayer& from, int fraction_bits_of_sum, op::Layer& to) const {
    if (from.bias.size() == 0) return;
    to.bias.resize(from.out_c);
    for (Eigen::Index channel = 0; channel < from.bias.size(); ++channel) {
      const double code = std::round(std::ldexp(static_cast<double>(from.bias(channel)), fraction_bits_of_sum));
      if (!(std::abs(code) <= std::numeric_limits<std::int32_t>::max())) {
        refuse(network_, from.name,
               fmt::format("expected a bias of 32 bits, found {:.3g} in channel {}", code, channel));
      }
      to.bias(channel) = static_cast<std::int32_t>(code);
    }
  }

  const FloatNetwork& network_;
  const ClipqOptions& options_;
  int input_bits_;
  Quantized result_;
};

}  // namespace

ClipqWeights clipq_weights(const model::FloatMatrix& weights, const ClipqOptions& options) {
  if (!(options.fraction >= 0 && options.fraction < 1)) {
    throw std::invalid_argument(fmt::format("expected a fraction in [0, 1), found {}", options.fraction));
  }
  if (!weights.allFinite()) throw std::invalid_argument("expected finite weights");
  ClipqWeights result;
  result.codes.setConstant(weights.rows(), weights.cols(), kClipqZero);
  quantize_side(values_of_sign(weights, true), options, {kClipqPositive}, 1, result);
  quantize_side(values_of_sign(weights, false), options, {kClipqNegative1, kClipqNegative2}, -1, result);
  return result;
}

Quantized quantize_clipq(const model::FloatNetwork& network, const ClipqOptions& options) {
  model::check_float_network(network, network.name);
  if (!(options.fraction >= 0 && options.fraction < 1)) {
    throw base::InputError(network.name, "fraction", fmt::format("expected [0, 1), found {}", options.fraction));
  }
  if (options.rule != fixed::Rounding::clipq && options.rule != fixed::Rounding::trunc) {
    throw base::InputError(network.name, "rule", "expected round_shift_clipq or round_shift_trunc");
  }
  Quantized result = ClipqConverter(network, options).run();
  model::check_network(result.network, network.name);
  return result;
}

}  // namespace systole::quant
