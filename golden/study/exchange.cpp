// SPDX-License-Identifier: Apache-2.0
#include "golden/study/exchange.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/cores.h"

namespace systole::study {

namespace {

/// Smaller points an exchange away, the smallest first.
std::vector<Point> smaller_points(const Point& from, const Exchange& search) {
  const std::int64_t limit = search.bytes(from);
  std::set<std::pair<std::int64_t, Point>> found;
  const auto add = [&](const std::optional<Point>& point) {
    if (!point) return;
    const std::int64_t bytes = search.bytes(*point);
    if (bytes < limit) found.insert({bytes, *point});
  };
  const std::size_t layers = from.size();
  for (std::size_t first = 0; first < layers; ++first) {
    const auto smaller = search.stepped(from, first, -1);
    if (!smaller) continue;
    add(smaller);
    for (std::size_t larger = 0; larger < layers; ++larger) {
      if (larger == first) continue;
      const auto swapped = search.stepped(*smaller, larger, 1);
      if (!swapped) continue;
      add(swapped);
      for (std::size_t second = first; second < layers; ++second) {
        if (second != larger) add(search.stepped(*swapped, second, -1));
      }
    }
  }
  std::vector<Point> result;
  for (const auto& [bytes, point] : found) result.push_back(point);
  return result;
}

}  // namespace

Exchanged exchange(Point from, const Exchange& search, int limit) {
  const auto together = static_cast<std::size_t>(base::cores());
  Exchanged result;
  for (;;) {
    const std::vector<Point> candidates = smaller_points(from, search);
    const std::span<const Point> all(candidates);
    std::vector<bool> good;
    bool found = false;
    for (std::size_t i = 0; i < all.size() && !found; ++i) {
      if (result.asked == limit) {
        result.complete = false;
        return result;
      }
      ++result.asked;
      if (i % together == 0) good = search.good(all.subspan(i, std::min(together, all.size() - i)));
      found = good[i % together];
      if (found) result.path.push_back(from = all[i]);
    }
    if (!found) return result;
  }
}

}  // namespace systole::study
