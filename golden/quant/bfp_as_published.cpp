// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/bfp_as_published.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "golden/op/validate.h"

namespace systole::quant {

namespace {

using model::FloatLayer;
using model::FloatMatrix;
using op::Kind;

constexpr int kBiasFractionBits = 16;
constexpr double kMostBins = 1 << 24;
constexpr int kSearchedFrom = 2;  // weights: a smaller exponent is the maximum's

/// A block's channels of a tensor, and how many blocks the tensor has: the last one may be smaller.
struct Grouping {
  int size, count;

  Grouping(int channels, int group)
      : size(group == 0 ? channels : std::min(group, channels)), count((channels + size - 1) / size) {}
  [[nodiscard]] std::size_t of(Eigen::Index channel) const { return static_cast<std::size_t>(channel / size); }
};

/// Whether the authors look for an exponent: they do for conv and linear layers; an add's is ours.
bool has_exponent(const FloatLayer& layer) { return op::has_weights(layer.kind) || layer.kind == Kind::add; }

/// Gives an empty bin `epsilon`, which the others lose; then makes the sum 1. In float32, as torch computes it.
void smooth_and_normalise(std::vector<float>& histogram, float epsilon) {
  const auto empty = static_cast<double>(std::ranges::count(histogram, 0.0F));
  const auto loss =
      static_cast<float>(static_cast<double>(epsilon) * empty / (static_cast<double>(histogram.size()) - empty));
  double sum = 0;
  for (float& count : histogram) {
    count += count == 0 ? epsilon : -loss;
    sum += static_cast<double>(count);
  }
  for (float& count : histogram) count /= static_cast<float>(sum);
}

double divergence(const std::vector<float>& p, const std::vector<float>& q) {
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    sum += static_cast<double>(p[i]) * (std::log(static_cast<double>(p[i])) - std::log(static_cast<double>(q[i])));
  }
  return sum;
}

struct ValueRange {
  float low = std::numeric_limits<float>::infinity(), high = -std::numeric_limits<float>::infinity();

  void widen(float x) {
    low = std::min(low, x);
    high = std::max(high, x);
  }
};

/// Visits every value of every node that has exponents, before ReLU, with its node and block.
template <class Visit>
void for_each_activation(const model::FloatNetwork& network, std::span<const op::Tensor> calibration, int group,
                         Visit visit) {
  const auto look = [&](std::size_t node, FloatMatrix& values) {
    if (!has_exponent(network.nodes[node].layer)) return;
    const Grouping blocks(network.nodes[node].layer.out_c, group);
    for (Eigen::Index row = 0; row < values.rows(); ++row) {
      for (Eigen::Index c = 0; c < values.cols(); ++c) visit(node, blocks.of(c), values(row, c));
    }
  };
  for_each_calibration_image(
      network, calibration, [](const auto&, const auto&) {}, look);
}

class PublishedConverter {
 public:
  PublishedConverter(const model::FloatNetwork& network, std::span<const op::Tensor> calibration,
                     const BfpOptions& options)
      : from_(network), calibration_(calibration), options_(options) {
    result_ = {.network = network,
               .activations = {},
               .weights = std::vector<std::vector<int>>(network.nodes.size()),
               .options = options};
  }

  PublishedBfp run() {
    activations();
    for (std::size_t node = 0; node < from_.nodes.size(); ++node) {
      if (op::has_weights(from_.nodes[node].layer.kind)) weights(node);
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] int chosen(const PublishedSearch& search) const {
    return options_.exponent == BfpExponent::maximum ? search.maximum() : search.best();
  }

  void activations() {
    std::vector<std::vector<ValueRange>> extremes(from_.nodes.size());
    for (std::size_t i = 0; i < extremes.size(); ++i) {
      const FloatLayer& layer = from_.nodes[i].layer;
      if (has_exponent(layer))
        extremes[i].resize(static_cast<std::size_t>(Grouping(layer.out_c, options_.group).count));
    }
    for_each_activation(from_, calibration_, options_.group,
                        [&](std::size_t node, std::size_t block, float x) { extremes[node][block].widen(x); });
    std::vector<std::vector<PublishedSearch>> searches(extremes.size());
    for (std::size_t i = 0; i < extremes.size(); ++i) {
      const bool linear = from_.nodes[i].layer.kind == Kind::fully_connected;
      for (const auto& [low, high] : extremes[i]) {
        searches[i].emplace_back(low, high, options_.mantissa_bits, options_.exponent_bits,
                                 linear ? kLinearSearch : kActivationSearch);
      }
    }
    for_each_activation(from_, calibration_, options_.group,
                        [&](std::size_t node, std::size_t block, float x) { searches[node][block].add(x); });
    for (const std::vector<PublishedSearch>& node : searches) {
      std::vector<int>& exponents = result_.activations.emplace_back();
      for (const PublishedSearch& search : node) exponents.push_back(chosen(search));
    }
  }

  void weights(std::size_t node) {
    FloatLayer& layer = result_.network.nodes[node].layer;
    const bool conv = layer.kind == Kind::conv2d;
    // A depthwise filter and a linear row are one block.
    const Grouping blocks = conv ? Grouping(layer.in_c, options_.group) : Grouping(1, 0);
    const auto block_of = [&](Eigen::Index column) { return conv ? blocks.of(column % layer.in_c) : 0; };
    for (Eigen::Index filter = 0; filter < layer.weights.rows(); ++filter) {
      std::vector<int> exponents;
      for (std::size_t block = 0; block < static_cast<std::size_t>(blocks.count); ++block) {
        std::vector<float> values;
        for (Eigen::Index column = 0; column < layer.weights.cols(); ++column) {
          if (block_of(column) == block) values.push_back(layer.weights(filter, column));
        }
        exponents.push_back(weight_exponent(values, layer.kind));
      }
      for (Eigen::Index column = 0; column < layer.weights.cols(); ++column) {
        float& w = layer.weights(filter, column);
        w = PublishedGrid(exponents[block_of(column)], options_.mantissa_bits).value(w);
      }
      result_.weights[node].insert(result_.weights[node].end(), exponents.begin(), exponents.end());
    }
    for (float& b : layer.bias.reshaped()) {
      b = std::ldexp(std::nearbyint(std::ldexp(b, kBiasFractionBits)), -kBiasFractionBits);
    }
  }

  [[nodiscard]] int weight_exponent(const std::vector<float>& values, Kind kind) const {
    ValueRange extremes;
    for (const float x : values) extremes.widen(x);
    PublishedSearch search(extremes.low, extremes.high, options_.mantissa_bits, options_.exponent_bits,
                           kind == Kind::depthwise ? kDepthwiseSearch : kWeightSearch);
    if (kind == Kind::fully_connected || search.maximum() < kSearchedFrom) return search.maximum();
    for (const float x : values) search.add(x);
    return chosen(search);
  }

  const model::FloatNetwork& from_;
  std::span<const op::Tensor> calibration_;
  const BfpOptions& options_;
  PublishedBfp result_;
};

}  // namespace

int value_exponent(float x, int exponent_bits) {
  const int half = 1 << (exponent_bits - 1);
  if (x == 0) return -half;
  return std::clamp(std::ilogb(x), -half, half - 1);
}

PublishedSearch::PublishedSearch(float lowest, float highest, int mantissa_bits, int exponent_bits,
                                 const SearchRule& rule)
    : lowest_(lowest),
      highest_(highest),
      maximum_(std::max(value_exponent(lowest, exponent_bits), value_exponent(highest, exponent_bits))),
      left_(std::floor(lowest)),
      right_(std::ceil(highest)),
      epsilon_(static_cast<float>(rule.epsilon)) {
  const double range = static_cast<double>(highest) - static_cast<double>(lowest);
  const double width = rule.bins > 0 ? range / rule.bins : std::ldexp(1.0, 5 - mantissa_bits);
  const double bins = 1 + std::floor((static_cast<double>(right_) - static_cast<double>(left_)) / width);
  if (!(range > 0) || !(bins <= kMostBins)) return;
  values_.resize(static_cast<std::size_t>(bins));
  for (int i = 0; i < rule.candidates; ++i) grids_.emplace_back(maximum_ - i, mantissa_bits);
  quantized_.assign(grids_.size(), values_);
}

void PublishedSearch::count(float x, Histogram& histogram) const {
  if (x < left_ || x > right_) return;
  const auto bins = static_cast<float>(histogram.size());
  const auto bin = static_cast<std::size_t>((x - left_) * bins / (right_ - left_));  // in float32, as torch.histc
  histogram[std::min(bin, histogram.size() - 1)] += 1;
}

void PublishedSearch::add(float x) {
  if (values_.empty()) return;
  count(x, values_);
  for (std::size_t i = 0; i < grids_.size(); ++i) count(grids_[i].value(x), quantized_[i]);
}

int PublishedSearch::best() const {
  int best = maximum_;
  if (values_.empty()) return best;
  Histogram p = values_;
  smooth_and_normalise(p, epsilon_);
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < grids_.size(); ++i) {
    if (grids_[i].value(highest_) < left_ || grids_[i].value(lowest_) > right_) continue;
    Histogram q = quantized_[i];
    smooth_and_normalise(q, epsilon_);
    const double here = divergence(p, q);
    if (here < least) {
      least = here;
      best = maximum_ - static_cast<int>(i);
    }
  }
  return best;
}

model::BeforeRelu PublishedBfp::as_quantized() const {
  return [this](std::size_t node, FloatMatrix& values) {
    const FloatLayer& layer = network.nodes[node].layer;
    if (!op::has_weights(layer.kind)) return;
    const Grouping blocks(layer.out_c, options.group);
    for (Eigen::Index c = 0; c < values.cols(); ++c) {
      const PublishedGrid grid(activations[node][blocks.of(c)], options.mantissa_bits);
      for (float& x : values.col(c)) x = grid.value(x);
    }
  };
}

PublishedBfp quantize_bfp_as_published(const model::FloatNetwork& network, std::span<const op::Tensor> calibration,
                                       const BfpOptions& options) {
  model::check_float_network(network, network.name);
  check_bfp_widths(network, options);
  if (!options.layer_bits.empty()) {
    refuse(network, options.layer_bits.begin()->first,
           "expected no width of its own: as published all layers have one");
  }
  return PublishedConverter(network, calibration, options).run();
}

std::vector<ValueCount> differing_values(const PublishedBfp& published, const Quantized& integer,
                                         std::span<const op::Tensor> images) {
  model::FloatExecutor authors(published.network, published.as_quantized());
  model::Executor ours(integer.network);
  std::vector<ValueCount> counts(integer.network.nodes.size());
  for (const op::Tensor& image : images) {
    const auto& expected = authors.run(model::to_input(published.network.input, image));
    const auto& found = ours.run(model::to_input(integer.network.input, image));
    for (std::size_t node = 0; node < counts.size(); ++node) {
      const TensorScale& scale = integer.tensors[node + 1];
      for (Eigen::Index row = 0; row < found[node].data.rows(); ++row) {
        for (Eigen::Index c = 0; c < found[node].data.cols(); ++c) {
          const bool equal =
              scale.real(found[node].data(row, c), c) == static_cast<double>(expected[node].data(row, c));
          counts[node].differ += equal ? 0 : 1;
        }
      }
      counts[node].values += found[node].data.size();
    }
  }
  return counts;
}

}  // namespace systole::quant
