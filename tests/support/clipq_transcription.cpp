// SPDX-License-Identifier: Apache-2.0
#include "tests/support/clipq_transcription.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace systole::test {
namespace {

/// Rule 1: true where the value is among the ceil(p n) of its sign nearest to zero, earlier ones first among equals.
bool becomes_zero(const std::vector<double>& weights, std::size_t i, double p) {
  int same_sign = 0;
  int before = 0;
  for (std::size_t j = 0; j < weights.size(); ++j) {
    if (weights[j] == 0 || (weights[j] > 0) != (weights[i] > 0)) continue;
    ++same_sign;
    const bool nearer = std::abs(weights[j]) < std::abs(weights[i]);
    if (nearer || (weights[j] == weights[i] && j < i)) ++before;
  }
  return before < static_cast<int>(std::ceil(p * same_sign));
}

/// Rule 4.
int q3_5(double mean) {
  const double truncated = mean < 0 ? std::ceil(mean * 32) : std::floor(mean * 32);
  return static_cast<int>(std::min(std::max(truncated, -4.0 * 32), (4.0 - 1.0 / 32) * 32));
}

}  // namespace

ClipqTranscription transcribe_clipq(const std::vector<double>& weights, double p) {
  ClipqTranscription result;
  result.codes.assign(weights.size(), 2);
  double p_max = 0, n_min = 0, largest = 0, most_negative = 0;
  std::vector<bool> survives(weights.size(), false);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    largest = std::max(largest, weights[i]);
    most_negative = std::min(most_negative, weights[i]);
    survives[i] = weights[i] != 0 && !becomes_zero(weights, i, p);
    if (weights[i] > 0 && !survives[i]) p_max = std::max(p_max, weights[i]);
    if (weights[i] < 0 && !survives[i]) n_min = std::min(n_min, weights[i]);
  }
  const double s_pos = (largest - p_max) / 1;  // rule 2 with b = 2: one positive level, two negative ones
  const double s_neg = (most_negative - n_min) / 2;
  std::array<std::vector<double>, 4> bins;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!survives[i]) continue;
    if (weights[i] > 0) {
      const double bin = s_pos > 0 && weights[i] != largest ? std::floor((weights[i] - p_max) / s_pos) : 0;
      result.codes[i] = bin == 0 ? 3 : -1;  // another bin would be a mistake of the rules: there is one level
    } else {
      const bool first = s_neg < 0 && weights[i] != most_negative && std::floor((weights[i] - n_min) / s_neg) == 0;
      result.codes[i] = first ? 1 : 0;
    }
    bins.at(static_cast<std::size_t>(result.codes[i])).push_back(weights[i]);
  }
  for (const int code : {0, 1, 3}) {
    std::vector<double>& bin = bins.at(static_cast<std::size_t>(code));
    std::ranges::sort(bin, {}, [](double x) { return std::abs(x); });
    double sum = 0;
    for (const double x : bin) sum += x;
    const double mean = sum / (static_cast<double>(bin.size()) + 1e-7);
    result.mean.at(static_cast<std::size_t>(code)) = mean;
    result.level.at(static_cast<std::size_t>(code)) = q3_5(mean);
  }
  return result;
}

PublishedClipqLevels transcribe_published_clipq(const std::vector<float>& weights, double p) {
  PublishedClipqLevels result;
  const std::vector<double> values(weights.begin(), weights.end());
  for (const bool positive : {true, false}) {
    std::vector<float> survivors;
    float threshold = 0, extreme = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (weights[i] == 0 || (weights[i] > 0) != positive) continue;
      const bool farther = std::abs(weights[i]) > std::abs(extreme);
      if (farther) extreme = weights[i];
      if (!becomes_zero(values, i, p)) {
        survivors.push_back(weights[i]);
      } else if (std::abs(weights[i]) > std::abs(threshold)) {
        threshold = weights[i];
      }
    }
    if (survivors.empty()) continue;
    const float moved = extreme - threshold;
    const float width = positive ? moved : moved / 2.0F;  // one positive level, two negative ones
    double inner = 0, outer = extreme;                    // the outer bin: what lies below the extreme, and it once
    int inner_count = 0, outer_count = 1;
    for (const float x : survivors) {
      if (x == extreme) {
        result.left_out += moved + threshold != extreme ? 1 : 0;
        continue;
      }
      const float distance = x - threshold;
      if (positive || std::abs(distance) >= std::abs(width)) {
        outer += static_cast<double>(x);
        ++outer_count;
      } else {
        inner += static_cast<double>(x);
        ++inner_count;
      }
    }
    const auto set = [&result](std::size_t code, double sum, int count) {
      const double guarded = static_cast<double>(static_cast<float>(sum)) / (count + 1e-7);
      result.mean.at(code) = static_cast<double>(static_cast<float>(guarded));
      result.level.at(code) = q3_5(result.mean.at(code));
    };
    set(positive ? 3 : 0, outer, outer_count);
    if (!positive) set(1, inner, inner_count);
  }
  return result;
}

}  // namespace systole::test
