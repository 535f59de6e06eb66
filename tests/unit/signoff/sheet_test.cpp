// SPDX-License-Identifier: Apache-2.0
#include "signoff/sheet/sheet.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/file_bytes.h"
#include "base/input_error.h"
#include "base/output_file.h"
#include "base/sha256.h"
#include "base/temporary_folder.h"
#include "signoff/sheet/seal.h"
#include "tests/support/sample_sheet.h"

namespace systole::signoff {
namespace {

EvidenceFile filed(const Evidence& evidence) { return {evidence, evidence.gate + ".json", std::string(64, 'f')}; }

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// One gate of each verdict but fail.
Sheet mixed_sheet() {
  SheetRequest request = test::sample_request({"lint", "mutation", "formal", "netlist", "reset"});
  request.waivers = {test::sample_waiver("mutation")};
  Evidence mutation = test::sample_evidence("mutation"), formal = test::sample_evidence("formal");
  mutation.findings = {test::sample_finding()};
  formal.applicable = false;
  formal.remark = "no <valid> ports";
  Evidence netlist = test::sample_evidence("netlist");
  netlist.inputs[1].second = "0.24";
  return make_sheet(request, std::vector<EvidenceFile>{filed(test::sample_evidence("lint")), filed(mutation),
                                                       filed(formal), filed(netlist)});
}

TEST_CASE("signoff.sheet.a_verdict_a_gate") {
  const Sheet sheet = mixed_sheet();
  REQUIRE(sheet.gates.size() == 5);
  CHECK(sheet.gates[0].verdict == Verdict::pass);
  CHECK(sheet.gates[1].verdict == Verdict::waived);
  CHECK(sheet.gates[2].verdict == Verdict::not_applicable);
  CHECK(sheet.gates[3].verdict == Verdict::stale);
  CHECK(sheet.gates[3].why == "yosys is '0.23' now, was '0.24'");
  CHECK(sheet.gates[4].verdict == Verdict::not_run);
  CHECK(sheet.verdict == Verdict::stale);
  CHECK(verdict_line(sheet) == "2 of 5 gates do not pass: netlist (stale), reset (not run)");
}

TEST_CASE("signoff.sheet.passes_with_waived_and_not_applicable_gates") {
  SheetRequest request = test::sample_request({"lint", "formal"});
  Evidence formal = test::sample_evidence("formal");
  formal.applicable = false;
  const Sheet sheet =
      make_sheet(request, std::vector<EvidenceFile>{filed(test::sample_evidence("lint")), filed(formal)});
  CHECK(sheet.verdict == Verdict::pass);
  CHECK(verdict_line(sheet) == "2 gates: 1 passed, 0 waived, 1 not applicable");
  request.gates.erase(request.gates.begin());
  CHECK(make_sheet(request, std::vector<EvidenceFile>{filed(formal)}).verdict == Verdict::not_run);
}

TEST_CASE("signoff.sheet.inputs_in_any_order") {
  Evidence evidence = test::sample_evidence("lint");
  std::swap(evidence.inputs[0], evidence.inputs[2]);
  CHECK(make_sheet(test::sample_request({"lint"}), std::vector<EvidenceFile>{filed(evidence)}).verdict ==
        Verdict::pass);
  evidence.inputs.pop_back();
  CHECK(make_sheet(test::sample_request({"lint"}), std::vector<EvidenceFile>{filed(evidence)}).verdict ==
        Verdict::stale);
  evidence = test::sample_evidence("lint");
  evidence.inputs.emplace_back("more", "1");
  CHECK(make_sheet(test::sample_request({"lint"}), std::vector<EvidenceFile>{filed(evidence)}).verdict ==
        Verdict::stale);
}

TEST_CASE("signoff.sheet.a_gate_is_asked_for_and_answered_once") {
  const std::vector<EvidenceFile> twice{filed(test::sample_evidence("lint")), filed(test::sample_evidence("lint"))};
  CHECK_THROWS_AS((void)make_sheet(test::sample_request({"lint"}), twice), std::logic_error);
  CHECK_THROWS_AS((void)make_sheet(test::sample_request({"lint", "lint"}), {}), std::logic_error);
}

TEST_CASE("signoff.sheet.page_draws_kills_and_shares") {
  signoff::Evidence evidence = test::sample_evidence("mutation");
  evidence.tables.push_back(
      {signoff::kKilledByPrograms,
       {"mutant", "program", "level", "other program"},
       {{"pool b", "<p>", "pins", {}}, {"ctrl b", "q", "outputs", "r"}, {"ctrl a", "<p>", "all", "q"}}});
  evidence.maps = {{signoff::kCycleShares, {"kind", "ideal", "drain"}, {{"conv2d", 75.0, 25.0}}}};
  const std::string page =
      sheet_page(make_sheet(test::sample_request({"mutation"}),
                            std::vector<EvidenceFile>{{evidence, "mutation.json", std::string(64, 'f')}}));
  CHECK(holds(page, "<th scope=\"row\">modules</th><td><svg viewBox=\"0 0 3 1\""));
  CHECK(holds(page,
              "<rect class=\"s2\" x=\"0\" width=\"2\" height=\"1\"><title>ctrl: 2 mutants</title></rect>"
              "<rect class=\"s4\" x=\"2\" width=\"1\" height=\"1\"><title>pool: 1 mutant</title></rect>"));
  CHECK(holds(page, "<th scope=\"row\">&lt;p&gt; 2</th>"));
  CHECK(
      holds(page,
            "<rect class=\"s3\" x=\"0\" width=\"1\" height=\"1\"><title>ctrl a: seen by all; another: q</title></rect>"
            "<rect class=\"s6\" x=\"2\" width=\"1\" height=\"1\"><title>pool b: seen by pins; no other "
            "program kills it</title></rect>"));
  CHECK(holds(page, "that no other program kills: 1</caption>"));
  CHECK(holds(page, "<rect class=\"s6\" x=\"0\" width=\"75\" height=\"1\"><title>ideal: 75.0</title></rect>"));
  CHECK(holds(page, "<td class=\"n h3\">25.00</td>"));
}

TEST_CASE("signoff.sheet.page_shows_where_each_number_is_from") {
  const std::string page = sheet_page(mixed_sheet());
  CHECK(holds(page, "<b>stale</b>"));
  CHECK(holds(page, "2 of 5 gates do not pass: netlist (stale), reset (not run)"));
  CHECK(holds(page, "<span class=\"value\">93 of 100</span><span class=\"note\">lint.json ffffffffffff</span>"));
  CHECK(holds(page, "systole signoff --level quick --gate lint</pre>"));
  CHECK(holds(page, test::kSampleRtl));
  CHECK(holds(page, std::string(64, 'f')));
  CHECK(holds(page, "no &lt;valid&gt; ports"));
  CHECK(holds(page, "2026-12-31"));
  CHECK(holds(page, "A. Smith"));
}

TEST_CASE("signoff.sheet.json_is_sealed_and_complete") {
  const auto json = nlohmann::json::parse(sheet_json(mixed_sheet()));
  CHECK(json.at("version") == 1);
  CHECK(json.at("verdict") == "stale");
  CHECK(json.at("gates").size() == 5);
  CHECK(json.at("gates")[1].at("evidence").at("findings")[0].at("waiver") == test::sample_waiver("mutation").reason);
  CHECK(json.at("gates")[1].at("file_seal") == std::string(64, 'f'));
  CHECK_FALSE(json.at("gates")[4].contains("evidence"));
  CHECK(json.at("waivers")[0].at("module_sha256") == std::string(64, 'c'));
  CHECK(json.at("seal").get<std::string>().size() == 64);
}

TEST_CASE("signoff.sheet.junit_fails_what_the_sheet_does_not_pass") {
  const std::string xml = sheet_junit(mixed_sheet());
  CHECK(holds(xml, "<testsuite name=\"signoff.accel.quick\" tests=\"5\" failures=\"2\" skipped=\"1\""));
  CHECK(holds(xml, "<failure message=\"stale: yosys is '0.23' now, was '0.24'\""));
  CHECK(holds(xml, "<failure message=\"not run: there is no evidence\""));
  CHECK(holds(xml, "<skipped message=\"not applicable: no &lt;valid"));
  CHECK(holds(xml, "waived: " + test::sample_finding().id));
}

TEST_CASE("signoff.sheet.same_evidence_gives_same_files") {
  const base::TemporaryFolder folder;
  const auto contents = [&folder] {
    std::vector<std::vector<std::byte>> files;
    for (const char* name : {"signoff.html", "signoff.json", "junit.xml"})
      files.push_back(base::read_bytes(folder / name));
    return files;
  };
  write_sheet(folder.path(), mixed_sheet());
  const auto first = contents();
  write_sheet(folder.path(), mixed_sheet());
  CHECK(contents() == first);
  CHECK(require_seal(folder / "signoff.json").size() == 64);
}

/// The sheet of one gate with one finding, as `change` leaves it.
Sheet sheet_with(const std::function<void(Evidence&, SheetRequest&)>& change) {
  SheetRequest request = test::sample_request({"mutation"});
  Evidence mutation = test::sample_evidence("mutation");
  mutation.findings = {test::sample_finding()};
  change(mutation, request);
  EvidenceFile file = filed(mutation);
  file.seal = base::sha256_of(evidence_json(mutation));
  return make_sheet(request, std::vector<EvidenceFile>{file});
}

/// "GATE WHAT: BEFORE, NOW" of all changes from the one to the other.
std::vector<std::string> changes(const Sheet& before, Sheet now) {
  const base::TemporaryFolder folder;
  write_sheet(folder.path(), before);
  compare_with(now, folder / "signoff.json", true);
  std::vector<std::string> lines;
  if (!now.since) return {"none"};
  for (const auto& [gate, what, then, today] : now.since->changes)
    lines.push_back(gate + " " + what + ": " + then + ", " + today);
  return lines;
}

TEST_CASE("signoff.since.each_change_is_told") {
  const Sheet before = sheet_with([](Evidence&, SheetRequest&) {});
  const std::string finding = test::sample_finding().id;
  using Lines = std::vector<std::string>;
  CHECK(changes(before, sheet_with([](Evidence& e, SheetRequest&) { e.findings.clear(); })) ==
        Lines{"mutation verdict: fail, pass", "mutation finding " + finding + ": open, -"});
  CHECK(changes(before, sheet_with([](Evidence& e, SheetRequest&) {
                  e.findings.push_back({"new", "", ""});
                })) == Lines{"mutation finding new: -, open"});
  CHECK(changes(before, sheet_with([](Evidence& e, SheetRequest&) { e.figures[0].value = "94 of 100"; })) ==
        Lines{"mutation mutation score: 93 of 100, 94 of 100"});
  CHECK(changes(before, sheet_with([](Evidence& e, SheetRequest&) { e.figures.pop_back(); })) ==
        Lines{"mutation interval of 95 %: 86.3 .. 96.6 %, -"});
  CHECK(changes(before, sheet_with([](Evidence&, SheetRequest& r) {
                  r.waivers = {test::sample_waiver("mutation")};
                })) == Lines{"mutation verdict: fail, waived", "mutation finding " + finding + ": open, waived",
                             "waivers mutation: " + finding + ": -, waived"});
  CHECK(changes(before, sheet_with([](Evidence&, SheetRequest& r) {
                  r.gates.push_back({"lint", {}});
                })) == Lines{"lint verdict: -, not_run"});
  // Another run that finds the same.
  CHECK(changes(before, sheet_with([](Evidence& e, SheetRequest&) { e.started = "2026-11-29 23:00:00"; })).empty());
}

TEST_CASE("signoff.since.a_sign_off_made_again_says_what_it_said") {
  const base::TemporaryFolder folder;
  const auto sign_off = [&](const std::string& score) {
    Sheet sheet = sheet_with([&](Evidence& e, SheetRequest&) { e.figures[0].value = score; });
    if (std::filesystem::exists(folder / "signoff.json")) compare_with(sheet, folder / "signoff.json", true);
    write_sheet(folder.path(), sheet);
    return sheet_page(sheet);
  };
  const std::string first = sign_off("93 of 100");
  CHECK(holds(first, "No earlier sign-off to compare with."));
  CHECK(sign_off("93 of 100") == first);
  const std::string second = sign_off("94 of 100");
  CHECK(holds(second, "Since the sign-off of 2026-11-30, level quick"));
  CHECK(holds(second, "<td>93 of 100</td>"));
  CHECK(sign_off("94 of 100") == second);
}

TEST_CASE("signoff.since.one_that_is_named_is_compared_with_whatever_it_is") {
  const base::TemporaryFolder folder;
  Sheet sheet = sheet_with([](Evidence&, SheetRequest&) {});
  write_sheet(folder.path(), sheet);
  compare_with(sheet, folder / "signoff.json", false);
  REQUIRE(sheet.since.has_value());
  CHECK(sheet.since->changes.empty());
  CHECK(holds(sheet_page(sheet), ": nothing changed."));
}

TEST_CASE("signoff.since.what_is_no_sign_off_of_the_design_is_refused") {
  const base::TemporaryFolder folder;
  const std::filesystem::path file = folder / "signoff.json";
  Sheet sheet = sheet_with([](Evidence&, SheetRequest&) {});
  base::write_file(file, "{}");
  CHECK_THROWS_AS(compare_with(sheet, file, true), base::InputError);
  base::write_file(file, sealed("{\"version\": 1}"));
  CHECK_THROWS_WITH_AS(compare_with(sheet, file, true), doctest::Contains("design"), base::InputError);
  std::string text = sheet_json(sheet);
  base::write_file(file, text.replace(text.find("93 of 100"), 2, "92"));
  CHECK_THROWS_WITH_AS(compare_with(sheet, file, true), doctest::Contains("edited"), base::InputError);
  Sheet other = sheet;
  other.design = "adder";
  base::write_file(file, sheet_json(other));
  CHECK_THROWS_WITH_AS(compare_with(sheet, file, true), doctest::Contains("expected that of accel"), base::InputError);
}

}  // namespace
}  // namespace systole::signoff
