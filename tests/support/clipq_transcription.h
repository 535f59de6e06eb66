// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rules of docs/schemes.md, section 1, written down one by one on signed values: slow, and apart from the
// quantizer.
#include <array>
#include <vector>

namespace systole::test {

struct ClipqTranscription {
  std::vector<int> codes;        ///< 3 positive, 2 zero, 1 first negative, 0 second negative
  std::array<double, 4> mean{};  ///< by code: sum / (count + 1e-7), before it becomes a level
  std::array<int, 4> level{};    ///< by code, in 1/32
};

/// `weights` in the order of storage, fraction p in [0, 1).
ClipqTranscription transcribe_clipq(const std::vector<double>& weights, double p);

/// The levels, and the means before them, as the authors compute them: section 1, "As published".
struct PublishedClipqLevels {
  std::array<double, 4> mean{};
  std::array<int, 4> level{};
  int left_out = 0;  ///< weights that are an extreme which (x - threshold) + threshold misses in float32
};
PublishedClipqLevels transcribe_published_clipq(const std::vector<float>& weights, double p);

}  // namespace systole::test
