// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bfp_published_transcription.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace systole::test {
namespace {

/// To the nearest integer, ties to the even one.
double nearest_even(double x) {
  const double below = std::floor(x);
  if (x - below != 0.5) return std::floor(x + 0.5);
  return std::fmod(below, 2) == 0 ? below : below + 1;
}

struct Limits {
  double left, right;  ///< floor of the smallest value, ceiling of the largest
  int bins;
};

/// How many of the values lie in each bin; those outside of the limits are in none.
std::vector<double> histogram(const std::vector<double>& values, const Limits& limits) {
  std::vector<double> counts(static_cast<std::size_t>(limits.bins), 0);
  for (const double x : values) {
    if (x < limits.left || x > limits.right) continue;
    const float place = static_cast<float>(x - limits.left) * static_cast<float>(limits.bins) /
                        static_cast<float>(limits.right - limits.left);  // torch counts in float32
    const int bin = x == limits.right ? limits.bins - 1 : std::min(static_cast<int>(place), limits.bins - 1);
    counts[static_cast<std::size_t>(bin)] += 1;
  }
  return counts;
}

/// An empty bin gets eps, a full one loses eps * empty / full; then their sum becomes 1.
std::vector<double> smoothed(const std::vector<double>& counts, double eps) {
  double empty = 0, full = 0, sum = 0;
  for (const double count : counts) (count == 0 ? empty : full) += 1;
  std::vector<double> result;
  result.reserve(counts.size());
  for (const double count : counts) result.push_back(count == 0 ? eps : count - eps * empty / full);
  for (const double share : result) sum += share;
  for (double& share : result) share /= sum;
  return result;
}

}  // namespace

int transcribe_published_exponent(double x, int exponent_bits) {
  const int lowest = -static_cast<int>(std::pow(2, exponent_bits - 1));
  const int highest = -lowest - 1;
  int e = lowest;
  while (e < highest && std::pow(2.0, e + 1) <= std::abs(x)) ++e;
  return e;
}

double transcribe_published_value(double x, int e, int bits) {
  const double step = std::pow(2.0, e - (bits - 2));
  const double most = 2 * (1 - std::pow(2.0, -(bits - 2))) * std::pow(2.0, e);
  return std::max(-most, std::min(most, nearest_even(x / step) * step));
}

int transcribe_published_search(const std::vector<float>& block, BfpPart part, int bits, int exponent_bits) {
  const bool weights = part == BfpPart::weights || part == BfpPart::depthwise_weights;
  int maximum = -1000;
  std::vector<double> values;
  for (const float x : block) {
    values.push_back(static_cast<double>(x));
    maximum = std::max(maximum, transcribe_published_exponent(values.back(), exponent_bits));
  }
  if (part == BfpPart::linear_weights || (weights && maximum < 2)) return maximum;
  const double low = *std::ranges::min_element(values), high = *std::ranges::max_element(values);
  if (low == high) return maximum;  // no bins
  const double width =
      part == BfpPart::linear_activations ? 2 / std::pow(2.0, bits - 4) : (high - low) / (weights ? 8 : 128);
  Limits limits{std::floor(low), std::ceil(high), 0};
  if ((limits.right - limits.left) / width >= 1 << 24) return maximum;  // no histogram of so many bins
  limits.bins = 1 + static_cast<int>((limits.right - limits.left) / width);
  const double eps = weights ? 1e-9 : 1e-4;
  const int candidates = part == BfpPart::linear_activations  ? 7
                         : part == BfpPart::activations       ? 3
                         : part == BfpPart::depthwise_weights ? 3
                                                              : 2;
  const std::vector<double> p = smoothed(histogram(values, limits), eps);
  int best = maximum;
  double least = std::numeric_limits<double>::infinity();
  for (int e = maximum; e > maximum - candidates; --e) {
    std::vector<double> quantized;
    quantized.reserve(values.size());
    for (const double x : values) quantized.push_back(transcribe_published_value(x, e, bits));
    if (*std::ranges::max_element(quantized) < limits.left) continue;
    if (weights && *std::ranges::min_element(quantized) > limits.right) continue;
    const std::vector<double> q = smoothed(histogram(quantized, limits), eps);
    double divergence = 0;
    for (std::size_t i = 0; i < p.size(); ++i) divergence += p[i] * (std::log(p[i]) - std::log(q[i]));
    if (divergence < least) {
      least = divergence;
      best = e;
    }
  }
  return best;
}

}  // namespace systole::test
