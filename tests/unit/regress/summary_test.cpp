// SPDX-License-Identifier: Apache-2.0
#include "regress/summary.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <string>

#include "tests/support/wide_regression.h"
#include "tests/unit/regress/jobs.h"

namespace systole::regress {
namespace {

using nlohmann::json;

TEST_CASE("regress.summary.worst_decides_and_passed_is_earned") {
  const auto verdict = [](std::vector<Verdict> verdicts) {
    Summary summary;
    summary.ledger = Ledger(verdicts.size());
    for (const Verdict one : verdicts) summary.ledger.add(one);
    return verdict_of(summary);
  };
  CHECK(verdict({Verdict::passed}) == RunVerdict::passed);
  CHECK(verdict({Verdict::passed, Verdict::skipped}) == RunVerdict::unfinished);
  CHECK(verdict({Verdict::passed, Verdict::skipped, Verdict::failed}) == RunVerdict::failed);
  CHECK(verdict({Verdict::failed, Verdict::cancelled}) == RunVerdict::cancelled);
  CHECK(verdict({Verdict::failed, Verdict::lost}) == RunVerdict::lost);
  Summary summary;
  summary.objection = "no";
  CHECK(verdict_of(summary) == RunVerdict::lost);
  CHECK(exit_code(RunVerdict::lost) == 5);
  CHECK(exit_code(RunVerdict::failed) == 1);
  CHECK(exit_code(RunVerdict::flaky) == 1);
  CHECK(exit_code(RunVerdict::unfinished) == 3);
  CHECK(exit_code(RunVerdict::passed) == 0);
}

TEST_CASE("regress.summary.one_screen_of_text") {
  const std::string text = summary_text(test::wide_regression(60), "systole");
  CHECK(std::ranges::count(text, '\n') <= 24);
  CHECK(text.find("planned 60 = ") != std::string::npos);
  CHECK(text.find("again: systole rerun ") != std::string::npos);
}

TEST_CASE("regress.summary.json_has_every_job_once") {
  const Summary summary = test::wide_regression(60);
  const json all = json::parse(summary_json(summary));
  CHECK(all["ledger"]["planned"] == 60);
  REQUIRE(all["jobs"].size() == 60);
  std::size_t grouped = 0;
  for (const json& group : all["groups"]) grouped += group["count"].get<std::size_t>();
  CHECK(grouped == summary.ledger.count(Verdict::failed) + summary.ledger.count(Verdict::lost));
  CHECK(summary_json(summary) == summary_json(test::wide_regression(60)));
}

TEST_CASE("regress.summary.junit_has_a_case_a_job") {
  const Summary summary = test::wide_regression(60);
  pugi::xml_document document;
  REQUIRE(document.load_string(summary_junit(summary).c_str()));
  const pugi::xml_node suite = document.child("testsuites").child("testsuite");
  CHECK(suite.attribute("tests").as_int() == 60);
  std::size_t failures = 0;
  for (const pugi::xml_node& one : suite.children("testcase")) failures += one.child("failure") ? 1 : 0;
  CHECK(failures == summary.ledger.count(Verdict::failed) + summary.ledger.count(Verdict::lost) +
                        jobs_with(summary, Trend::flaky).size());
}

TEST_CASE("regress.summary.read_again_is_the_same") {
  const test::TemporaryFolder run;
  const Summary summary = test::wide_regression(60);
  write_summary(summary, run.path(), "systole");
  const Summary again = read_summary(run.path());
  CHECK(summary_json(again) == summary_json(summary));
  CHECK(summary_junit(again) == summary_junit(summary));
  CHECK(summary_page(again, run.path(), "systole") == summary_page(summary, run.path(), "systole"));
}

TEST_CASE("regress.summary.file_of_something_else_is_refused") {
  const test::TemporaryFolder run;
  const std::string good = summary_json(test::wide_regression(6));
  const auto refused = [&run](const std::string& text) {
    test::write_text(run / "summary.json", text);
    return test::refusal([&run] { (void)read_summary(run.path()); });
  };
  CHECK(refused(good).empty());
  CHECK(test::mentions(refused(good.substr(0, good.size() / 2)), "summary.json: is no whole JSON object"));
  for (const char* key : {"plan", "jobs", "ledger", "groups", "objection"}) {
    json spoilt = json::parse(good);
    spoilt.erase(key);
    CHECK(test::mentions(refused(spoilt.dump()), "lacks what Systole writes"));
  }
  json spoilt = json::parse(good);
  spoilt["jobs"][0]["verdict"] = "well";
  CHECK(test::mentions(refused(spoilt.dump()), "lacks what Systole writes"));
  spoilt = json::parse(good);
  spoilt["groups"][0]["jobs"][0] = "nobody";
  CHECK(test::mentions(refused(spoilt.dump()), "a job of a group that is none of the run"));
}

TEST_CASE("regress.summary.page_of_ten_thousand_jobs_is_small") {
  const std::string page = summary_page(test::wide_regression(10'000), "/nowhere", "systole");
  CHECK(page.size() < 5'000'000);
  CHECK(page == summary_page(test::wide_regression(10'000), "/nowhere", "systole"));
}

}  // namespace
}  // namespace systole::regress
