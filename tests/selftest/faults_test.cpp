// SPDX-License-Identifier: Apache-2.0
// Every fault of faults.tsv and survivors.tsv is planted in the RTL, one at a time, and must be caught with the outcome
// and by the signal that its line names. A bench that lets one through is worth nothing. The cases, one a fault, are in
// the generated fault_cases.cpp.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "accel/dut/geometry.h"
#include "tests/selftest/check_fault.h"
#include "tests/selftest/faults_run.h"

namespace systole::test {
namespace {

check::CheckLevel check_level(const std::string& name) {
  if (name == "none") return check::CheckLevel::none;
  REQUIRE((name == "pins" || name == "pe"));
  return name == "pins" ? check::CheckLevel::pins : check::CheckLevel::pe;
}

const Program& find(const std::vector<Program>& programs, const std::string& name) {
  const auto found = std::find_if(programs.begin(), programs.end(), [&](const Program& p) { return p.name == name; });
  REQUIRE(found != programs.end());
  return *found;
}

/// Signals that differ in the first cycle in which any does, "none" where none does.
std::string first_signals(const signoff::Played& result) {
  if (result.mismatches.empty()) return "none";
  std::string signals;
  for (const check::Mismatch& mismatch : result.mismatches) {
    if (mismatch.cycle == result.mismatches.front().cycle) signals += mismatch.signal + " ";
  }
  return signals;
}

bool detected_by(const signoff::Played& result, const std::string& signal) {
  if (signal == "-") return result.mismatches.empty();
  return std::any_of(result.mismatches.begin(), result.mismatches.end(), [&](const check::Mismatch& mismatch) {
    return mismatch.cycle == result.mismatches.front().cycle && mismatch.signal == signal;
  });
}

const Fault& fault_named(const std::vector<Fault>& faults, const std::string& name) {
  const auto fault = std::find_if(faults.begin(), faults.end(), [&](const Fault& f) { return f.name == name; });
  REQUIRE(fault != faults.end());
  REQUIRE_MESSAGE(fault->problem.empty(), name, ": not planted: ", fault->problem);
  return *fault;
}

void check_caught(const Fault& fault, const signoff::Played& result) {
  const std::string seen = fmt::format("{}: {} in cycle {}, first {}", fault.name, to_string(result.outcome),
                                       result.cycles, first_signals(result));
  CHECK_MESSAGE(to_string(result.outcome) == fault.outcome, seen);
  CHECK_MESSAGE(detected_by(result, fault.signal), seen);
}

/// Those of the sign-off beyond programs().
std::vector<Program> further_programs(const accel::Geometry& geometry) {
  constexpr int kRandom = 140;
  constexpr std::uint64_t kSeed = 1;
  std::vector<Program> further = signoff::edge_programs(geometry.rows);
  for (Program& program : signoff::random_programs(geometry, kRandom, kSeed)) further.push_back(std::move(program));
  return further;
}

}  // namespace

void check_fault(const std::string& name) {
  const Fault& fault = fault_named(planted_faults(), name);
  RunPlan how;
  how.fault = name;
  how.check = check_level(fault.check);
  check_caught(fault,
               run_program(find(signoff::programs(accel::geometry_of(*make_faulty_dut("")).rows), fault.program), how));
}

void check_survivor(const std::string& name) {
  const Fault& fault = fault_named(planted_survivors(), name);
  const signoff::PlayOptions how{.check = check_level(fault.check)};
  const accel::Geometry geometry = accel::geometry_of(*make_faulty_dut(""));
  for (const Program& program : signoff::programs(geometry.rows)) {
    const signoff::Played lives = signoff::play(*make_faulty_dut(name), program, how);
    CHECK_MESSAGE(passed(lives), program.name, " sees it: ", problem_of(lives));
  }
  const Program program = find(further_programs(geometry), fault.program);
  CHECK(passed(signoff::play(*make_faulty_dut(""), program, how)));
  check_caught(fault, signoff::play(*make_faulty_dut(name), program, how));
}

namespace {

TEST_CASE("selftest.faults.none.every_program_passes") {
  for (const Program& program : signoff::programs(accel::geometry_of(*make_faulty_dut("")).rows)) {
    for (const kernel::Stall stall : {kernel::Stall::none, kernel::Stall::both, kernel::Stall::bursts}) {
      CAPTURE(program.name);
      RunPlan how;
      how.stall = stall;
      const signoff::Played result = run_program(program, how);
      CHECK_MESSAGE(result.outcome == kernel::Outcome::passed, to_string(result.outcome), " ", first_signals(result));
      CHECK(result.compared != 0);
      CHECK(result.compared == result.expected_compared);
    }
  }
}

// The report must lead to the operand: a padded tap is said to be one.
TEST_CASE("selftest.faults.coordinate_names_the_padded_tap") {
  RunPlan how;
  how.fault = "accel.padding_reads_a_word";
  const signoff::Played result =
      run_program(signoff::programs(accel::geometry_of(*make_faulty_dut("")).rows).front(), how);
  REQUIRE(!result.mismatches.empty());
  CHECK(result.mismatches.front().coordinate == "oc 0 oh 0 ow 0 ic 0 kh 0 kw 0 padding");
  CHECK(result.mismatches.front().golden == 0);
}

TEST_CASE("selftest.faults.every_module_has_one") {
  std::set<std::string> modules;
  std::size_t count = 0;
  for (const Fault& fault : planted_faults()) {
    modules.insert(fault.module);
    ++count;
  }
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator("rtl")) {
    if (entry.path().extension() == ".v") files.insert(entry.path().stem().string());
  }
  CHECK(modules == files);
  CHECK(count >= 25);
}

TEST_CASE("selftest.faults.twenty_survivors_at_least") { CHECK(planted_survivors().size() >= 20); }

}  // namespace
}  // namespace systole::test
