// SPDX-License-Identifier: Apache-2.0
#pragma once
// Few programs that reach what many reach.
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace systole::signoff {

/// Programs are numbered in an order in which the first are cheaper. What they reach are things: a mutant that they
/// kill, an item of coverage.
struct CoverQuestion {
  /// Of each thing the first program that reaches it; nothing: none does. All programs before are known not to.
  std::vector<std::optional<std::size_t>> first;
  /// Whether one of the programs, in ascending order and all behind the first of each, reaches it.
  std::function<std::vector<bool>(const std::vector<std::size_t>& programs, const std::vector<std::size_t>& things)>
      reached;
  std::size_t at_a_time = 1;  ///< things that are asked for at once
  std::function<void(std::size_t done, std::size_t programs)> progress = {};
};

/// Programs in ascending order that reach every thing that one reaches; without any of them a thing is missed. The
/// choice goes from the last program that is the first of a thing to the cheapest, and takes one where those taken so
/// far miss a thing of which it is the first: since no cheaper one reaches that thing either, none becomes superfluous
/// later. A greedy choice by size would need all programs tried on all things, some fifty times as much.
[[nodiscard]] std::vector<std::size_t> minimal_cover(const CoverQuestion& question);

}  // namespace systole::signoff
