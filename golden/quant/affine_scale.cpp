// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/affine_scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace systole::quant {

namespace {

constexpr int kCandidates = 64;

/// The steps from zero that the codes hold, as real numbers.
struct Steps {
  double low, high;
  Steps(const AffineScale& scale, const AffineCodes& codes)
      : low(codes.low() - scale.zero), high(codes.high() - scale.zero) {}
  [[nodiscard]] double nearest(double step) const { return std::clamp(std::round(step), low, high); }
  [[nodiscard]] bool clips(double step) const { return step < low - 0.5 || step > high + 0.5; }
  /// Integral of (t - nearest(t))^2 from 0 to `step`: each whole step adds 1/12.
  [[nodiscard]] double integral(double step) const {
    const double whole = nearest(step), rest = step - whole;
    return whole / 12 + rest * rest * rest / 3;
  }
};

/// Mean squared error, in steps, of values spread evenly over first .. last.
double mean_error(const Steps& steps, double first, double last) {
  if (last > first) return (steps.integral(last) - steps.integral(first)) / (last - first);
  const double difference = first - steps.nearest(first);
  return difference * difference;
}

}  // namespace

int affine_code(double value, const AffineScale& scale, const AffineCodes& codes) {
  return static_cast<int>(Steps(scale, codes).nearest(value / scale.scale)) + scale.zero;
}

AffineScale affine_scale(double low, double high, const AffineCodes& codes) {
  if (!std::isfinite(low) || !std::isfinite(high) || low > high) {
    throw std::invalid_argument(fmt::format("expected a finite range, found {} .. {}", low, high));
  }
  low = std::min(low, 0.0);
  high = std::max(high, 0.0);
  const double reach = codes.symmetric ? std::max(-low, high) : high - low;
  const double scale = reach / (codes.symmetric ? codes.high() : codes.high() - codes.low());
  if (scale < std::numeric_limits<float>::min()) {
    throw std::invalid_argument(fmt::format(
        "expected values that are not all zero, found {:.3g} .. {:.3g}: there is nothing to scale", low, high));
  }
  return {scale, codes.symmetric ? 0 : static_cast<int>(std::lround(codes.low() - low / scale))};
}

double scale_at_zero(double low, double high, int zero, const AffineCodes& codes) {
  const double above = high > 0 ? high / (codes.high() - zero) : 0;
  const double below = low < 0 ? low / (codes.low() - zero) : 0;
  return std::max(above, below);
}

RangeGain& RangeGain::operator+=(const RangeGain& other) {
  full_error += other.full_error;
  error += other.error;
  clipped += other.clipped;
  values += other.values;
  return *this;
}

double RangeGain::decibels() const { return error > 0 && full_error > 0 ? 10 * std::log10(full_error / error) : 0; }

double RangeGain::clipped_fraction() const {
  return values > 0 ? static_cast<double>(clipped) / static_cast<double>(values) : 0;
}

double squared_error(std::span<const float> values, const AffineScale& scale, const AffineCodes& codes) {
  const Steps steps(scale, codes);
  double error = 0;
  for (const float value : values) {
    const double step = static_cast<double>(value) / scale.scale;
    const double difference = step - steps.nearest(step);
    error += difference * difference;
  }
  return error * scale.scale * scale.scale;
}

double squared_error(std::span<const Distribution> distributions, const AffineScale& scale, const AffineCodes& codes) {
  const Steps steps(scale, codes);
  double error = 0;
  for (const Distribution& distribution : distributions) {
    const double width = distribution.bin_width() / scale.scale;
    const double low = distribution.low / scale.scale;
    for (std::size_t bin = 0; bin < distribution.counts.size(); ++bin) {
      if (distribution.counts[bin] == 0) continue;
      const double first = low + static_cast<double>(bin) * width;
      error += static_cast<double>(distribution.counts[bin]) * mean_error(steps, first, first + width);
    }
  }
  return error * scale.scale * scale.scale;
}

std::int64_t clipped(std::span<const float> values, const AffineScale& scale, const AffineCodes& codes) {
  const Steps steps(scale, codes);
  return std::ranges::count_if(values,
                               [&](float value) { return steps.clips(static_cast<double>(value) / scale.scale); });
}

std::int64_t clipped(std::span<const Distribution> distributions, const AffineScale& scale, const AffineCodes& codes) {
  const Steps steps(scale, codes);
  std::int64_t count = 0;
  for (const Distribution& distribution : distributions) {
    for (std::size_t bin = 0; bin < distribution.counts.size(); ++bin) {
      if (steps.clips(distribution.value(bin) / scale.scale)) count += distribution.counts[bin];
    }
  }
  return count;
}

AffineScale narrowed_scale(const AffineScale& full, const ScaleError& error) {
  AffineScale best = full;
  double least = error(full);
  for (int k = kCandidates - 1; k >= 1; --k) {
    const AffineScale candidate{full.scale * k / kCandidates, full.zero};
    if (candidate.scale < std::numeric_limits<float>::min()) break;
    const double found = error(candidate);
    if (found >= least) continue;
    best = candidate;
    least = found;
  }
  return best;
}

AffineScale optimal_scale(double low, double high, const AffineCodes& codes, const ScaleError& error) {
  const AffineScale full = affine_scale(low, high, codes);
  if (codes.symmetric) return narrowed_scale(full, error);
  const std::array<double, 2> ends{std::min(low, 0.0), std::max(high, 0.0)};
  std::array<double, 2> chosen = ends;
  AffineScale best = full;
  double least = error(full);
  for (const std::size_t end : {1U, 0U, 1U, 0U}) {
    std::array<double, 2> candidate = chosen;
    for (int k = kCandidates; k >= 1; --k) {
      candidate.at(end) = ends.at(end) * k / kCandidates;
      if ((candidate[1] - candidate[0]) / (codes.high() - codes.low()) < std::numeric_limits<float>::min()) break;
      const AffineScale scale = affine_scale(candidate[0], candidate[1], codes);
      const double found = error(scale);
      if (found >= least) continue;
      best = scale;
      least = found;
      chosen = candidate;
    }
  }
  return best;
}

}  // namespace systole::quant
