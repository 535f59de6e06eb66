// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/pact4.h"

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
#include "golden/op/multiplier.h"
#include "golden/op/validate.h"
#include "golden/quant/affine_scale.h"
#include "golden/quant/distribution.h"

namespace systole::quant {

namespace {

using model::FloatLayer;
using model::FloatNetwork;
using op::Kind;

constexpr int kWeightLevels = 7;  // 2^(4-1) - 1
constexpr int kActLevels = 15;    // 2^4 - 1
constexpr int kInt8Levels = 127;
constexpr int kMostBits = 8;  // of weights: what layers have that read an image of 8 bits
/// Head room of an add: operands of b bits at most half their scale's weight, so that both together stay below
/// 2^(b + shift). Of 4 bits that is 2^15, what 16-bit psums hold; of 8 bits 2^28.
constexpr int kAddShift4 = 11, kAddShift8 = 20;

op::Matrix codes(const model::FloatMatrix& weights, double delta, int levels) {
  const auto rounded = (weights.cast<double>() / delta).array().round();
  return rounded.max(-double(levels)).min(double(levels)).cast<std::int32_t>();
}

/// A tensor's element type.
struct Element {
  bool is_signed = false;
  int bits = 4;
  bool operator==(const Element&) const = default;
};

/// Builds the integer network node by node.
class Pact4Converter {
 public:
  Pact4Converter(const FloatNetwork& network, std::span<const op::Tensor> calibration, const Pact4Options& options)
      : network_(network),
        options_(options),
        distributions_(distributions(network, calibration, [](std::size_t) { return 0; })) {}

  Quantized run() {
    result_.network = {network_.name, input(), {}, network_.classes, {}};
    elements_.push_back({true, options_.input_bits});
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      const model::FloatNode& node = network_.nodes[i];
      raw_ = i + 1 == network_.nodes.size() && op::has_weights(node.layer.kind) && !node.layer.relu;
      output_type(node, i);
      result_.network.nodes.push_back({layer(node), node.inputs});
    }
    return std::move(result_);
  }

 private:
  /// The image, whose scale is the first tensor's.
  model::Input input() {
    const model::FloatInput& from = network_.input;
    const int bits = options_.input_bits, shift = kPixelBits - bits, step = 1 << shift, half = 1 << (bits - 1);
    // The zero point is the element nearest to the pixel that means 0, which is then in the middle of its step.
    const int zero = std::min((from.pixel_zero + step / 2) >> shift, 2 * half - 1);
    const int offset = step / 2 + zero * step - from.pixel_zero;
    result_.tensors.push_back({{step * static_cast<double>(from.pixel_scale)}, zero - half});
    model::Input to{from.height, from.width, from.channels, true, bits, offset - half * step};
    to.pixel_shift = shift;
    return to;
  }

  [[nodiscard]] const TensorScale& scale(int tensor) const { return result_.tensors[static_cast<std::size_t>(tensor)]; }
  [[nodiscard]] const Element& element(int tensor) const { return elements_[static_cast<std::size_t>(tensor)]; }

  /// Element type and scale of node i's output; a raw output's scale follows with its weights.
  void output_type(const model::FloatNode& node, std::size_t i) {
    if (keeps_scale(node.layer.kind)) {
      elements_.push_back(element(node.inputs[0]));
      result_.tensors.push_back(scale(node.inputs[0]));
    } else {
      elements_.emplace_back();
      result_.tensors.push_back(raw_ ? TensorScale{} : activation(node.layer, distributions_[i + 1][0]));
    }
    const TensorScale& made = result_.tensors.back();
    const std::string zero = made.zero == 0 ? "" : fmt::format(", zero {}", made.zero);
    result_.notes.push_back(raw_ ? "raw" : fmt::format("a_delta {:.5g}{}", made.scale[0], zero));
  }

  /// Unsigned codes; where values are negative the one that means 0 is in between.
  [[nodiscard]] TensorScale activation(const FloatLayer& from, const Distribution& distribution) const {
    if (distribution.low >= 0) return {{act_delta(from, distribution)}, 0};
    const AffineCodes codes{4, false};
    const auto error = [&](const AffineScale& scale) { return squared_error({&distribution, 1}, scale, codes); };
    try {
      const AffineScale best = optimal_scale(distribution.low, distribution.high, codes, error);
      return {{best.scale}, best.zero - codes.low()};
    } catch (const std::invalid_argument& problem) {
      refuse(network_, from.name, problem.what());
    }
  }

  [[nodiscard]] double act_delta(const FloatLayer& from, const Distribution& distribution) const {
    const double alpha = from.clip > 0 ? static_cast<double>(from.clip) : best_alpha(distribution, kActLevels);
    if (!(alpha / kActLevels >= std::numeric_limits<float>::min())) {
      refuse(network_, from.name, "expected outputs that are not all zero on the calibration images");
    }
    return alpha / kActLevels;
  }

  [[nodiscard]] op::Layer layer(const model::FloatNode& node) {
    op::Layer to = geometry(node.layer);
    const Element& in = element(node.inputs[0]);
    for (const int tensor : node.inputs) {
      if (element(tensor) == in) continue;
      refuse(network_, node.layer.name, "expected inputs of one element type, found the image beside another tensor");
    }
    to.act_signed = in.is_signed;
    to.act_bits = in.bits;
    to.zero_in = scale(node.inputs[0]).zero;
    to.out.zero_out = result_.tensors.back().zero;
    const op::ElementRange out = op::element_range(elements_.back().is_signed, elements_.back().bits);
    to.out.act_min = node.layer.relu ? to.out.zero_out : out.low;
    to.out.act_max = out.high;
    if (op::has_weights(node.layer.kind)) {
      weighted(node.layer, scale(node.inputs[0]).scale[0], to);
    } else if (node.layer.kind == Kind::avg_pool) {
      average(to);
    } else if (node.layer.kind == Kind::add) {
      add(node, to);
    } else if (node.layer.kind == Kind::concat) {
      concat(node, to);
    } else {
      pass_through(to.out);
    }
    return to;
  }

  void weighted(const FloatLayer& from, double scale_in, op::Layer& to) {
    const bool four_bits = to.act_bits == 4;
    to.wgt_bits = bits_of(options_.layer_bits, from.name, four_bits ? 4 : kMostBits);
    const double delta = to.wgt_bits < kMostBits ? narrow_weights(from, to) : int8_weights(from, to);
    if (four_bits && to.wgt_bits <= 4) {
      to.psum_width = options_.psum_width;
      to.saturate = true;
      to.psum_bits = options_.psum_width - 1;
    }
    bias(from, scale_in * delta, to);
    const std::string bits = options_.layer_bits.contains(from.name) ? fmt::format("{} bits, ", to.wgt_bits) : "";
    result_.notes.back() = fmt::format("{}w_delta {:.5g}, {}", bits, delta, result_.notes.back());
    to.out.raw = raw_;
    if (raw_) {
      result_.tensors.back().scale = {scale_in * delta};
    } else {
      set_multiplier(to, scale_in * delta / result_.tensors.back().scale[0]);
    }
  }

  double narrow_weights(const FloatLayer& from, op::Layer& to) const {
    const auto count = static_cast<std::size_t>(from.weights.size());
    const int levels = (1 << (to.wgt_bits - 1)) - 1;
    return grid(from, to, best_alpha(distribution_of({from.weights.data(), count}), levels), levels);
  }

  double int8_weights(const FloatLayer& from, op::Layer& to) const {
    return grid(from, to, static_cast<double>(from.weights.cwiseAbs().maxCoeff()), kInt8Levels);
  }

  double grid(const FloatLayer& from, op::Layer& to, double alpha, int levels) const {
    const double delta = alpha / levels;
    if (!(delta >= std::numeric_limits<float>::min())) {
      refuse(network_, from.name, "expected weights that are not all zero");
    }
    to.weights = codes(from.weights, delta, levels);
    return delta;
  }

  void bias(const FloatLayer& from, double psum_scale, op::Layer& to) const {
    if (from.bias.size() == 0) return;
    const double largest = std::ldexp(1.0, to.psum_width - 1) - 1;
    to.bias.resize(from.out_c);
    for (Eigen::Index channel = 0; channel < from.bias.size(); ++channel) {
      const double code = std::round(static_cast<double>(from.bias(channel)) / psum_scale);
      if (!(std::abs(code) <= largest)) {
        refuse(network_, from.name,
               fmt::format("expected a bias of {} bits at scale {:.3g}, found {:.3g} in channel {}", to.psum_width,
                           psum_scale, code, channel));
      }
      to.bias(channel) = static_cast<std::int32_t>(code);
    }
  }

  [[nodiscard]] op::Multiplier multiplier(const std::string& name, double real) const {
    try {
      return op::quantize_multiplier(real);
    } catch (const std::invalid_argument& problem) {
      refuse(network_, name, problem.what());
    }
  }

  void set_multiplier(op::Layer& to, double real) const {
    const op::Multiplier m = multiplier(to.name, real);
    to.out.rule = fixed::Rounding::half_up;
    to.out.m0 = {m.m0};
    to.out.lshift = {m.lshift};
    to.out.n = {m.n};
  }

  void add(const model::FloatNode& node, op::Layer& to) const {
    const TensorScale& a = scale(node.inputs[0]);
    const TensorScale& b = scale(node.inputs[1]);
    const int shift = to.act_bits == 4 ? kAddShift4 : kAddShift8;
    const double common = 2 * std::max(a.scale[0], b.scale[0]);
    const auto operand = [&](const TensorScale& from) {
      const op::Multiplier m = multiplier(to.name, from.scale[0] / common);  // at most 0.5: no left shift of its own
      return op::AddOperand{from.zero, m.m0, shift + m.lshift, m.n};
    };
    to.add_a = operand(a);
    to.add_b = operand(b);
    to.zero_in = 0;
    set_multiplier(to, common / result_.tensors.back().scale[0] / (1 << shift));
  }

  /// Each input's channels come from its own scale and zero point to the output's.
  void concat(const model::FloatNode& node, op::Layer& to) const {
    to.zero_in = 0;
    to.out.rule = fixed::Rounding::half_up;
    to.out.m0.clear();
    to.out.lshift.clear();
    to.out.n.clear();
    for (const int tensor : node.inputs) {
      const TensorScale& from = scale(tensor);
      const int channels = model::tensor_shape(network_, tensor).channels;
      to.concat.push_back({channels, from.zero, 0});
      const op::Multiplier m = multiplier(to.name, from.scale[0] / result_.tensors.back().scale[0]);
      const auto count = static_cast<std::size_t>(channels);
      to.out.m0.insert(to.out.m0.end(), count, m.m0);
      to.out.lshift.insert(to.out.lshift.end(), count, m.lshift);
      to.out.n.insert(to.out.n.end(), count, m.n);
    }
  }

  const FloatNetwork& network_;
  const Pact4Options& options_;
  std::vector<std::vector<Distribution>> distributions_;
  std::vector<Element> elements_;  ///< by tensor
  Quantized result_;
  bool raw_ = false;  ///< the layer at hand is the last and leaves its psums
};

}  // namespace

op::Matrix pact4_weights(const model::FloatMatrix& weights, double alpha) {
  const double delta = alpha / kWeightLevels;
  if (!(delta >= std::numeric_limits<float>::min())) {
    throw std::invalid_argument(fmt::format("expected an alpha above 0, found {}", alpha));
  }
  return codes(weights, delta, kWeightLevels);
}

Quantized quantize_pact4(const model::FloatNetwork& network, std::span<const op::Tensor> calibration,
                         const Pact4Options& options) {
  model::check_float_network(network, network.name);
  check_layer_bits(network, options.layer_bits, 2, kMostBits);
  if (options.psum_width < 8 || options.psum_width > 32) {
    throw base::InputError(network.name, "psum width", fmt::format("expected 8 .. 32, found {}", options.psum_width));
  }
  if (options.input_bits != 4 && options.input_bits != kPixelBits) {
    throw base::InputError(network.name, "input bits", fmt::format("expected 4 or 8, found {}", options.input_bits));
  }
  Quantized result = Pact4Converter(network, calibration, options).run();
  model::check_network(result.network, network.name);
  return result;
}

}  // namespace systole::quant
