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

}  // namespace systole::test
