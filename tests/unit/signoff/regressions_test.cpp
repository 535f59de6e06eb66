// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/regressions.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/output_file.h"
#include "regress/campaign.h"
#include "regress/regression.h"
#include "tests/unit/regress/jobs.h"

namespace systole::signoff {
namespace {

namespace fs = std::filesystem;

const std::string kNow(64, 'a'), kBefore(64, 'b');

/// A folder of runs that nobody ran: four jobs each.
struct Runs {
  test::TemporaryFolder folder = {};
  regress::Plan plan = test::plan_of(
      R"({"version": 1, "name": "p", "blocks": [{"networks": ["models/lenet"], "designs": ["8x8", "4x4"], "seeds": ["1-2"]}]})");

  /// A run of which job i ends as `verdict` says, on models of that RTL.
  void add(const std::string& rtl, const std::function<regress::Verdict(std::size_t)>& verdict,
           const std::string& program = "h") const {
    const regress::Store store(folder.path());
    const auto freeze = [&program](const std::string&, const regress::Block&, const fs::path&) {
      return regress::DesignFacts{.program = "systole", .replayer = {}, .hashes = program};
    };
    const regress::Run run = begin_run(store, plan, freeze, false);
    for (std::size_t i = 0; i < run.jobs.size(); ++i) {
      regress::JobResult result;
      result.verdict = verdict(i);
      if (!is_result(result.verdict)) continue;
      const fs::path job = job_folder(run.folder, run.jobs[i]);
      fs::create_directories(job);
      write_result(job, run.jobs[i], result);
      if (result.verdict != regress::Verdict::lost)
        base::write_file(job / regress::kReport, R"({"rtl_sha256": ")" + rtl + R"("})");
    }
  }

  [[nodiscard]] Evidence check(std::uint64_t least = 1) const {
    return check_regressions({.folder = folder.path(), .rtl_sha256 = kNow, .least = least, .run = {}});
  }
};

regress::Verdict all_pass(std::size_t) { return regress::Verdict::passed; }
std::function<regress::Verdict(std::size_t)> first_is(regress::Verdict verdict) {
  return [verdict](std::size_t i) { return i == 0 ? verdict : regress::Verdict::passed; };
}

std::vector<std::string> ids(const Evidence& evidence) {
  std::vector<std::string> found;
  for (const Finding& finding : evidence.findings) found.push_back(finding.id);
  return found;
}
bool any_starts(const Evidence& evidence, const std::string& start) {
  return std::ranges::any_of(ids(evidence), [&start](const std::string& id) { return id.starts_with(start); });
}

TEST_CASE("signoff.regressions.runs_since_the_last_change_of_rtl_count") {
  const Runs runs;
  runs.add(kNow, all_pass);  // before another RTL was tried
  runs.add(kBefore, all_pass);
  runs.add(kNow, all_pass);
  runs.add(kNow, all_pass);
  const Evidence evidence = runs.check(8);
  CHECK(evidence.findings.empty());
  CHECK(evidence.checked == 8);
  CHECK(evidence.figures.at(0).value == "8 in 2 runs");
  CHECK(evidence.figures.at(1).value == "4");
  CHECK(ids(runs.check(9)) == std::vector<std::string>{"regressions too few"});
}

TEST_CASE("signoff.regressions.nothing_on_this_rtl_is_no_pass") {
  const Runs runs;
  CHECK(ids(runs.check()) == std::vector<std::string>{"regressions too few"});
  runs.add(kBefore, all_pass);
  const Evidence evidence = runs.check();
  CHECK(ids(evidence) == std::vector<std::string>{"regressions too few"});
  CHECK(evidence.checked == 0);
}

TEST_CASE("signoff.regressions.failed_and_lost_jobs_are_findings_until_they_pass") {
  for (const regress::Verdict wrong : {regress::Verdict::failed, regress::Verdict::lost}) {
    const Runs runs;
    runs.add(kNow, first_is(wrong));
    CHECK(any_starts(runs.check(), "regressions models/lenet"));
    runs.add(kNow, all_pass, "another program");
    CHECK(runs.check().findings.empty());
  }
}

TEST_CASE("signoff.regressions.same_job_with_another_result_is_flaky") {
  const Runs runs;
  runs.add(kNow, first_is(regress::Verdict::failed));
  runs.add(kNow, all_pass);
  const Evidence evidence = runs.check();
  REQUIRE(evidence.findings.size() == 1);
  CHECK(any_starts(evidence, "regressions flaky models/lenet"));
}

/// A result that was cut, or of another job, is none; a run whose start is gone says so.
TEST_CASE("signoff.regressions.damage_counts_for_nothing") {
  const Runs runs;
  runs.add(kNow, all_pass);
  for (const auto& entry : fs::recursive_directory_iterator(runs.folder.path())) {
    if (entry.path().filename() != "result.json") continue;
    base::write_file(entry.path(), "{");
    break;
  }
  CHECK(runs.check().checked == 3);
  const std::string before = regressions_sha256(runs.folder.path());
  runs.add(kNow, all_pass);
  CHECK(regressions_sha256(runs.folder.path()) != before);
  base::write_file(regress::Store(runs.folder.path()).run_folder(2) / regress::kStartFile, "{");
  CHECK(any_starts(runs.check(), "regressions unreadable 2"));
}

}  // namespace
}  // namespace systole::signoff
