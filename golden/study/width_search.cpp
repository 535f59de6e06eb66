// SPDX-License-Identifier: Apache-2.0
#include "golden/study/width_search.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <stdexcept>
#include <utility>

namespace systole::study {
namespace {

Widths narrowed(Widths widths, std::size_t layer) {
  --widths[layer];
  return widths;
}

/// One greedy step: the good neighbour of least cost that is one bit narrower in one layer, or none.
std::optional<Cost> best_step(Judge& good, std::span<const Operations> layers, const Widths& from, int limit) {
  std::vector<Cost> steps;
  for (std::size_t layer = 0; layer < from.size(); ++layer) {
    if (from[layer] > 1) steps.push_back(cost(layers, narrowed(from, layer)));
  }
  std::sort(steps.begin(), steps.end());
  for (const Cost& step : steps) {
    if (good.asked() >= limit) return std::nullopt;
    if (good(step.widths)) return step;
  }
  return std::nullopt;
}

/// The width below which `layer` spoils the result although the others are `widest`; at most `greedy`.
int floor_of(Judge& good, const Widths& widest, std::size_t layer, int greedy, int limit) {
  Widths widths = widest;
  widths[layer] = greedy;
  while (widths[layer] > 1 && good.asked() < limit && good(narrowed(widths, layer))) --widths[layer];
  return widths[layer];
}

/// Combinations of widths between floors and ceilings in ascending cost. Every combination but the first is reached
/// from exactly one other: by one bit more in a layer that is not before its last raised one.
class Ascending {
 public:
  Ascending(std::span<const Operations> layers, const Widths& floors, Widths ceilings)
      : layers_(layers), ceilings_(std::move(ceilings)) {
    open_.insert({cost(layers, floors), 0});
  }

  std::optional<Cost> next() {
    if (open_.empty()) return std::nullopt;
    const auto [least, last_raised] = *open_.begin();
    open_.erase(open_.begin());
    for (std::size_t layer = last_raised; layer < ceilings_.size(); ++layer) {
      if (least.widths[layer] >= ceilings_[layer]) continue;
      Widths wider = least.widths;
      ++wider[layer];
      open_.insert({cost(layers_, wider), layer});
    }
    return least;
  }

 private:
  std::span<const Operations> layers_;
  Widths ceilings_;
  std::set<std::pair<Cost, std::size_t>> open_;
};

}  // namespace

bool Judge::operator()(const Widths& widths) {
  const auto known = answers_.find(widths);
  if (known != answers_.end()) return known->second;
  return answers_.emplace(widths, verdict_(widths)).first->second;
}

Cost cost(std::span<const Operations> layers, const Widths& widths) {
  if (layers.size() != widths.size()) throw std::invalid_argument("width search: expected one width per layer");
  Cost result{.energy = 0, .sum = std::accumulate(widths.begin(), widths.end(), std::int64_t{0}), .widths = widths};
  for (std::size_t i = 0; i < layers.size(); ++i) result.energy += energy(layers[i], widths[i]);
  return result;
}

std::optional<int> smallest_common(Judge& good, std::size_t layers, int lowest, int highest) {
  const auto good_at = [&good, layers](int bits) { return good(Widths(layers, bits)); };
  const int first = std::min(lowest, highest);
  int bits = first;
  while (bits <= highest && !good_at(bits)) ++bits;
  if (bits > highest) return std::nullopt;
  if (bits == first) {
    while (bits > 1 && good_at(bits - 1)) --bits;
  }
  return bits;
}

PerLayer cheapest_per_layer(Judge& good, std::span<const Operations> layers, const Widths& start, const Widths& widest,
                            int limit) {
  PerLayer result{.greedy = cost(layers, start), .best = {}};
  while (const auto step = best_step(good, layers, result.greedy.widths, limit)) result.greedy = *step;
  result.best = result.greedy;
  Widths floors;
  Widths ceilings = widest;
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    floors.push_back(floor_of(good, widest, layer, result.greedy.widths[layer], limit));
    ceilings[layer] = std::max(ceilings[layer], floors.back());
  }
  Ascending combinations(layers, floors, ceilings);
  for (auto next = combinations.next(); next && *next < result.greedy; next = combinations.next()) {
    if (good.asked() >= limit) break;
    if (!good(next->widths)) continue;
    result.best = *next;
    break;
  }
  result.proved = good.asked() < limit;
  return result;
}

}  // namespace systole::study
