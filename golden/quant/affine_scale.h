// SPDX-License-Identifier: Apache-2.0
#pragma once
// Scales of affine codes, real = scale * (q - zero), and the search for the range with the least squared error.
#include <cstdint>
#include <functional>
#include <span>

#include "golden/quant/distribution.h"

namespace systole::quant {

/// Scale and zero point of a tensor: real = scale * (q - zero).
struct AffineScale {
  double scale = 1.0;
  int zero = 0;
  bool operator==(const AffineScale&) const = default;
};

/// The signed codes of a tensor: -2^(bits-1) .. 2^(bits-1) - 1, or the same without the lowest one and with zero at 0
/// where they are symmetric.
struct AffineCodes {
  int bits = 8;  ///< 2 .. 16
  bool symmetric = false;

  [[nodiscard]] int high() const { return (1 << (bits - 1)) - 1; }
  [[nodiscard]] int low() const { return symmetric ? -high() : -high() - 1; }
  bool operator==(const AffineCodes&) const = default;
};

/// round(value / scale) + zero (half away), clamped to the codes.
[[nodiscard]] int affine_code(double value, const AffineScale& scale, const AffineCodes& codes);

/// The scale whose range holds low .. high and zero, which gets a code of its own (padding and ReLU need it exact).
/// Throws std::invalid_argument where low or high is not finite, low > high, or the scale is below the smallest normal
/// float32, an all-zero tensor above all.
AffineScale affine_scale(double low, double high, const AffineCodes& codes = {});

/// The smallest scale at which the codes hold low .. high with this zero point: what a channel takes whose zero point
/// is its layer's. 0 for a range of zeros. `zero` must be below high() where high > 0 and above low() where low < 0.
double scale_at_zero(double low, double high, int zero, const AffineCodes& codes);

/// What choosing a range did to the squared error.
struct RangeGain {
  double full_error = 0;     ///< of the range lowest .. highest
  double error = 0;          ///< of the range chosen
  std::int64_t clipped = 0;  ///< values more than half a step beyond it
  std::int64_t values = 0;

  RangeGain& operator+=(const RangeGain& other);
  [[nodiscard]] double decibels() const;  ///< 10 log10(full_error / error), 0 where they are equal
  [[nodiscard]] double clipped_fraction() const;
};

/// Squared error of a list of values, each by its own code.
double squared_error(std::span<const float> values, const AffineScale& scale, const AffineCodes& codes);
/// Squared error of histograms whose values are spread evenly over each bin: exact for steps of any size, those far
/// below a bin's width too.
double squared_error(std::span<const Distribution> distributions, const AffineScale& scale, const AffineCodes& codes);

/// Values more than half a step outside the codes' range; of a histogram, those of bins whose middle is.
std::int64_t clipped(std::span<const float> values, const AffineScale& scale, const AffineCodes& codes);
std::int64_t clipped(std::span<const Distribution> distributions, const AffineScale& scale, const AffineCodes& codes);

using ScaleError = std::function<double(const AffineScale&)>;

/// The scale among k / 64 of `full`, k = 64 .. 1, with the least error, at the same zero point; the larger wins among
/// equals.
AffineScale narrowed_scale(const AffineScale& full, const ScaleError& error);

/// The scale of the range with the least error. Symmetric codes: narrowed_scale. Otherwise each end of low .. high is
/// drawn in by 64ths while the other stays, high, low, then both once more.
AffineScale optimal_scale(double low, double high, const AffineCodes& codes, const ScaleError& error);

}  // namespace systole::quant
