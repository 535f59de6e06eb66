// SPDX-License-Identifier: Apache-2.0
// Pages as a browser shows them: headless Chromium loads a copy of a sheet's page with a script at its end that looks
// for faults and writes them into the page. And JUnit as another program reads it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/output_file.h"
#include "base/process.h"
#include "base/temporary_folder.h"
#include "regress/summary.h"
#include "report/run_page.h"
#include "signoff/sheet/sheet.h"
#include "tests/support/run_report_json.h"
#include "tests/support/wide_regression.h"
#include "tests/support/wide_sheet.h"

namespace {

using namespace systole;

/// Lines of faults, between two marks; the first line says what was looked at.
constexpr const char* kProbe = R"js(
"use strict";
const lines = [];
const root = document.documentElement;
if (root.scrollWidth > root.clientWidth) lines.push(`overflow: ${root.scrollWidth} > ${root.clientWidth}`);
const links = [...document.querySelectorAll("a")];
for (const link of links) {
  const href = link.getAttribute("href");
  const file = href.startsWith("./") && !href.includes("//");  // beside the page
  const heading = href.startsWith("#") && document.getElementById(href.slice(1));
  if (!file && !heading) lines.push(`link without target: ${href}`);
}
for (const one of document.querySelectorAll("details")) one.open = true;

const value = (row, column, number) => {
  const cell = row.cells[column], text = cell.dataset.v ?? cell.textContent;
  return number ? Number.parseFloat(text) : text;
};
const missing = (v) => v === "" || Number.isNaN(v);
const ascends = (a, b) => typeof a === "number" ? a <= b : a.localeCompare(b, "en", {numeric: true}) <= 0;
let columns = 0;
for (const button of document.querySelectorAll("th button")) {
  button.focus();
  if (document.activeElement !== button) lines.push(`no keys reach: ${button.textContent}`);
  const head = button.parentElement, body = head.closest("table").tBodies[0], rows = body.rows.length;
  for (const way of ["ascending", "descending"]) {
    button.click();
    const all = [...body.rows].map((row) => value(row, head.cellIndex, head.classList.contains("n")));
    const there = all.filter((v) => !missing(v));
    const sorted = there.every((v, i) => i === 0 || (way === "ascending" ? ascends(there[i - 1], v) : ascends(v, there[i - 1])));
    const last = all.slice(there.length).every(missing);
    if (!sorted || !last || rows !== all.length || head.getAttribute("aria-sort") !== way) {
      lines.push(`not ${way}: ${head.closest("table").caption?.textContent}, ${button.textContent}`);
    }
  }
  ++columns;
}

const rgba = (text) => { const n = text.match(/[\d.]+/g).map(Number); return n.length === 3 ? [...n, 1] : n; };
function ground(element) {
  if (!element) return [255, 255, 255];
  const [r, g, b, a] = rgba(getComputedStyle(element).backgroundColor);
  if (a === 1) return [r, g, b];
  return ground(element.parentElement).map((below, i) => below * (1 - a) + [r, g, b][i] * a);
}
const linear = (c) => c <= 0.04045 * 255 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4;
const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
let lowest = 21, texts = 0;
for (const element of document.querySelectorAll("main *")) {
  if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
  const [a, b] = [luminance(rgba(getComputedStyle(element).color)), luminance(ground(element))];
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  lowest = Math.min(lowest, contrast);
  ++texts;
  if (contrast < 4.5) lines.push(`contrast ${contrast.toFixed(2)}: ${element.textContent.slice(0, 40)}`);
}
const scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
lines.unshift(`${scheme} ${innerWidth} px, ${links.length > 0} links, ${columns > 0} columns, ${texts > 0} texts`);
const report = document.createElement("pre");
report.textContent = `PROBE[${lines.join("\n")}\n]PROBE`;
document.body.append(report);
)js";

bool succeeds(const std::vector<std::string>& command) { return base::run_process(command).succeeded; }

/// False, with a line that says so, where Chromium is missing.
bool has_chromium() {
  if (succeeds({"chromium", "--version"})) return true;
  MESSAGE("skipped: there is no chromium; it is Debian's package 'chromium'");
  return false;
}

std::string between(const std::string& text, const std::string& start, const std::string& end) {
  const std::size_t from = text.find(start);
  const std::size_t to = from == std::string::npos ? from : text.find(end, from);
  return to == std::string::npos ? "" : text.substr(from + start.size(), to - from - start.size());
}

/// Lines of what the browser's console said, then those of the probe.
std::string probed(const std::string& page, int width, bool dark = false) {
  const base::TemporaryFolder folder;
  std::string html = page;
  const std::size_t end = html.rfind("</body>");
  REQUIRE(end != std::string::npos);
  base::write_file(folder / "page.html", html.insert(end, fmt::format("<script>{{{}}}</script>", kProbe)));
  const base::ProcessResult result = base::run_process(
      {"chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr",
       "--user-data-dir=" + (folder / "profile").string(), fmt::format("--window-size={},900", width),
       fmt::format("--blink-settings=preferredColorScheme={}", dark ? 0 : 1), "--dump-dom",
       "file://" + (folder / "page.html").string()},
      {.errors_too = true});
  CHECK(result.succeeded);
  std::string found;
  for (std::size_t at = result.output.find(":CONSOLE"); at != std::string::npos;
       at = result.output.find(":CONSOLE", at + 1)) {
    found += "console" + between(result.output.substr(at), ":CONSOLE", "\n") + "\n";
  }
  const std::size_t report = result.output.rfind("PROBE[");  // the script itself stands before it
  return found +
         (report == std::string::npos ? "no report" : between(result.output.substr(report), "PROBE[", "]PROBE"));
}

std::string clean(const std::string& scheme, int width) {
  return fmt::format("{} {} px, true links, true columns, true texts\n", scheme, width);
}

std::string with(std::string page, const std::string& from, const std::string& to) {
  const std::size_t at = page.rfind(from);
  REQUIRE(at != std::string::npos);
  return page.replace(at, from.size(), to);
}

/// What python3-junitparser reads of a file, a line a suite and a case; nothing, with a line that says so, where it is
/// not installed.
std::optional<std::string> parsed_junit(const std::string& text) {
  const std::string python = "/usr/bin/python3";  // for which Debian installs it
  if (!succeeds({python, "-c", "import junitparser"})) {
    MESSAGE("skipped: there is no junitparser; it is Debian's package 'python3-junitparser'");
    return std::nullopt;
  }
  const base::TemporaryFolder folder;
  base::write_file(folder / "junit.xml", text);
  const base::ProcessResult result =
      base::run_process({python, "-c",
                         "import sys, junitparser\n"
                         "for suite in junitparser.JUnitXml.fromfile(sys.argv[1]):\n"
                         "    print(suite.name, suite.tests, suite.failures, suite.skipped)\n"
                         "    for case in suite:\n"
                         "        print(case.name, *[type(one).__name__ for one in case.result], *[one.message for one "
                         "in case.result])\n",
                         (folder / "junit.xml").string()},
                        {.errors_too = true});
  CHECK(result.succeeded);
  return result.output;
}

}  // namespace

TEST_CASE("system.page.shows_without_fault") {
  if (!has_chromium()) return;
  const std::string page = signoff::sheet_page(test::wide_sheet());
  for (const int width : {800, 1440}) CHECK(probed(page, width) == clean("light", width));
  CHECK(probed(page, 1440, true) == clean("dark", 1440));
}

TEST_CASE("system.page.regression_shows_without_fault") {
  if (!has_chromium()) return;
  const std::string page = regress::summary_page(test::wide_regression(300), "/nowhere", "systole");
  for (const int width : {800, 1440}) CHECK(probed(page, width) == clean("light", width));
  CHECK(probed(page, 1440, true) == clean("dark", 1440));
}

TEST_CASE("system.page.last_runs_show_without_fault") {
  if (!has_chromium()) return;
  std::vector<regress::PastRun> past(40);
  for (std::size_t i = 0; i < past.size(); ++i) {
    past[i].number = static_cast<int>(past.size() - i);
    past[i].verdict = i % 5 == 0 ? "failed" : i % 7 == 0 ? "unfinished" : "passed";
    past[i].seconds = 100 + static_cast<double>(i % 11);
    past[i].covered = 30 + i % 4;
    past[i].items = 54;
  }
  const std::string page = regress::summary_page(test::wide_regression(30), "/nowhere", "systole", past);
  for (const int width : {800, 1440}) CHECK(probed(page, width) == clean("light", width));
  CHECK(probed(page, 1440, true) == clean("dark", 1440));
}

TEST_CASE("system.page.run_shows_without_fault") {
  if (!has_chromium()) return;
  const base::TemporaryFolder folder;
  for (const auto& report : {test::passed_report(), test::failed_report()}) {
    base::write_file(folder / "report.json", report.dump());
    const std::string page = report::run_page(folder / "report.json");
    for (const int width : {800, 1440}) CHECK(probed(page, width) == clean("light", width));
    CHECK(probed(page, 1440, true) == clean("dark", 1440));
  }
}

TEST_CASE("system.page.faults_are_found") {
  if (!has_chromium()) return;
  const std::string page = signoff::sheet_page(test::wide_sheet());
  const auto finds = [](const std::string& spoilt, const std::string& fault) {
    const std::string found = probed(spoilt, 800);
    CHECK_MESSAGE(found.find(fault) != std::string::npos, fault, ": ", found);
  };
  finds(with(page, "</main>", "<div style=\"width: 900px\">wide</div></main>"), "overflow: ");
  finds(with(page, "</main>", "<script>nosuch()</script></main>"), "nosuch is not defined");
  finds(with(page, "</main>", "<img src=\"https://example.org/x.png\"></main>"), "Content Security Policy");
  finds(with(page, "</main>", "<a href=\"#nowhere\">x</a></main>"), "link without target: #nowhere");
  finds(with(page, "</main>", "<a href=\"https://example.org/\">x</a></main>"), "link without target: https:");
  finds(with(page, "</main>", "<p style=\"color: #888\">grey</p></main>"), ": grey");
  finds(with(page, "<button type=\"button\">", "<button type=\"button\" disabled>"), "no keys reach: ");
  finds(with(page, "body.append(...rows", "void (...rows"), "not ");
  finds(with(page, "(up ? 1 : -1)", "(1)"), "not descending: ");
}

TEST_CASE("system.page.junit_is_read_by_junitparser") {
  const std::optional<std::string> parsed = parsed_junit(signoff::sheet_junit(test::wide_sheet()));
  if (!parsed) return;
  CHECK(*parsed ==
        "signoff.accel.quick 8 3 1\n"
        "lint Failure fail: 1 open finding\n"
        "reset\n"
        "coverage\n"
        "mutation\n"
        "formal Skipped not applicable: the adapter names no streams\n"
        "netlist Failure stale: rtl is 'aaaaaaaaaaaa...' now, was 'bbbbbbbbbbbb...'\n"
        "cross Failure not run: there is no evidence\n"
        "regression\n");
}

TEST_CASE("system.page.junit_of_a_regression_has_every_job_once") {
  const regress::Summary summary = test::wide_regression(300);
  const std::optional<std::string> parsed = parsed_junit(regress::summary_junit(summary));
  if (!parsed) return;
  const std::size_t wrong = summary.ledger.ended() - summary.ledger.count(regress::Verdict::passed) +
                            static_cast<std::size_t>(std::ranges::count_if(
                                regress::jobs_with(summary, regress::Trend::flaky), [&summary](std::size_t i) {
                                  return summary.results[i].verdict == regress::Verdict::passed;
                                }));
  CHECK(parsed->starts_with(
      fmt::format("regress.nightly 300 {} {}\n", wrong, summary.ledger.count(regress::Verdict::skipped))));
  for (const regress::Job& job : summary.jobs) {
    const std::size_t at =
        parsed->find("\n" + job.name + (parsed->find("\n" + job.name + "\n") == std::string::npos ? " " : "\n"));
    CHECK(at != std::string::npos);
  }
}
