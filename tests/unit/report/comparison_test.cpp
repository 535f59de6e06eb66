// SPDX-License-Identifier: Apache-2.0
#include "report/comparison.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/unit/report/runs.h"

namespace systole::report {
namespace {

namespace fs = std::filesystem;
using regress::Verdict;
using test::MadeRuns;
using test::refusal;

ComparedJob job(const std::string& key, const std::string& verdict, const std::string& id = "") {
  return {.key = key, .id = id, .name = key, .verdict = verdict, .line = verdict, .group = "n"};
}

Comparison compared(const std::vector<ComparedJob>& a, const std::vector<ComparedJob>& b,
                    const std::set<std::string>& only = {}) {
  return compare_runs({.name = "A", .jobs = a}, {.name = "B", .jobs = b, .only = only});
}

/// Of one job in both runs: what has changed, and the exit code.
std::string change(const std::string& a, const std::string& b, bool same_id = false) {
  std::vector<ComparedJob> before, after;
  if (!a.empty()) before.push_back(job("j", a, "1"));
  if (!b.empty()) after.push_back(job("j", b, same_id ? "1" : "2"));
  const Comparison c = compared(before, after);
  const std::string what(c.differences.empty() ? "-" : to_string(c.differences[0].change));
  return fmt::format("{} {}", what, exit_code(c));
}

TEST_CASE("report.comparison.verdicts") {
  CHECK(change("passed", "passed") == "- 0");
  CHECK(change("failed", "failed") == "- 0");
  CHECK(change("failed", "lost") == "- 0");
  CHECK(change("skipped", "cancelled") == "- 0");
  CHECK(change("passed", "failed") == "new failure 1");
  CHECK(change("passed", "lost") == "new failure 1");
  CHECK(change("skipped", "failed") == "new failure 1");
  CHECK(change("", "failed") == "new failure 1");
  CHECK(change("failed", "passed") == "fixed 0");
  CHECK(change("lost", "passed") == "fixed 0");
  CHECK(change("passed", "") == "vanished 1");
  CHECK(change("failed", "") == "vanished 1");
  CHECK(change("", "passed") == "new job 0");
  CHECK(change("passed", "skipped") == "not run 3");
  // The same RTL, network and arguments. What was lost says nothing of them.
  CHECK(change("passed", "failed", true) == "flaky 1");
  CHECK(change("failed", "passed", true) == "flaky 1");
  CHECK(change("lost", "passed", true) == "fixed 0");
  CHECK(change("passed", "passed", true) == "- 0");
}

TEST_CASE("report.comparison.vanished_unless_it_was_not_asked_for") {
  const auto left = [](const Comparison& c) {
    return fmt::format("{} {} {}", c.count(Change::vanished), c.count(Change::left_out), exit_code(c));
  };
  CHECK(left(compared({job("a", "passed"), job("b", "passed")}, {job("a", "passed")})) == "1 0 1");
  CHECK(left(compared({job("a", "passed"), job("b", "passed")}, {job("a", "passed")}, {"a"})) == "0 1 0");
  ComparedJob drawn = job("b", "passed");
  drawn.drawn = true;
  CHECK(left(compared({job("a", "passed"), drawn}, {job("a", "passed")})) == "0 1 0");
}

TEST_CASE("report.comparison.worst_first_and_all_in_the_table") {
  const Comparison c = compared({job("a", "failed"), job("b", "passed"), job("c", "passed"), job("d", "passed")},
                                {job("a", "passed"), job("b", "failed"), job("d", "passed")});
  CHECK(csv_text(comparison_table(c)) ==
        "change,of,A,B,note\nnew failure,b,passed,failed,failed\nvanished,c,passed,,\nfixed,a,failed,passed,failed\n");
  CHECK(comparison_note(c) == "worse: 1 new failure, 1 vanished, 1 fixed; 1 job ended alike");
  CHECK(comparison_table(compared({job("a", "passed"), job("b", "passed")}, {}), 1).rows.size() == 1);
}

TEST_CASE("report.comparison.cycles_coverage_and_speed_of_runs") {
  const MadeRuns made;
  const auto passed = [](std::size_t) { return Verdict::passed; };
  made.end(made.begin(), passed, 100, "round: up");
  made.end(made.begin(), passed, 110, "round: down");
  const std::string folder = made.folder.path().string();
  const Comparison c = compare_runs(read_compared(folder + ":1"), read_compared(folder));
  CHECK(exit_code(c) == 0);
  CHECK(csv_text(comparison_table(c)) ==
        "change,of,A,B,note\n"
        "cycles,models/lenet 8x8 fc3,200,220,+10.0 %\n"
        "cycles,models/lenet 4x4 fc3,200,220,+10.0 %\n"
        "coverage,round: down,not met,met,\n"
        "coverage,round: up,met,not met,\n"
        "speed,cycles/s of jobs that passed in both,200,220,+10.0 %\n");
  CHECK(compare_runs(read_compared(folder + ":1"), read_compared(folder + "/runs/0001")).differences.size() == 1);
}

std::string sign_off(const std::string& killed, const std::string& gate = "mutation") {
  return R"({"gates": [{"gate": "lint"}, {"gate": ")" + gate +
         R"(", "evidence": {"figures": [{"name": "killed", "value": ")" + killed + R"("}]}}]})";
}

TEST_CASE("report.comparison.mutants_killed_by_the_sign_offs_beside_the_runs") {
  const MadeRuns made, other;
  (void)made.failing({});
  (void)other.failing({});
  const auto score = [&] {
    const Comparison c = compare_runs(read_compared(made.folder.path()), read_compared(other.folder.path()));
    CHECK(exit_code(c) == 0);
    for (const Difference& d : c.differences) {
      if (d.change == Change::mutation) return d.a + "; " + d.b + "; " + d.note;
    }
    return std::string();
  };
  CHECK(score().empty());
  test::write_text((made.run_folder(1) / "signoff.json").string(), sign_off("88 of 93 (94.6 %)"));
  CHECK(score().empty());
  const std::string beside = other.folder / "signoff.json";
  test::write_text(beside, sign_off("81 of 90 (90.0 %)"));
  CHECK(score() == "88 of 93 (94.6 %); 81 of 90 (90.0 %); -4.6 points");
  for (const std::string& none :
       {sign_off("none"), sign_off("0 of 0"), sign_off("1 of 2", "reset"), std::string("{")}) {
    test::write_text(beside, none);
    CHECK_MESSAGE(score().empty(), none);
  }
}

TEST_CASE("report.comparison.plan_that_lost_a_job") {
  MadeRuns made;
  (void)made.failing({});
  made.plan = test::plan_of(
      R"({"version": 1, "name": "p", "blocks": [{"networks": ["models/lenet"], "designs": ["8x8"], "seeds": ["1-2", "auto"]}]})");
  (void)made.failing({0});
  (void)made.failing({});
  const std::string folder = made.folder.path().string();
  const auto note = [&folder](int a, int b) {
    return comparison_note(
        compare_runs(read_compared(fmt::format("{}:{}", folder, a)), read_compared(fmt::format("{}:{}", folder, b))));
  };
  CHECK(note(1, 2) == "worse: 2 vanished, 1 flaky, 1 new job; 1 job ended alike");
  CHECK(note(2, 3) == "worse: 1 flaky, 1 left out, 1 new job; 1 job ended alike");
  made.hash = "of other RTL";
  made.end(made.begin(), [](std::size_t i) { return i == 0 ? Verdict::failed : Verdict::passed; });
  CHECK(note(3, 4) == "worse: 1 new failure, 1 left out, 1 new job; 1 job ended alike");
  made.end(made.begin(true), [](std::size_t) { return Verdict::failed; });
  CHECK(note(4, 5) == "same: 2 left out; 1 job ended alike");
}

TEST_CASE("report.comparison.bad_input") {
  const MadeRuns made;
  (void)made.failing({});
  const std::string folder = made.folder.path().string();
  CHECK_FALSE(names_run("models/lenet"));
  CHECK(names_run(folder));
  CHECK(names_run(folder + ":1"));
  CHECK(test::mentions(refusal([&] { (void)read_compared(folder + ":2"); }), "has no run 2"));
  CHECK(test::mentions(refusal([&] { (void)read_compared("models/lenet"); }), "expected a run's folder"));
  test::write_text(folder + "/cut.json", "{");
  CHECK(test::mentions(refusal([&] { (void)read_compared(folder + "/cut.json"); }), "is no whole JSON object"));
  const ComparedRun report{.name = "r", .regression = false};
  CHECK(test::mentions(refusal([&] { (void)compare_runs(read_compared(folder), report); }), "is a report"));
}

}  // namespace
}  // namespace systole::report
