// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace systole::session {

/// Cycles of the first image, or the layer, that a trace shows.
struct TraceWindow {
  std::uint64_t first = 0, last = std::numeric_limits<std::uint64_t>::max();
  std::optional<std::size_t> layer;  ///< planned layer
};

/// FIRST:LAST (cycles, FIRST <= LAST), one of the planned `layers` by name, or empty for everything. Throws
/// base::InputError.
TraceWindow parse_trace_window(const std::string& text, const std::vector<std::string>& layers);

}  // namespace systole::session
