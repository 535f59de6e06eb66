// SPDX-License-Identifier: Apache-2.0
// Sabotage of a sign-off's evidence, waivers and report: each turns the gate red, or is refused, in the right words.
#include "signoff/sheet/sheet.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/file_bytes.h"
#include "base/input_error.h"
#include "base/output_file.h"
#include "base/temporary_folder.h"
#include "signoff/sheet/seal.h"
#include "tests/support/sample_sheet.h"

namespace systole::signoff {
namespace {

namespace fs = std::filesystem;

std::string text_of_file(const fs::path& file) {
  const std::vector<std::byte> bytes = base::read_bytes(file);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A sign-off of two gates that passes, until `evidence` changes the second gate's or `request` what is asked.
struct Sabotage {
  std::function<void(Evidence&)> evidence = [](Evidence&) {};
  std::function<void(SheetRequest&)> request = [](SheetRequest&) {};
  std::function<void(const fs::path&)> file = [](const fs::path&) {};
};

Sheet sheet_after(const Sabotage& sabotage) {
  const base::TemporaryFolder folder;
  Evidence mutation = test::sample_evidence("mutation");
  sabotage.evidence(mutation);
  write_evidence(folder.path(), test::sample_evidence("lint"));
  write_evidence(folder.path(), mutation);
  sabotage.file(folder / "mutation.json");
  SheetRequest request = test::sample_request({"lint", "mutation"});
  sabotage.request(request);
  std::vector<EvidenceFile> files;
  for (const GateRequest& gate : request.gates) {
    if (const auto file = read_evidence(folder.path(), gate.name)) files.push_back(*file);
  }
  return make_sheet(request, files);
}

/// The sheet does not pass, its second gate alone is to blame, and page, JSON and JUnit say the words.
void check_red(const Sabotage& sabotage, Verdict verdict, const std::string& words) {
  const Sheet sheet = sheet_after(sabotage);
  CHECK(sheet.verdict == verdict);
  CHECK(sheet.gates.at(0).verdict == Verdict::pass);
  CHECK(sheet.gates.at(1).verdict == verdict);
  for (const std::string& text : {sheet_page(sheet), sheet_json(sheet), sheet_junit(sheet)}) {
    CHECK_MESSAGE(text.find(words) != std::string::npos, words);
  }
}

/// Reading the evidence is refused in these words, with the file's name.
void check_refused(const std::function<void(const fs::path&)>& damage, const std::string& words) {
  std::string message;
  try {
    (void)sheet_after({.file = damage});
  } catch (const base::InputError& error) {
    message = error.what();
  }
  CHECK_MESSAGE(message.find("mutation.json: ") != std::string::npos, message);
  CHECK_MESSAGE(message.find(words) != std::string::npos, message);
}

void replace_in(const fs::path& file, const std::string& from, const std::string& to) {
  std::string text = text_of_file(file);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  base::write_file(file, text.replace(at, from.size(), to));
}

/// The sample's finding with one waiver of it that `change` spoils.
Sabotage waived(const std::function<void(Waiver&)>& change) {
  return {.evidence = [](Evidence& evidence) { evidence.findings = {test::sample_finding()}; },
          .request =
              [change](SheetRequest& request) {
                request.waivers = {test::sample_waiver("mutation")};
                change(request.waivers[0]);
              }};
}

TEST_CASE("selftest.sheet.no_sabotage") {
  CHECK(sheet_after({}).verdict == Verdict::pass);
  const Sheet sheet = sheet_after(waived([](Waiver&) {}));
  CHECK(sheet.verdict == Verdict::pass);
  CHECK(sheet.gates.at(1).verdict == Verdict::waived);
}

TEST_CASE("selftest.sheet.edited_score") {
  check_refused([](const fs::path& file) { replace_in(file, "93 of 100", "99 of 100"); },
                "edited after it was written");
}

TEST_CASE("selftest.sheet.edited_count") {
  check_refused([](const fs::path& file) { replace_in(file, "\"checked\": 100", "\"checked\": 1000"); },
                "edited after it was written");
}

TEST_CASE("selftest.sheet.removed_finding") {
  const auto remove = [](const fs::path& file) {
    Evidence evidence = test::sample_evidence("mutation");
    evidence.findings = {test::sample_finding()};
    write_evidence(file.parent_path(), evidence);
    const std::string text = text_of_file(file);
    const std::size_t start = text.find("\"findings\": [") + 13;
    base::write_file(file, text.substr(0, start) + text.substr(text.find("],\n \"seal\"")));
  };
  check_refused(remove, "edited after it was written");
}

TEST_CASE("selftest.sheet.edited_seal") {
  const auto edit = [](const fs::path& file) {
    const std::string text = text_of_file(file);
    const std::size_t digit = text.find("\"seal\": \"") + 9;
    base::write_file(file, text.substr(0, digit) + (text[digit] == '0' ? "1" : "0") + text.substr(digit + 1));
  };
  check_refused(edit, "edited after it was written");
}

TEST_CASE("selftest.sheet.truncated_evidence") {
  const base::TemporaryFolder folder;
  write_evidence(folder.path(), test::sample_evidence("mutation"));
  const std::string whole = text_of_file(folder / "mutation.json");
  // The last byte is a line feed, without which nothing is lost.
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    base::write_file(folder / "mutation.json", whole.substr(0, length));
    CHECK_THROWS_AS((void)read_evidence(folder.path(), "mutation"), base::InputError);
  }
  check_refused([](const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); }, "cut or half written");
}

TEST_CASE("selftest.sheet.flipped_bit_of_evidence") {
  const base::TemporaryFolder folder;
  const Evidence evidence = test::sample_evidence("mutation");
  write_evidence(folder.path(), evidence);
  const std::string whole = text_of_file(folder / "mutation.json");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string text = whole;
    text[at] = static_cast<char>(text[at] ^ (1 << (at % 8)));
    base::write_file(folder / "mutation.json", text);
    std::optional<EvidenceFile> read;
    try {
      read = read_evidence(folder.path(), "mutation");
    } catch (const base::InputError&) {
    }
    if (!read) continue;
    // A blank for another, or a digit behind those that a double has.
    CHECK(evidence_json(read->evidence) == evidence_json(evidence));
  }
}

TEST_CASE("selftest.sheet.half_written_report") {
  const base::TemporaryFolder folder;
  write_sheet(folder.path(), sheet_after({}));
  const fs::path file = folder / "signoff.json";
  CHECK_NOTHROW((void)require_seal(file));
  fs::resize_file(file, fs::file_size(file) - 100);
  CHECK_THROWS_WITH_AS((void)require_seal(file), doctest::Contains("signoff.json: expected a whole JSON object"),
                       base::InputError);
}

TEST_CASE("selftest.sheet.report_of_before_is_gone") {
  const base::TemporaryFolder folder;
  write_sheet(folder.path(), sheet_after({}));
  fs::remove(folder / "junit.xml");
  fs::create_directory(folder / "junit.xml");  // cannot be written
  CHECK_THROWS_AS(write_sheet(folder.path(), sheet_after({})), base::InputError);
  CHECK_FALSE(fs::exists(folder / "signoff.html"));
  CHECK_FALSE(fs::exists(folder / "signoff.json"));
}

TEST_CASE("selftest.sheet.edited_report") {
  const base::TemporaryFolder folder;
  write_sheet(folder.path(), sheet_after({.evidence = [](Evidence& evidence) { evidence.checked = 0; }}));
  replace_in(folder / "signoff.json", "\"verdict\": \"fail\"", "\"verdict\": \"pass\"");
  CHECK_THROWS_WITH_AS((void)require_seal(folder / "signoff.json"), doctest::Contains("edited after it was written"),
                       base::InputError);
}

TEST_CASE("selftest.sheet.evidence_of_another_gate") {
  check_refused(
      [](const fs::path& file) {
        fs::copy_file(file.parent_path() / "lint.json", file, fs::copy_options::overwrite_existing);
      },
      "expected evidence of 'mutation', found that of another gate");
}

TEST_CASE("selftest.sheet.evidence_of_other_rtl") {
  check_red({.request = [](SheetRequest& request) { request.gates[1].inputs[0].second = std::string(64, 'b'); }},
            Verdict::stale, "rtl is ");
}

TEST_CASE("selftest.sheet.evidence_of_fewer_inputs") {
  check_red({.evidence = [](Evidence& evidence) { evidence.inputs.pop_back(); }}, Verdict::stale,
            "and was not an input");
}

TEST_CASE("selftest.sheet.clock_set_back") {
  check_red({.evidence = [](Evidence& evidence) { evidence.started = "2026-12-01 00:00:00"; }}, Verdict::stale,
            "a clock was set back");
}

TEST_CASE("selftest.sheet.nothing_checked") {
  check_red({.evidence = [](Evidence& evidence) { evidence.checked = 0; }}, Verdict::fail, "nothing was checked");
}

TEST_CASE("selftest.sheet.not_applicable_without_reason") {
  const auto spoil = [](Evidence& evidence) {
    evidence.applicable = false;
    evidence.remark = "";
  };
  check_red({.evidence = spoil}, Verdict::fail, "not applicable, and no word on why");
}

TEST_CASE("selftest.sheet.gate_left_out") {
  check_red({.file = [](const fs::path& file) { fs::remove(file); }}, Verdict::not_run, "there is no evidence");
}

TEST_CASE("selftest.sheet.no_gate_asked_for") {
  const Sheet sheet = sheet_after({.request = [](SheetRequest& request) { request.gates.clear(); }});
  CHECK(sheet.verdict == Verdict::not_run);
  CHECK(sheet_page(sheet).find("no gate was asked for") != std::string::npos);
}

TEST_CASE("selftest.sheet.open_finding") {
  check_red({.evidence = [](Evidence& evidence) { evidence.findings = {test::sample_finding()}; }}, Verdict::fail,
            "1 open finding");
}

TEST_CASE("selftest.sheet.waived_bin_that_a_killed_mutant_needed") {
  const std::string bin = "coverage kinds: max_pool";
  Evidence coverage = test::sample_evidence("coverage"), mutation = test::sample_evidence("mutation");
  coverage.findings = {{bin, "no program exercises kinds: max_pool", ""}};
  SheetRequest request = test::sample_request({"coverage", "mutation"});
  request.waivers = {test::sample_waiver("coverage")};
  request.waivers[0].finding = bin;
  const auto sheet = [&] {
    const std::vector<EvidenceFile> files{{coverage, "coverage.json", ""}, {mutation, "mutation.json", ""}};
    return make_sheet(request, files);
  };
  CHECK(sheet().verdict == Verdict::pass);
  mutation.tables.push_back({kRestsOn, {"finding", "what"}, {{bin, std::string("3 mutants are killed by it")}}});
  CHECK(sheet().gates.at(0).verdict == Verdict::fail);
  CHECK(sheet().gates.at(1).verdict == Verdict::pass);
  CHECK(sheet_junit(sheet()).find("cannot be waived, as mutation rests on it: 3 mutants") != std::string::npos);
}

/// Of a run of other stimulus, which is part of the program.
TEST_CASE("selftest.sheet.stale_coverage") {
  Evidence coverage = test::sample_evidence("coverage");
  coverage.inputs.emplace_back("program", std::string(64, 'e'));
  SheetRequest request = test::sample_request({"coverage"});
  request.gates[0].inputs.emplace_back("program", std::string(64, 'f'));
  const std::vector<EvidenceFile> files{{coverage, "coverage.json", ""}};
  const Sheet sheet = make_sheet(request, files);
  CHECK(sheet.verdict == Verdict::stale);
  CHECK(sheet.gates[0].why.starts_with("program is "));
}

TEST_CASE("selftest.sheet.evidence_twice") {
  const EvidenceFile file{test::sample_evidence("lint"), "lint.json", ""};
  const std::vector<EvidenceFile> files{file, file};
  CHECK_THROWS_WITH_AS((void)make_sheet(test::sample_request({"lint"}), files), doctest::Contains("two files of gate"),
                       std::logic_error);
}

TEST_CASE("selftest.sheet.expired_waiver") {
  check_red(waived([](Waiver& waiver) { waiver.expires = "2026-11-29"; }), Verdict::fail,
            "waiver of A. Smith expired: on 2026-11-29");
}

TEST_CASE("selftest.sheet.void_waiver") {
  check_red(waived([](Waiver& waiver) { waiver.module_sha256 = std::string(64, 'd'); }), Verdict::fail,
            "waiver of A. Smith void: rtl/ctrl.v has changed");
}

TEST_CASE("selftest.sheet.waiver_without_hash_of_its_module") {
  check_red(waived([](Waiver& waiver) { waiver.module = waiver.module_sha256 = ""; }), Verdict::fail,
            "waiver of A. Smith void: the finding is in rtl/ctrl.v");
}

TEST_CASE("selftest.sheet.too_broad_waiver") {
  for (const char* finding :
       {"*", "mutation survivor *", "mutation survivor", "mutation survivor rtl/ctrl.v sum_q * 2 bit ? inv"}) {
    CAPTURE(finding);
    check_red(waived([finding](Waiver& waiver) { waiver.finding = finding; }), Verdict::fail,
              "waiver of A. Smith too broad: expected the whole id of one finding");
  }
}

TEST_CASE("selftest.sheet.waiver_of_two_findings") {
  Sabotage sabotage = waived([](Waiver&) {});
  sabotage.evidence = [](Evidence& evidence) { evidence.findings = {test::sample_finding(), test::sample_finding()}; };
  check_red(sabotage, Verdict::fail, "too broad: 2 findings have this id");
}

TEST_CASE("selftest.sheet.unused_waiver") {
  Sabotage sabotage = waived([](Waiver&) {});
  sabotage.evidence = [](Evidence&) {};
  check_red(sabotage, Verdict::fail, "waiver of A. Smith unused: there is no such finding");
}

}  // namespace
}  // namespace systole::signoff
