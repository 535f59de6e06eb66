// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/forked.h"
#include "signoff/stimulus/play.h"
#include "sim/session/canary.h"
#include "sim/session/cycle_shares.h"

namespace systole::signoff {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::array kStalls{kernel::Stall::none, kernel::Stall::both, kernel::Stall::bursts};

/// What a run that passed sends home.
std::string text_of(const Played& played) {
  return fmt::format("{} {} {} {}", played.compared, played.ideal_cycles, fmt::join(played.counters, " "),
                     fmt::join(played.exercised.counts(), " "));
}

struct Home {
  std::uint64_t compared = 0;
  double ideal_cycles = 0;
  session::ShareCounters counters{};
  cover::Cover cover;
};

Home read(const std::string& text) {
  Home home;
  std::istringstream words(text);
  words >> home.compared >> home.ideal_cycles;
  for (double& counter : home.counters) words >> counter;
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

constexpr std::string_view kKinds = "kinds";  // the group of items that are kinds of layer

/// The kind of layer of a run, an item; nothing where it has several.
std::optional<std::size_t> kind_of(const Home& run) {
  std::optional<std::size_t> kind;
  for (std::size_t i = 0; i < cover::kItemCount; ++i) {
    if (cover::kItems[i].group != kKinds || run.cover.counts()[i] == 0) continue;
    if (kind) return std::nullopt;
    kind = i;
  }
  return kind;
}

/// In how many runs of each kind of layer an item comes up.
base::Table cross_of(const std::vector<Home>& runs) {
  base::Table table{.name = "runs in which an item comes up, by kind of layer", .columns = {"group", "item"}};
  std::map<std::size_t, std::vector<const Home*>> by_kind;
  for (const Home& run : runs) {
    if (const auto kind = kind_of(run)) by_kind[*kind].push_back(&run);
  }
  for (const auto& [kind, of] : by_kind) table.columns.emplace_back(cover::kItems[kind].name);
  for (std::size_t item = 0; item < cover::kItemCount; ++item) {
    if (cover::kItems[item].group == kKinds) continue;
    std::vector<base::Cell>& row = table.rows.emplace_back();
    row = {std::string(cover::kItems[item].group), std::string(cover::kItems[item].name)};
    for (const auto& [kind, of] : by_kind) {
      row.emplace_back(static_cast<std::int64_t>(
          std::ranges::count_if(of, [item](const Home* run) { return run->cover.counts()[item] > 0; })));
    }
  }
  return table;
}

base::Table share_table(std::string name, std::string of) {
  base::Table table{.name = std::move(name), .columns = {std::move(of)}};
  table.columns.insert(table.columns.end(), session::kShareNames.begin(), session::kShareNames.end());
  return table;
}

void add_shares(base::Table& table, const std::string& of, const session::ShareCounters& counters, double ideal) {
  const auto shares = session::cycle_shares(counters, ideal);
  if (!shares) return;
  std::vector<base::Cell>& row = table.rows.emplace_back();
  row.emplace_back(of);
  row.insert(row.end(), shares->begin(), shares->end());
}

/// Of runs without stalls.
struct Unstalled {
  std::string program;
  Home home;
};

/// From the ideal to the cycles that they took: by kind of layer, all runs of one together, and by program.
std::vector<base::Table> cycles_of(const std::vector<Unstalled>& runs) {
  base::Table kinds = share_table(kCycleShares, "kind"),
              programs = share_table("percent of a program's cycles, without stalls", "program");
  std::map<std::size_t, Home> by_kind;
  for (const auto& [program, home] : runs) {
    add_shares(programs, program, home.counters, home.ideal_cycles);
    const auto kind = kind_of(home);
    if (!kind) continue;
    Home& sum = by_kind[*kind];
    sum.ideal_cycles += home.ideal_cycles;
    for (std::size_t i = 0; i < sum.counters.size(); ++i) sum.counters[i] += home.counters[i];
  }
  for (const auto& [kind, sum] : by_kind)
    add_shares(kinds, std::string(cover::kItems[kind].name), sum.counters, sum.ideal_cycles);
  return {std::move(kinds), std::move(programs)};
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
  std::vector<Home> homes;
  std::vector<Unstalled> unstalled;
  for (std::size_t i = 0; i < runs; ++i) {
    if (results[i].ended) {
      const Home& home = homes.emplace_back(read(results[i].answer));
      evidence.checked += home.compared;
      all.merge(home.cover);
      if (kStalls[i % kStalls.size()] == kernel::Stall::none) unstalled.push_back({program_of(i).name, home});
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
      {"runs passed", fmt::format("{} of {}", homes.size(), runs)}};
  add_canaries(question, evidence);
  evidence.tables.push_back(table_of(all));
  evidence.maps = cycles_of(unstalled);
  evidence.maps.insert(evidence.maps.begin(), cross_of(homes));
  return evidence;
}

}  // namespace systole::signoff
