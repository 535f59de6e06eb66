// SPDX-License-Identifier: Apache-2.0
#pragma once
// A folder of regressions whose runs nobody ran.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/output_file.h"
#include "regress/campaign.h"
#include "regress/regression.h"
#include "regress/summary.h"
#include "tests/unit/regress/jobs.h"

namespace systole::test {

struct MadeRuns {
  TemporaryFolder folder = {};
  regress::Plan plan = plan_of(
      R"({"version": 1, "name": "p", "blocks": [{"networks": ["models/lenet"], "designs": ["8x8", "4x4"], "seeds": ["1-2"]}]})");
  std::string hash = "h";  ///< of the design

  [[nodiscard]] regress::Store store() const { return regress::Store(folder.path()); }
  [[nodiscard]] std::filesystem::path run_folder(int run) const { return store().run_folder(run); }

  [[nodiscard]] regress::Run begin(bool only_failed = false) const {
    const auto lock = store().lock();
    const auto freeze = [this](const std::string&, const regress::Block&, const std::filesystem::path&) {
      return regress::DesignFacts{.program = "systole", .replayer = {}, .hashes = hash};
    };
    return begin_run(store(), plan, freeze, only_failed);
  }

  /// What a job that passed reports.
  static std::string report(int cycles, const std::string& met) {
    return R"({"layers": [{"name": "fc3", "cycles": )" + std::to_string(cycles) + R"(}], "exercised": {")" + met +
           R"(": 3}, "not_exercised": ["pool: none"]})";
  }

  /// A run of all jobs, each of which ends as `verdict` says; a run that has one already is written anew.
  void end(const regress::Run& run, const std::function<regress::Verdict(std::size_t)>& verdict, int cycles = 100,
           const std::string& met = "round: up") const {
    regress::Summary summary;
    summary.plan = plan.name;
    summary.started = run.start.started;
    summary.run = run.number;
    summary.seconds = 2;
    summary.jobs = run.jobs;
    summary.ledger = regress::Ledger(run.jobs.size());
    for (std::size_t i = 0; i < run.jobs.size(); ++i) {
      regress::JobResult result;
      result.verdict = verdict(i);
      result.seconds = 0.5;
      result.cycles = static_cast<std::uint64_t>(cycles);
      if (result.verdict == regress::Verdict::failed) {
        result.outcome = "mismatch";
        result.kind = "conv2d";
        result.origin = "act_q";
        result.line = "act_q differs";
        result.token = "T" + run.jobs[i].key;
      }
      summary.ledger.add(result.verdict);
      if (regress::is_result(result.verdict)) {
        const std::filesystem::path job = job_folder(run.folder, run.jobs[i]);
        std::filesystem::create_directories(job);
        base::write_file(job / regress::kReport, report(cycles, met));
      }
      summary.trends.push_back(trend_of(run.jobs[i], result, run.known));
      summary.results.push_back(result);
    }
    summary.groups = groups_of(summary.jobs, summary.results, run.known);
    write_summary(summary, run.folder, "systole");
  }

  /// A run of which these jobs fail.
  regress::Run failing(const std::vector<std::size_t>& failed) const {
    const regress::Run run = begin();
    end(run, [&failed](std::size_t i) {
      return std::ranges::count(failed, i) > 0 ? regress::Verdict::failed : regress::Verdict::passed;
    });
    return run;
  }
};

}  // namespace systole::test
