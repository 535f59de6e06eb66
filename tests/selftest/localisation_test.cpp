// SPDX-License-Identifier: Apache-2.0
// How well what a failure's folder names hits the fault: every fault of faults.tsv that shows as a wrong value, with
// the module and the line in which it is planted.
#include "tests/selftest/localisation.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "accel/dut/geometry.h"
#include "tests/selftest/faults_run.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

/// Lines of rtl/<module>.v that the quoted text covers, comments and white space aside.
std::pair<int, int> lines_of(const Fault& fault) {
  std::ifstream in(fs::path("rtl") / (fault.module + ".v"));
  std::string text;
  std::vector<int> line_at;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    for (const char c : line.substr(0, line.find("//"))) {
      if (std::isspace(static_cast<unsigned char>(c)) != 0) continue;
      text += c;
      line_at.push_back(number);
    }
  }
  std::string quote;
  std::ranges::copy_if(fault.quoted, std::back_inserter(quote), [](unsigned char c) { return std::isspace(c) == 0; });
  const std::size_t at = text.find(quote);
  REQUIRE_MESSAGE(at != std::string::npos, fault.name);
  return {line_at[at], line_at[at + quote.size() - 1]};
}

std::vector<check::Mismatch> first_differences(const Fault& fault) {
  RunPlan how;
  how.fault = fault.name;
  how.check = check::CheckLevel::all;
  const std::vector<Program> programs = signoff::programs(accel::geometry_of(*make_faulty_dut("")).rows);
  const auto program = std::ranges::find(programs, fault.program, &Program::name);
  return first_of(run_program(*program, how).mismatches);
}

TEST_CASE("selftest.localisation.planted_faults") {
  std::optional<debug::Netlist> netlist = debug::Netlist::read(original_design());
  REQUIRE(netlist);
  const auto dut = make_faulty_dut("");
  Hits hits;
  for (const Fault& fault : planted_faults()) {
    if (fault.outcome != "mismatch") continue;
    const std::vector<check::Mismatch> first = first_differences(fault);
    const std::vector<debug::RtlLine> lines = debug::suspected_lines(*netlist, dut->pins(), first);
    const auto [from, to] = lines_of(fault);
    const Ranks ranks = ranks_of(lines, {.modules = {fault.module}, .lines = {{fault.module + ".v", from, to}}});
    INFO(fmt::format("{}: origin {}, module {}, line {} of {}", fault.name, first.front().signal,
                     ranks.module.value_or(0), ranks.line.value_or(0), lines.size()));
    CHECK(ranks.module);
    hits.add(ranks, true);
  }
  MESSAGE(hits.text());
  CHECK(hits.faults >= 60);
  const auto percent = [&hits](std::size_t part) { return 100 * part / hits.faults; };
  CHECK(percent(hits.module_1) >= 70);
  CHECK(percent(hits.module_2) >= 85);
  CHECK(percent(hits.line_1) >= 33);
  CHECK(percent(hits.line_5) >= 67);
}

}  // namespace
}  // namespace systole::test
