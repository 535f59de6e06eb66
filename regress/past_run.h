// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "regress/result.h"

namespace systole::regress {

/// A run as later ones tell of it.
struct PastRun {
  int number = 0;
  std::string started;  ///< UTC
  std::string plan;
  std::string verdict;  ///< of RunVerdict; "open" where it goes on or was killed, "unreadable" where its files are cut
  std::size_t planned = 0;
  std::array<std::size_t, kVerdicts> counts{};  ///< of jobs, by Verdict
  double seconds = 0;                           ///< wall clock
  double job_seconds = 0;                       ///< of all its jobs
  std::uint64_t cycles = 0;                     ///< of all its jobs
  std::size_t covered = 0, items = 0;           ///< items of sim/cover/cover.h that a job met, and all of them
  [[nodiscard]] std::size_t count(Verdict of) const { return counts[static_cast<std::size_t>(of)]; }
};

}  // namespace systole::regress
