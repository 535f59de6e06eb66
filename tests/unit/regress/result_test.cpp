// SPDX-License-Identifier: Apache-2.0
#include "regress/result.h"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "regress/result_json.h"
#include "tests/unit/regress/jobs.h"

namespace systole::regress {
namespace {

using test::TemporaryFolder;
using test::write_text;

const Limits kLimits{.seconds = 7, .memory_mb = 30};

Job run_job() { return test::jobs_of_block(R"({"networks": ["a"]})").at(0); }

Ending exited(int code) { return {.status = code << 8, .late = false, .large = false, .seconds = 0.5}; }

std::string report(const std::string& outcome, const std::string& failure = "null") {
  return R"({"outcome": ")" + outcome + R"(", "detail": "why", "images": 3, "cycles": 40, "compared": 500, "token": "T",
             "failures": [)" +
         (failure == "null" ? "" : R"("the line\n  more")") + R"(], "failure": )" + failure + "}";
}

struct Case {
  TemporaryFolder folder = {};
  JobResult judged(const Ending& ending, const std::string& report, const std::string& output = "",
                   const Job& job = run_job()) const {
    if (!report.empty()) write_text(folder / kReport, report);
    write_text(folder / kOutput, output);
    return judge(job, folder.path(), ending, kLimits);
  }
};

TEST_CASE("regress.result.report_and_exit_code_say_the_same") {
  const JobResult passed = Case().judged(exited(0), report("passed"));
  CHECK(passed.verdict == Verdict::passed);
  CHECK(passed.images == 3);
  CHECK(passed.compared == 500);
  CHECK(passed.seconds == 0.5);
  const std::string at = R"({"layer": "conv1", "kind": "conv2d", "origin": {"signal": "g_row[3].act_q"},
                             "first": ["g_row[3].act_q", "b[1]", "b[0]", "a"]})";
  const JobResult failed = Case().judged(exited(1), report("mismatch", at));
  CHECK(failed.verdict == Verdict::failed);
  CHECK(failed.outcome == "mismatch");
  CHECK(failed.line == "the line");
  CHECK(failed.origin == "g_row[].act_q");
  CHECK(failed.also == "a b[]");
  CHECK(failed.kind == "conv2d");
  CHECK(failed.token == "T");
  CHECK(Case().judged(exited(3), report("timeout")).verdict == Verdict::failed);
  CHECK(Case().judged(exited(4), report("not_checked")).line == "not_checked: why");
}

// Nothing of these is called passed or failed.
TEST_CASE("regress.result.without_a_whole_result_it_is_lost") {
  const auto lost = [](const JobResult& result, const std::string& why) {
    CHECK(result.verdict == Verdict::lost);
    CHECK_MESSAGE(result.line.starts_with(why), result.line);
  };
  lost(Case().judged({.status = SIGSEGV}, report("passed")), "signal 11 (Segmentation fault)");
  lost(Case().judged({.status = SIGKILL, .late = true}, ""), "took longer than 7 s");
  lost(Case().judged({.status = SIGKILL, .large = true}, ""), "used more than 30 MB");
  lost(Case().judged(exited(0), ""), "ended with exit code 0 and no report");
  lost(Case().judged(exited(1), ""), "ended with exit code 1 and no report");
  const std::string whole = report("passed");
  for (std::size_t bytes = 0; bytes < whole.size(); bytes += 7)
    lost(Case().judged(exited(0), whole.substr(0, bytes)), "ended with exit code 0 and no report");
  lost(Case().judged(exited(0), R"({"outcome": "passed"})"), "its report lacks something");
  lost(Case().judged(exited(1), report("passed")), "exit code 1, but its report says passed");
  lost(Case().judged(exited(0), report("mismatch")), "exit code 0, but its report says mismatch");
  lost(Case().judged(exited(143), report("interrupted")), "interrupted: why");
  lost(Case().judged(exited(5), report("lost")), "lost: why");
  const Case full;
  const std::string own = full.folder / kReport;
  lost(full.judged(exited(2), "", "systole: " + own + ": cannot write: No space left on device\n"),
       "report.json: cannot write: No space");
  lost(Case().judged(exited(2), "", "systole: not enough memory\n"), "not enough memory");
  lost(Case().judged(exited(127), "", "cannot be run\n"), "ended with exit code 127");
}

TEST_CASE("regress.result.lost_one_has_its_last_lines") {
  const JobResult result = Case().judged({.status = SIGABRT}, "", "1\n2\n3\n4\n5\n\x1b[31m6\n");
  CHECK(result.last == "2\n3\n4\n5\n [31m6");
}

TEST_CASE("regress.result.what_is_refused_has_failed") {
  const JobResult result = Case().judged(exited(2), "", "systole: a: layer x: no such layer\n");
  CHECK(result.verdict == Verdict::failed);
  CHECK(result.outcome == "bad_input");
  CHECK(result.line == "systole: a: layer x: no such layer");
}

TEST_CASE("regress.result.replays_are_judged_by_exit_code") {
  const Job job = test::jobs_of_block(R"({"vectors": ["s"]})").at(0);
  CHECK(Case().judged(exited(0), "", "all well\n", job).verdict == Verdict::passed);
  const JobResult failed =
      Case().judged(exited(1), "", "replay.s.x  out  cycle 3\n  re-run: x\nmismatch: 1 value\n", job);
  CHECK(failed.verdict == Verdict::failed);
  CHECK(failed.line == "replay.s.x  out  cycle 3");
  CHECK(failed.outcome == "mismatch");
  CHECK(Case().judged(exited(134), "", "", job).verdict == Verdict::lost);
}

TEST_CASE("regress.result.file_gives_the_same_back_or_nothing") {
  const TemporaryFolder folder;
  const Job job = run_job();
  JobResult result = Case().judged({.status = SIGABRT}, "", "x\n");
  result.attempts = 2;
  CHECK_FALSE(read_result(folder.path(), job));
  write_result(folder.path(), job, result);
  const std::optional<JobResult> read = read_result(folder.path(), job);
  REQUIRE(read);
  CHECK(to_json(*read) == to_json(result));
  Job other = job;
  other.id = "0";
  CHECK_FALSE(read_result(folder.path(), other));
  const std::string whole = test::read_text(folder / kResult);
  for (std::size_t bytes = 0; bytes + 2 < whole.size(); ++bytes) {
    write_text(folder / kResult, whole.substr(0, bytes));
    CHECK_FALSE(read_result(folder.path(), job));
  }
}

}  // namespace
}  // namespace systole::regress
