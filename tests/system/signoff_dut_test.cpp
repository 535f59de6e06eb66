// SPDX-License-Identifier: Apache-2.0
// `systole signoff` of designs with an adapter, as a user runs it.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kPlan = R"({"version": 1, "name": "few", "blocks": [
  {"networks": ["models/nin-clipq"], "layers": ["cccp6"], "stalls": ["none", "both"], "images": ["0"]}]})";
constexpr const char* kLevels = R"({"few": {"lint": {}, "reset": {"fills": 2}, "netlist": {},
  "mutation": {"mutants": 12, "least_percent": 0, "least_percent_of_a_module": 0}}})";

Finished sign_off(const fs::path& folder, const std::string& design, const std::string& plan = kPlan) {
  write_text(folder / "plan.json", plan);
  write_text(folder / "levels.json", kLevels);
  Surroundings surroundings;
  surroundings.patience = std::chrono::minutes(20);
  return run({"signoff", "--dut", design, (folder / "plan.json").string(), "--levels",
              (folder / "levels.json").string(), "--level", "few", "-o", (folder / "report").string()},
             surroundings);
}

json gate(const json& sheet, const std::string& name) {
  const auto found = std::ranges::find_if(sheet["gates"], [&name](const json& one) { return one["gate"] == name; });
  REQUIRE(found != sheet["gates"].end());
  return *found;
}

bool finds(const json& one, const std::string& start) {
  return std::ranges::any_of(one["evidence"]["findings"], [&start](const json& finding) {
    return finding["id"].get<std::string>().starts_with(start);
  });
}

TEST_CASE("system.signoff_dut.sheet.has_what_an_adapter_allows") {
  const TemporaryFolder scratch;
  const Finished finished = sign_off(scratch.path(), "clipq_engine");
  CAPTURE(finished.out);
  CAPTURE(finished.err);
  CHECK(finished.code <= 1);  // lint and survivors are findings of this RTL
  const json sheet = json::parse(read_text(scratch / "report/signoff.json"));
  CHECK(sheet["design"] == "clipq_engine");
  CHECK(gate(sheet, "reset")["verdict"] == "pass");
  CHECK(gate(sheet, "reset")["evidence"]["checked"] > 0);
  CHECK(gate(sheet, "netlist")["verdict"] == "pass");
  const json mutation = gate(sheet, "mutation");
  CHECK(mutation["evidence"]["checked"] == 12);
  CHECK_FALSE(finds(mutation, "mutation design"));
  CHECK_FALSE(finds(mutation, "mutation lost"));
  for (const char* name : {"coverage", "code_coverage", "leaves", "properties", "simulators"}) {
    CHECK(gate(sheet, name)["verdict"] == "not_applicable");
    CHECK_FALSE(gate(sheet, name)["evidence"]["remark"].get<std::string>().empty());
  }
  const std::string page = read_text(scratch / "report/signoff.html");
  CHECK(page.find("clipq_engine") != std::string::npos);
  CHECK(sign_off(scratch.path(), "clipq_engine").code == finished.code);
  CHECK(read_text(scratch / "report/signoff.html") == page);
}

/// RTL that computes a wrong value passes no gate that runs it, and none of its mutants counts as killed.
TEST_CASE("system.signoff_dut.planted_bug.no_gate_that_runs_it_passes") {
  const TemporaryFolder scratch;
  const std::string plan = R"({"version": 1, "name": "few", "blocks": [
    {"networks": ["models/nin-clipq"], "skip_unfit": true, "images": ["0"]}]})";
  CHECK(sign_off(scratch.path(), "clipq_engine_bug", plan).code == 1);
  const json sheet = json::parse(read_text(scratch / "report/signoff.json"));
  CHECK(finds(gate(sheet, "reset"), "reset models/nin-clipq"));
  CHECK(finds(gate(sheet, "netlist"), "netlist models/nin-clipq"));
  CHECK(finds(gate(sheet, "mutation"), "mutation design"));
  CHECK(gate(sheet, "mutation")["evidence"]["checked"] == 0);
}

/// A layer that the design refuses has no verdict: a finding in each gate, and no kill.
TEST_CASE("system.signoff_dut.refused_job.is_no_kill") {
  const TemporaryFolder scratch;
  const std::string plan = R"({"version": 1, "name": "few", "blocks": [
    {"networks": ["models/nin-clipq"], "layers": ["pool1"], "images": ["0"]}]})";
  CHECK(sign_off(scratch.path(), "clipq_engine", plan).code == 1);
  const json sheet = json::parse(read_text(scratch / "report/signoff.json"));
  CHECK(finds(gate(sheet, "reset"), "reset lost "));
  CHECK(finds(gate(sheet, "netlist"), "netlist lost "));
  CHECK(finds(gate(sheet, "mutation"), "mutation design"));
}

TEST_CASE("system.signoff_dut.bad_input") {
  const TemporaryFolder scratch;
  const auto with = [](const std::string& more) {
    return R"({"version": 1, "name": "few", "blocks": [{"networks": ["models/nin-clipq"], )" + more + "}]}";
  };
  check_refused(sign_off(scratch.path(), "clipq_engine", with(R"("designs": ["8x8"])")), "designs, kind");
  check_refused(sign_off(scratch.path(), "clipq_engine", with(R"("layers": ["nowhere"])")), "nowhere");
  CHECK_FALSE(fs::exists(scratch / "report/signoff.json"));
}

}  // namespace
}  // namespace systole::test
