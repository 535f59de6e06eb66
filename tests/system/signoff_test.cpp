// SPDX-License-Identifier: Apache-2.0
// `systole signoff` as a user runs it.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

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

TEST_CASE("system.signoff.help") { check_help_has_example("signoff"); }

TEST_CASE("system.signoff.bad_input") {
  const TemporaryFolder scratch;
  check_refused(run({"signoff", "--level", "none", "-o", scratch / "report"}, signoff_program()),
                "signoff/levels.json has the names");
  write_text(scratch / "file", "");
  check_refused(run({"signoff", "-o", scratch / "file"}, signoff_program()), "file");
}

}  // namespace
}  // namespace systole::test
