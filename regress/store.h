// SPDX-License-Identifier: Apache-2.0
#pragma once
// The folder of regressions: runs by number, each with what it was started with, a folder a job, and what it wrote at
// its end. These JSON files are the truth; an index of them (report/index.h) may be deleted at any time.
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/file_lock.h"
#include "regress/job.h"
#include "regress/plan.h"
#include "regress/triage.h"

namespace systole::regress {

/// Of a run's folder.
inline constexpr const char *kStartFile = "run.json", *kPlanFile = "plan.json", *kSummaryFile = "summary.json";

/// What a run is started with; with the plan, it gives the same jobs again.
struct RunStart {
  std::string plan_sha256;
  std::string own_design;  ///< as read_plan() got it
  std::string started;     ///< UTC, "2026-11-29 22:21:37"
  Surroundings surroundings;
  std::vector<std::string> only;  ///< keys of the jobs that are asked for; empty: all
};

class Store {
 public:
  explicit Store(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Makes the folder where it is missing; whoever has the lock is the only one to write there. Throws base::InputError
  /// where another has it, or the folder cannot be made.
  [[nodiscard]] std::unique_ptr<base::FileLock> lock() const;

  /// Numbers of the runs that are there, in their order, those too of which nothing can be read.
  [[nodiscard]] std::vector<int> runs() const;
  /// Number of the newest run; 0: there is none.
  [[nodiscard]] int newest() const;
  [[nodiscard]] std::filesystem::path run_folder(int run) const;
  /// The last result of each job in runs before `run`, of which the newest twenty are looked at and those are passed
  /// over that cannot be read.
  [[nodiscard]] Known known_before(int run) const;

  /// FOLDER/latest leads to that run from now on.
  void set_latest(int run) const;

 private:
  std::filesystem::path folder_;
};

/// RUN/run.json and RUN/plan.json. Throws base::InputError.
void write_start(const std::filesystem::path& run, const Plan& plan, const RunStart& start);
[[nodiscard]] RunStart read_start(const std::filesystem::path& run);

/// The jobs of a run that is there.
[[nodiscard]] std::vector<Job> jobs_of(const Plan& plan, const RunStart& start);

}  // namespace systole::regress
