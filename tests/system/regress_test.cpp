// SPDX-License-Identifier: Apache-2.0
// `systole regress` as a user runs it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// A folder with a plan of one block.
struct Regression {
  TemporaryFolder folder = {};

  void plan(const std::string& block, const std::string& limits = R"({"seconds": 300})") const {
    write_text(folder / "plan.json",
               fmt::format(R"({{"version": 1, "name": "test", "limits": {}, "blocks": [{}]}})", limits, block));
  }
  [[nodiscard]] Arguments words(const Arguments& more = {}) const {
    Arguments words{"regress", folder / "plan.json", "-o", folder / "report", "-j", "2"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  [[nodiscard]] Finished regress(const Arguments& more = {}, const Surroundings& surroundings = {}) const {
    return run(words(more), surroundings);
  }
  [[nodiscard]] fs::path file(const std::string& name, const std::string& run = "latest") const {
    return folder.path() / "report" / run / name;
  }
  [[nodiscard]] ordered_json summary(const std::string& run = "latest") const {
    return ordered_json::parse(read_text(file("summary.json", run)));
  }
};

/// All but times, and what tells of the way there.
ordered_json without_times(ordered_json summary) {
  summary.erase("started");
  summary.erase("seconds");
  for (ordered_json& job : summary["jobs"]) {
    job.erase("seconds");
    job.erase("attempts");
  }
  return summary;
}

const char* const kQuick =
    R"({"networks": ["models/lenet"], "layers": ["fc2", "fc3"], "stalls": ["none", "both"], "seeds": ["1-3"],
        "images": ["0-1"], "checks": ["all"]})";

TEST_CASE("system.regress.green_run_leaves_summary_junit_and_page") {
  const Regression regression;
  regression.plan(kQuick);
  const Finished result = regression.regress({"--verbose"});
  CAPTURE(result.out);
  CAPTURE(result.err);
  CHECK(result.code == 0);
  CHECK(result.err.empty());
  std::size_t lines = 0;  // of jobs
  for (std::size_t at = 0; (at = result.out.find("\npassed, ", at)) != std::string::npos; ++at) ++lines;
  CHECK(lines == 12);
  CHECK(std::regex_search(result.out, std::regex("/frozen/systole[-a-z0-9]* run models/lenet --")));
  CHECK(result.out.find("planned 12 = 12 passed + 0 failed + 0 lost + 0 skipped + 0 cancelled\n") != std::string::npos);
  CHECK(result.out.find("\npassed: 12 of 12 jobs passed: ") != std::string::npos);
  const ordered_json summary = regression.summary();
  CHECK(summary["verdict"] == "passed");
  REQUIRE(summary["jobs"].size() == 12);
  for (const ordered_json& job : summary["jobs"]) CHECK(job["images"] == 2);
  CHECK(read_text(regression.file("junit.xml")).find("tests=\"12\" failures=\"0\"") != std::string::npos);
  CHECK(read_text(regression.file("regress.html")).find("12 of 12 jobs passed") != std::string::npos);
  // The next one knows how long they take, and what it does is the same.
  const Finished dry = regression.regress({"--dry-run"});
  CHECK(dry.code == 0);
  CHECK(std::ranges::count(dry.out, '\n') == 13);
  CHECK(dry.out.find("12 jobs, 2 at a time: about ") != std::string::npos);
  const Finished again = regression.regress({"--quiet"});
  CHECK(again.code == 0);
  CHECK(std::ranges::count(again.out, '\n') == 2);
  ordered_json first = without_times(regression.summary("runs/0001")), second = without_times(regression.summary());
  CHECK(second["run"] == 2);
  first.erase("run");
  second.erase("run");
  CHECK(first == second);
}

TEST_CASE("system.regress.red_run_names_the_failure_with_token_and_folder") {
  const Regression regression;
  regression.plan(R"({"networks": ["models/lenet"], "layers": ["fc2", "fc3"], "designs": ["dut:gemm_axis_bug"],
                      "stalls": ["none", "bursts"], "images": ["0-1", "0-23"]})");
  const Finished result = regression.regress();
  CAPTURE(result.out);
  CHECK(result.code == 1);
  const ordered_json summary = regression.summary();
  CHECK(summary["verdict"] == "failed");
  const ordered_json& group = summary["groups"][0];
  CHECK(group["trend"] == "new");
  CHECK(group["signature"].get<std::string>().starts_with("dut:gemm_axis_bug fully_connected mismatch "));
  CHECK(result.out.find(group["line"].get<std::string>().substr(0, 60)) != std::string::npos);
  const std::string token = group["tokens"][0];
  CHECK(result.out.find(" --dut gemm_axis_bug rerun " + token) != std::string::npos);
  const fs::path folder = group["folder"].get<std::string>();
  CHECK(fs::equivalent(folder.parent_path(), regression.file("failures")));
  CHECK(ordered_json::parse(read_text(folder / "failure.json"))["token"] == token);
  // The token shows the same line again.
  const Finished again = run({"--dut", "gemm_axis_bug", "rerun", token, "--failures", regression.folder / "again"});
  CHECK(again.code == 1);
  CHECK(again.out.find(group["line"].get<std::string>()) != std::string::npos);
  const std::string page = read_text(regression.file("regress.html"));
  CHECK(page.find(token) != std::string::npos);
  CHECK(page.find("blame.txt") != std::string::npos);
  // What failed comes first, and alone where asked for.
  const std::size_t failed = summary["ledger"]["failed"];
  CHECK(failed < 8);
  const Finished second = regression.regress({"--rerun-failed"});
  CHECK(second.code == 1);
  CHECK(regression.summary()["ledger"]["planned"] == failed);
  CHECK(regression.summary()["groups"][0]["trend"] == "still");
  const Finished dry = regression.regress({"--dry-run", "--rerun-failed"});
  CHECK(dry.code == 0);
  CHECK(dry.out.find(fmt::format("\n{} jobs, 2 at a time: about ", failed)) != std::string::npos);
}

TEST_CASE("system.regress.killed_and_resumed_gives_the_same_summary") {
  const Regression whole, killed;
  // Far more than it does before it is killed.
  for (const Regression* one : {&whole, &killed})
    one->plan(R"({"networks": ["models/lenet"], "layers": ["fc3"], "seeds": ["1-150"], "images": [0]})");
  REQUIRE(whole.regress().code == 0);
  Surroundings surroundings;
  surroundings.signal = SIGKILL;
  surroundings.interrupt_after = std::chrono::milliseconds(200);
  surroundings.when_exists = killed.file("jobs");
  CHECK(killed.regress({}, surroundings).code == 128 + SIGKILL);
  CHECK_FALSE(fs::exists(killed.file("summary.json")));
  const Finished resumed = killed.regress({"--resume"});
  CAPTURE(resumed.out);
  CAPTURE(resumed.err);
  CHECK(resumed.code == 0);
  CHECK(without_times(killed.summary()) == without_times(whole.summary()));
  // Once more changes nothing.
  CHECK(killed.regress({"--resume"}).code == 0);
  CHECK(without_times(killed.summary()) == without_times(whole.summary()));
}

TEST_CASE("system.regress.signal_keeps_what_is_done") {
  const Regression regression;
  regression.plan(R"({"networks": ["models/lenet"], "layers": ["fc3"], "seeds": ["1-200"], "images": [0]})");
  Surroundings surroundings;
  surroundings.signal = SIGTERM;
  surroundings.interrupt_after = std::chrono::milliseconds(500);
  surroundings.when_exists = regression.file("jobs");
  const Finished result = regression.regress({}, surroundings);
  CAPTURE(result.out);
  CHECK(result.code == 128 + SIGTERM);
  const ordered_json ledger = regression.summary()["ledger"];
  CHECK(ledger["cancelled"] > 0);
  CHECK(ledger["passed"].get<int>() + ledger["cancelled"].get<int>() == 200);
  CHECK(regression.regress({"--resume"}).code == 0);
  CHECK(regression.summary()["ledger"]["passed"] == 200);
}

// No file may grow beyond two thousand bytes: results fit, reports and tables do not.
TEST_CASE("system.regress.full_disk_loses_nothing") {
  const Regression regression;
  regression.plan(kQuick);
  Surroundings surroundings;
  surroundings.signal = SIGKILL;
  surroundings.interrupt_after = std::chrono::milliseconds(20);
  surroundings.when_exists = regression.file("jobs");
  REQUIRE(regression.regress({}, surroundings).code == 128 + SIGKILL);
  const Finished full = regression.regress({"--resume"}, {.file_bytes = 2000});
  CAPTURE(full.out);
  CAPTURE(full.err);
  CHECK(full.code == 2);
  CHECK(full.out.find(" lost + 0 skipped + 0 cancelled\n") != std::string::npos);
  CHECK(full.out.find("ended with exit code 2 and no report") != std::string::npos);
  CHECK(full.out.find("\nlost: ") != std::string::npos);
  CHECK(full.err.find("cannot write: File too large") != std::string::npos);
  CHECK(regression.regress({"--rerun-failed"}).code == 0);
  CHECK(regression.summary()["fixed"].size() == regression.summary()["ledger"]["planned"]);
}

TEST_CASE("system.regress.second_one_in_a_folder_is_refused") {
  const Regression regression;
  regression.plan(R"({"networks": ["models/lenet"], "seeds": ["1-2"], "images": ["0-9999"]})");
  const std::string script =
      "\"$0\" \"$@\" & first=$!; until [ -e \"$REPORT/latest/jobs\" ]; do sleep 0.05; done; "
      "\"$0\" \"$@\"; code=$?; kill -TERM $first; wait $first; exit $code";
  Arguments words = regression.words();
  words.insert(words.begin(), {"-c", script, SYSTOLE_PROGRAM});
  const Finished result = run(words, {.program = "/bin/sh", .set = {{"REPORT", regression.folder / "report"}}});
  check_refused(result, "report/lock: another run is writing it");
}

TEST_CASE("system.regress.lost_job_fails_the_run") {
  const Regression regression;
  regression.plan(R"({"networks": ["models/lenet"], "seeds": [1], "images": ["0-9999", "0"], "layers": ["fc3"]})",
                  R"({"seconds": 1})");
  const Finished result = regression.regress();
  CAPTURE(result.out);
  CHECK(result.code == 5);
  CHECK(result.out.find("planned 2 = 1 passed + 0 failed + 1 lost + 0 skipped + 0 cancelled\n") != std::string::npos);
  CHECK(result.out.find("took longer than 1 s") != std::string::npos);
  CHECK(read_text(regression.file("junit.xml")).find("took longer than 1 s") != std::string::npos);
}

TEST_CASE("system.regress.time_that_is_up_is_no_pass") {
  const Regression regression;
  regression.plan(R"({"networks": ["models/lenet"], "layers": ["fc3"], "seeds": ["1-1000"], "images": [0]})");
  const Finished result = regression.regress({"--time", "1s"});
  CAPTURE(result.out);
  CHECK(result.code == 3);
  CHECK(result.out.find("\nunfinished: ") != std::string::npos);
  CHECK(regression.summary()["ledger"]["skipped"] > 0);
}

TEST_CASE("system.regress.sets_of_vectors_are_replayed") {
  const Regression regression;
  const std::string set = regression.folder / "set";
  REQUIRE(run({"vectors", kLenet, "--layer", "fc3", "--format", "readmemh", "-o", set}).code == 0);
  regression.plan(fmt::format(R"({{"vectors": ["{}"], "stalls": ["none", "both"]}})", set));
  const Finished result = regression.regress();
  CAPTURE(result.out);
  CAPTURE(result.err);
  CHECK(result.code == 0);
  CHECK(result.out.find("planned 2 = 2 passed") != std::string::npos);
}

// The copy that runs looks at the sources that were kept with it and at no others.
TEST_CASE("system.regress.frozen_program_has_its_own_sources") {
  const Regression regression;
  regression.plan(R"({"networks": ["models/lenet"], "layers": ["fc3"], "images": [0]})");
  REQUIRE(regression.regress().code == 0);
  const fs::path frozen = fs::canonical(regression.file("frozen"));
  const Arguments words{"run", kLenet, "--layer", "fc3", "--images", "1"};
  const Surroundings program{.program = (frozen / "systole").string()};
  CHECK(run(words, program).code == 0);
  const fs::path source = frozen / "frozen-sources" / fs::absolute("rtl/accel.v").relative_path();
  REQUIRE(fs::exists(source));
  write_text(source, read_text(source) + "\n");
  check_refused(run(words, program), "made from other RTL than what is there now");
}

TEST_CASE("system.regress.no_more_jobs_at_a_time_than_memory_holds") {
  const Regression regression;
  regression.plan(kQuick, R"({"memory_mb": 1000000000})");
  const Finished dry =
      run({"regress", regression.folder / "plan.json", "-o", regression.folder / "report", "--dry-run"});
  CHECK(dry.code == 0);
  CHECK(dry.out.ends_with("\n12 jobs, 1 at a time: no times are known yet\n"));
}

TEST_CASE("system.regress.bad_input") {
  const Regression regression;
  regression.plan(R"({"networks": ["models/none"]})");
  check_refused(regression.regress(), "models/none");
  regression.plan(R"({"networks": ["models/lenet"], "layers": ["conv9"]})");
  check_refused(regression.regress(), "models/lenet: layer conv9: no such layer");
  regression.plan(R"({"networks": ["models/lenet"], "designs": ["99x"]})");
  check_refused(regression.regress(), "99x");
  regression.plan(R"({"networks": ["models/lenet"], "designs": ["dut:no_such_design"]})");
  check_refused(regression.regress(), "no_such_design");
  regression.plan(R"({"networks": ["models/lenet"], "more": 1})");
  check_refused(regression.regress(), "blocks[0].more: unknown key");
  check_refused(regression.regress({"--resume", "--rerun-failed"}), "--rerun-failed");
  regression.plan(R"({"networks": ["models/lenet"]})");
  check_refused(regression.regress({"--resume"}), "--resume: there is no run in that folder");
  check_refused(regression.regress({"--rerun-failed"}), "nothing failed the last time");
  CHECK_FALSE(fs::exists(regression.file("run.json", "runs/0001")));
}

TEST_CASE("system.regress.help") { check_help_has_example("regress"); }

// The plan that comes with Systole.
TEST_CASE("system.regress.smoke_plan") {
  const TemporaryFolder folder;
  const Finished result = run({"regress", "tests/plans/smoke.json", "-o", folder / "report"});
  CAPTURE(result.out);
  CHECK(result.code == 0);
  CHECK(result.out.find("planned 32 = 32 passed") != std::string::npos);
}

}  // namespace
}  // namespace systole::test
