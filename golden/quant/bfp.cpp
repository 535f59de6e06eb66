// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/bfp.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/input_error.h"
#include "golden/format/network_file.h"
#include "golden/op/validate.h"
#include "golden/quant/bfp_as_published.h"

namespace systole::quant {

namespace {

using model::FloatLayer;
using model::FloatNetwork;
using op::Kind;

constexpr int kLowestExponent = -126, kHighestExponent = 127;  // of float32's normal numbers
constexpr int kExponents = 5;  // the maximum's exponent and four below: a sixteenth of the range is left at least
constexpr int kLargestShift = 31;
constexpr int kLeastMantissa = 5, kMostMantissa = 12;

std::int32_t largest_mantissa(int bits) { return (1 << (bits - 1)) - 1; }

/// Of outputs.
struct MantissaRange {
  std::int32_t low, high;
};

double clamped_mantissa(double value, int exponent, int bits) {
  const double largest = largest_mantissa(bits);
  return std::clamp(std::floor(std::ldexp(value, -exponent) + 0.5), -largest - 1, largest);
}

/// The channels of a tensor and the exponents of its blocks.
struct Blocks {
  int channels = 1;
  int size = 1;  ///< channels of a block
  std::vector<int> exponent;

  [[nodiscard]] int of(int channel) const { return exponent[static_cast<std::size_t>(channel / size)]; }
  [[nodiscard]] int largest() const { return *std::ranges::max_element(exponent); }
};

/// Builds the integer network node by node.
class BfpConverter {
 public:
  BfpConverter(const FloatNetwork& network, std::span<const op::Tensor> calibration, const BfpOptions& options)
      : BfpConverter(network, options, nullptr) {
    distributions_ = distributions(network, calibration, [this](std::size_t tensor) { return block_size(tensor); });
  }
  explicit BfpConverter(const PublishedBfp& published)
      : BfpConverter(published.network, published.options, &published) {}

  Quantized run() {
    image();
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) {
      const model::FloatNode& node = network_.nodes[i];
      blocks_.push_back(output_blocks(node, i + 1));
      const bool pools = keeps_scale(node.layer.kind);
      bits_.push_back(pools ? bits_[static_cast<std::size_t>(node.inputs[0])] : options_.mantissa_bits);
      result_.tensors.push_back(scales(blocks_.back(), 0));
      result_.notes.push_back(fmt::format("exponents {}", fmt::join(blocks_.back().exponent, " ")));
      result_.network.nodes.push_back({layer(node), node.inputs});
    }
    return std::move(result_);
  }

 private:
  BfpConverter(const FloatNetwork& network, const BfpOptions& options, const PublishedBfp* published)
      : network_(network),
        options_(options),
        published_(published),
        range_(exponent_range(options.exponent_bits, options.mantissa_bits)),
        one_block_(find_one_blocks()) {}

  // ---- blocks

  /// Tensors that must be one block: the image, the network's outputs, what has an upper bound, and what is read by an
  /// add, a concat, or a fully connected layer whose tiles run over pixels. A pool keeps its input's blocks, so that
  /// the demand goes up through it.
  [[nodiscard]] std::vector<bool> find_one_blocks() const {
    std::vector<bool> one(network_.nodes.size() + 1, options_.group == 0);
    one.front() = true;  // the image: pixels have one scale
    one.back() = true;   // the network's outputs: whoever takes the largest compares mantissas
    for (std::size_t i = network_.nodes.size(); i-- > 0;) {
      const auto& [layer, inputs] = network_.nodes[i];
      const bool joins = layer.kind == Kind::add || layer.kind == Kind::concat;
      const bool flattens = layer.kind == Kind::fully_connected && layer.in_h * layer.in_w > 1;
      if (layer.kind == Kind::concat) one[i + 1] = true;  // its inputs come to one common exponent
      if (layer.clip > 0) one[i + 1] = true;              // an upper bound is one mantissa for all channels
      if (!joins && !flattens && !(keeps_scale(layer.kind) && one[i + 1])) continue;
      for (const int tensor : inputs) one[static_cast<std::size_t>(tensor)] = true;
    }
    return one;
  }

  [[nodiscard]] int block_size(std::size_t tensor) const { return one_block_[tensor] ? 0 : options_.group; }

  [[nodiscard]] const Blocks& blocks(int tensor) const { return blocks_[static_cast<std::size_t>(tensor)]; }

  void image() {
    const model::FloatInput& in = network_.input;
    int exponent = 0;
    if (std::frexp(static_cast<double>(in.pixel_scale), &exponent) != 0.5) {
      throw base::InputError(
          network_.name, "input.pixel_scale",
          fmt::format("expected a power of two: a block has no other scale, found {}", in.pixel_scale));
    }
    blocks_.push_back({in.channels, in.channels, {exponent - 1}});
    result_.network = {
        network_.name, {in.height, in.width, in.channels, true, kPixelBits, kPixelOffset}, {}, network_.classes, {}};
    result_.tensors.push_back(scales(blocks_[0], in.pixel_zero + kPixelOffset));
  }

  static TensorScale scales(const Blocks& blocks, int zero) {
    TensorScale result{{}, zero};
    for (int channel = 0; channel < blocks.channels; ++channel) {
      result.scale.push_back(std::ldexp(1.0, blocks.of(channel)));
    }
    return result;
  }

  [[nodiscard]] Blocks output_blocks(const model::FloatNode& node, std::size_t tensor) const {
    const int channels = node.layer.out_c;
    if (keeps_scale(node.layer.kind)) return blocks(node.inputs[0]);
    if (node.layer.kind == Kind::concat) {
      int common = kLowestExponent;
      for (const int input : node.inputs) common = std::max(common, blocks(input).largest());
      return {channels, channels, {common}};
    }
    if (published_ != nullptr) return {channels, channels, {step_of(published_->activations[tensor - 1][0])}};
    const int size = block_size(tensor);
    Blocks result{channels, size == 0 ? channels : size, {}};
    const std::vector<Distribution>& groups = distributions_[tensor];
    double largest = 0;
    for (const Distribution& group : groups) largest = std::max(largest, group.largest_magnitude());
    for (const Distribution& group : groups) {
      result.exponent.push_back(activation_exponent(node.layer, group, largest));
    }
    return result;
  }

  /// e of value = mantissa * 2^e for an exponent of the authors'.
  [[nodiscard]] int step_of(int published) const { return published_step(published, options_.mantissa_bits); }

  /// Mantissas of `bits` bits.
  [[nodiscard]] MantissaRange mantissas(int bits) const {
    const std::int32_t largest = largest_mantissa(bits);
    return published_ != nullptr ? MantissaRange{-largest + 1, largest - 1} : MantissaRange{-largest - 1, largest};
  }

  /// A block that is zero on every image takes the exponent of the tensor's largest value.
  [[nodiscard]] int activation_exponent(const FloatLayer& layer, const Distribution& group, double largest) const {
    const bool silent = !(group.largest_magnitude() >= std::numeric_limits<float>::min());
    try {
      if (silent || options_.exponent == BfpExponent::maximum) {
        return range_.clamp(maximum_exponent(silent ? largest : group.largest_magnitude(), options_.mantissa_bits));
      }
      return range_.clamp(kl_exponent(group, options_.mantissa_bits));
    } catch (const std::invalid_argument& problem) {
      refuse(network_, layer.name, std::string("outputs: ") + problem.what());
    }
  }

  // ---- layers

  [[nodiscard]] op::Layer layer(const model::FloatNode& node) {
    const bool concat = node.layer.kind == Kind::concat;
    op::Layer to = geometry(node.layer);
    to.act_bits = 0;
    for (const int tensor : node.inputs) to.act_bits = std::max(to.act_bits, bits_[static_cast<std::size_t>(tensor)]);
    to.wgt_bits = weight_bits(node.layer);
    to.tile_channels = options_.rows;
    to.zero_in = result_.tensors[static_cast<std::size_t>(node.inputs[0])].zero;
    const MantissaRange range = mantissas(bits_.back());
    to.out.act_min = node.layer.relu ? 0 : range.low;
    to.out.act_max = range.high;
    to.out.rule = fixed::Rounding::half_up;
    if (op::has_weights(node.layer.kind)) {
      weighted(node, to);
    } else if (node.layer.kind == Kind::add) {
      add(node, to);
    } else if (concat) {
      join(node, to);
    } else {
      pool(node, to);
    }
    if (node.layer.clip > 0) to.out.act_max = std::min(to.out.act_max, bound(node.layer.clip));
    return to;
  }

  /// The mantissa of the output's largest value, behind its zero point.
  [[nodiscard]] int bound(float clip) const {
    const double mantissa = std::ldexp(static_cast<double>(clip), -blocks_.back().exponent[0]);
    const auto highest = static_cast<double>(mantissas(bits_.back()).high);
    return result_.tensors.back().zero + static_cast<int>(std::floor(std::min(mantissa, highest) + 0.5));
  }

  void weighted(const model::FloatNode& node, op::Layer& to) {
    const FloatLayer& from = node.layer;
    const Blocks& in = blocks(node.inputs[0]);
    const bool depthwise = from.kind == Kind::depthwise;
    if (!depthwise) align(from, in, to);
    to.weights.resize(from.weights.rows(), from.weights.cols());
    if (from.bias.size() != 0) to.bias.resize(from.out_c);
    std::vector<int> shifts;
    int lowest = kHighestExponent, highest = kLowestExponent;
    for (int oc = 0; oc < from.out_c; ++oc) {
      const int exponent_in = depthwise ? in.of(oc / (from.out_c / from.in_c)) : in.largest();
      int exponent_w = weight_exponent(from, oc);
      channel(from, oc, exponent_w, exponent_in, to);
      while (largest_sum(to, oc) > std::numeric_limits<std::int32_t>::max()) {
        channel(from, oc, ++exponent_w, exponent_in, to);
      }
      lowest = std::min(lowest, exponent_w);
      highest = std::max(highest, exponent_w);
      const int unit = exponent_w + exponent_in;
      shifts.push_back(blocks_.back().of(oc) - unit);
    }
    set_shifts(shifts, to);
    const std::string bits = options_.layer_bits.contains(from.name) ? fmt::format(" of {} bits", to.wgt_bits) : "";
    result_.notes.back() = fmt::format("weights{} {} .. {}, {}", bits, lowest, highest, result_.notes.back());
  }

  /// Weights and bias of one output channel.
  void channel(const FloatLayer& from, int oc, int exponent_w, int exponent_in, op::Layer& to) const {
    for (Eigen::Index column = 0; column < from.weights.cols(); ++column) {
      const auto value = static_cast<double>(from.weights(oc, column));
      to.weights(oc, column) = static_cast<std::int32_t>(clamped_mantissa(value, exponent_w, weight_bits(from)));
    }
    bias(from, oc, exponent_w + exponent_in, to);
  }

  /// Upper bound of |psum| for any input of the layer's type: alignment only makes it smaller.
  static std::int64_t largest_sum(const op::Layer& to, int oc) {
    const std::int64_t activation = (std::int64_t{1} << (to.act_bits - 1)) + std::abs(to.zero_in);
    const std::int64_t weights = to.weights.row(oc).cast<std::int64_t>().cwiseAbs().sum();
    const std::int64_t constant = to.bias.size() == 0 ? 0 : std::abs(std::int64_t{to.bias(oc)});
    return activation * weights + constant;
  }

  /// One shift per ic tile. A tile lies in one block: blocks are whole tensors or multiples of `rows` channels.
  void align(const FloatLayer& from, const Blocks& in, op::Layer& to) const {
    if (in.exponent.size() == 1) return;
    for (int channel = 0; channel < from.in_c; channel += options_.rows) {
      to.align.push_back(std::min(kLargestShift, in.largest() - in.of(channel)));
    }
  }

  [[nodiscard]] int weight_bits(const FloatLayer& from) const {
    return bits_of(options_.layer_bits, from.name, options_.mantissa_bits);
  }

  /// A channel of zeros takes the layer's largest exponent.
  [[nodiscard]] int weight_exponent(const FloatLayer& from, int oc) const {
    if (published_ != nullptr) {
      const std::vector<int>& exponents = published_->weights[result_.network.nodes.size()];  // of the node being made
      const bool silent = from.weights.row(oc).isZero(0);
      return step_of(silent ? std::ranges::max(exponents) : exponents[static_cast<std::size_t>(oc)]);
    }
    const auto largest = static_cast<double>(from.weights.row(oc).cwiseAbs().maxCoeff());
    const auto of_layer = static_cast<double>(from.weights.cwiseAbs().maxCoeff());
    try {
      const bool silent = !(largest >= std::numeric_limits<float>::min());
      const int bits = weight_bits(from);
      const ExponentRange range = exponent_range(options_.exponent_bits, bits);
      return range.clamp(maximum_exponent(silent ? of_layer : largest, bits));
    } catch (const std::invalid_argument& problem) {
      refuse(network_, from.name, std::string("weights: ") + problem.what());
    }
  }

  void bias(const FloatLayer& from, int oc, int unit, op::Layer& to) const {
    if (from.bias.size() == 0) return;
    const double code = std::round(std::ldexp(static_cast<double>(from.bias(oc)), -unit));
    if (!(std::abs(code) <= std::numeric_limits<std::int32_t>::max())) {
      refuse(network_, from.name,
             fmt::format("expected a bias of 32 bits at exponent {}, found {:.3g} in channel {}", unit, code, oc));
    }
    to.bias(oc) = static_cast<std::int32_t>(code);
  }

  /// Constant right shifts by channel, to the left where negative; no multiplier.
  void set_shifts(const std::vector<int>& shifts, op::Layer& to) const {
    to.out.multiply = false;
    to.out.lshift.clear();
    to.out.n.clear();
    for (const int shift : shifts) {
      if (shift < -kLargestShift) {
        refuse(network_, to.name, fmt::format("expected a shift of at most 31 to the left, found {}", -shift));
      }
      to.out.lshift.push_back(std::max(0, -shift));
      to.out.n.push_back(std::clamp(shift, 0, kLargestShift));
    }
  }

  void add(const model::FloatNode& node, op::Layer& to) const {
    const int a = blocks(node.inputs[0]).exponent[0];
    const int b = blocks(node.inputs[1]).exponent[0];
    const int common = std::max(a, b);
    // requantize(x, 1, 2^30, 1, n) = rule(x / 2^n): the multiplier path with a factor of one.
    to.add_a = {zero(node.inputs[0]), std::int32_t{1} << 30, 1, std::min(kLargestShift, common - a)};
    to.add_b = {zero(node.inputs[1]), std::int32_t{1} << 30, 1, std::min(kLargestShift, common - b)};
    to.zero_in = 0;
    // One block per operand, any number per output: an output block of its own is a constant shift per channel.
    std::vector<int> shifts;
    shifts.reserve(static_cast<std::size_t>(to.out_c));
    for (int channel = 0; channel < to.out_c; ++channel) shifts.push_back(blocks_.back().of(channel) - common);
    set_shifts(shifts, to);
  }

  void join(const model::FloatNode& node, op::Layer& to) const {
    to.zero_in = 0;
    for (const int input : node.inputs) {
      const int shift = blocks_.back().exponent[0] - blocks(input).exponent[0];
      to.concat.push_back({blocks(input).channels, zero(input), std::min(kLargestShift, shift)});
    }
    pass_through(to.out);
  }

  void pool(const model::FloatNode& node, op::Layer& to) {
    const int zero_point = zero(node.inputs[0]);
    to.out.zero_out = zero_point;
    if (node.layer.relu) to.out.act_min = zero_point;
    result_.tensors.back().zero = zero_point;
    if (node.layer.kind == Kind::avg_pool) {
      average(to);
    } else {
      pass_through(to.out);
    }
  }

  [[nodiscard]] int zero(int tensor) const { return result_.tensors[static_cast<std::size_t>(tensor)].zero; }

  const FloatNetwork& network_;
  const BfpOptions& options_;
  const PublishedBfp* published_;  ///< or null: then exponents are ours
  ExponentRange range_;
  std::vector<bool> one_block_;  ///< by tensor
  std::vector<std::vector<Distribution>> distributions_;
  std::vector<Blocks> blocks_;         ///< by tensor
  std::vector<int> bits_{kPixelBits};  ///< of a tensor's elements; pools keep their input's
  Quantized result_;
};

/// Zero is exact at any exponent. Left in, the zeros of a ReLU, a spike within one bin, would outweigh everything else
/// and reward the finest mantissa whatever it clips.
Distribution without_zero(Distribution distribution) {
  if (distribution.low > 0 || distribution.high < 0 || !(distribution.bin_width() > 0)) return distribution;
  const auto bin = static_cast<std::size_t>(-distribution.low / distribution.bin_width());
  distribution.counts[std::min(bin, distribution.counts.size() - 1)] = 0;
  return distribution;
}

void expect(bool good, const FloatNetwork& network, const char* field, const std::string& expected) {
  if (!good) throw base::InputError(network.name, field, "expected " + expected);
}

void check_options(const FloatNetwork& network, const BfpOptions& options) {
  check_bfp_widths(network, options);
  expect(options.rows >= 1, network, "rows", fmt::format("at least 1, found {}", options.rows));
  expect(options.group % options.rows == 0, network, "group",
         fmt::format("0 or a multiple of {} rows, found {}", options.rows, options.group));
}

}  // namespace

void check_bfp_widths(const FloatNetwork& network, const BfpOptions& options) {
  expect(options.mantissa_bits >= kLeastMantissa && options.mantissa_bits <= kMostMantissa, network, "mantissa bits",
         fmt::format("{} .. {}, found {}", kLeastMantissa, kMostMantissa, options.mantissa_bits));
  check_layer_bits(network, options.layer_bits, kLeastMantissa, kMostMantissa);
  expect(options.exponent_bits >= 2 && options.exponent_bits <= 9, network, "exponent bits",
         fmt::format("2 .. 9, found {}", options.exponent_bits));
  expect(options.group >= 0, network, "group", fmt::format("at least 0, found {}", options.group));
}

ExponentRange exponent_range(int exponent_bits, int mantissa_bits) {
  const int half = 1 << (exponent_bits - 1);
  return {-half - (mantissa_bits - 1), half - 1 - (mantissa_bits - 1)};
}

int maximum_exponent(double largest, int bits) {
  if (!(largest >= std::numeric_limits<float>::min()) || !std::isfinite(largest)) {
    throw std::invalid_argument(
        fmt::format("expected values that are not all zero and finite, found at most {}", largest));
  }
  int exponent = 0;
  std::frexp(largest, &exponent);  // largest < 2^exponent
  exponent -= bits - 1;            // mantissas below 2^(bits - 1), before rounding
  if (std::floor(std::ldexp(largest, -exponent) + 0.5) > largest_mantissa(bits)) ++exponent;
  if (exponent < kLowestExponent || exponent > kHighestExponent) {
    throw std::invalid_argument(
        fmt::format("expected an exponent of {} .. {}, found {}", kLowestExponent, kHighestExponent, exponent));
  }
  return exponent;
}

double kl_divergence(const Distribution& with_zeros, int exponent, int bits) {
  const Distribution distribution = without_zero(with_zeros);
  struct Share {
    double mass = 0, bins = 0;
  };
  std::map<int, Share> shares;  // by mantissa
  std::vector<int> mantissa(distribution.counts.size());
  double total = 0;
  for (std::size_t bin = 0; bin < distribution.counts.size(); ++bin) {
    mantissa[bin] = static_cast<int>(clamped_mantissa(distribution.value(bin), exponent, bits));
    if (distribution.counts[bin] == 0) continue;
    Share& share = shares[mantissa[bin]];
    share.mass += static_cast<double>(distribution.counts[bin]);
    // A clipped bin's mass lies on the largest mantissa, but no value of the quantized form stands at the bin itself.
    const double distance = std::abs(std::ldexp(distribution.value(bin), -exponent) - mantissa[bin]);
    if (distance <= 0.5) share.bins += 1;
    total += static_cast<double>(distribution.counts[bin]);
  }
  double divergence = 0;
  for (std::size_t bin = 0; bin < distribution.counts.size(); ++bin) {
    if (distribution.counts[bin] == 0) continue;
    const Share& share = shares[mantissa[bin]];
    const double p = static_cast<double>(distribution.counts[bin]) / total;
    const double distance = std::abs(std::ldexp(distribution.value(bin), -exponent) - mantissa[bin]);
    // Beyond the range the quantized form has nothing: the floor of one count over all keeps the logarithm finite.
    const double q =
        distance <= 0.5 ? share.mass / share.bins / total : 1.0 / total / static_cast<double>(mantissa.size());
    divergence += p * std::log(p / q);
  }
  return std::max(0.0, divergence);
}

int kl_exponent(const Distribution& distribution, int bits) {
  const int maximum = maximum_exponent(distribution.largest_magnitude(), bits);
  int best = maximum;
  double least = std::numeric_limits<double>::infinity();
  for (int exponent = maximum; exponent > maximum - kExponents && exponent >= kLowestExponent; --exponent) {
    const double divergence = kl_divergence(distribution, exponent, bits);
    if (divergence < least) {
      least = divergence;
      best = exponent;
    }
  }
  return best;
}

Quantized quantize_bfp(const model::FloatNetwork& network, std::span<const op::Tensor> calibration,
                       const BfpOptions& options) {
  model::check_float_network(network, network.name);
  check_options(network, options);
  Quantized result = BfpConverter(network, calibration, options).run();
  model::check_network(result.network, network.name);
  return result;
}

Quantized quantize_bfp(const PublishedBfp& published) {
  expect(published.options.group == 0, published.network, "group",
         fmt::format("0: the array shifts all filters of a pass alike, and as published a filter has an exponent for "
                     "each group of channels; found {}",
                     published.options.group));
  Quantized result = BfpConverter(published).run();
  model::check_network(result.network, published.network.name);
  return result;
}

}  // namespace systole::quant
