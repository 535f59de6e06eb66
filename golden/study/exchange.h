// SPDX-License-Identifier: Apache-2.0
#pragma once
// The exchange: how a search leaves the network that a greedy one ends at. docs/studies.md.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace systole::study {

/// Where a search stands: a number for each layer, e.g. its width.
using Point = std::vector<int>;

/// What an exchange works on.
struct Exchange {
  /// The point with `layer` so many steps further, below 0 to smaller networks; none where that way ends before.
  std::function<std::optional<Point>(const Point&, std::size_t layer, int steps)> stepped;
  std::function<std::int64_t(const Point&)> bytes;
  /// Whether each of the points is good enough; several are asked at once, for as many processors.
  std::function<std::vector<bool>(std::span<const Point>)> good;
};

struct Exchanged {
  std::vector<Point> path;  ///< behind the first point, each smaller than the one before and good
  bool complete = true;     ///< whether it ended by itself, not at the limit
  int asked = 0;            ///< points looked at, not above the limit
};

/// One or two steps smaller in one or two layers and at most one step larger in another: of all such points with fewer
/// bytes than the last the one with the fewest that is good; again until there is none, or `limit` points were looked
/// at. The result does not depend on the number of processors. Throws what the functions throw.
[[nodiscard]] Exchanged exchange(Point from, const Exchange& search, int limit);

}  // namespace systole::study
