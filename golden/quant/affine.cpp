#include "golden/quant/affine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "golden/model/input_error.h"
#include "golden/model/network_file.h"
#include "golden/op/multiplier.h"
#include "golden/quant/distribution.h"

namespace systole::quant {

namespace {

using model::FloatKind;
using model::FloatLayer;
using model::FloatNetwork;
using model::InputError;

constexpr int kLowest = -128, kHighest = 127;
constexpr int kAddShift = 20;  // head room of TFLite's ADD: 9-bit operands times 2^20 stay below 2^29

/// Smallest and largest value of a tensor over all calibration images.
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};

std::vector<Range> output_ranges(const FloatNetwork& network, std::span<const op::Tensor> calibration) {
  std::vector<Range> ranges(network.nodes.size());
  for_each_calibration_image(network, calibration, [&](const model::FloatTensor&, const auto& outputs) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      ranges[i].low = std::min(ranges[i].low, static_cast<double>(outputs[i].data.minCoeff()));
      ranges[i].high = std::max(ranges[i].high, static_cast<double>(outputs[i].data.maxCoeff()));
    }
  });
  return ranges;
}

/// Builds the integer network node by node; scales_[t] belongs to tensor t (0 = input, i + 1 = output of node i).
class Quantizer {
 public:
  Quantizer(const FloatNetwork& network, std::span<const op::Tensor> calibration, const AffineOptions& options)
      : network_(network),
        options_(options),
        levels_((1 << (options.weight_bits - 1)) - 1),
        ranges_(output_ranges(network, calibration)) {}

  Quantized run() {
    Quantized result{{network_.name, input(), {}, network_.classes}, {}, {}};
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      const model::FloatNode& node = network_.nodes[i];
      scales_.push_back(output_scale(node, ranges_[i]));
      note_ = fmt::format("scale {:.5g}, zero {}", scales_.back().scale, scales_.back().zero);
      result.network.nodes.push_back({layer(node), node.inputs});
      result.notes.push_back(note_);
    }
    for (const AffineScale& scale : scales_) result.tensors.push_back({{scale.scale}, scale.zero});
    return result;
  }

 private:
  /// int8 pixels: q = pixel - 128, so real = pixel_scale * (q - (pixel_zero - 128)) is exact.
  model::Input input() {
    const model::FloatInput& in = network_.input;
    scales_.assign(1, {static_cast<double>(in.pixel_scale), in.pixel_zero + kLowest});
    return {in.height, in.width, in.channels, true, 8, kLowest};
  }

  [[nodiscard]] const AffineScale& scale(int tensor) const { return scales_[static_cast<std::size_t>(tensor)]; }

  [[nodiscard]] AffineScale output_scale(const model::FloatNode& node, const Range& range) const {
    if (keeps_scale(node.layer.kind)) return scale(node.inputs[0]);
    try {
      return affine_scale(range.low, range.high);
    } catch (const std::invalid_argument& problem) {
      refuse(network_, node.layer.name, problem.what());
    }
  }

  [[nodiscard]] op::Layer layer(const model::FloatNode& node) {
    const FloatLayer& from = node.layer;
    op::Layer to = geometry(network_, from);
    to.zero_in = scale(node.inputs[0]).zero;
    to.out.zero_out = scales_.back().zero;
    to.out.act_min = from.relu ? to.out.zero_out : kLowest;
    to.out.act_max = kHighest;
    switch (from.kind) {
      case FloatKind::conv2d:
      case FloatKind::depthwise:
      case FloatKind::fully_connected:
        weighted(from, scale(node.inputs[0]).scale, to);
        break;
      case FloatKind::max_pool:
        pass_through(to.out);  // the psum is act - zero_in, and zero_out = zero_in restores it
        break;
      case FloatKind::avg_pool:
        average(to);
        break;
      case FloatKind::add:
        add(scale(node.inputs[0]), scale(node.inputs[1]), to);
        break;
      case FloatKind::concat:
        break;  // refused by geometry
    }
    return to;
  }

  void weighted(const FloatLayer& from, double scale_in, op::Layer& to) {
    to.wgt_bits = options_.weight_bits;
    const Eigen::VectorXd scales = weight_scales(from);
    to.weights.resize(from.weights.rows(), from.weights.cols());
    if (from.bias.size() != 0) to.bias.resize(from.out_c);
    to.out.rule = fixed::Rounding::double_rounding;
    std::tie(to.out.m0, to.out.lshift, to.out.n) =
        std::tuple(std::vector<std::int32_t>{}, std::vector<int>{}, std::vector<int>{});
    for (Eigen::Index channel = 0; channel < scales.size(); ++channel) {
      for (Eigen::Index column = 0; column < from.weights.cols(); ++column) {
        const long code = std::lround(static_cast<double>(from.weights(channel, column)) / scales(channel));
        to.weights(channel, column) = static_cast<std::int32_t>(std::clamp<long>(code, -levels_, levels_));
      }
      const double psum_scale = scale_in * scales(channel);
      if (from.bias.size() != 0) to.bias(channel) = bias(from, channel, psum_scale);
      const op::Multiplier m =
          multiplier(from.name, fmt::format("channel {}: ", channel), psum_scale / scales_.back().scale);
      to.out.m0.push_back(m.m0);
      to.out.lshift.push_back(m.lshift);
      to.out.n.push_back(m.n);
    }
  }

  [[nodiscard]] Eigen::VectorXd weight_scales(const FloatLayer& from) {
    Eigen::VectorXd scales = from.weights.cast<double>().cwiseAbs().rowwise().maxCoeff() / levels_;
    const double largest = scales.maxCoeff();
    if (!(largest >= std::numeric_limits<float>::min()))
      refuse(network_, from.name, "expected weights that are not all zero");
    scales = (scales.array() > 0).select(scales, largest);
    if (options_.weight_scale == WeightScale::layer) scales.setConstant(largest);
    if (options_.weight_scale == WeightScale::network) scales.setConstant(network_weight_scale());
    if (options_.optimal_range) narrow(from, scales);
    return scales;
  }

  [[nodiscard]] double network_weight_scale() const {
    float largest = 0;
    for (const auto& [layer, inputs] : network_.nodes) {
      if (layer.weights.size() != 0) largest = std::max(largest, layer.weights.cwiseAbs().maxCoeff());
    }
    return static_cast<double>(largest) / levels_;
  }

  /// Replaces each scale by the one with the least squared error over what shares it in this layer.
  void narrow(const FloatLayer& from, Eigen::VectorXd& scales) {
    double before = 0, after = 0;
    const bool by_channel = options_.weight_scale == WeightScale::channel;
    const Eigen::Index parts = by_channel ? from.weights.rows() : 1;
    const auto length = static_cast<std::size_t>(from.weights.size() / parts);
    for (Eigen::Index part = 0; part < parts; ++part) {
      const Distribution values = distribution_of({from.weights.row(part).data(), length});
      const double old = scales(part);
      const double alpha = best_alpha(values, levels_);
      const double scale = alpha > 0 ? alpha / levels_ : old;
      before += squared_error(values, old, 0, -levels_, levels_);
      after += squared_error(values, scale, 0, -levels_, levels_);
      if (by_channel) {
        scales(part) = scale;
      } else {
        scales.setConstant(scale);
      }
    }
    const double gain = after > 0 ? 10 * std::log10(before / after) : 0;
    note_ += fmt::format(", optimal range gains {:.2f} dB", gain);
  }

  [[nodiscard]] std::int32_t bias(const FloatLayer& from, Eigen::Index channel, double psum_scale) const {
    const double code = std::round(static_cast<double>(from.bias(channel)) / psum_scale);
    if (!(std::abs(code) <= std::numeric_limits<std::int32_t>::max())) {
      refuse(network_, from.name,
             fmt::format("expected a bias of 32 bits at scale {:.3g}, found {:.3g} in channel {}", psum_scale, code,
                         channel));
    }
    return static_cast<std::int32_t>(code);
  }

  /// `place` is what the message names besides the layer: "channel 3: " or nothing.
  [[nodiscard]] op::Multiplier multiplier(const std::string& name, const std::string& place, double real) const {
    try {
      return op::quantize_multiplier(real);
    } catch (const std::invalid_argument& problem) {
      refuse(network_, name, place + problem.what());
    }
  }

  /// TFLite's ADD: both operands brought to 2 max(S_a, S_b) / 2^20, added, brought to S_out.
  void add(const AffineScale& a, const AffineScale& b, op::Layer& to) const {
    const double common = 2 * std::max(a.scale, b.scale);
    to.add_a = add_operand(to.name, a, common);
    to.add_b = add_operand(to.name, b, common);
    to.out.rule = fixed::Rounding::double_rounding;
    const op::Multiplier m = multiplier(to.name, "", common / scales_.back().scale / (1 << kAddShift));
    std::tie(to.out.m0, to.out.lshift, to.out.n) =
        std::tuple(std::vector{m.m0}, std::vector{m.lshift}, std::vector{m.n});
  }

  [[nodiscard]] op::AddOperand add_operand(const std::string& name, const AffineScale& operand, double common) const {
    const op::Multiplier m = multiplier(name, "", operand.scale / common);  // at most 0.5: no left shift of its own
    return {operand.zero, m.m0, kAddShift + m.lshift, m.n};
  }

  const FloatNetwork& network_;
  const AffineOptions& options_;
  int levels_;  ///< largest weight code
  std::vector<Range> ranges_;
  std::vector<AffineScale> scales_;
  std::string note_;  ///< of the layer at hand
};

}  // namespace

AffineScale affine_scale(double low, double high) {
  if (!std::isfinite(low) || !std::isfinite(high) || low > high) {
    throw std::invalid_argument(fmt::format("expected a finite range, found {} .. {}", low, high));
  }
  low = std::min(low, 0.0);
  high = std::max(high, 0.0);
  if (high - low < std::numeric_limits<float>::min()) {
    throw std::invalid_argument("expected values that are not all zero, there is nothing to scale");
  }
  const double scale = (high - low) / (kHighest - kLowest);
  return {scale, static_cast<int>(std::lround(kLowest - low / scale))};
}

model::Network quantize_affine(const FloatNetwork& network, std::span<const op::Tensor> calibration) {
  return quantize_affine(network, calibration, AffineOptions{}).network;
}

Quantized quantize_affine(const model::FloatNetwork& network, std::span<const op::Tensor> calibration,
                          const AffineOptions& options) {
  model::check_float_network(network, network.name);
  const int bits = options.weight_bits;
  if (bits != 4 && bits != 8 && bits != 12 && bits != 16) {
    throw InputError(network.name, "weight bits", fmt::format("expected 4, 8, 12 or 16, found {}", bits));
  }
  if (options.optimal_range && options.weight_scale == WeightScale::network) {
    throw InputError(network.name, "optimal range", "expected a weight scale per layer or per channel");
  }
  Quantized result = Quantizer(network, calibration, options).run();
  model::check_network(result.network, network.name);
  return result;
}

}  // namespace systole::quant
