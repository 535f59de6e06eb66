// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/pooled_mutants.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/input_error.h"
#include "signoff/gates/mutation.h"

namespace systole::signoff {
namespace {

/// Four mutants: two killed, one of them by a property, one proved equivalent, one open.
SignedOff sample(const std::string& seed) {
  Evidence evidence;
  evidence.gate = "mutation";
  evidence.inputs = {{"rtl", "aa"}, {"program", "of " + seed}, {"mutants", "4"}, {"seed", seed}, {"yosys", "0.23"}};
  evidence.checked = 4;
  evidence.tables = {{kKilledByPrograms, {"mutant"}, {{"ctrl inv " + seed}}},
                     {kKilledByProperties, {"mutant"}, {{std::string("ctrl const0")}}},
                     {kProvedEquivalent, {"mutant"}, {{std::string("pool inv")}}}};
  evidence.findings = {{"mutation ctrl cnot1", std::string(kNoProgramSees) + "ctrl cnot1", "far away"},
                       {"mutation score", "score: 66.7 %, expected 99 %", ""}};
  return {.file = seed + ".json", .design = "accel", .level = "deep", .seal = {}, .gates = {{"fail", evidence}}};
}

std::string objection_to(const SignedOff& other) {
  try {
    (void)pool_mutants({sample("1"), other});
  } catch (const base::InputError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("signoff.pooled_mutants.samples_add_up") {
  const PooledMutants pooled = pool_mutants({sample("1"), sample("2"), sample("3")});
  REQUIRE(pooled.samples.size() == 3);
  CHECK(pooled.samples[1].seed == "2");
  CHECK(pooled.samples[1].file == "2.json");
  CHECK(pooled.samples[1].counts.killed == 2);
  CHECK(pooled.together.mutants == 12);
  CHECK(pooled.together.killed == 6);
  CHECK(pooled.together.proved == 3);
  CHECK(pooled.together.different() == 9);
  CHECK(pooled.open == std::vector<std::string>{"ctrl cnot1"});  // once, though no seed settles it
}

TEST_CASE("signoff.pooled_mutants.what_is_no_sample_of_the_same_is_refused") {
  CHECK(objection_to(sample("2")).empty());
  CHECK(objection_to(sample("1")) == "1.json: gate mutation: is of seed 1, as 1.json; sign off again");
  SignedOff other = sample("2");
  other.design = "clipq";
  CHECK(objection_to(other) == "2.json: design: expected accel, as 1.json, found clipq");
  other = sample("2");
  other.gates[0].evidence.inputs[0].second = "bb";
  CHECK(objection_to(other) == "2.json: gate mutation: input 'rtl' is another than that of 1.json; sign off again");
  other = sample("2");
  other.gates[0].evidence.inputs.emplace_back("more", "1");
  CHECK(objection_to(other).find("input 'more' is another") != std::string::npos);
  other = sample("2");
  other.gates[0].evidence.inputs.erase(other.gates[0].evidence.inputs.begin() + 3);
  CHECK(objection_to(other).find("expected an input 'seed'") != std::string::npos);
  other = sample("2");
  other.gates[0].verdict = "stale";
  CHECK(objection_to(other).find("its evidence is stale") != std::string::npos);
  other.gates.clear();
  CHECK(objection_to(other).find("there is no evidence of it") != std::string::npos);
}

// A kill whose row is gone, a mutant that was lost, a list that is empty: the score would be of something else.
TEST_CASE("signoff.pooled_mutants.part_of_a_sample_is_refused") {
  SignedOff other = sample("2");
  other.gates[0].evidence.tables[0].rows.clear();
  CHECK(objection_to(other) == "2.json: gate mutation: names 3 of 4 mutants; sign off again");
  other = sample("2");
  other.gates[0].evidence.findings[0] = {"mutation lost ctrl cnot1", "ctrl cnot1: signal 9", ""};
  CHECK(objection_to(other).find("names 3 of 4 mutants") != std::string::npos);
  other = sample("2");
  other.gates[0].evidence.checked = 0;
  other.gates[0].evidence.tables.clear();
  other.gates[0].evidence.findings.clear();
  CHECK(objection_to(other).find("names 0 of 0 mutants") != std::string::npos);
}

}  // namespace
}  // namespace systole::signoff
