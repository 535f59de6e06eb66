// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace systole::session {

struct CycleRange {
  std::uint64_t first = 0, last = 0;  ///< both included
};

/// Cycles of the first image, or the layer, that a trace shows; everything where neither is given.
struct TraceWindow {
  std::vector<CycleRange> ranges;
  std::optional<std::size_t> layer;  ///< planned layer

  [[nodiscard]] bool contains(std::uint64_t cycle) const {
    return ranges.empty() ||
           std::ranges::any_of(ranges, [cycle](const CycleRange& r) { return cycle >= r.first && cycle <= r.last; });
  }
};

/// What a dump of a failure shows: enough before to see where the operands came from, and what follows.
inline constexpr std::uint64_t kCyclesBefore = 64, kCyclesAfter = 256;
[[nodiscard]] constexpr CycleRange range_around(std::uint64_t cycle) {
  return {.first = cycle - std::min(cycle, kCyclesBefore), .last = cycle + kCyclesAfter};
}

/// "FIRST:LAST,FIRST:LAST": as parse_trace_window() reads it.
std::string to_string(const std::vector<CycleRange>& ranges);

/// Ranges FIRST:LAST (cycles, FIRST <= LAST) with commas between them, one of the planned `layers` by name, or empty
/// for everything. Throws base::InputError.
TraceWindow parse_trace_window(const std::string& text, const std::vector<std::string>& layers);

}  // namespace systole::session
