// SPDX-License-Identifier: Apache-2.0
#include "signoff/sheet/waivers.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/input_error.h"
#include "base/output_file.h"
#include "base/temporary_folder.h"
#include "signoff/gates/gate.h"
#include "signoff/gates/level.h"
#include "tests/support/sample_sheet.h"

namespace systole::signoff {
namespace {

std::string entry(const std::string& changed = "", const std::string& value = "") {
  std::map<std::string, std::string> keys{{"gate", "lint"},
                                          {"finding", "UNUSED a"},
                                          {"reason", "kept for a later width"},
                                          {"owner", "A. Smith"},
                                          {"expires", "2026-12-31"}};
  if (!changed.empty()) keys[changed] = value;
  std::string text;
  for (const auto& [key, of_key] : keys) text += fmt::format("{}\"{}\": \"{}\"", text.empty() ? "" : ", ", key, of_key);
  return "{" + text + "}";
}

std::vector<Waiver> read_entries(const std::string& entries) {
  const base::TemporaryFolder folder;
  base::write_file(folder / "waivers.json", "{\"version\": 1, \"waivers\": [" + entries + "]}");
  return read_waivers(folder / "waivers.json", kGateNames, "quick");
}

std::string message_of(const std::string& entries) {
  try {
    (void)read_entries(entries);
  } catch (const base::InputError& error) {
    return error.what();
  }
  return "";
}

/// "ID: TEXT" of the findings that the waiver's state adds to evidence with the sample's finding and another.
std::string added(const Waiver& waiver, const std::string& today = "2026-11-30") {
  Evidence evidence = test::sample_evidence("mutation");
  evidence.findings = {test::sample_finding(), {"another", "text", ""}};
  const std::vector<Waiver> waivers{waiver};
  apply_waivers(evidence, waivers, today, test::sample_request({}).sources);
  CHECK(evidence.findings[0].waiver == (evidence.findings.size() == 2 ? waiver.reason : ""));
  CHECK(evidence.findings[1].waiver.empty());
  std::string text;
  for (std::size_t i = 2; i < evidence.findings.size(); ++i)
    text += evidence.findings[i].id + ": " + evidence.findings[i].text;
  return text;
}

TEST_CASE("signoff.waivers.those_of_another_level_are_left_out") {
  CHECK(read_entries(entry()).size() == 1);
  CHECK(read_entries(entry("level", "quick")).size() == 1);
  CHECK(read_entries(entry("level", "full")).empty());
}

// One file serves every level and plan, also those that lack the gate.
TEST_CASE("signoff.waivers.those_of_a_gate_that_the_level_lacks_change_nothing") {
  SheetRequest request = test::sample_request({"lint"});
  request.waivers = read_entries(entry("gate", "mutation"));
  REQUIRE(request.waivers.size() == 1);
  const EvidenceFile lint{test::sample_evidence("lint"), "lint.json", std::string(64, 'b')};
  const Sheet sheet = make_sheet(request, std::vector{lint});
  CHECK(sheet.verdict == Verdict::pass);
  CHECK(sheet.waivers.empty());
}

TEST_CASE("signoff.level.gate_of_a_name_that_no_waiver_may_have_is_refused") {
  const auto levels = [] { return base::JsonObject::parse(R"({"quick": {}})", "levels"); };
  const auto none = [](base::JsonObject&) { return Gate{}; };
  const auto made = [&](const char* name) {
    return gates_of_level({.levels = levels(), .level = "quick", .file = "levels", .inputs = {}, .owner = {}},
                          {{name, none}});
  };
  CHECK(made("lint").empty());
  CHECK_THROWS_AS((void)made("lnt"), std::logic_error);
}

TEST_CASE("signoff.waivers.read") {
  const std::vector<Waiver> waivers = read_entries(entry());
  REQUIRE(waivers.size() == 1);
  CHECK(waivers[0].finding == "UNUSED a");
  CHECK(waivers[0].owner == "A. Smith");
  CHECK(waivers[0].module.empty());
  CHECK(read_entries("").empty());
}

TEST_CASE("signoff.waivers.errors_name_file_and_entry") {
  const auto check = [](const std::string& message, const std::string& place, const std::string& problem) {
    CHECK_MESSAGE(message.find("waivers.json: waivers[0] 'UNUSED a'" + place) != std::string::npos, message);
    CHECK_MESSAGE(message.find(problem) != std::string::npos, message);
  };
  check(message_of(entry("gate", "lnt")), ".gate", "simulators regressions, found 'lnt'");
  check(message_of(entry("reason", "")), ".reason", "1 .. 4096");
  check(message_of(entry("reason", " - ")), ".reason", "words that say why");
  check(message_of(entry("owner", "?")), ".owner", "who answers for it");
  check(message_of(entry("expires", "never")), ".expires", "found 'never'");
  check(message_of(entry("expires", "2027-02-29")), ".expires", "expected a day");
  check(message_of(entry("module", "rtl/ctrl.v")), ".module_sha256", "missing key");
  check(message_of(entry("module_sha256", std::string(64, 'c'))), ".module", "missing key");
  check(message_of(entry("wildcard", "x")), ".wildcard", "unknown key");
  CHECK(message_of(entry() + ", " + entry()).find("waivers[1] 'UNUSED a': the second waiver") != std::string::npos);
}

TEST_CASE("signoff.waivers.cover_one_finding") {
  CHECK(added(test::sample_waiver("mutation")).empty());
  CHECK(added(test::sample_waiver("mutation"), "2026-12-31").empty());  // the last day
}

TEST_CASE("signoff.waivers.of_another_gate_are_left_alone") {
  Evidence evidence = test::sample_evidence("lint");
  evidence.findings = {test::sample_finding()};
  const std::vector<Waiver> waivers{test::sample_waiver("mutation")};
  apply_waivers(evidence, waivers, "2026-11-30", {});
  CHECK(evidence.findings.size() == 1);
  CHECK(evidence.findings[0].waiver.empty());
}

TEST_CASE("signoff.waivers.finding_in_a_source_needs_its_hash") {
  Waiver waiver = test::sample_waiver("mutation");
  waiver.module = waiver.module_sha256 = "";
  CHECK(added(waiver).find("expected that file as its module") != std::string::npos);
  waiver.module = "rtl/gone.v";
  CHECK(added(waiver).find("the finding is in rtl/ctrl.v") != std::string::npos);
}

TEST_CASE("signoff.waivers.module_that_is_gone") {
  Waiver waiver = test::sample_waiver("mutation");
  waiver.finding = "another";
  waiver.module = "rtl/gone.v";
  Evidence evidence = test::sample_evidence("mutation");
  evidence.findings = {{"another", "text", ""}};
  const std::vector<Waiver> waivers{waiver};
  apply_waivers(evidence, waivers, "2026-11-30", test::sample_request({}).sources);
  REQUIRE(evidence.findings.size() == 2);
  CHECK(evidence.findings[1].id == "waiver void: another");
  CHECK(evidence.findings[1].text.find("rtl/gone.v is no source file of the design") != std::string::npos);
}

TEST_CASE("signoff.waivers.none_covers_what_another_is_blamed_for") {
  Evidence evidence = test::sample_evidence("mutation");
  Waiver unused = test::sample_waiver("mutation"), cover = unused;
  unused.finding = "gone";
  cover.finding = "waiver unused: gone";
  const std::vector<Waiver> waivers{unused, cover};
  apply_waivers(evidence, waivers, "2026-11-30", {});
  REQUIRE(evidence.findings.size() == 2);
  CHECK(evidence.findings[0].waiver.empty());
  CHECK(evidence.findings[1].waiver.empty());
}

}  // namespace
}  // namespace systole::signoff
