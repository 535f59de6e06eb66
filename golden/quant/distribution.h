// SPDX-License-Identifier: Apache-2.0
#pragma once
// What values a tensor takes over the calibration images, as histograms, and the errors of quantizers over them.
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "golden/model/float_network.h"

namespace systole::quant {

/// Histogram of equal bins from `low` to `high`.
struct Distribution {
  double low = 0, high = 0;
  std::vector<std::int64_t> counts;

  [[nodiscard]] double bin_width() const { return (high - low) / static_cast<double>(counts.size()); }
  /// Middle of a bin.
  [[nodiscard]] double value(std::size_t bin) const { return low + (static_cast<double>(bin) + 0.5) * bin_width(); }
  [[nodiscard]] double largest_magnitude() const;
};

/// From the lower edge of the bin with the value that 100 - `percent` % of all values lie below to the upper edge of
/// the bin with the one that `percent` % do not exceed. 50 < percent <= 100, where 100 is low .. high.
struct PercentileRange {
  double low, high;
  PercentileRange(const Distribution& distribution, double percent);
};

/// Histogram of a list of values, e.g. a layer's weights. `low` and `high` are the extremes; an empty list is refused
/// with std::invalid_argument.
Distribution distribution_of(std::span<const float> values);

/// Histograms of every tensor over the calibration images, [tensor][group of channels]; tensor 0 is the network's
/// input, i + 1 the output of node i. `group_size(tensor)` channels share one, the last group may be smaller; 0 means
/// all channels. Runs the images twice: extremes, then counts. Throws as for_each_calibration_image.
std::vector<std::vector<Distribution>> distributions(const model::FloatNetwork& network,
                                                     std::span<const op::Tensor> calibration,
                                                     const std::function<int(std::size_t)>& group_size);

/// Sum over the histogram of count * (value - scale (q - zero))^2, q = round(value / scale) + zero clamped to low ..
/// high.
double squared_error(const Distribution& distribution, double scale, int zero, int low, int high);

/// The alpha in (0, largest] whose quantizer of `levels` positive steps (q = round(x levels / alpha), clamped to
/// -levels .. levels, or 0 .. levels where nothing is negative) has the smallest squared error; 64 candidates, the
/// largest magnitude first, which wins among equals. 0 for a distribution that is all zero.
double best_alpha(const Distribution& distribution, int levels);

}  // namespace systole::quant
