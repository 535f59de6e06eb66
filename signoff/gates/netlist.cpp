// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/netlist.h"

#include <fmt/format.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include "base/forked.h"
#include "signoff/gates/netlist_size.h"
#include "signoff/stimulus/play.h"

namespace systole::signoff {
namespace {

std::string run(const NetlistQuestion& question, const Program& program) {
  const auto dut = question.make();
  const Played played = play(*dut, program, {.check = check::CheckLevel::pins});
  if (passed(played)) return std::to_string(played.compared);
  throw std::runtime_error(problem_of(played));
}

}  // namespace

Evidence check_netlist(const NetlistQuestion& question, const GateProgress& progress) {
  const std::size_t runs = question.programs.size();
  const auto results = base::run_forked(
      runs, question.workers, [&](std::size_t i) { return run(question, question.programs[i]); }, kProgramLimit,
      counted_by(progress, runs));
  Evidence evidence;
  evidence.gate = "netlist";
  evidence.unit = "values compared";
  std::size_t equal = 0;
  for (std::size_t i = 0; i < runs; ++i) {
    if (results[i].ended) {
      evidence.checked += std::stoull(results[i].answer);
      ++equal;
      continue;
    }
    const std::string id = "netlist " + question.programs[i].name;
    evidence.findings.push_back({.id = id, .text = fmt::format("{}: {}", id, results[i].problem), .waiver = {}});
  }
  evidence.figures.push_back({"programs equal on every pin", fmt::format("{} of {}", equal, runs)});
  add_netlist_size(question.statistics, evidence);
  return evidence;
}

}  // namespace systole::signoff
