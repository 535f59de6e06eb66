// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/file_bytes.h"
#include "base/input_error.h"
#include "base/output_file.h"
#include "base/temporary_folder.h"
#include "signoff/sheet/date.h"
#include "signoff/sheet/evidence_file.h"
#include "signoff/sheet/seal.h"
#include "tests/support/sample_sheet.h"

namespace systole::signoff {
namespace {

using test::sample_evidence;

/// What read_evidence() says of a file of that text, "" where it takes it.
std::string objection_to(const std::string& text, const std::string& gate = "mutation") {
  const base::TemporaryFolder folder;
  base::write_file(folder / (gate + ".json"), text);
  try {
    (void)read_evidence(folder.path(), gate);
  } catch (const base::InputError& error) {
    const std::string message = error.what();
    CHECK(message.starts_with((folder / (gate + ".json")).string() + ": "));
    return message;
  }
  return "";
}

TEST_CASE("signoff.verdict.from_evidence_alone") {
  Evidence evidence = sample_evidence("lint");
  CHECK(verdict_of(evidence) == Verdict::pass);
  evidence.findings = {{"id", "text", ""}, {"other", "text", "a reason"}};
  CHECK(verdict_of(evidence) == Verdict::fail);
  evidence.findings[0].waiver = "a reason";
  CHECK(verdict_of(evidence) == Verdict::waived);
  evidence.checked = 0;
  CHECK(verdict_of(evidence) == Verdict::fail);
}

TEST_CASE("signoff.verdict.not_applicable_says_why_and_hides_nothing") {
  Evidence evidence = sample_evidence("lint");
  evidence.applicable = false;
  evidence.checked = 0;
  CHECK(verdict_of(evidence) == Verdict::not_applicable);
  evidence.remark = "";
  CHECK(verdict_of(evidence) == Verdict::fail);
  evidence.remark = "no registers";
  evidence.findings = {{"id", "text", ""}};
  CHECK(verdict_of(evidence) == Verdict::fail);
}

TEST_CASE("signoff.verdict.names") {
  CHECK(to_string(Verdict::not_run) == "not_run");
  CHECK(words(Verdict::not_applicable) == "not applicable");
  CHECK(is_settled(Verdict::waived));
  CHECK_FALSE(is_settled(Verdict::stale));
  CHECK_FALSE(is_settled(Verdict::not_run));
}

TEST_CASE("signoff.evidence_file.reads_back_equal") {
  const base::TemporaryFolder folder;
  Evidence evidence = sample_evidence("mutation");
  evidence.findings = {test::sample_finding()};
  write_evidence(folder.path(), evidence);
  const auto file = read_evidence(folder.path(), "mutation");
  REQUIRE(file);
  CHECK(file->file == "mutation.json");
  CHECK(file->seal.size() == 64);
  CHECK(evidence_json(file->evidence) == evidence_json(evidence));
  CHECK(file->evidence.inputs == evidence.inputs);
  CHECK(std::get<double>(file->evidence.tables[0].rows[1][2]) == 0.1 + 0.2);
  CHECK(std::get<base::Figure>(file->evidence.tables[0].rows[0][3]).text == "97.5 %");
  CHECK(std::holds_alternative<std::monostate>(file->evidence.tables[0].rows[2][0]));
  CHECK_FALSE(read_evidence(folder.path(), "lint"));
}

TEST_CASE("signoff.evidence_file.any_text_reads_back") {
  const base::TemporaryFolder folder;
  Evidence evidence = sample_evidence("mutation");
  evidence.command = "a\nb\x1b[31m";
  evidence.findings = {{"id \xFF", "\"<&>\\ \xC3\xA9", ""}};
  write_evidence(folder.path(), evidence);
  const auto file = read_evidence(folder.path(), "mutation");
  REQUIRE(file);
  CHECK(file->evidence.command == "a b [31m");
  CHECK(file->evidence.findings[0].id == "id \xEF\xBF\xBD");
  CHECK(file->evidence.findings[0].text == "\"<&>\\ \xC3\xA9");
}

TEST_CASE("signoff.evidence_file.refuses_to_write_what_it_would_not_read") {
  const base::TemporaryFolder folder;
  const auto refuses = [&folder](auto change) {
    Evidence evidence = sample_evidence("mutation");
    change(evidence);
    CHECK_THROWS_AS(write_evidence(folder.path(), evidence), std::logic_error);
  };
  refuses([](Evidence& evidence) { evidence.gate = "../lint"; });
  refuses([](Evidence& evidence) { evidence.gate = ""; });
  refuses([](Evidence& evidence) { evidence.started = "today"; });
  refuses([](Evidence& evidence) { evidence.seconds = -1; });
  refuses([](Evidence& evidence) { evidence.tables[0].rows[0].pop_back(); });
  refuses([](Evidence& evidence) { evidence.findings = {{"id", "text", "waived"}}; });
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("signoff.evidence_file.says_what_is_wrong") {
  const auto mentions = [](const std::string& message, const char* part) {
    CHECK_MESSAGE(message.find(part) != std::string::npos, message);
  };
  mentions(objection_to(""), "cut or half written");
  mentions(objection_to("[]"), "expected a whole JSON object");
  mentions(objection_to("{}"), "expected a seal, found none");
  mentions(objection_to("{\"seal\": 1}"), "expected a seal, found none");
  mentions(objection_to(sealed("{}")), "version: missing key");
  mentions(objection_to(sealed(evidence_json(sample_evidence("lint")))), "found that of another gate");
  std::string text = evidence_json(sample_evidence("mutation"));
  mentions(objection_to(sealed(text.substr(0, text.size() - 1) + ",\"waiver\":\"x\"}")), "waiver: unknown key");
  text.replace(text.find("2026-11-29"), 10, "2026-02-30");
  mentions(objection_to(sealed(text)), "started: expected a date");
}

TEST_CASE("signoff.evidence_file.layout_is_no_matter") {
  const std::string text = sealed(evidence_json(sample_evidence("mutation")));
  std::string dense;
  for (const char c : text) dense += c == '\n' ? "" : std::string(1, c);
  CHECK(objection_to(text) == "");
  CHECK(objection_to(dense) == "");
}

TEST_CASE("signoff.date.is_of_the_calendar") {
  CHECK(is_date("2024-02-29"));
  for (const char* text :
       {"2026-02-29", "2026-13-01", "2026-00-10", "2026-1-10", "26-11-29", "2026-11-29 ", "", "2026/11/29"}) {
    CHECK_FALSE_MESSAGE(is_date(text), text);
  }
  CHECK(is_date_and_time("2026-11-29 23:59:59"));
  for (const char* text :
       {"2026-11-29", "2026-11-29 24:00:00", "2026-11-29 10:60:00", "2026-02-30 10:00:00", "2026-11-29T10:00:00"}) {
    CHECK_FALSE_MESSAGE(is_date_and_time(text), text);
  }
}

}  // namespace
}  // namespace systole::signoff
