// SPDX-License-Identifier: Apache-2.0
// `systole history`, `compare` of runs, `report` and `regress --since` as a user runs them.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A folder of regressions.
struct Regressions {
  TemporaryFolder folder = {};

  [[nodiscard]] std::string report() const { return folder / "report"; }
  [[nodiscard]] Finished regress(const std::string& block, const Arguments& more = {}) const {
    write_text(folder / "plan.json",
               fmt::format(R"({{"version": 1, "name": "test", "limits": {{"seconds": 300}}, "blocks": [{}]}})", block));
    Arguments words{"regress", folder / "plan.json", "-o", report(), "-j", "2", "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  [[nodiscard]] std::string run_at(int number) const { return fmt::format("{}:{}", report(), number); }
  [[nodiscard]] fs::path file(int number, const std::string& name) const {
    return fs::path(report()) / "runs" / fmt::format("{:04}", number) / name;
  }
};

const char* const kTwo = R"({"networks": ["models/lenet"], "layers": ["fc2", "fc3"], "images": ["0"]})";
const char* const kOne = R"({"networks": ["models/lenet"], "layers": ["fc3"], "images": ["0"]})";

// As in system.regress.red_run_names_the_failure_with_token_and_folder.
const char* const kRed =
    R"({"networks": ["models/lenet"], "layers": ["fc2", "fc3"], "designs": ["dut:gemm_axis_bug"],
        "stalls": ["none", "bursts"], "images": ["0-1", "0-23"]})";

/// The first job of a summary that failed.
json first_failed(const json& summary) {
  for (const json& job : summary["jobs"]) {
    if (job["verdict"] == "failed") return job;
  }
  FAIL("no job failed");
  return {};
}

/// Rows of --json.
json rows(const Arguments& words, int code = 0) {
  Arguments with = words;
  with.insert(with.end(), {"--json", "-"});
  const Finished result = run(with);
  CAPTURE(result.out);
  CAPTURE(result.err);
  CHECK(result.code == code);
  return json::parse(result.out)["tables"][0]["rows"];
}

/// What `history` says of each run.
std::vector<std::string> verdicts(const json& table) {
  std::vector<std::string> all;
  for (const json& row : table) all.push_back(row["verdict"].get<std::string>());
  return all;
}

TEST_CASE("system.history.three_runs_and_what_each_said") {
  const Regressions r;
  REQUIRE(r.regress(kTwo).code == 0);
  REQUIRE(r.regress(kRed).code == 1);
  REQUIRE(r.regress(kOne).code == 0);
  const Finished history = run({"history", "-o", r.report()});
  CAPTURE(history.out);
  CHECK(history.code == 0);
  CHECK(std::ranges::count(history.out, '\n') == 4);
  CHECK(history.out.find('\x1b') == std::string::npos);
  CHECK(verdicts(rows({"history", "-o", r.report()})) == std::vector<std::string>{"passed", "failed", "passed"});
  CHECK(verdicts(rows({"history", "-o", r.report(), "--runs", "1"})) == std::vector<std::string>{"passed"});
  const json bug = rows({"history", "-o", r.report(), "--design", "dut:gemm_axis_bug"});
  REQUIRE(bug.size() == 1);
  CHECK(bug[0]["run"] == 2);
  const json summary = json::parse(read_text(r.file(2, "summary.json")));
  CHECK(bug[0]["failed"] == summary["ledger"]["failed"]);
  const json failed = first_failed(summary);
  CHECK(bug[0]["first failure"] == failed["line"]);
  const json one = rows({"history", "-o", r.report(), "--token", failed["token"].get<std::string>()});
  REQUIRE(one.size() == 1);
  CHECK(one[0]["failed"] == 1);
  CHECK(rows({"history", "-o", r.report(), "--job", failed["name"].get<std::string>()}) == one);
  CHECK(rows({"history", "-o", r.report(), "--network", "models/lenet"}).size() == 3);
  // Without the index, and without a run.
  fs::remove(fs::path(r.report()) / "index.sqlite");
  CHECK(rows({"history", "-o", r.report(), "--design", "dut:gemm_axis_bug"}) == bug);
  fs::remove_all(r.file(2, ""));
  CHECK(verdicts(rows({"history", "-o", r.report()})) == std::vector<std::string>{"passed", "passed"});
  check_refused({"history", "-o", r.report(), "--design", "dut:gemm_axis_bug"}, "has no run with such a job");
}

TEST_CASE("system.history.compare_green_and_red") {
  const Regressions r;
  REQUIRE(r.regress(kTwo).code == 0);
  REQUIRE(r.regress(kTwo).code == 0);
  REQUIRE(r.regress(kOne).code == 0);
  const Finished same = run({"compare", r.run_at(1), r.run_at(2)});
  CAPTURE(same.out);
  CHECK(same.code == 0);
  CHECK(same.out.ends_with("same: 2 jobs ended alike\n"));
  // A plan that lost a job is no pass, however green it is.
  const Finished vanished = run({"compare", r.run_at(2), r.file(3, "").string(), "--csv", r.folder / "c.csv"});
  CHECK(vanished.code == 1);
  CHECK(vanished.out.find("worse: 1 vanished; 1 job ended alike") != std::string::npos);
  CHECK(read_text(r.folder / "c.csv").find("vanished,models/lenet 8x8 layer fc2") != std::string::npos);
  CHECK(rows({"compare", r.run_at(2), r.run_at(3)}, 1)[0]["change"] == "vanished");
  CHECK(run({"compare", r.run_at(3), r.run_at(2)}).code == 0);
  check_refused({"compare", r.run_at(1), r.run_at(9)}, "has no run 9");
  check_refused({"compare", r.run_at(1), "models/lenet"}, "expected a run's folder");
}

TEST_CASE("system.history.compare_of_reports") {
  const Regressions r;
  const std::string a = r.folder / "a.json", b = r.folder / "b.json";
  REQUIRE(run({"run", kLenet, "--layer", "fc3", "--images", "1", "--report", a}).code == 0);
  REQUIRE(run({"run", kLenet, "--layer", "fc3", "--images", "1", "--stall", "both", "--report", b}).code == 0);
  const json changes = rows({"compare", a, b});
  const auto has = [&changes](const char* change) {
    return std::any_of(changes.begin(), changes.end(), [change](const json& row) { return row["change"] == change; });
  };
  CHECK(has("cycles"));
  CHECK(has("coverage"));
  json failed = json::parse(read_text(b));
  failed["outcome"] = "mismatch";
  write_text(b, failed.dump());
  CHECK(run({"compare", a, b, "--quiet"}).out == "worse: 1 new failure; 0 jobs ended alike\n");
  CHECK(run({"compare", b, a, "--quiet"}).out == "better: 1 fixed; 0 jobs ended alike\n");
}

TEST_CASE("system.history.since_runs_what_changed_or_failed") {
  const Regressions r;
  REQUIRE(r.regress(kOne).code == 0);
  REQUIRE(r.regress(kTwo, {"--since", "1"}).code == 0);
  const json second = json::parse(read_text(r.file(2, "summary.json")));
  REQUIRE(second["jobs"].size() == 1);
  CHECK(second["jobs"][0]["at"]["layers"] == "fc2");
  // What was not asked for has not vanished.
  CHECK(run({"compare", r.run_at(1), r.run_at(2), "--quiet"}).out ==
        "same: 1 left out, 1 new job; 0 jobs ended alike\n");
  check_refused(r.regress(kOne, {"--since", r.file(1, "").string()}), "all of it passed in that run, as it is");
  check_refused(r.regress(kOne, {"--since", "7"}), "has no run 7");
  check_refused(r.regress(kOne, {"--since", "nowhere"}), "--since: nowhere: expected a run");
  check_refused(r.regress(kOne, {"--since", "1", "--rerun-failed"}), "--since");
}

TEST_CASE("system.history.page_of_a_regression_is_written_anew") {
  const Regressions r;
  REQUIRE(r.regress(kOne).code == 0);
  REQUIRE(r.regress(kOne).code == 0);
  const std::string page = read_text(r.file(2, "regress.html"));
  CHECK(page.find("wall clock of the last 2 runs") != std::string::npos);
  write_text(r.file(2, "regress.html"), "");
  CHECK(run({"report", r.report()}).code == 0);
  CHECK(read_text(r.file(2, "regress.html")) == page);
  check_refused({"report", r.report(), "-o", r.folder / "x.html"}, "is regress.html in its folder");
}

TEST_CASE("system.history.page_of_a_run") {
  const Regressions r;
  const std::string report = r.folder / "report.json";
  REQUIRE(run({"run", kLenet, "--layer", "fc3", "--images", "1", "--report", report}).code == 0);
  CHECK(run({"report", report}).out == (r.folder / "report.html").string() + "\n");
  CHECK(read_text(r.folder / "report.html").find("<b>passed</b>") != std::string::npos);
  REQUIRE(r.regress(kRed).code == 1);
  const json failed = first_failed(json::parse(read_text(r.file(1, "summary.json"))));
  const fs::path red = r.file(1, "jobs") / failed["id"].get<std::string>() / "report.json";
  CHECK(run({"report", red.string(), "-o", r.folder / "red.html"}).code == 0);
  CHECK(read_text(r.folder / "red.html").find("systole rerun " + failed["token"].get<std::string>()) !=
        std::string::npos);
  const std::string before = read_text(report);
  check_refused({"report", report, "-o", report}, "expected another file than the report");
  CHECK(read_text(report) == before);
  write_text(report, "{");
  check_refused({"report", report, "-o", r.folder / "x.html"}, "is no whole JSON object");
  CHECK_FALSE(fs::exists(r.folder / "x.html"));
  check_refused({"report", "models/lenet"}, "models/lenet");
}

TEST_CASE("system.history.bad_input") {
  const TemporaryFolder folder;
  check_refused({"history", "-o", folder / "none"}, "has no runs of `systole regress`");
  check_refused({"history", "-o", folder.path().string(), "--json", "-", "--csv", "-"}, "name a file");
  check_refused({"history", "-o", folder.path().string(), "--json", folder / "none/x.json"}, "none/x.json");
}

TEST_CASE("system.history.help") {
  for (const char* command : {"history", "report", "compare"}) check_help_has_example(command);
}

TEST_CASE("system.history.colours_on_a_terminal_alone") {
  const Regressions r;
  const std::string report = r.folder / "report.json";
  REQUIRE(run({"run", kLenet, "--layer", "fc3", "--images", "1", "--report", report}).code == 0);
  const Arguments words{"compare", report, report, "--quiet"};
  CHECK(run(words).out == "same: 1 job ended alike\n");
  // The terminal of these tests has the environment of the suite.
  for (const char* name : {"NO_COLOR", "TERM"}) unsetenv(name);
  CHECK(run_on_terminal(words).text.find('\x1b') == std::string::npos);
  setenv("TERM", "xterm", 1);
  CHECK(run_on_terminal(words).text.find("\x1b[32msame: ") != std::string::npos);
  setenv("NO_COLOR", "1", 1);
  CHECK(run_on_terminal(words).text.find('\x1b') == std::string::npos);
  unsetenv("NO_COLOR");
}

}  // namespace
}  // namespace systole::test
