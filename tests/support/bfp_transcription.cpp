// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bfp_transcription.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace systole::test {
namespace {

/// To the nearest, ties up, within two's complement.
int mantissa(double value, int exponent, int bits) {
  const double half = std::pow(2.0, bits - 1);
  const double rounded = std::floor(value / std::pow(2.0, exponent) + 0.5);
  return static_cast<int>(rounded < -half ? -half : rounded > half - 1 ? half - 1 : rounded);
}

int exponent_that_holds(double largest, int bits) {
  int exponent = -126;
  while (std::floor(largest / std::pow(2.0, exponent) + 0.5) > std::pow(2.0, bits - 1) - 1) ++exponent;
  return exponent;
}

/// Sum of p log(p / q) over bins of the histogram that hold something and are not the bin of zero.
double divergence(const quant::Distribution& histogram, int exponent, int bits) {
  std::vector<double> p, value;
  for (std::size_t bin = 0; bin < histogram.counts.size(); ++bin) {
    const double left = histogram.low + static_cast<double>(bin) * histogram.bin_width();
    const bool zero = left <= 0 && 0 < left + histogram.bin_width();
    if (histogram.counts[bin] == 0 || zero) continue;
    p.push_back(static_cast<double>(histogram.counts[bin]));
    value.push_back(histogram.value(bin));
  }
  double total = 0, result = 0;
  for (const double count : p) total += count;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const int own = mantissa(value[i], exponent, bits);
    const auto inside = [&](std::size_t j) { return std::abs(value[j] / std::pow(2.0, exponent) - own) <= 0.5; };
    double mass = 0, bins = 0;  // of the mantissa: all that falls on it, and the bins that it stands for
    for (std::size_t j = 0; j < p.size(); ++j) {
      if (mantissa(value[j], exponent, bits) != own) continue;
      mass += p[j];
      bins += inside(j) ? 1 : 0;
    }
    const double beyond = 1 / total / static_cast<double>(histogram.counts.size());
    const double q = inside(i) ? mass / bins / total : beyond;
    result += p[i] / total * std::log(p[i] / total / q);
  }
  return result;
}

}  // namespace

BfpBlock transcribe_bfp(const std::vector<double>& values, int bits, double largest) {
  double own = 0;
  for (const double value : values) own = std::max(own, std::abs(value));
  BfpBlock block{exponent_that_holds(own > 0 ? own : largest, bits), {}};
  for (const double value : values) block.mantissas.push_back(mantissa(value, block.exponent, bits));
  return block;
}

int transcribe_kl_exponent(const quant::Distribution& histogram, int bits) {
  const int maximum = exponent_that_holds(std::max(std::abs(histogram.low), std::abs(histogram.high)), bits);
  int best = maximum;
  double least = std::numeric_limits<double>::infinity();
  for (int exponent = maximum; exponent > maximum - 5; --exponent) {
    const double here = std::max(0.0, divergence(histogram, exponent, bits));
    if (here < least) {
      least = here;
      best = exponent;
    }
  }
  return best;
}

}  // namespace systole::test
