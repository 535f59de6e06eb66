// SPDX-License-Identifier: Apache-2.0
#pragma once
// Searching psum widths: the narrowest common one, and the cheapest one per layer.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "golden/study/operations.h"

namespace systole::study {

/// Widths, one per layer.
using Widths = std::vector<int>;

/// Whether a network with these widths is still good enough. Answers are remembered, so each is asked once.
class Judge {
 public:
  using Verdict = std::function<bool(const Widths&)>;
  explicit Judge(Verdict verdict) : verdict_(std::move(verdict)) {}
  bool operator()(const Widths& widths);
  [[nodiscard]] int asked() const { return static_cast<int>(answers_.size()); }

 private:
  Verdict verdict_;
  std::map<Widths, bool> answers_;
};

/// What is minimized: the energy of all layers, then the sum of the widths, then the widths in layer order.
struct Cost {
  std::int64_t energy = 0;
  std::int64_t sum = 0;
  Widths widths;
  bool operator==(const Cost&) const = default;
  bool operator<(const Cost& other) const {
    return std::tie(energy, sum, widths) < std::tie(other.energy, other.sum, other.widths);
  }
};
[[nodiscard]] Cost cost(std::span<const Operations> layers, const Widths& widths);

/// The smallest width 1 .. highest which, common to `layers` layers, is good enough: upward from `lowest`, and where
/// that one is already good, downward from it until one is not. None where not even `highest` is good.
[[nodiscard]] std::optional<int> smallest_common(Judge& good, std::size_t layers, int lowest, int highest);

struct PerLayer {
  Cost greedy;         ///< after the greedy descent
  Cost best;           ///< never above greedy
  bool proved = true;  ///< `best` is the least of the box; otherwise the search ended at its limit of questions
};

/// The cheapest widths, one per layer. Where a narrower width never mends what a wider one spoils, the result is the
/// cheapest of all; what holds without that condition is that `best` is good and never worse than the greedy descent:
///   1. Greedy descent from `start` (good): narrow by one bit the layer that saves most and stays good, until none
///   does.
///   2. Floors: each layer alone, the others at `widest`, is narrowed as long as that is good, at least to its greedy
///      width. Below its floor a layer spoils the result whatever the others have.
///   3. All combinations between floors and `widest`, cheapest first, up to the first good one or the cost of the
///      greedy result. At most `limit` questions are asked in all steps, then the best so far is the answer.
/// `widest`: the width of each layer from which on nothing is clamped. Widths are at least 1.
[[nodiscard]] PerLayer cheapest_per_layer(Judge& good, std::span<const Operations> layers, const Widths& start,
                                          const Widths& widest, int limit);

}  // namespace systole::study
