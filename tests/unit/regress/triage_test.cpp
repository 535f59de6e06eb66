// SPDX-License-Identifier: Apache-2.0
#include "regress/triage.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/unit/regress/jobs.h"

namespace systole::regress {
namespace {

JobResult failed(const std::string& origin, const std::string& kind = "conv2d") {
  JobResult result;
  result.verdict = Verdict::failed;
  result.outcome = "mismatch";
  result.kind = kind;
  result.origin = origin;
  return result;
}

JobResult with(Verdict verdict, const std::string& line = "") {
  JobResult result;
  result.verdict = verdict;
  result.outcome = std::string(to_string(verdict));
  result.line = line;
  return result;
}

KnownJob known(const Job& job, const JobResult& result, bool same_id) {
  const bool wrong = result.verdict != Verdict::passed;
  return {.id = same_id ? job.id : "other",
          .verdict = result.verdict,
          .signature = wrong ? to_string(signature_of(job, result)) : "",
          .seconds = 1};
}

TEST_CASE("regress.triage.groups_by_signature") {
  const std::vector<Job> jobs = test::jobs_of_block(R"({"networks": ["a"], "seeds": ["0-6"]})");
  const std::vector<JobResult> results{
      with(Verdict::passed),         failed("act_q"),        failed("psum_q"),      failed("act_q"),
      with(Verdict::lost, "signal"), failed("act_q", "add"), with(Verdict::skipped)};
  const std::vector<Group> groups = groups_of(jobs, results, {});
  REQUIRE(groups.size() == 4);
  CHECK(groups[0].jobs == std::vector<std::size_t>{1, 3});
  CHECK(to_string(groups[0].signature) == "8x8 conv2d mismatch act_q");
  CHECK(groups[1].jobs == std::vector<std::size_t>{2});
  CHECK(to_string(groups[2].signature) == "8x8 lost signal");
  CHECK(to_string(groups[3].signature) == "8x8 add mismatch act_q");
  for (const Group& group : groups) CHECK(group.trend == Trend::fresh);
}

TEST_CASE("regress.triage.against_the_last_time") {
  const Job job = test::jobs_of_block(R"({"networks": ["a"]})").at(0);
  const auto trend = [&job](const JobResult& before, const JobResult& now, bool same_id) {
    return trend_of(job, now, {{job.key, known(job, before, same_id)}});
  };
  const JobResult passed = with(Verdict::passed), wrong = failed("act_q"), lost = with(Verdict::lost, "signal 9");
  CHECK(trend_of(job, passed, {}) == Trend::none);
  CHECK(trend_of(job, wrong, {}) == Trend::fresh);
  CHECK(trend(passed, passed, true) == Trend::none);
  CHECK(trend(passed, wrong, false) == Trend::fresh);
  CHECK(trend(wrong, wrong, true) == Trend::still);
  CHECK(trend(wrong, failed("psum_q"), false) == Trend::still);
  CHECK(trend(wrong, passed, false) == Trend::fixed);
  CHECK(trend(wrong, with(Verdict::cancelled), true) == Trend::none);
  // The same RTL, network and arguments.
  CHECK(trend(passed, wrong, true) == Trend::flaky);
  CHECK(trend(wrong, passed, true) == Trend::flaky);
  CHECK(trend(wrong, failed("psum_q"), true) == Trend::flaky);
  CHECK(trend(passed, lost, true) == Trend::fresh);
  CHECK(trend(lost, passed, true) == Trend::fixed);
}

TEST_CASE("regress.triage.new_groups_first_then_flaky_then_known") {
  const std::vector<Job> jobs = test::jobs_of_block(R"({"networks": ["a"], "seeds": ["0-4"]})");
  const std::vector<JobResult> results{failed("old"), failed("old"), failed("flaky"), failed("fresh"), failed("seen")};
  Known before;
  for (const std::size_t i : {0, 1}) before[jobs[i].key] = known(jobs[i], results[i], false);
  before[jobs[2].key] = known(jobs[2], with(Verdict::passed), true);
  before["another job"] = known(jobs[4], results[4], false);  // its signature is known
  const std::vector<Group> groups = groups_of(jobs, results, before);
  REQUIRE(groups.size() == 4);
  CHECK(groups[0].trend == Trend::fresh);
  CHECK(groups[0].signature.origin == "fresh");
  CHECK(groups[1].trend == Trend::flaky);
  CHECK(groups[2].trend == Trend::still);
  CHECK(groups[2].jobs.size() == 2);
  CHECK(groups[3].trend == Trend::still);
}

}  // namespace
}  // namespace systole::regress
