// SPDX-License-Identifier: Apache-2.0
#pragma once
// Jobs of a plan on the programs of a design with an adapter, each in a process of its own.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "regress/job.h"
#include "regress/plan.h"
#include "regress/result.h"

namespace systole::signoff {

struct RunWith {
  std::optional<std::uint64_t> seed = {};  ///< in place of the job's
  std::size_t mutant = 0;                  ///< that is awake in a program of mutants, from 1
};

class DesignRuns {
 public:
  DesignRuns(std::vector<regress::Job> jobs, regress::Limits limits) : jobs_(std::move(jobs)), limits_(limits) {}

  [[nodiscard]] const std::vector<regress::Job>& jobs() const { return jobs_; }

  /// Job i in `program`: passed, or failed by what it compared or by what the adapter objects to. Throws
  /// std::runtime_error where there is no verdict: a crash, a limit, input that is refused.
  [[nodiscard]] regress::JobResult run(std::size_t i, const std::filesystem::path& program, const RunWith& with) const;

 private:
  std::vector<regress::Job> jobs_;
  regress::Limits limits_;
};

}  // namespace systole::signoff
