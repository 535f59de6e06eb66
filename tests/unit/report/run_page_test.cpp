// SPDX-License-Identifier: Apache-2.0
#include "report/run_page.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/run_report_json.h"
#include "tests/unit/report/runs.h"

namespace systole::report {
namespace {

using nlohmann::ordered_json;
using test::refusal;
using test::TemporaryFolder;

std::string page_of(const ordered_json& report) {
  const TemporaryFolder folder;
  test::write_text(folder / "report.json", report.dump());
  return run_page(folder / "report.json");
}

bool has(const std::string& page, const std::string& text) { return page.find(text) != std::string::npos; }

TEST_CASE("report.run_page.passed") {
  const std::string page = page_of(test::passed_report());
  CHECK(has(page, "<p class=\"banner good\"><b>passed</b><span>1000 values compared, none differs</span></p>"));
  CHECK(has(page, "None."));
  CHECK(has(page, "<td class=\"n\">-128</td>"));
  CHECK_FALSE(has(page, "Cells with wrong values"));
  CHECK(has(page, "2 of 4 items met."));
  CHECK(has(page, "<td>tie, left shift</td>"));
  CHECK(has(page, "<td>f00d</td>"));
}

// 100 busy cycles = 25 ideal + 25 of idle cells + 20 + 10 + 15 + 5 of header.
TEST_CASE("report.run_page.shares_of_a_layer_add_up") {
  const std::string page = page_of(test::passed_report());
  CHECK(has(page,
            "<th scope=\"row\">conv</th><td class=\"n h9\">25.0</td><td class=\"n h9\">25.0</td><td class=\"n "
            "h8\">20.0</td><td class=\"n h4\">10.0</td><td class=\"n h6\">15.0</td><td class=\"n h2\">5.0</td>"));
  CHECK(has(page, "<svg viewBox=\"0 0 100 1\""));
  CHECK(has(page, "x=\"95\" width=\"5\" height=\"1\"><title>header: 5.0</title>"));
  ordered_json other = test::passed_report();
  other["layers"][0]["counters"] = nullptr;  // of a design without counters
  CHECK(has(page_of(other), "The design has no counters that say so."));
}

TEST_CASE("report.run_page.failed_with_its_cells") {
  const std::string page = page_of(test::failed_report());
  CHECK(has(page, "<p class=\"banner bad\"><b>mismatch</b><span>3 values differ</span></p>"));
  CHECK(has(page, "systole rerun S1-token"));
  CHECK(has(page, "Layer conv, image 4: "));
  CHECK(has(page, "; 1 of them in no cell of the array."));
  // Rows 0 and 1 of an array of 2 x 3: two registers in cell (1, 2), one in (0, 1).
  CHECK(has(page,
            "<th scope=\"row\">row 0</th><td class=\"n\">0</td><td class=\"n h5\">1</td><td class=\"n\">0</td></tr>"));
  CHECK(has(page,
            "<th scope=\"row\">row 1</th><td class=\"n\">0</td><td class=\"n\">0</td><td class=\"n h9\">2</td></tr>"));
  CHECK(has(page, "&lt;script&gt;"));
  CHECK_FALSE(has(page, "<script>alert"));
}

TEST_CASE("report.run_page.says_what_was_not_checked") {
  ordered_json report = test::passed_report();
  report["canaries"] = {"pins"};
  report["check"] = "pins";
  report["skipped"] = {"pool: no such window"};
  report["layers"][0]["compared"] = 0;
  const std::string page = page_of(report);
  CHECK(has(page, "No register inside the design was compared"));
  CHECK(has(page, "<td>pool: no such window</td>"));
  CHECK(has(page, "Layers of which nothing was compared: conv."));
  report["canaries"] = ordered_json::array();
  CHECK(has(page_of(report), "No checker was shown a wrong value."));
}

TEST_CASE("report.run_page.check_level") {
  ordered_json report = test::passed_report();
  CHECK(has(page_of(report), "Check level: all."));
  CHECK_FALSE(has(page_of(report), "not compared (--check"));
  report["check"] = "pe";
  CHECK(has(page_of(report), "Check level: pe."));
  CHECK(has(page_of(report), "Registers behind the cells were not compared (--check all)."));
}

TEST_CASE("report.run_page.values_by_checker") {
  const std::string page = page_of(test::passed_report());
  CHECK(has(page,
            "<td>registers</td><td>watched registers inside, each cycle</td><td class=\"n\">650</td><td "
            "class=\"n\">2</td>"));
  CHECK(has(page, "<td>outputs</td><td>every out beat</td><td class=\"n\">0</td><td class=\"n\">0</td>"));
}

TEST_CASE("report.run_page.other_files_are_refused") {
  const TemporaryFolder folder;
  const auto refused = [&folder](const std::string& text) {
    test::write_text(folder / "x.json", text);
    return refusal([&folder] { (void)run_page(folder / "x.json"); });
  };
  CHECK(test::mentions(refused("{"), "x.json: is no whole JSON object"));
  CHECK(test::mentions(refused("{}"), "x.json: lacks what Systole writes: "));
  const ordered_json whole = test::failed_report();
  for (auto key = whole.begin(); key != whole.end(); ++key) {
    if (key.key() == "version" || key.key() == "predictions") continue;
    ordered_json report = whole;
    report.erase(key.key());
    const bool named = test::mentions(refused(report.dump()), "lacks what Systole writes");
    CHECK_MESSAGE(named, key.key());
  }
}

}  // namespace
}  // namespace systole::report
