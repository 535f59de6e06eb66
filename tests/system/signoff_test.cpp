// SPDX-License-Identifier: Apache-2.0
// `systole signoff` as a user runs it.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "signoff/sheet/seal.h"
#include "signoff/sheet/sheet.h"
#include "tests/support/sample_sheet.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

Surroundings signoff_program() {
  Surroundings surroundings;
  surroundings.program = SYSTOLE_SIGNOFF_PROGRAM;
  surroundings.patience = std::chrono::minutes(30);
  return surroundings;
}

Finished sign_off(const fs::path& folder, const Surroundings& surroundings = signoff_program()) {
  return run({"signoff", "--level", "quick", "--output", folder.string()}, surroundings);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// One sign-off, which takes minutes, through all that may happen to it.
TEST_CASE("system.signoff.quick.killed_resumed_repeated_and_tampered_with") {
  const TemporaryFolder scratch;
  const fs::path folder = scratch / "report";

  Surroundings killed = signoff_program();
  killed.signal = SIGKILL;
  killed.interrupt_after = std::chrono::milliseconds(500);
  killed.when_exists = folder / "evidence" / "coverage.json";  // in the middle of the mutants
  CHECK(sign_off(folder, killed).code == 128 + SIGKILL);
  CHECK_FALSE(fs::exists(folder / "signoff.html"));
  CHECK_FALSE(fs::exists(folder / "evidence" / "mutation.json"));
  const std::string before = read_text(folder / "evidence" / "coverage.json");

  const Finished resumed = sign_off(folder);
  CAPTURE(resumed.out);
  CAPTURE(resumed.err);
  REQUIRE(resumed.code == 0);
  CHECK(read_text(folder / "evidence" / "coverage.json") == before);  // taken as it was
  const json sheet = json::parse(read_text(folder / "signoff.json"));
  CHECK(sheet["verdict"] == "pass");
  CHECK(sheet["gates"].size() == 9);
  CHECK(read_text(folder / "junit.xml").find("mutation") != std::string::npos);

  const std::string page = read_text(folder / "signoff.html");
  REQUIRE(sign_off(folder).code == 0);
  CHECK(read_text(folder / "signoff.html") == page);

  // A score that was edited is no evidence: the gate runs again and says what it said.
  write_text(folder / "evidence" / "coverage.json", replaced(before, "56 of 56", "99 of 99"));
  const Finished edited = sign_off(folder);
  CHECK(edited.code == 0);
  CHECK(edited.err.find("coverage.json") != std::string::npos);
  CHECK(edited.err.find("the gate runs again") != std::string::npos);
  CHECK(read_text(folder / "evidence" / "coverage.json").find("99 of 99") == std::string::npos);

  // So is a file that was cut.
  write_text(folder / "evidence" / "coverage.json", before.substr(0, before.size() / 2));
  CHECK(sign_off(folder).code == 0);
}

/// The gates that vectors need, on few mutants.
Finished sign_off_few(const fs::path& folder, const std::string& level) {
  write_text(folder / "levels.json", R"({
    "few": {"coverage": {}, "mutation": {"mutants": 10, "random_layers": 140, "least_percent": 0,
                                         "least_percent_of_a_module": 0}},
    "none": {"coverage": {}}})");
  return run(
      {"signoff", "--levels", (folder / "levels.json").string(), "--level", level, "-o", (folder / level).string()},
      signoff_program());
}

Finished vectors_from(const fs::path& sheet, const fs::path& folder) {
  return run({"vectors", "--from", sheet.string(), "-o", folder.string()}, signoff_program());
}

TEST_CASE("system.signoff.vectors.kill_what_its_programs_kill") {
  const TemporaryFolder scratch;
  const Finished signed_off = sign_off_few(scratch.path(), "few");
  CAPTURE(signed_off.out);
  CAPTURE(signed_off.err);
  REQUIRE(signed_off.code <= 1);  // of ten mutants one may live
  const fs::path sheet = scratch / "few/signoff.json", sets = scratch / "sets";
  const json evidence = json::parse(read_text(scratch / "few/evidence/mutation.json"));
  const Finished made = vectors_from(sheet, sets);
  CAPTURE(made.out);
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
  const json list = json::parse(read_text(sets / "sets.json"));
  CHECK(list["signoff"] == json::parse(read_text(sheet))["seal"]);
  for (const json& table : evidence["tables"]) {
    if (table["name"] == "killed by programs") CHECK(list["mutants_killed"] == table["rows"].size());
  }
  CHECK_FALSE(list["sets"].empty());
  CHECK(list["sets"].size() < 40);  // of some two hundred programs
  for (const json& set : list["sets"]) {
    const fs::path folder = sets / set["set"].get<std::string>();
    CHECK(read_text(folder / "bench.v").find("out.hex") != std::string::npos);
    CHECK(read_text(folder / "README.txt").find("least significant bits") != std::string::npos);
  }
  const auto before = listing(sets);
  CHECK(vectors_from(sheet, sets).code == 0);  // replaces them
  CHECK(listing(sets) == before);
  write_text(sets / "notes.txt", "mine");
  check_refused(vectors_from(sheet, sets), "foreign file");
  check_refused(vectors_from(scratch / "levels.json", scratch / "other"), "seal");
  json other = json::parse(read_text(sheet));
  other.erase("seal");
  for (json& input : other["gates"][1]["evidence"]["inputs"]) {
    if (input["name"] == "rtl") input["value"] = std::string(64, '0');
  }
  write_text(scratch / "other.json", signoff::sealed(other.dump()));
  check_refused(vectors_from(scratch / "other.json", scratch / "other"), "other RTL");
  CHECK_FALSE(fs::exists(scratch / "other"));
}

TEST_CASE("system.signoff.vectors.need_evidence_of_mutants") {
  const TemporaryFolder scratch;
  REQUIRE(sign_off_few(scratch.path(), "none").code == 0);
  check_refused(vectors_from(scratch / "none/signoff.json", scratch / "sets"), "gate mutation: there is no evidence");
  CHECK_FALSE(fs::exists(scratch / "sets"));
}

/// A signoff.json of 400 mutants, of which two are open.
std::string sample_of_seed(const fs::path& folder, const std::string& seed) {
  signoff::Evidence evidence = sample_evidence("mutation");
  evidence.inputs = {{"rtl", kSampleRtl}, {"program", "of " + seed}, {"seed", seed}};
  base::Table kills{signoff::kKilledByPrograms, {"mutant", "program", "level", "other program"}};
  for (int i = 0; i < 398; ++i)
    kills.rows.push_back({"ctrl inv D[" + std::to_string(i) + "]", "far_biases", "pins", {}});
  evidence.tables = {kills};
  for (const char* const name : {"ctrl cnot1 D[5]", "im2col inv Y[11]"})
    evidence.findings.push_back({std::string("mutation ") + name, std::string("no program sees ") + name, ""});
  evidence.checked = 400;
  signoff::SheetRequest request{.design = "accel",
                                .level = "deep",
                                .today = "2026-11-30",
                                .gates = {{"mutation", evidence.inputs}},
                                .numbers = {},
                                .waivers = {},
                                .sources = {}};
  fs::create_directories(folder / seed);
  write_sheet(folder / seed, make_sheet(request, std::vector<signoff::EvidenceFile>{{evidence, "mutation.json", {}}}));
  return (folder / seed / "signoff.json").string();
}

TEST_CASE("system.signoff.pool.of_seeds_has_one_score") {
  const TemporaryFolder scratch;
  const std::string two = sample_of_seed(scratch.path(), "2"), three = sample_of_seed(scratch.path(), "3");
  const Finished pooled = run({"signoff", "--pool", two, three}, signoff_program());
  CAPTURE(pooled.out);
  CAPTURE(pooled.err);
  CHECK(pooled.code == 0);
  // 796 of 800; the interval is that of selftest.signoff.mutation.interval_is_wilsons.
  CHECK(pooled.out.find("pass: with 95 % certainty at least 98.7 % of those not proved equivalent are killed, expected "
                        "95 %") != std::string::npos);
  const std::size_t open = pooled.out.find("  no program sees im2col inv Y[11]\n");
  REQUIRE(open != std::string::npos);
  CHECK(pooled.out.find("im2col inv Y[11]", open + 30) == std::string::npos);  // of both seeds, said once
  CHECK(run({"signoff", "--pool", two, three, "--at-least", "99"}, signoff_program()).code == 1);
  check_refused(run({"signoff", "--pool", two, two}, signoff_program()), "is of seed 2, as ");
  write_text(scratch / "edited.json", replaced(read_text(two), "D[397]", "D[398]"));
  check_refused(run({"signoff", "--pool", three, (scratch / "edited.json").string()}, signoff_program()), "seal");
}

// As the program of a package is.
TEST_CASE("system.signoff.outside_of_a_build_tree_it_says_which_there_is") {
  const TemporaryFolder scratch;
  Surroundings installed;
  installed.program = (scratch / "systole").string();
  fs::copy_file(SYSTOLE_PROGRAM, installed.program);
  check_refused(run({"signoff"}, installed),
                "that of a design with an adapter is systole signoff --dut NAME PLAN.json");
}

TEST_CASE("system.signoff.help") { check_help_has_example("signoff"); }

TEST_CASE("system.signoff.help_needs_no_other_program") {
  Surroundings alone;
  alone.set = {{"SYSTOLE_HOPS", "2"}};  // as many programs as one command may pass through: it may start no other
  const Finished help = run({"signoff", "--help"}, alone);
  CHECK(help.code == 0);
  CHECK(help.out == run({"signoff", "--help"}, signoff_program()).out);
  check_refused(run({"signoff"}, alone), "no command of this program");
}

TEST_CASE("system.signoff.bad_input") {
  const TemporaryFolder scratch;
  check_refused(run({"signoff", "--level", "none", "-o", scratch / "report"}, signoff_program()),
                "signoff/levels.json has the names");
  write_text(scratch / "file", "");
  check_refused(run({"signoff", "-o", scratch / "file"}, signoff_program()), "file");
}

}  // namespace
}  // namespace systole::test
