// SPDX-License-Identifier: Apache-2.0
#pragma once
// The jobs of a run from the first to the last, on any runner.
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "regress/job.h"
#include "regress/ledger.h"
#include "regress/result.h"
#include "regress/runner.h"
#include "regress/triage.h"

namespace systole::regress {

struct CampaignOptions {
  Limits limits;
  std::optional<std::chrono::seconds> time;  ///< after which no job starts
  std::size_t stop_after = 0;                ///< so many signatures of failures; 0: never
};

/// What a reader is told while it goes on.
struct CampaignNews {
  std::function<void(const Job&, const JobResult&)> wrong = {};  ///< one failed or was lost
  std::function<void(std::size_t done, std::size_t planned)> progress = {};
  std::function<void(const Job&, const JobResult&)> ended = {};  ///< one has ended and is not run again
};

struct CampaignResult {
  std::vector<JobResult> results;  ///< of the jobs, by place
  Ledger ledger{0};
  std::string objection;  ///< of the ledger (Ledger::objection), or why a result could not be kept
};

/// The folder of a job in that of its run.
[[nodiscard]] std::filesystem::path job_folder(const std::filesystem::path& run, const Job& job);

/// Runs the jobs that have no result in the folder `run`, in the order of `known`, and keeps each result there. One
/// that is lost is run once more at the end. After a wish to end what has not ended is cancelled; where the runner
/// refuses to go on, what has not started is skipped and the objection says why; where it refuses before any job has
/// ended, its base::InputError leaves. Throws std::system_error.
[[nodiscard]] CampaignResult run_jobs(std::span<const Job> jobs, const Known& known, const std::filesystem::path& run,
                                      Runner& runner, const CampaignOptions& options, const CampaignNews& news = {});

/// The results that lie there, without running anything; what has none is `otherwise`.
[[nodiscard]] std::vector<JobResult> kept_results(std::span<const Job> jobs, const std::filesystem::path& run,
                                                  Verdict otherwise);

/// Groups whose failure is shown again, and those that get a folder of it.
struct MostReruns {
  std::size_t groups = 100, folders = 20;
};
/// How often a failure must show the same line again.
inline constexpr int kRepeats = 3;

/// Runs the first job of each group that failed once more by words_again(), kRepeats times; the first time with a
/// folder of its failure below RUN/failures, which Group::folder then names. One that shows another line, or none,
/// makes the group flaky.
void rerun_groups(std::vector<Group>& groups, std::span<const Job> jobs, std::span<const JobResult> results,
                  const std::filesystem::path& run, Runner& runner, const Limits& limits, const MostReruns& most = {});

}  // namespace systole::regress
