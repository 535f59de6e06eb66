// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "base/forked.h"
#include "signoff/stimulus/play.h"
#include "sim/session/canary.h"

namespace systole::signoff {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::array kStalls{kernel::Stall::none, kernel::Stall::both, kernel::Stall::bursts};

/// What a run that passed sends home: how many values were compared, and the counts of all items.
std::string text_of(const Played& played) {
  std::string text = std::to_string(played.compared);
  for (const std::uint64_t count : played.exercised.counts()) text += fmt::format(" {}", count);
  return text;
}

struct Home {
  std::uint64_t compared = 0;
  cover::Cover cover;
};

Home read(const std::string& text) {
  Home home;
  std::istringstream words(text);
  words >> home.compared;
  std::vector<std::uint64_t> counts(cover::kItemCount);
  for (std::uint64_t& count : counts) words >> count;
  home.cover = cover::Cover(counts, std::vector<bool>(cover::kItemCount));
  return home;
}

std::string run(const CoverageQuestion& question, const Program& program, kernel::Stall stall) {
  const auto dut = question.make();
  const Played played = play(*dut, program, {.stall = stall, .seed = kSeed});
  if (!passed(played)) throw std::runtime_error(problem_of(played));
  return text_of(played);
}

base::Table table_of(const cover::Cover& cover) {
  base::Table table{.name = "coverage", .columns = {"group", "item", "times"}};
  for (std::size_t i = 0; i < cover::kItemCount; ++i) {
    table.rows.push_back({std::string(cover::kItems[i].group), std::string(cover::kItems[i].name),
                          static_cast<std::int64_t>(cover.counts()[i])});
  }
  return table;
}

void add_canaries(const CoverageQuestion& question, Evidence& evidence) {
  const auto dut = question.make();
  const session::Canaries canaries = session::run_canaries(*dut, check::CheckLevel::all, kSeed);
  evidence.figures.push_back({"checkers seen red", std::to_string(canaries.shown.size())});
  if (!canaries.missing.empty()) {
    evidence.findings.push_back({.id = "coverage canaries", .text = canaries.missing, .waiver = {}});
  }
  for (const std::string& checker : question.checkers) {
    if (std::ranges::find(canaries.shown, checker) != canaries.shown.end()) continue;
    evidence.findings.push_back({.id = "coverage checker " + checker,
                                 .text = fmt::format("checker {} was not seen red", checker),
                                 .waiver = {}});
  }
}

}  // namespace

Evidence cover(const CoverageQuestion& question, const GateProgress& progress) {
  const std::size_t runs = question.programs.size() * kStalls.size();
  const auto program_of = [&](std::size_t i) -> const Program& { return question.programs[i / kStalls.size()]; };
  const auto results = base::run_forked(
      runs, question.workers, [&](std::size_t i) { return run(question, program_of(i), kStalls[i % kStalls.size()]); },
      kProgramLimit, counted_by(progress, runs));
  Evidence evidence;
  evidence.gate = "coverage";
  evidence.unit = "values compared";
  cover::Cover all;
  std::size_t passed_runs = 0;
  for (std::size_t i = 0; i < runs; ++i) {
    if (results[i].ended) {
      const Home home = read(results[i].answer);
      evidence.checked += home.compared;
      all.merge(home.cover);
      ++passed_runs;
      continue;
    }
    const std::string what = fmt::format("coverage {} {}", program_of(i).name, to_string(kStalls[i % kStalls.size()]));
    evidence.findings.push_back({.id = what, .text = fmt::format("{}: {}", what, results[i].problem), .waiver = {}});
  }
  for (const cover::Item item : all.missed()) {
    const cover::ItemText& text = cover::text(item);
    evidence.findings.push_back({.id = fmt::format("coverage {}: {}", text.group, text.name),
                                 .text = fmt::format("no program exercises {}: {}", text.group, text.name),
                                 .waiver = {}});
  }
  evidence.figures = {
      {"items exercised", fmt::format("{} of {}", cover::kItemCount - all.missed().size(), cover::kItemCount)},
      {"runs passed", fmt::format("{} of {}", passed_runs, runs)}};
  add_canaries(question, evidence);
  evidence.tables.push_back(table_of(all));
  return evidence;
}

}  // namespace systole::signoff
