// SPDX-License-Identifier: Apache-2.0
#include "report/history.h"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

namespace systole::report {
namespace {

using regress::PastRun;
using regress::Verdict;

std::int64_t cell(std::size_t count) { return static_cast<std::int64_t>(count); }

/// Jobs that were skipped or cancelled.
std::int64_t not_run(const PastRun& run) { return cell(run.count(Verdict::skipped) + run.count(Verdict::cancelled)); }

/// Cycles a second of one process; nothing where no job says how many it ran.
base::Cell speed(const PastRun& run) {
  if (run.cycles == 0 || run.job_seconds <= 0) return {};
  return static_cast<std::int64_t>(static_cast<double>(run.cycles) / run.job_seconds);
}

/// The cells that both tables have.
std::vector<base::Cell> counts(const PastRun& run) {
  return {cell(run.planned), cell(run.count(Verdict::passed)), cell(run.count(Verdict::failed)),
          cell(run.count(Verdict::lost)), not_run(run)};
}

std::string verdict_of_jobs(const PastRun& run) {
  if (run.count(Verdict::lost) > 0) return "lost";
  if (run.count(Verdict::failed) > 0) return "failed";
  return not_run(run) > 0 ? "unfinished" : "passed";
}

}  // namespace

base::Table history_table(const std::vector<PastRun>& runs) {
  base::Table table{"history",
                    {"run", "started", "plan", "verdict", "planned", "passed", "failed", "lost", "not run", "items met",
                     "cycles/s", "time s"},
                    {}};
  for (auto at = runs.rbegin(); at != runs.rend(); ++at) {
    const PastRun& run = *at;
    std::vector<base::Cell>& row = table.rows.emplace_back();
    row = {cell(static_cast<std::size_t>(run.number)), run.started, run.plan, run.verdict};
    for (base::Cell& count : counts(run)) row.push_back(std::move(count));
    row.push_back(run.items == 0 ? base::Cell() : base::Figure{fmt::format("{}/{}", run.covered, run.items)});
    row.push_back(speed(run));
    row.emplace_back(run.seconds);
  }
  return table;
}

base::Table said_table(const std::vector<Index::Said>& said) {
  base::Table table{
      "history",
      {"run", "started", "verdict", "jobs", "passed", "failed", "lost", "not run", "cycles", "time s", "first failure"},
      {}};
  for (auto at = said.rbegin(); at != said.rend(); ++at) {
    const Index::Said& one = *at;
    std::vector<base::Cell>& row = table.rows.emplace_back();
    row = {cell(static_cast<std::size_t>(one.run.number)), one.run.started, verdict_of_jobs(one.run)};
    for (base::Cell& count : counts(one.run)) row.push_back(std::move(count));
    row.emplace_back(cell(one.run.cycles));
    row.emplace_back(one.run.job_seconds);
    row.emplace_back(one.line);
  }
  return table;
}

}  // namespace systole::report
