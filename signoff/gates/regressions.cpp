// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/regressions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <ranges>
#include <tuple>
#include <vector>

#include "base/input_error.h"
#include "base/json_object.h"
#include "base/sha256.h"
#include "regress/campaign.h"
#include "regress/job.h"
#include "regress/plan.h"
#include "regress/store.h"

namespace systole::signoff {
namespace {

namespace fs = std::filesystem;
using regress::Axis;
using regress::Job;
using regress::JobResult;

/// What the report of a job says of its model; empty where there is none.
std::string rtl_of(const fs::path& job_folder) {
  constexpr std::uintmax_t kMaxBytes = 1 << 26;
  constexpr std::size_t kDigits = 64;
  try {
    return base::JsonObject::read(job_folder / regress::kReport, kMaxBytes).text("rtl_sha256", kDigits, kDigits);
  } catch (const base::InputError&) {
    return {};
  }
}

struct Newest {
  std::string id, name;
  regress::Verdict verdict = regress::Verdict::passed;
  std::string line;
};

/// All results of the RTL.
class Tally {
 public:
  explicit Tally(const RegressionsQuestion& question, Evidence& evidence) : question_(question), evidence_(evidence) {}

  /// Adds a run; false where it has no result of that RTL.
  bool add(const regress::Store& store, int number) {
    const fs::path folder = store.run_folder(number);
    try {
      const regress::RunStart start = regress::read_start(folder);
      const std::vector<Job> jobs =
          regress::jobs_of(regress::read_plan(folder / regress::kPlanFile, start.own_design), start);
      return add(folder, jobs);
    } catch (const base::InputError& error) {
      find(fmt::format("unreadable {}", number), error.what());
      return true;
    }
  }

  void finish() {
    for (const auto& [key, one] : newest_) {
      if (one.verdict != regress::Verdict::passed)
        find(one.name, fmt::format("{}: {}", to_string(one.verdict), one.line));
    }
    evidence_.checked = passed_;
    if (passed_ < question_.least)
      find("too few", fmt::format("{} jobs passed, expected {}", passed_, question_.least));
    evidence_.figures = {{"jobs passed since the last change of RTL", fmt::format("{} in {} runs", passed_, runs_)},
                         {"different jobs", std::to_string(newest_.size())}};
    base::Table table{.name = "regressions", .columns = {"network", "design", "stalls", "jobs that passed"}};
    for (const auto& [where, jobs] : by_place_)
      table.rows.push_back({std::get<0>(where), std::get<1>(where), std::get<2>(where), jobs});
    evidence_.tables.push_back(std::move(table));
  }

 private:
  void find(const std::string& what, const std::string& text) {
    evidence_.findings.push_back({"regressions " + what, fmt::format("{}: {}", what, text), ""});
  }

  bool add(const fs::path& folder, const std::vector<Job>& jobs) {
    const std::vector<JobResult> results = regress::kept_results(jobs, folder, regress::Verdict::cancelled);
    std::vector<std::string> rtl;
    for (const Job& job : jobs) rtl.push_back(rtl_of(job_folder(folder, job)));
    if (std::ranges::find(rtl, question_.rtl_sha256) == rtl.end()) return false;
    ++runs_;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      // One that was lost or refused has no report: whatever it ran on, nobody knows that it would pass.
      const bool counts =
          rtl[i] == question_.rtl_sha256 || (rtl[i].empty() && results[i].verdict != regress::Verdict::passed);
      if (is_result(results[i].verdict) && counts) add(jobs[i], results[i]);
    }
    return true;
  }

  void add(const Job& job, const JobResult& result) {
    const bool passed = result.verdict == regress::Verdict::passed;
    if (passed) {
      ++passed_;
      ++by_place_[{job.at[Axis::network], job.at[Axis::design], job.at[Axis::stall]}];
    }
    const auto [known, fresh] = newest_.try_emplace(job.key, Newest{job.id, job.name, result.verdict, result.line});
    if (fresh || known->second.id != job.id) return;
    if ((known->second.verdict == regress::Verdict::passed) != passed)
      find("flaky " + job.name, "the same job, another result");
  }

  const RegressionsQuestion& question_;
  Evidence& evidence_;
  std::map<std::string, Newest> newest_;
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> by_place_;
  std::uint64_t passed_ = 0, runs_ = 0;
};

}  // namespace

Evidence check_regressions(const RegressionsQuestion& question, const GateProgress& progress) {
  Evidence evidence;
  evidence.gate = "regressions";
  evidence.unit = "jobs that passed";
  if (question.run) question.run();
  const regress::Store store(question.folder);
  const std::vector<int> runs = store.runs();
  Tally tally(question, evidence);
  for (std::size_t i = runs.size(); i-- > 0;) {
    if (!tally.add(store, runs[i])) break;
    if (progress) progress(static_cast<double>(runs.size() - i) / static_cast<double>(runs.size()));
  }
  tally.finish();
  return evidence;
}

std::string regressions_sha256(const fs::path& folder) {
  const regress::Store store(folder);
  std::string text;
  for (const int run : store.runs()) {
    const fs::path summary = store.run_folder(run) / regress::kSummaryFile;
    text += fmt::format("{} {}\n", run, fs::exists(summary) ? base::sha256_of_file(summary) : "open");
  }
  return base::sha256_of(text);
}

}  // namespace systole::signoff
