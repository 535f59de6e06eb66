// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the cycles of a layer went into, by the counters of a design (docs/timing.md, section 8).
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace systole::session {

/// Counters that a design must have for it, in cycles of a layer or of several.
inline constexpr std::array<std::string_view, 5> kShareCounters{"busy", "stall_in", "stall_out", "compute", "drain"};
using ShareCounters = std::array<double, kShareCounters.size()>;

/// From the ideal to the cycles that it took.
inline constexpr std::array<std::string_view, 6> kShareNames{
    "ideal", "cells without work", "input or weights missing", "output withheld", "drain", "header"};
using CycleShares = std::array<double, kShareNames.size()>;

/// Percent of the busy cycles, in the order of kShareNames; the sum is 100. `counters`: in the order of kShareCounters;
/// `ideal`: cycles with every cell at work, MACs / cells. Nothing where the layer did not end or has no MACs.
[[nodiscard]] inline std::optional<CycleShares> cycle_shares(const ShareCounters& counters, double ideal) {
  const auto [busy, input, output, compute, drain] = counters;
  if (busy <= 0 || ideal <= 0) return std::nullopt;
  const double idle = std::max(0.0, compute - ideal);  // `ideal` may come from a rounded fraction
  CycleShares shares{ideal, idle, input, output, drain, busy - input - output - drain - compute};
  for (double& share : shares) share *= 100 / busy;
  return shares;
}

}  // namespace systole::session
