// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/played_stimulus.h"

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "signoff/stimulus/play.h"

namespace systole::signoff {
namespace {

using check::CheckLevel;
constexpr std::array kCheckLevels{CheckLevel::outputs, CheckLevel::pins, CheckLevel::pe, CheckLevel::all};

struct PlayedPrograms {
  std::function<std::unique_ptr<dut::Dut>(std::size_t)> make;
  std::vector<Program> programs;

  [[nodiscard]] Played played(std::size_t number, std::size_t program, CheckLevel level = CheckLevel::all) const {
    const auto dut = make(number);
    return play(*dut, programs[program], {.check = level});
  }
};

ProgramRun run_of(const Played& played) {
  if (!passed(played)) throw std::runtime_error(problem_of(played));
  ProgramRun run{.cycles = played.cycles};
  for (const std::uint64_t count : played.exercised.counts()) run.exercised.push_back(count > 0);
  return run;
}

}  // namespace

MutantStimulus played_stimulus(std::function<std::unique_ptr<dut::Dut>(std::size_t)> make,
                               std::vector<Program> programs) {
  const auto all = std::make_shared<PlayedPrograms>(PlayedPrograms{std::move(make), std::move(programs)});
  MutantStimulus stimulus;
  for (const Program& program : all->programs) stimulus.programs.push_back(program.name);
  for (const CheckLevel level : kCheckLevels) stimulus.levels.emplace_back(to_string(level));
  stimulus.design = [all](std::size_t program) { return run_of(all->played(0, program)); };
  stimulus.kill = [all](std::size_t number, std::size_t program) -> std::optional<std::size_t> {
    if (passed(all->played(number, program))) return std::nullopt;
    std::size_t level = 0;
    while (level + 1 < kCheckLevels.size() && passed(all->played(number, program, kCheckLevels[level]))) ++level;
    return level;
  };
  return stimulus;
}

}  // namespace systole::signoff
