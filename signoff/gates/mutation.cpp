// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/mutation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "base/forked.h"
#include "signoff/mutants/choice.h"
#include "sim/cover/cover.h"

namespace systole::signoff {
namespace {

constexpr double kFirst = 0.3, kRuns = 0.5;  // of the work: first kills, with others' kills; the rest are proofs

/// What became of a mutant.
struct Fate {
  std::optional<std::size_t> program;  ///< that killed it
  std::size_t level = 0;               ///< the lowest of MutantStimulus::levels that sees it there
  base::Cell other;                    ///< the next program that kills it; nothing: no other does
  BrokenProperty broken;               ///< where no program sees it
  std::string proof;                   ///< that it is the design
  std::string lost;                    ///< why its process gave no verdict
};

/// Numbers of the program and of the level, or empty.
std::string first_kill(const MutantStimulus& stimulus, std::size_t number, const std::vector<KnownRun>& runs) {
  for (const KnownRun& run : runs) {
    const std::optional<std::size_t> level = stimulus.kill(number, run.program);
    if (level) return fmt::format("{} {}", run.program, *level);
  }
  return {};
}

std::string run_text(const ProgramRun& run) {
  std::string text = std::to_string(run.cycles) + ' ';
  for (const bool exercised : run.exercised) text += exercised ? '1' : '0';
  return text;
}

std::vector<Fate> fates_of(const MutationQuestion& question, const std::vector<KnownRun>& runs,
                           const GateProgress& progress) {
  std::vector<Fate> fates(std::min(question.count, question.mutants.size()));
  const auto results = base::run_forked(
      fates.size(), question.workers, [&](std::size_t i) { return first_kill(question.stimulus, i + 1, runs); },
      kProgramLimit, counted_by(progress, fates.size(), 0, kFirst));
  for (std::size_t i = 0; i < fates.size(); ++i) {
    if (!results[i].ended) fates[i].lost = results[i].problem;
    std::istringstream words(results[i].answer);
    if (std::size_t program = 0; words >> program >> fates[i].level) fates[i].program = program;
  }
  return fates;
}

/// The program behind the one that kills it that kills it too, or empty.
std::string next_kill(const MutantStimulus& stimulus, std::size_t number, const std::vector<KnownRun>& runs,
                      std::size_t first) {
  auto run = std::ranges::find(runs, first, &KnownRun::program);
  while (++run != runs.end()) {
    if (stimulus.kill(number, run->program)) return stimulus.programs[run->program];
  }
  return {};
}

/// Of those that a program kills, the next one; what gives no verdict is no other kill, and is said.
void find_others(const MutationQuestion& question, const std::vector<KnownRun>& runs, std::vector<Fate>& fates,
                 const GateProgress& progress) {
  std::vector<std::size_t> killed;
  for (std::size_t i = 0; i < fates.size(); ++i) {
    if (fates[i].program) killed.push_back(i);
  }
  const auto results = base::run_forked(
      killed.size(), question.workers,
      [&](std::size_t i) {
        return next_kill(question.stimulus, killed[i] + 1, runs, fates[killed[i]].program.value());
      },
      kProgramLimit, counted_by(progress, killed.size(), kFirst, kRuns));
  for (std::size_t i = 0; i < killed.size(); ++i) {
    const std::string& other = results[i].ended ? results[i].answer : "no verdict: " + results[i].problem;
    if (!other.empty()) fates[killed[i]].other = other;
  }
}

bool lives(const Fate& fate) { return !fate.program && fate.lost.empty(); }

/// The first byte of what is sent home.
constexpr char kBroken = 'b', kEquivalent = 'e';

/// That it is the design, or a property that it breaks, or nothing. A mutant that nobody can tell from the design is no
/// kill, though its module alone may break a formula.
std::string settled(const MutationQuestion& question, const Mutant& mutant) {
  if (const auto proof = question.prove(mutant)) return kEquivalent + *proof;
  const auto broken = question.refute(mutant);
  return broken ? fmt::format("{}{}\n{}", kBroken, broken->name, broken->inputs) : std::string();
}

void read_settled(const std::string& answer, Fate& fate) {
  if (answer.starts_with(kEquivalent)) fate.proof = answer.substr(1);
  if (!answer.starts_with(kBroken)) return;
  const std::size_t end = answer.find('\n');
  fate.broken = {answer.substr(1, end - 1), answer.substr(end + 1)};
}

/// Those that live.
void settle(const MutationQuestion& question, std::vector<Fate>& fates, const GateProgress& progress) {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < fates.size(); ++i) {
    if (lives(fates[i])) open.push_back(i);
  }
  const auto results = base::run_forked(
      open.size(), question.workers, [&](std::size_t i) { return settled(question, question.mutants[open[i]]); },
      kProofsLimit, counted_by(progress, open.size(), kRuns));
  // What ended in any other way is no proof.
  for (std::size_t i = 0; i < open.size(); ++i) read_settled(results[i].answer, fates[open[i]]);
}

struct Count {
  std::int64_t mutants = 0, killed = 0, broken = 0, proved = 0, open = 0;
};

void count(Count& count, const Fate& fate) {
  ++count.mutants;
  if (fate.program) {
    ++count.killed;
  } else if (!fate.broken.name.empty()) {
    ++count.broken;
  } else if (!fate.proof.empty()) {
    ++count.proved;
  } else {
    ++count.open;
  }
}

std::map<std::string, Count> counts_by_module(const MutationQuestion& question, const std::vector<Fate>& fates) {
  std::map<std::string, Count> counts;
  for (std::size_t i = 0; i < fates.size(); ++i) count(counts[question.mutants[i].module], fates[i]);
  return counts;
}

/// Killed, of those not proved equivalent, in percent; nothing where all are.
std::optional<double> score_of(const Count& count) {
  const std::int64_t different = count.mutants - count.proved;
  if (different == 0) return std::nullopt;
  return 100.0 * static_cast<double>(count.killed + count.broken) / static_cast<double>(different);
}

void require_score(Evidence& evidence, const std::string& what, const Count& count, double least) {
  const std::optional<double> score = score_of(count);
  if (score && *score < least)
    evidence.findings.push_back(
        {"mutation " + what, fmt::format("{}: {:.1f} %, expected {} %", what, *score, least), ""});
}

base::Table by_module(const std::map<std::string, Count>& counts) {
  base::Table table{
      .name = "modules",
      .columns = {"module", "mutants", "killed by programs", "by properties", "proved equivalent", "open", "killed %"}};
  for (const auto& [module, of] : counts) {
    const std::optional<double> score = score_of(of);
    table.rows.push_back(
        {module, of.mutants, of.killed, of.broken, of.proved, of.open, score ? base::Cell(*score) : base::Cell()});
  }
  return table;
}

/// Kills in each module, by the lowest level that sees them, and those of properties.
base::Table kills_by_module(const MutationQuestion& question, const std::vector<Fate>& fates) {
  const std::vector<std::string>& levels = question.stimulus.levels;
  base::Table table{.name = "kills by module and check level", .columns = {"module"}};
  table.columns.insert(table.columns.end(), levels.begin(), levels.end());
  table.columns.emplace_back("properties");
  std::map<std::string, std::vector<std::int64_t>> counts;
  for (std::size_t i = 0; i < fates.size(); ++i) {
    auto& of = counts.try_emplace(question.mutants[i].module, levels.size() + 1).first->second;
    if (fates[i].program) ++of[fates[i].level];
    if (!fates[i].broken.name.empty()) ++of.back();
  }
  for (const auto& [module, of] : counts) {
    std::vector<base::Cell>& row = table.rows.emplace_back();
    row.emplace_back(module);
    row.insert(row.end(), of.begin(), of.end());
  }
  return table;
}

/// Kills of each program, by the lowest level that sees them, and of each property.
base::Table kill_matrix(const MutantStimulus& stimulus, const std::vector<KnownRun>& runs,
                        const std::vector<Fate>& fates) {
  const std::size_t levels = stimulus.levels.size();
  base::Table table{.name = "kills", .columns = {"program"}};
  table.columns.insert(table.columns.end(), stimulus.levels.begin(), stimulus.levels.end());
  table.columns.emplace_back("properties");
  for (const KnownRun& run : runs) {
    std::vector<base::Cell> row{stimulus.programs[run.program]};
    for (std::size_t level = 0; level < levels; ++level) {
      row.emplace_back(static_cast<std::int64_t>(std::ranges::count_if(
          fates, [&](const Fate& fate) { return fate.program == run.program && fate.level == level; })));
    }
    row.emplace_back(std::int64_t{0});
    table.rows.push_back(std::move(row));
  }
  std::map<std::string, std::int64_t> broken;
  for (const Fate& fate : fates) {
    if (!fate.broken.name.empty()) ++broken[fate.broken.name];
  }
  for (const auto& [name, kills] : broken) {
    std::vector<base::Cell> row(levels + 2, std::int64_t{0});
    row.front() = name;
    row.back() = kills;
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// Items of coverage that programs come by which kill: who waived one would waive what their kills are made with.
base::Table rests_on(const std::vector<KnownRun>& runs, const std::vector<Fate>& fates) {
  base::Table table{.name = kRestsOn, .columns = {"finding", "what rests on it"}};
  for (std::size_t item = 0; item < cover::kItemCount; ++item) {
    std::int64_t kills = 0;
    for (const auto& [program, run] : runs) {
      if (!run.exercised.empty() && run.exercised.at(item))
        kills += std::ranges::count(fates, std::optional(program), &Fate::program);
    }
    if (kills == 0) continue;
    table.rows.push_back({fmt::format("coverage {}: {}", cover::kItems[item].group, cover::kItems[item].name),
                          fmt::format("{} mutants are killed by programs that come by it", kills)});
  }
  return table;
}

std::string share_text(std::size_t part, std::size_t all) {
  return fmt::format("{} of {} ({:.1f} %)", part, all,
                     all == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(all));
}

std::string interval_text(std::size_t part, std::size_t all) {
  const auto [low, high] = wilson_95(part, all);
  return fmt::format("{:.1f} to {:.1f} %", low, high);
}

}  // namespace

std::vector<KnownRun> shortest_first(const MutantStimulus& stimulus, int workers,
                                     const std::function<void(std::size_t)>& on_ended) {
  const auto results = base::run_forked(
      stimulus.programs.size(), workers, [&stimulus](std::size_t i) { return run_text(stimulus.design(i)); },
      kProgramLimit, on_ended);
  std::vector<KnownRun> runs;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i].ended) {
      throw std::runtime_error(
          fmt::format("the design without a mutant does not pass {}: {}", stimulus.programs[i], results[i].problem));
    }
    KnownRun known{.program = i, .run = {}};
    std::string items;
    std::istringstream(results[i].answer) >> known.run.cycles >> items;
    for (const char item : items) known.run.exercised.push_back(item == '1');
    runs.push_back(std::move(known));
  }
  std::ranges::stable_sort(runs, {}, [](const KnownRun& known) { return known.run.cycles; });
  return runs;
}

std::pair<double, double> wilson_95(std::size_t part, std::size_t all) {
  if (all == 0) return {0, 100};
  constexpr double z = 1.959964;  // of the normal distribution, two sides
  const auto n = static_cast<double>(all);
  const double share = static_cast<double>(part) / n;
  const double middle = (share + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  return {std::max(0.0, 100 * (middle - half)), std::min(100.0, 100 * (middle + half))};
}

Evidence mutate(const MutationQuestion& question, const std::filesystem::path& folder, const GateProgress& progress) {
  Evidence evidence;
  evidence.gate = "mutation";
  evidence.unit = "mutants";
  std::vector<KnownRun> runs;
  try {
    runs = shortest_first(question.stimulus, question.workers);
  } catch (const std::runtime_error& error) {
    evidence.findings.push_back({.id = "mutation design", .text = error.what(), .waiver = {}});
    return evidence;
  }
  std::vector<Fate> fates = fates_of(question, runs, progress);
  find_others(question, runs, fates, progress);
  settle(question, fates, progress);
  evidence.checked = fates.size();
  if (fates.size() < question.count) {
    evidence.findings.push_back({.id = "mutation too few",
                                 .text = fmt::format("{} mutants, {} are asked for", fates.size(), question.count),
                                 .waiver = {}});
  }
  Count all;
  base::Table by_programs{.name = kKilledByPrograms, .columns = {"mutant", "program", "level", "other program"}};
  base::Table broken{.name = kKilledByProperties, .columns = {"mutant", "property", "inputs from reset"}};
  base::Table proofs{.name = kProvedEquivalent, .columns = {"mutant", "proof"}};
  for (std::size_t i = 0; i < fates.size(); ++i) {
    count(all, fates[i]);
    const std::string name = identity(question.mutants[i], folder);
    if (fates[i].program) {
      by_programs.rows.push_back({name, question.stimulus.programs[*fates[i].program],
                                  question.stimulus.levels[fates[i].level], fates[i].other});
    } else if (!fates[i].lost.empty()) {
      evidence.findings.push_back({.id = "mutation lost " + name, .text = name + ": " + fates[i].lost, .waiver = {}});
    } else if (!fates[i].broken.name.empty()) {
      broken.rows.push_back({name, fates[i].broken.name, fates[i].broken.inputs});
    } else if (!fates[i].proof.empty()) {
      proofs.rows.push_back({name, fates[i].proof});
    } else if (lives(fates[i])) {
      evidence.findings.push_back({.id = "mutation " + name, .text = std::string(kNoProgramSees) + name, .waiver = {}});
    }
  }
  const auto modules = counts_by_module(question, fates);
  require_score(evidence, "score", all, question.least);
  for (const auto& [module, of] : modules) require_score(evidence, "score of " + module, of, question.least_of_module);
  const auto killed = static_cast<std::size_t>(all.killed + all.broken),
             mutants = static_cast<std::size_t>(all.mutants);
  const auto proved = static_cast<std::size_t>(all.proved);
  evidence.figures = {{"killed, of those not proved equivalent", share_text(killed, mutants - proved)},
                      {"with 95 % certainty between", interval_text(killed, mutants - proved)},
                      {"killed", share_text(killed, mutants)},
                      {"of them by a property alone", std::to_string(all.broken)},
                      {"proved equivalent", std::to_string(proved)},
                      {"open", std::to_string(all.open)}};
  evidence.tables = {by_module(modules), std::move(by_programs), std::move(broken), std::move(proofs),
                     rests_on(runs, fates)};
  evidence.maps = {kills_by_module(question, fates), kill_matrix(question.stimulus, runs, fates)};
  if (progress) progress(1);
  return evidence;
}

}  // namespace systole::signoff
