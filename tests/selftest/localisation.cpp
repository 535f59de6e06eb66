// SPDX-License-Identifier: Apache-2.0
#include "tests/selftest/localisation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <utility>

#include "debug/repair.h"
#include "debug/word_netlist.h"
#include "tests/selftest/faults_run.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

bool hits(const debug::RtlLine& line, const FaultPlace& place) {
  return std::ranges::any_of(place.lines, [&line](const FaultPlace::Lines& lines) {
    return line.file.filename() == lines.file && line.line >= lines.first && line.line <= lines.last;
  });
}

}  // namespace

debug::RtlDesign original_design() {
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

std::vector<check::Mismatch> first_of(std::vector<check::Mismatch> differences) {
  std::erase_if(differences, [cycle = differences.empty() ? 0 : differences.front().cycle](const check::Mismatch& m) {
    return m.cycle != cycle;
  });
  return differences;
}

std::vector<debug::RtlLine> named_lines(debug::Netlist& structure, const debug::RtlDesign& rtl, const dut::Dut& dut,
                                        const std::vector<check::Mismatch>& first, const debug::StepRecord& steps) {
  constexpr std::chrono::minutes kNoLimit(1);  // what is found does not depend on how busy the machine is
  std::vector<debug::RtlLine> lines = debug::suspected_lines(structure, dut.pins(), first);
  const std::optional<debug::WordNetlist> words = debug::WordNetlist::read(rtl);
  if (!words) return lines;
  return debug::with_repairs(
      std::move(lines), debug::lines_of(*words, debug::find_repairs(*words, debug::Steps(*words, steps), kNoLimit)));
}

Ranks ranks_of(const std::vector<debug::RtlLine>& suspects, const FaultPlace& place) {
  Ranks ranks;
  const auto line = std::ranges::find_if(suspects, [&place](const debug::RtlLine& one) { return hits(one, place); });
  if (line != suspects.end()) {
    // Which of several lines of one weight comes first says nothing: the last place of all of them.
    ranks.line = static_cast<std::size_t>(
        std::ranges::count_if(suspects, [&line](const debug::RtlLine& one) { return one.weight() >= line->weight(); }));
  }
  const std::vector<std::string> modules = debug::modules_of(suspects);
  const auto module = std::ranges::find_first_of(modules, place.modules);
  if (module != modules.end()) ranks.module = static_cast<std::size_t>(module - modules.begin()) + 1;
  return ranks;
}

void Hits::add(const Ranks& ranks, bool has_line) {
  ++faults;
  module_1 += ranks.module == 1U ? 1U : 0U;
  module_2 += ranks.module && *ranks.module <= 2 ? 1U : 0U;
  if (!has_line) return;
  ++with_line;
  in_cone += ranks.line ? 1U : 0U;
  line_1 += ranks.line == 1U ? 1U : 0U;
  line_5 += ranks.line && *ranks.line <= 5 ? 1U : 0U;
}

std::string Hits::text() const {
  const auto share = [](std::size_t part, std::size_t all) {
    return fmt::format("{} ({} %)", part, all == 0 ? 0 : 100 * part / all);
  };
  return fmt::format("{} faults: module top-1 {}, top-2 {}; of {} with a line: in the cone {}, top-1 {}, top-5 {}",
                     faults, share(module_1, faults), share(module_2, faults), with_line, share(in_cone, with_line),
                     share(line_1, with_line), share(line_5, with_line));
}

}  // namespace systole::test
