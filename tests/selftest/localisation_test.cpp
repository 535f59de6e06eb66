// SPDX-License-Identifier: Apache-2.0
// How well what a failure's folder names hits the fault: every fault of faults.tsv that shows as a wrong value, with
// the module and the line in which it is planted.
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
#include "debug/rtl_lines.h"
#include "tests/selftest/faults_run.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

debug::RtlDesign original() {
  debug::RtlDesign design{.sources = {}, .top = "accel", .parameters = {}};
  const auto dut = make_faulty_dut("");
  for (const dut::Parameter& parameter : dut->parameters())
    design.parameters.push_back(fmt::format("{}={}", parameter.name, parameter.value));
  for (const auto& entry : fs::directory_iterator("rtl")) {
    if (entry.path().extension() == ".v") design.sources.push_back(entry.path());
  }
  std::ranges::sort(design.sources);
  return design;
}

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
  const std::vector<Program> programs = fault_programs(accel::geometry_of(*make_faulty_dut("")).rows);
  const auto program = std::ranges::find(programs, fault.program, &Program::name);
  std::vector<check::Mismatch> first = run_program(*program, how).mismatches;
  std::erase_if(first, [&first](const check::Mismatch& m) { return m.cycle != first.front().cycle; });
  return first;
}

/// Place in a list, from 1; nothing where it is not in it.
template <class List, class Is>
std::optional<std::size_t> rank(const List& list, const Is& is) {
  const auto found = std::ranges::find_if(list, is);
  if (found == list.end()) return std::nullopt;
  return static_cast<std::size_t>(found - list.begin()) + 1;
}

TEST_CASE("selftest.localisation.planted_faults") {
  std::optional<debug::Netlist> netlist = debug::Netlist::read(original());
  REQUIRE(netlist);
  const auto dut = make_faulty_dut("");
  std::size_t faults = 0, module_1 = 0, module_2 = 0, line_1 = 0, line_5 = 0;
  for (const Fault& fault : planted_faults()) {
    if (fault.outcome != "mismatch") continue;
    const std::vector<check::Mismatch> first = first_differences(fault);
    const std::vector<debug::RtlLine> lines = debug::suspected_lines(*netlist, dut->pins(), first);
    const std::vector<std::string> modules = debug::modules_of(lines);
    const auto module = rank(modules, [&fault](const std::string& name) { return name == fault.module; });
    const auto [from, to] = lines_of(fault);
    const auto line = rank(lines, [&, from = from, to = to](const debug::RtlLine& one) {
      return one.module == fault.module && one.line >= from && one.line <= to;
    });
    ++faults;
    module_1 += module == 1U ? 1U : 0U;
    module_2 += module && *module <= 2 ? 1U : 0U;
    line_1 += line == 1U ? 1U : 0U;
    line_5 += line && *line <= 5 ? 1U : 0U;
    INFO(fmt::format("{}: origin {}, module {}, line {} of {}", fault.name, first.front().signal, module.value_or(0),
                     line.value_or(0), lines.size()));
    CHECK(module);
  }
  MESSAGE(fmt::format("{} faults: module top-1 {}, top-2 {}; line top-1 {}, top-5 {}", faults, module_1, module_2,
                      line_1, line_5));
  CHECK(faults >= 60);
  const auto percent = [faults](std::size_t hits) { return 100 * hits / faults; };
  CHECK(percent(module_1) >= 70);
  CHECK(percent(module_2) >= 85);
  CHECK(percent(line_1) >= 33);
  CHECK(percent(line_5) >= 67);
}

}  // namespace
}  // namespace systole::test
