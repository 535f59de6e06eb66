// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/distribution.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "golden/quant/conversion.h"

namespace systole::quant {

namespace {

constexpr std::size_t kBins = 4096;  // 16 bins for each of 256 codes: bin middles stand for their values

struct SeenRange {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
};

/// Channels first .. first + count - 1 of the tensor, visited value by value.
template <class Visit>
void for_each_value(const model::FloatMatrix& data, int group_size, Visit visit) {
  const Eigen::Index size = group_size == 0 ? data.cols() : group_size;
  for (Eigen::Index row = 0; row < data.rows(); ++row) {
    for (Eigen::Index channel = 0; channel < data.cols(); ++channel) {
      visit(static_cast<std::size_t>(channel / size), static_cast<double>(data(row, channel)));
    }
  }
}

void count(Distribution& distribution, double value) {
  const double width = distribution.bin_width();
  const double place = width > 0 ? (value - distribution.low) / width : 0;
  ++distribution.counts[std::min(static_cast<std::size_t>(place), distribution.counts.size() - 1)];
}

/// Visits (tensor number, values) of one image.
template <class Visit>
void for_each_tensor(const model::FloatTensor& input, const std::vector<model::FloatTensor>& outputs, Visit visit) {
  visit(std::size_t{0}, input.data);
  for (std::size_t i = 0; i < outputs.size(); ++i) visit(i + 1, outputs[i].data);
}

}  // namespace

double Distribution::largest_magnitude() const { return std::max(std::abs(low), std::abs(high)); }

PercentileRange::PercentileRange(const Distribution& distribution, double percent)
    : low(distribution.low), high(distribution.high) {
  const std::vector<std::int64_t>& counts = distribution.counts;
  std::int64_t all = 0;
  for (const std::int64_t count : counts) all += count;
  const double kept = percent / 100 * static_cast<double>(all) * (1 - 1e-12);  // 99.9 % of 5000 are 4995
  std::int64_t below = 0, above = 0;  // counted from either end
  for (std::size_t bin = 0; bin + 1 < counts.size(); ++bin) {
    below += counts[bin];
    if (static_cast<double>(below) < kept) continue;
    high = distribution.low + static_cast<double>(bin + 1) * distribution.bin_width();
    break;
  }
  for (std::size_t bin = counts.size(); bin-- > 1;) {
    above += counts[bin];
    if (static_cast<double>(above) < kept) continue;
    low = distribution.low + static_cast<double>(bin) * distribution.bin_width();
    break;
  }
}

Distribution distribution_of(std::span<const float> values) {
  if (values.empty()) throw std::invalid_argument("expected at least one value");
  const auto [low, high] = std::ranges::minmax_element(values);
  Distribution result{static_cast<double>(*low), static_cast<double>(*high), std::vector<std::int64_t>(kBins, 0)};
  for (const float value : values) count(result, static_cast<double>(value));
  return result;
}

std::vector<std::vector<Distribution>> distributions(const model::FloatNetwork& network,
                                                     std::span<const op::Tensor> calibration,
                                                     const std::function<int(std::size_t)>& group_size) {
  std::vector<std::vector<SeenRange>> extremes(network.nodes.size() + 1);
  for_each_calibration_image(network, calibration, [&](const auto& input, const auto& outputs) {
    for_each_tensor(input, outputs, [&](std::size_t tensor, const model::FloatMatrix& data) {
      for_each_value(data, group_size(tensor), [&](std::size_t group, double value) {
        if (extremes[tensor].size() <= group) extremes[tensor].resize(group + 1);
        extremes[tensor][group].low = std::min(extremes[tensor][group].low, value);
        extremes[tensor][group].high = std::max(extremes[tensor][group].high, value);
      });
    });
  });
  std::vector<std::vector<Distribution>> result(extremes.size());
  for (std::size_t tensor = 0; tensor < extremes.size(); ++tensor) {
    for (const auto& [low, high] : extremes[tensor]) {
      result[tensor].push_back({low, high, std::vector<std::int64_t>(kBins, 0)});
    }
  }
  for_each_calibration_image(network, calibration, [&](const auto& input, const auto& outputs) {
    for_each_tensor(input, outputs, [&](std::size_t tensor, const model::FloatMatrix& data) {
      for_each_value(data, group_size(tensor),
                     [&](std::size_t group, double value) { count(result[tensor][group], value); });
    });
  });
  return result;
}

double squared_error(const Distribution& distribution, double scale, int zero, int low, int high) {
  double error = 0;
  for (std::size_t bin = 0; bin < distribution.counts.size(); ++bin) {
    if (distribution.counts[bin] == 0) continue;
    const double value = distribution.value(bin);
    const double code = std::clamp<double>(std::round(value / scale) + zero, low, high);
    const double difference = value - scale * (code - zero);
    error += static_cast<double>(distribution.counts[bin]) * difference * difference;
  }
  return error;
}

double best_alpha(const Distribution& distribution, int levels) {
  constexpr int kAlphas = 64;
  const int low = distribution.low < 0 ? -levels : 0;
  double best = 0;
  double best_error = std::numeric_limits<double>::infinity();
  for (int k = kAlphas; k >= 1; --k) {
    const double alpha = distribution.largest_magnitude() * k / kAlphas;
    if (!(alpha / levels >= std::numeric_limits<float>::min())) break;  // all zero, or below what a scale can be
    const double error = squared_error(distribution, alpha / levels, 0, low, levels);
    if (error < best_error) {
      best = alpha;
      best_error = error;
    }
  }
  return best;
}

}  // namespace systole::quant
