// SPDX-License-Identifier: Apache-2.0
#include "report/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/counted.h"
#include "base/input_error.h"
#include "regress/campaign.h"
#include "regress/json_file.h"
#include "regress/store.h"
#include "regress/summary.h"
#include "report/job_report.h"
#include "report/place.h"
#include "sim/kernel/outcome.h"

namespace systole::report {
namespace {

namespace fs = std::filesystem;
using regress::Axis;
using regress::Verdict;

constexpr const char* kPassed = "passed";

bool is_wrong(const ComparedJob& job) { return job.verdict == "failed" || job.verdict == "lost"; }
bool ran(const ComparedJob& job) { return job.verdict == kPassed || job.verdict == "failed"; }
bool did_not_run(const ComparedJob& job) { return job.verdict == "skipped" || job.verdict == "cancelled"; }

/// Keys of the jobs that every run of the plan has: all but those of seeds that are drawn.
std::set<std::string> keys_of_every_run(const fs::path& run, regress::RunStart start) {
  start.surroundings.drawn_from += " otherwise";
  std::set<std::string> keys;
  for (const regress::Job& job : jobs_of(regress::read_plan(run / regress::kPlanFile, start.own_design), start))
    keys.insert(job.key);
  return keys;
}

ComparedRun regression(const std::string& name, const fs::path& folder) {
  const regress::RunStart start = regress::read_start(folder);
  const regress::Summary summary = regress::read_summary(folder);
  const std::set<std::string> of_every_run = keys_of_every_run(folder, start);
  ComparedRun run{
      .name = name, .jobs = {}, .only = {start.only.begin(), start.only.end()}, .mutation = mutation_score(folder)};
  for (std::size_t i = 0; i < summary.jobs.size(); ++i) {
    const regress::Job& job = summary.jobs[i];
    const regress::JobResult& result = summary.results[i];
    run.jobs.push_back({.key = job.key,
                        .id = job.id,
                        .name = job.name,
                        .verdict = std::string(to_string(result.verdict)),
                        .line = result.line,
                        .group = job.at[Axis::network] + job.at[Axis::vectors] + " " + job.at[Axis::design],
                        .cycles = result.cycles,
                        .seconds = result.seconds,
                        .drawn = !of_every_run.contains(job.key),
                        .report = job_folder(folder, job) / regress::kReport});
  }
  return run;
}

/// Two reports are of one job, whatever they ran: who names them wants them compared.
ComparedRun single_run(const std::string& file) {
  ComparedJob job;
  job.key = "report";
  job.report = file;
  regress::read_json_file(file, [&job](const nlohmann::ordered_json& json) {
    const auto outcome = json.at("outcome").get<std::string>();
    const bool lost = outcome == to_string(kernel::Outcome::lost) || outcome == to_string(kernel::Outcome::interrupted);
    job.verdict = outcome == kPassed ? kPassed : lost ? "lost" : "failed";
    job.name = fmt::format("{} {} stall {}", json.at("network").get<std::string>(),
                           json.at("configuration").get<std::string>(), json.at("stall").get<std::string>());
    json.at("cycles").get_to(job.cycles);
    json.at("seconds").get_to(job.seconds);
    const auto& failures = json.at("failures");
    job.line = failures.empty() ? json.at("detail").get<std::string>() : failures[0].get<std::string>();
    job.line = job.line.substr(0, job.line.find('\n'));
  });
  return {.name = file, .jobs = {job}, .only = {}, .regression = false};
}

using JobPair = std::pair<const ComparedJob*, const ComparedJob*>;

class Comparer {
 public:
  Comparer(const ComparedRun& a, const ComparedRun& b) : a_(a), b_(b) {}

  Comparison run() {
    found_.a = a_.name;
    found_.b = b_.name;
    verdicts();
    cycles_and_coverage();
    mutation();
    speed();
    std::ranges::stable_sort(found_.differences, {}, &Difference::change);
    return std::move(found_);
  }

 private:
  void add(Change change, const std::string& of, const std::string& a, const std::string& b,
           const std::string& note = {}) {
    found_.differences.push_back({.change = change, .of = of, .a = a, .b = b, .note = note});
  }

  void verdicts() {
    std::map<std::string, const ComparedJob*> before;
    for (const ComparedJob& job : a_.jobs) before[job.key] = &job;
    for (const ComparedJob& job : b_.jobs) {
      const auto found = before.find(job.key);
      if (found == before.end()) {
        appeared(job);
      } else {
        both(*found->second, job);
        before.erase(found);
      }
    }
    for (const ComparedJob& job : a_.jobs) {
      if (before.contains(job.key)) gone(job);
    }
  }

  void appeared(const ComparedJob& job) {
    const Change change = is_wrong(job) ? Change::new_failure : did_not_run(job) ? Change::not_run : Change::added;
    add(change, job.name, "", job.verdict, job.line);
  }

  void gone(const ComparedJob& job) {
    const bool asked_for = b_.only.empty() || b_.only.contains(job.key);
    add(asked_for && !job.drawn ? Change::vanished : Change::left_out, job.name, job.verdict, "");
  }

  void both(const ComparedJob& a, const ComparedJob& b) {
    const bool alike = a.verdict == b.verdict || (is_wrong(a) && is_wrong(b)) || (did_not_run(a) && did_not_run(b));
    if (alike) {
      ++found_.same;
      if (a.verdict == kPassed) passed_.emplace_back(&a, &b);
      return;
    }
    // What was lost says nothing of the design.
    const bool known = !a.id.empty() && a.id == b.id && ran(a) && ran(b);
    const Change change = known            ? Change::flaky
                          : is_wrong(b)    ? Change::new_failure
                          : did_not_run(b) ? Change::not_run
                                           : Change::fixed;
    add(change, b.name, a.verdict, b.verdict, is_wrong(b) ? b.line : a.line);
  }

  void cycles_and_coverage() {
    for (const JobPair& pair : passed_) passed_keys_.insert(pair.first->key);
    const Coverage a = read_reports(a_, false), b = read_reports(b_, true);
    for (const std::string& layer : order_) {
      const auto& [first, second] = layers_.at(layer);
      if (first == second || first == 0 || second == 0) continue;  // or a report is no longer there
      add(Change::cycles, layer, std::to_string(first), std::to_string(second),
          percent(static_cast<double>(first), static_cast<double>(second)));
    }
    if (a.items.empty() || b.items.empty()) return;
    std::set<std::string> items = a.items;
    items.insert(b.items.begin(), b.items.end());
    for (const std::string& item : items) {
      const bool in_a = a.met.contains(item), in_b = b.met.contains(item);
      if (in_a != in_b) add(Change::coverage, item, in_a ? "met" : "not met", in_b ? "met" : "not met");
    }
  }

  /// What all of a run's jobs met, and into layers_ the cycles of those that passed in both.
  Coverage read_reports(const ComparedRun& run, bool second) {
    Coverage coverage;
    for (const ComparedJob& job : run.jobs) {
      const JobReport report = read_job_report(job.report);
      coverage.add(report);
      if (!passed_keys_.contains(job.key)) continue;
      for (const auto& [name, cycles] : report.layers) {
        const std::string layer = job.group.empty() ? name : job.group + " " + name;
        const auto made = layers_.try_emplace(layer);
        if (made.second) order_.push_back(layer);
        (second ? made.first->second.second : made.first->second.first) += cycles;
      }
    }
    return coverage;
  }

  void mutation() {
    if (!a_.mutation || !b_.mutation) return;
    const double points = b_.mutation->percent - a_.mutation->percent;
    add(Change::mutation, "mutants killed, of those not proved equivalent", a_.mutation->text, b_.mutation->text,
        fmt::format("{:+.1f} points", points));
  }

  void speed() {
    double seconds_a = 0, seconds_b = 0, cycles_a = 0, cycles_b = 0;
    for (const JobPair& pair : passed_) {
      cycles_a += static_cast<double>(pair.first->cycles);
      cycles_b += static_cast<double>(pair.second->cycles);
      seconds_a += pair.first->seconds;
      seconds_b += pair.second->seconds;
    }
    if (cycles_a == 0 || cycles_b == 0 || seconds_a <= 0 || seconds_b <= 0) return;
    const double a = cycles_a / seconds_a, b = cycles_b / seconds_b;
    add(Change::speed, "cycles/s of jobs that passed in both", fmt::format("{:.0f}", a), fmt::format("{:.0f}", b),
        percent(a, b));
  }

  static std::string percent(double a, double b) { return a > 0 ? fmt::format("{:+.1f} %", 100 * (b / a - 1)) : ""; }

  const ComparedRun& a_;
  const ComparedRun& b_;
  std::vector<JobPair> passed_;  ///< in both
  std::set<std::string> passed_keys_;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> layers_;  ///< cycles in each run
  std::vector<std::string> order_;                                         ///< of layers
  Comparison found_;
};

}  // namespace

std::string_view to_string(Change change) {
  switch (change) {
    case Change::new_failure:
      return "new failure";
    case Change::vanished:
      return "vanished";
    case Change::flaky:
      return "flaky";
    case Change::not_run:
      return "not run";
    case Change::left_out:
      return "left out";
    case Change::fixed:
      return "fixed";
    case Change::added:
      return "new job";
    case Change::cycles:
      return "cycles";
    case Change::coverage:
      return "coverage";
    case Change::mutation:
      return "mutation";
    case Change::speed:
      return "speed";
  }
  return "?";
}

bool names_run(const std::string& place) {
  return (fs::is_regular_file(place) && place.ends_with(".json")) || !regression_at(place).empty();
}

ComparedRun read_compared(const std::string& place) {
  if (fs::is_regular_file(place)) return single_run(place);
  const fs::path folder = regression_at(place);
  if (folder.empty()) throw base::InputError(place, "", "expected a run's folder, DIR:N, or a report of `systole run`");
  return regression(place, folder);
}

std::size_t Comparison::count(Change change) const {
  return static_cast<std::size_t>(std::ranges::count(differences, change, &Difference::change));
}

Comparison compare_runs(const ComparedRun& a, const ComparedRun& b) {
  if (a.regression != b.regression)
    throw base::InputError(b.name, "",
                           fmt::format("is a {}, and {} is none", b.regression ? "regression" : "report", a.name));
  return Comparer(a, b).run();
}

int exit_code(const Comparison& c) {
  using kernel::Outcome;
  const bool worse = c.count(Change::new_failure) + c.count(Change::vanished) + c.count(Change::flaky) > 0;
  return kernel::exit_code(worse                          ? Outcome::mismatch
                           : c.count(Change::not_run) > 0 ? Outcome::unfinished
                                                          : Outcome::passed);
}

base::Table comparison_table(const Comparison& c, std::size_t most) {
  base::Table table{"comparison", {"change", "of", "A", "B", "note"}, {}};
  std::map<Change, std::size_t> shown;
  for (const Difference& d : c.differences) {
    if (most > 0 && ++shown[d.change] > most) continue;
    const bool figures = d.change == Change::cycles || d.change == Change::mutation || d.change == Change::speed;
    const auto cell = [figures](const std::string& text) {
      return figures ? base::Cell(base::Figure{text}) : base::Cell(text);
    };
    table.rows.push_back({std::string(to_string(d.change)), d.of, cell(d.a), cell(d.b), d.note});
  }
  return table;
}

std::string comparison_note(const Comparison& c) {
  std::string what;
  for (const Change change : {Change::new_failure, Change::vanished, Change::flaky, Change::not_run, Change::left_out,
                              Change::fixed, Change::added}) {
    if (const std::size_t count = c.count(change); count > 0)
      what += fmt::format("{}{} {}", what.empty() ? "" : ", ", count, to_string(change));
  }
  const int code = exit_code(c);
  const std::string_view verdict = code == 1                    ? "worse"
                                   : code == 3                  ? "unfinished"
                                   : c.count(Change::fixed) > 0 ? "better"
                                                                : "same";
  return fmt::format("{}: {}{} ended alike", verdict, what.empty() ? "" : what + "; ", base::counted(c.same, "job"));
}

}  // namespace systole::report
