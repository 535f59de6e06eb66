// SPDX-License-Identifier: Apache-2.0
// Mutants of the accelerator: what the programs with which planted faults are found see of them, and how well what a
// failure's folder names hits them.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "base/forked.h"
#include "debug/step_record.h"
#include "signoff/mutants/equivalence.h"
#include "signoff/mutants/models.h"
#include "signoff/mutants/mutated_text.h"
#include "tests/selftest/faults_run.h"
#include "tests/selftest/localisation.h"

namespace systole::test {
namespace {

/// Of those that the sign-off holds, a sample of all modules; SYSTOLE_SAMPLE=1000 takes them all.
std::size_t sample() {
  constexpr std::size_t kSample = 250;
  const char* const asked = std::getenv("SYSTOLE_SAMPLE");
  return asked == nullptr ? kSample : std::min<std::size_t>(std::stoul(asked), signoff::mutants().size());
}

signoff::Played run_mutant(std::size_t number, const Program& program, debug::StepRecord& steps) {
  RunPlan how;
  how.check = check::CheckLevel::all;
  how.record = [&steps](const dut::Dut& dut, const session::Monitor& monitor) {
    return std::make_unique<debug::StepRecorder>(dut, monitor, steps);
  };
  const std::unique_ptr<dut::Dut> dut = signoff::make_mutant(number);
  return run_program_on(*dut, program, how);
}

/// Text of the lines of a file, from 1; [0] is empty.
std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::vector<std::string> lines{""};
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line.substr(0, line.find("//")));
  return lines;
}

/// The module of the instance whose name stands on that line: before the name or, where its parameters have lines of
/// their own, before those; nothing where no instance is on it.
std::optional<std::string> module_of_instance(const std::vector<std::string>& text, int line) {
  static const std::regex name(R"(^\s*(\)|(\w+) (#\(.*\) )?)\s*u_)"), parameters(R"(^\s*(\w+) #\($)");
  if (static_cast<std::size_t>(line) >= text.size()) return std::nullopt;
  std::smatch match;
  if (!std::regex_search(text[static_cast<std::size_t>(line)], match, name)) return std::nullopt;
  if (match[2].matched) return match[2];
  for (--line; line > 0; --line) {
    if (std::regex_search(text[static_cast<std::size_t>(line)], match, parameters)) return match[1];
  }
  return std::nullopt;
}

/// The module of the cell, and of an instance of another module that one as well: its port lies between both. Lines:
/// of what Yosys names, those that are no mere declaration and, of a block or an instance, those that name the wire or
/// port, where there are such.
FaultPlace place_of(const signoff::Mutant& mutant) {
  FaultPlace place{.modules = {mutant.module}, .lines = {}};
  for (const signoff::SourceLines& source : mutant.sources) {
    const std::vector<std::string> text = lines_of(source.file);
    const std::string file = std::filesystem::path(source.file).filename();
    const std::string wire = mutant.wire.substr(mutant.wire.rfind('.') + 1);
    const std::regex named(fmt::format(R"(\b{}\b|\.{}\()", wire.empty() ? "(?!)" : wire, mutant.port));
    static const std::regex declaration(R"(^\s*(input|output|wire|reg|localparam|genvar)\b[^=]*$)");
    std::vector<FaultPlace::Lines> all, narrow;
    if (!mutant.cell.starts_with('$')) {
      if (const auto module = module_of_instance(text, source.first)) place.modules.push_back(*module);
    }
    for (int line = source.first; line <= std::min(source.last, static_cast<int>(text.size()) - 1); ++line) {
      const std::string& one = text[static_cast<std::size_t>(line)];
      if (std::regex_search(one, declaration)) continue;
      all.push_back({file, line, line});
      if (std::regex_search(one, named)) narrow.push_back({file, line, line});
    }
    const auto& lines = narrow.empty() ? all : narrow;
    place.lines.insert(place.lines.end(), lines.begin(), lines.end());
  }
  return place;
}

TEST_CASE("selftest.mutants.the_design_itself_passes") {
  for (const Program& program : signoff::programs(4)) {
    CAPTURE(program.name);
    debug::StepRecord steps;
    const signoff::Played result = run_mutant(0, program, steps);
    if (!result.mismatches.empty()) MESSAGE(result.mismatches.front().signal);
    CHECK(result.outcome == kernel::Outcome::passed);
    CHECK(result.compared == result.expected_compared);
  }
}

/// What became of a mutant in the first program that did not pass with it.
struct Fate {
  bool killed = false;
  std::vector<check::Mismatch> first;
  debug::StepRecord steps;
};

Fate fate_of(std::size_t number, const std::vector<Program>& programs) {
  Fate fate;
  for (const Program& program : programs) {
    const signoff::Played result = run_mutant(number, program, fate.steps);
    fate.killed = result.outcome != kernel::Outcome::passed;
    fate.first = first_of(result.mismatches);
    if (fate.killed) break;
  }
  return fate;
}

TEST_CASE("selftest.mutants.programs_and_suspects") {
  std::optional<debug::Netlist> netlist = debug::Netlist::read(original_design());
  REQUIRE(netlist);
  const auto dut = make_faulty_dut("");
  const std::vector<Program> programs = signoff::programs(4);
  Hits hits;
  const std::size_t all = sample();
  std::size_t killed = 0;
  for (std::size_t number = 1; number <= all; ++number) {
    const Fate fate = fate_of(number, programs);
    killed += fate.killed ? 1U : 0U;
    if (fate.first.empty()) continue;  // alive, or it stands still
    const signoff::Mutant& mutant = signoff::mutants()[number - 1];
    debug::RtlDesign rtl = original_design();
    rtl.commands = "mutate " + mutant.options;
    const FaultPlace place = place_of(mutant);
    const Ranks ranks = ranks_of(named_lines(*netlist, rtl, *dut, fate.first, fate.steps), place);
    if (!ranks.line) MESSAGE("no line named: " << mutant.options);
    if (ranks.module.value_or(3) > 2) MESSAGE("module not among the first two: " << mutant.options);
    hits.add(ranks, !place.lines.empty());
  }
  MESSAGE(fmt::format("{} mutants, {} killed ({} %); with a wrong value: {}", all, killed, 100 * killed / all,
                      hits.text()));
  CHECK(100 * killed >= 80 * all);
  CHECK(hits.in_cone == hits.with_line);
  const auto percent = [&hits](std::size_t part) { return 100 * part / hits.faults; };
  CHECK(percent(hits.module_1) >= 90);
  CHECK(percent(hits.module_2) >= 97);
  CHECK(percent(hits.line_1) >= 70);
  CHECK(percent(hits.line_5) >= 91);
}

/// What the bench compares besides the pins.
std::vector<signoff::KeptVariable> compared_variables() {
  std::string text;
  for (const char* const file : {"accel/dut/dut.vlt", "accel/dut/wires.vlt"}) {
    std::ifstream in(file);
    text.append(std::istreambuf_iterator<char>(in), {});
  }
  return signoff::public_variables(text);
}

// A sample of both, since a mutant that is neither proved nor shown to differ takes all the time that it is given.
TEST_CASE("selftest.mutants.a_proof_holds_for_survivors_alone") {
  constexpr std::size_t kOfKilled = 20, kOfSurvivors = 6;  // one of so many
  constexpr std::chrono::seconds kLimit(20);
  const std::vector<signoff::KeptVariable> compared = compared_variables();
  REQUIRE(compared.size() > 10);
  const signoff::MutatedDesign design = signoff::mutated_design(".");
  const std::vector<Program> programs = signoff::programs(4);
  std::vector<std::size_t> numbers;
  std::vector<bool> killed;
  std::size_t dead = 0, alive = 0;
  for (std::size_t number = 1; number <= sample(); ++number) {
    const bool is_killed = fate_of(number, programs).killed;
    if (is_killed ? dead++ % kOfKilled != 0 : alive++ % kOfSurvivors != 0) continue;
    numbers.push_back(number);
    killed.push_back(is_killed);
  }
  const auto proofs = base::run_forked(
      numbers.size(), 2,
      [&](std::size_t i) {
        const auto proof = signoff::prove_equivalent(design, signoff::mutants()[numbers[i] - 1], kLimit, compared);
        return proof ? fmt::format("{} in {}", to_string(proof->method), proof->module) : std::string();
      },
      std::chrono::minutes(10));
  std::size_t proved = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const signoff::Mutant& mutant = signoff::mutants()[numbers[i] - 1];
    CAPTURE(mutant.options);
    CHECK(proofs[i].ended);
    if (killed[i]) CHECK(proofs[i].answer.empty());
    if (killed[i] || proofs[i].answer.empty()) continue;
    ++proved;
    MESSAGE(
        fmt::format("mutant {}, {} {} {}: {}", numbers[i], mutant.mode, mutant.module, mutant.cell, proofs[i].answer));
  }
  CHECK(proved > 0);
  CHECK(std::ranges::count(killed, true) >= 10);
}

}  // namespace
}  // namespace systole::test
