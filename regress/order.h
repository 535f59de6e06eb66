// SPDX-License-Identifier: Apache-2.0
#pragma once
// In which order jobs run, and how long they may take.
#include <cstddef>
#include <span>
#include <vector>

#include "regress/job.h"
#include "regress/triage.h"

namespace systole::regress {

/// Seconds of each job: as the last time, else the mean of those with its network or set and design, else of all that
/// are known, else 0.
[[nodiscard]] std::vector<double> expected_seconds(std::span<const Job> jobs, const Known& known);

/// Seconds that all of them may take on so many workers; 0 where nothing is known.
[[nodiscard]] double expected_duration(std::span<const Job> jobs, const Known& known, int workers);

/// Places of `jobs`: what failed or was lost the last time, then what has changed or never ran, then the rest; within
/// each, blocks in turn by their weights, and within a block the longest first.
[[nodiscard]] std::vector<std::size_t> order_of(std::span<const Job> jobs, const Known& known);

}  // namespace systole::regress
