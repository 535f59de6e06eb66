// SPDX-License-Identifier: Apache-2.0
#include "regress/campaign.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <set>
#include <system_error>
#include <utility>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "regress/order.h"

namespace systole::regress {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kAttempts = 2;

class Campaign {
 public:
  Campaign(std::span<const Job> jobs, const Known& known, const fs::path& run, const CampaignOptions& options,
           const CampaignNews& news)
      : jobs_(jobs), run_(run), options_(options), news_(news), done_(jobs.size(), false) {
    result_.results.resize(jobs.size());
    result_.ledger = Ledger(jobs.size());
    expected_ = expected_seconds(jobs, known);
    for (const std::size_t i : order_of(jobs, known)) {
      if (std::optional<JobResult> kept = read_result(job_folder(run_, jobs_[i]), jobs_[i])) {
        enter(i, *std::move(kept));
      } else {
        waiting_.push_back(i);
      }
    }
  }

  /// Where not even the first job could start the reason is for the user, and there is nothing to close.
  CampaignResult on(Runner& runner) {
    const TaskFlow flow{.next = [this] { return next(); },
                        .ended = [this](const Task& task, const Ending& ending) { ended(task, ending); },
                        .enough = [this] { return enough(); }};
    tell_progress();
    try {
      runner.run(flow, options_.limits);
    } catch (const base::InputError& error) {  // a disk that is full: what is kept stays, and the ledger closes
      if (result_.ledger.ended() == 0 && again_.empty()) throw;
      result_.objection = error.what();
    }
    enter_the_rest();
    std::size_t kept = 0;
    for (const Job& job : jobs_) kept += read_result(job_folder(run_, job), job).has_value() ? 1 : 0;
    if (result_.objection.empty()) result_.objection = result_.ledger.objection(kept);
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool enough() const {
    if (options_.time && Clock::now() - start_ >= *options_.time) return true;
    return options_.stop_after > 0 && signatures_.size() >= options_.stop_after;
  }

  std::optional<Task> next() {
    if (enough()) return std::nullopt;
    std::deque<std::size_t>& queue = waiting_.empty() ? again_ : waiting_;
    if (queue.empty()) return std::nullopt;
    const std::size_t i = queue.front();
    queue.pop_front();
    const Job& job = jobs_[i];
    Task task{
        .number = i, .command = {job.program.string()}, .folder = job_folder(run_, job), .expected = expected_[i]};
    task.command.insert(task.command.end(), job.words.begin(), job.words.end());
    if (job.words.front() == "run") {
      task.command.insert(task.command.end(), {"--report", (task.folder / kReport).string()});
    }
    return task;
  }

  void ended(const Task& task, const Ending& ending) {
    JobResult result = judge(jobs_[task.number], task.folder, ending, options_.limits);
    const int before = result_.results[task.number].attempts;
    result.attempts += before;
    if (result.verdict == Verdict::lost && result.attempts < kAttempts) {
      result_.results[task.number] = std::move(result);
      again_.push_back(task.number);
      return;
    }
    keep(task.number, std::move(result));
  }

  void keep(std::size_t i, JobResult result) {
    const fs::path folder = job_folder(run_, jobs_[i]);
    try {
      write_result(folder, jobs_[i], result);
    } catch (const base::InputError& error) {
      result_.objection = error.what();
      result.verdict = Verdict::lost;
      result.line = error.what();
    }
    std::error_code ignored;
    if (result.verdict == Verdict::passed) fs::remove(folder / kOutput, ignored);
    const bool wrong = result.verdict == Verdict::failed || result.verdict == Verdict::lost;
    if (wrong && news_.wrong) news_.wrong(jobs_[i], result);
    if (news_.ended) news_.ended(jobs_[i], result);
    enter(i, std::move(result));
    tell_progress();
  }

  void enter(std::size_t i, JobResult result) {
    result_.ledger.add(result.verdict);
    if (result.verdict == Verdict::failed) signatures_.insert(signature_of(jobs_[i], result));
    result_.results[i] = std::move(result);
    done_[i] = true;
  }

  /// A job that was lost once and had no second turn is lost, unless somebody wanted to end.
  void enter_the_rest() {
    const Verdict otherwise = base::interrupted() ? Verdict::cancelled : Verdict::skipped;
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      if (done_[i]) continue;
      JobResult result = std::move(result_.results[i]);
      if (otherwise == Verdict::skipped && result.attempts > 0) {
        keep(i, std::move(result));
        continue;
      }
      result = {};
      result.verdict = otherwise;
      enter(i, std::move(result));
    }
  }

  void tell_progress() const {
    if (news_.progress) news_.progress(result_.ledger.ended(), jobs_.size());
  }

  std::span<const Job> jobs_;
  const fs::path& run_;
  const CampaignOptions& options_;
  const CampaignNews& news_;
  std::vector<bool> done_;
  std::vector<double> expected_;
  std::deque<std::size_t> waiting_, again_;
  std::set<Signature> signatures_;
  Clock::time_point start_ = Clock::now();
  CampaignResult result_;
};

/// The rest of the line that starts so, up to " (", or an empty text.
std::string named_in(const fs::path& output, std::string_view start) {
  std::ifstream in(output, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(start)) return line.substr(start.size(), line.rfind(" (") - start.size());
  }
  return {};
}

/// The first job of each group once more, kRepeats times each.
class Reruns {
 public:
  Reruns(std::vector<Group>& groups, std::span<const Job> jobs, std::span<const JobResult> results, const fs::path& run,
         const Limits& limits, const MostReruns& most)
      : groups_(groups), jobs_(jobs), results_(results), run_(run), limits_(limits), most_(most) {
    for (std::size_t i = 0; i < std::min(groups.size(), most.groups); ++i) {
      if (first_result(i).verdict != Verdict::failed) continue;
      for (int time = 0; time < kRepeats; ++time) waiting_.push_back({.group = i, .time = time});
    }
  }

  void on(Runner& runner) {
    runner.run({.next = [this] { return next(); },
                .ended = [this](const Task& task, const Ending& ending) { ended(task, ending); }},
               limits_);
  }

 private:
  struct Rerun {
    std::size_t group = 0;
    int time = 0;
    int attempts = 1;
  };

  [[nodiscard]] const Job& first_of(std::size_t group) const { return jobs_[groups_[group].jobs.front()]; }
  [[nodiscard]] const JobResult& first_result(std::size_t group) const { return results_[groups_[group].jobs.front()]; }

  std::optional<Task> next() {
    if (waiting_.empty()) return std::nullopt;
    started_.push_back(waiting_.front());
    waiting_.pop_front();
    const auto& [group, time, attempts] = started_.back();
    const Job& job = first_of(group);
    const std::string name = time == 0 ? job.id : fmt::format("{}.{}", job.id, time + 1);
    Task task{.number = started_.size() - 1,
              .command = words_again(job, first_result(group)),
              .folder = run_ / "reruns" / name,
              .expected = first_result(group).seconds};
    task.command.insert(task.command.begin(), job.program.string());
    const std::string& does = job.words.front();
    if (does != "run") return task;
    task.command.insert(task.command.end(), {"--report", (task.folder / kReport).string()});
    if (time == 0 && group < most_.folders) {
      task.command.insert(task.command.end(), {"--failures", (run_ / "failures").string()});
    } else {
      task.command.emplace_back(kNoFailureFolder);
    }
    return task;
  }

  /// One that is lost is run once more; lost twice it has not shown the failure.
  void ended(const Task& task, const Ending& ending) {
    Rerun rerun = started_[task.number];
    Group& group = groups_[rerun.group];
    const JobResult again = judge(first_of(rerun.group), task.folder, ending, limits_);
    if (again.verdict == Verdict::lost && rerun.attempts++ < kAttempts) {
      waiting_.push_back(rerun);
      return;
    }
    if (rerun.time == 0) group.folder = named_in(task.folder / kOutput, "failure: ");
    if (again.verdict == Verdict::failed && again.line == first_result(rerun.group).line) {
      ++group.repeated;
    } else {
      group.trend = Trend::flaky;
    }
  }

  std::vector<Group>& groups_;
  std::span<const Job> jobs_;
  std::span<const JobResult> results_;
  const fs::path& run_;
  const Limits& limits_;
  const MostReruns& most_;
  std::deque<Rerun> waiting_;
  std::vector<Rerun> started_;
};

}  // namespace

fs::path job_folder(const fs::path& run, const Job& job) { return run / "jobs" / job.id; }

CampaignResult run_jobs(std::span<const Job> jobs, const Known& known, const fs::path& run, Runner& runner,
                        const CampaignOptions& options, const CampaignNews& news) {
  return Campaign(jobs, known, run, options, news).on(runner);
}

std::vector<JobResult> kept_results(std::span<const Job> jobs, const fs::path& run, Verdict otherwise) {
  std::vector<JobResult> results;
  results.reserve(jobs.size());
  for (const Job& job : jobs) {
    JobResult none;
    none.verdict = otherwise;
    results.push_back(read_result(job_folder(run, job), job).value_or(none));
  }
  return results;
}

void rerun_groups(std::vector<Group>& groups, std::span<const Job> jobs, std::span<const JobResult> results,
                  const fs::path& run, Runner& runner, const Limits& limits, const MostReruns& most) {
  Reruns(groups, jobs, results, run, limits, most).on(runner);
}

}  // namespace systole::regress
