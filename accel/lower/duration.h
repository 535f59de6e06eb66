// SPDX-License-Identifier: Apache-2.0
#pragma once
// Cycles of one command at the full rate of its streams (docs/timing.md, section 9), from its header.
#include <cstdint>

#include "accel/contract/command.h"

namespace systole::lower {

/// At least: sum over groups of max(taps * max(T, Rows), in_h * in_w).
[[nodiscard]] std::int64_t roofline_cycles(const accel::Header& header, const accel::Geometry& geometry);

/// At most: 13 + the first group's fill + roofline + D + 6, D = Rows + Cols; arrays wider than 8 add their width, since
/// the header then has more channel beats behind it.
[[nodiscard]] std::uint64_t cycle_bound(const accel::Header& header, const accel::Geometry& geometry);

}  // namespace systole::lower
