// SPDX-License-Identifier: Apache-2.0
#include "signoff/accel/vector_sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/forked.h"
#include "base/input_error.h"
#include "base/output_file.h"
#include "base/replace_folder.h"
#include "signoff/accel/models.h"
#include "signoff/gates/minimal_cover.h"
#include "signoff/gates/mutation.h"
#include "signoff/gates/played_stimulus.h"
#include "signoff/gates/program_set.h"
#include "signoff/gates/simulators.h"
#include "signoff/mutants/choice.h"
#include "signoff/mutants/models.h"
#include "signoff/sheet/signed_off.h"
#include "sim/dut/registry.h"
#include "vectors/readmemh/icarus.h"

namespace systole::signoff {
namespace {

namespace fs = std::filesystem;

/// Of one set on RTL, netlist and in Icarus Verilog, of which the longest takes minutes where the machine is busy.
constexpr std::chrono::hours kReplayLimit{1};

constexpr const char *kDesign = "accel", *kList = "sets.json", *kReadme = "README.txt";

fs::path source_folder() { return std::string(dut::build_place().source_folder); }
std::string name_of(std::size_t mutant) { return identity(mutants()[mutant - 1], source_folder()); }

/// What the sign-off says was reached.
struct Reached {
  struct Kill {
    std::size_t mutant = 0;  ///< its number in this program
    std::string program;     ///< the first that kills it
  };
  std::vector<Kill> kills;
  std::vector<std::size_t> items;
  int random_layers = 0;
  std::string level, seal;
};

class SignOffReader {
 public:
  explicit SignOffReader(const fs::path& file) : signed_off_(read_signed_off(file)) {}

  [[nodiscard]] Reached read() const {
    if (signed_off_.design != kDesign)
      fail("design", fmt::format("expected {}, found {}", kDesign, signed_off_.design));
    Reached reached{.kills = {}, .items = {}, .level = signed_off_.level, .seal = signed_off_.seal};
    const Evidence& mutation = complete("mutation");
    reached.random_layers = number(mutation, "random layers");
    if (mutation.checked != static_cast<std::uint64_t>(number(mutation, "mutants")))
      fail("gate mutation", "looked at part of its mutants; sign off again");
    reached.kills = kills(mutation);
    reached.items = items(complete("coverage"));
    return reached;
  }

 private:
  [[noreturn]] void fail(const std::string& place, const std::string& problem) const {
    throw base::InputError(signed_off_.file.string(), place, problem);
  }

  [[nodiscard]] std::string input(const Evidence& evidence, const std::string& name) const {
    const auto found = std::ranges::find(evidence.inputs, name, [](const auto& one) { return one.first; });
    if (found == evidence.inputs.end()) fail("gate " + evidence.gate, "expected an input '" + name + "'");
    return found->second;
  }

  [[nodiscard]] int number(const Evidence& evidence, const std::string& name) const {
    const std::string text = input(evidence, name);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0)
      fail("gate " + evidence.gate, fmt::format("expected a number of {}, found '{}'", name, text));
    return value;
  }

  /// Evidence on this program's RTL in which no process was lost.
  [[nodiscard]] const Evidence& complete(const std::string& gate) const {
    const Evidence& evidence = signed_off_.evidence(gate);
    if (input(evidence, "rtl") != dut::rtl_hash())
      fail("gate " + gate, "is of other RTL than what is there now; sign off again");
    for (const Finding& finding : evidence.findings) {
      for (const char* start : {"mutation lost ", "mutation design", "mutation too few"}) {
        if (finding.id.starts_with(start)) fail("gate " + gate, "has part of its evidence: " + finding.text);
      }
    }
    return evidence;
  }

  [[nodiscard]] const base::Table& table(const Evidence& evidence, const std::string& name, std::size_t columns) const {
    const auto found = std::ranges::find(evidence.tables, name, &base::Table::name);
    if (found == evidence.tables.end() || found->columns.size() != columns)
      fail("gate " + evidence.gate, fmt::format("expected a table '{}'; sign off again", name));
    return *found;
  }

  [[nodiscard]] std::vector<Reached::Kill> kills(const Evidence& mutation) const {
    std::map<std::string, std::size_t> numbers;
    for (std::size_t i = 0; i < mutants().size(); ++i) numbers.emplace(name_of(i + 1), i + 1);
    std::vector<Reached::Kill> kills;
    for (const auto& row : table(mutation, kKilledByPrograms, 4).rows) {
      const std::string name = base::cell_text(row[0], 0);
      const auto number = numbers.find(name);
      if (number == numbers.end()) fail("gate mutation", name + " is no mutant of this program; sign off again");
      kills.push_back({number->second, base::cell_text(row[1], 0)});
    }
    return kills;
  }

  [[nodiscard]] std::vector<std::size_t> items(const Evidence& coverage) const {
    std::vector<std::size_t> items;
    for (const auto& row : table(coverage, "coverage", 3).rows) {
      const std::string group = base::cell_text(row[0], 0), name = base::cell_text(row[1], 0);
      const auto found = std::ranges::find_if(
          cover::kItems, [&](const cover::ItemText& text) { return text.group == group && text.name == name; });
      if (found == cover::kItems.end()) fail("gate coverage", fmt::format("unknown item {}: {}", group, name));
      if (base::cell_text(row[2], 0) != "0") items.push_back(static_cast<std::size_t>(found - cover::kItems.begin()));
    }
    return items;
  }

  SignedOff signed_off_;
};

/// Chooses among programs, and makes and tries the sets.
class VectorSetMaker {
 public:
  explicit VectorSetMaker(const VectorSetsRequest& request)
      : request_(request), wanted_(SignOffReader(request.from).read()) {
    if (fs::is_directory(request.output)) refuse_foreign(request.output);  // before minutes of work
    all_ = signoff_programs(wanted_.random_layers).size();
    programs_ = signoff_programs(wanted_.random_layers);
    std::erase_if(programs_, [](const Program& program) { return !fits_a_set(program); });
  }

  VectorSets make() {
    order();
    find_first();
    choose();
    VectorSets made{
        .programs = {chosen_.size(), all_}, .kills = {}, .items = {}, .words = 0, .beyond = {}, .problems = {}};
    const auto fill = [&](const fs::path& folder) {
      write(folder, made);
      try_all(made);
      if (!made.problems.empty()) throw Refused();
      write_list(folder, made);
    };
    try {
      base::replace_folder(request_.output, refuse_foreign, fill);
    } catch (const Refused&) {
      // What was written is gone; made.problems says why.
    }
    return made;
  }

 private:
  struct Refused {};

  std::function<void(std::size_t)> counted(const std::string& unit, std::size_t total) const {
    return [this, unit, total](std::size_t done) {
      if (request_.progress) request_.progress(unit, done, total);
    };
  }

  /// The shortest first, as the sign-off tried them.
  void order() {
    const MutantStimulus stimulus = played_stimulus(make_mutant, programs_);
    runs_ = shortest_first(stimulus, request_.workers, counted("programs", programs_.size()));
    std::vector<Program> ordered;
    for (const KnownRun& run : runs_) ordered.push_back(programs_[run.program]);
    programs_ = std::move(ordered);
  }

  [[nodiscard]] bool kills(std::size_t program, std::size_t mutant) const {
    return !passed(play(*make_mutant(mutant), programs_[program]));
  }

  /// Of each mutant, then of each item. A mutant whose first program fits no set may have another behind it.
  void find_first() {
    first_.clear();
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < programs_.size(); ++i) places[programs_[i].name] = i;
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < wanted_.kills.size(); ++i) {
      const auto place = places.find(wanted_.kills[i].program);
      first_.push_back(place == places.end() ? std::nullopt : std::optional(place->second));
      if (place == places.end()) others.push_back(i);
    }
    const auto results = base::run_forked(
        others.size(), request_.workers, [&](std::size_t i) { return first_killer(wanted_.kills[others[i]].mutant); },
        kProgramLimit, counted("mutants of programs that fit no set", others.size()));
    for (std::size_t i = 0; i < others.size(); ++i) {
      if (!results[i].answer.empty()) first_[others[i]] = std::stoul(results[i].answer);
    }
    for (const std::size_t item : wanted_.items) {
      const auto run = std::ranges::find_if(runs_, [item](const KnownRun& known) { return comes_by(known, item); });
      first_.push_back(run == runs_.end() ? std::nullopt : std::optional(run - runs_.begin()));
    }
  }

  [[nodiscard]] std::string first_killer(std::size_t mutant) const {
    for (std::size_t i = 0; i < programs_.size(); ++i) {
      if (kills(i, mutant)) return std::to_string(i);
    }
    return {};
  }

  static bool comes_by(const KnownRun& known, std::size_t item) { return known.run.exercised.at(item); }

  void choose() {
    const std::size_t mutants = wanted_.kills.size();
    const auto reaches = [&](std::size_t program, std::size_t thing) {
      return thing < mutants ? kills(program, wanted_.kills[thing].mutant)
                             : comes_by(runs_[program], wanted_.items[thing - mutants]);
    };
    const auto reached = [&](const std::vector<std::size_t>& programs, const std::vector<std::size_t>& things) {
      const auto results = base::run_forked(
          things.size(), request_.workers,
          [&](std::size_t i) {
            const bool any =
                std::ranges::any_of(programs, [&](std::size_t program) { return reaches(program, things[i]); });
            return std::string(any ? "reached" : "");
          },
          kProgramLimit);
      std::vector<bool> answers;
      for (const auto& result : results) answers.push_back(result.answer == "reached");
      return answers;
    };
    chosen_ = minimal_cover(
        {.first = first_,
         .reached = reached,
         .at_a_time = static_cast<std::size_t>(request_.workers),
         .progress = [&](std::size_t done, std::size_t total) { counted("programs weighed", total)(done); }});
  }

  void write(const fs::path& folder, VectorSets& made) {
    const accel::Geometry geometry = signoff_geometry();
    sets_.clear();
    for (const std::size_t program : chosen_) {
      const fs::path set = folder / programs_[program].name;
      (void)write_program_set(programs_[program], geometry, set);
      sets_.push_back(read_program_set(set, programs_[program]));
      made.words += sets_.back().words;
      counted("sets", chosen_.size())(sets_.size());
    }
  }

  /// Why a set does not pass on one of them, or "".
  [[nodiscard]] std::string problem(const ProgramSet& set, const std::vector<std::string>& sources) const {
    const Played rtl = play(*make_rtl(), set, check::CheckLevel::all);
    if (!passed(rtl)) return fmt::format("{} on the RTL: {}", set.program, problem_of(rtl));
    const Played gates = play(*make_gates(), set, check::CheckLevel::pins);
    if (!passed(gates)) return fmt::format("{} on the netlist: {}", set.program, problem_of(gates));
    const std::string said = vectors::IcarusBench(set.folder, sources).run();
    if (!all_compared(said, set.words)) return fmt::format("{} in Icarus Verilog: {}", set.program, said);
    return {};
  }

  void try_all(VectorSets& made) const {
    std::vector<std::string> sources;
    for (const fs::path& file : verilog_files(source_folder() / "rtl")) sources.push_back(file.string());
    const auto results = base::run_forked(
        sets_.size(), request_.workers, [&](std::size_t i) { return problem(sets_[i], sources); }, kReplayLimit,
        counted("sets replayed", sets_.size()));
    for (std::size_t i = 0; i < sets_.size(); ++i) {
      const std::string found = results[i].ended ? results[i].answer : sets_[i].program + ": " + results[i].problem;
      if (!found.empty()) made.problems.push_back(found);
    }
    try_mutants(made);
    try_items(made);
  }

  void try_mutants(VectorSets& made) const {
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < wanted_.kills.size(); ++i) {
      const auto& [mutant, program] = wanted_.kills[i];
      if (first_[i]) {
        numbers.push_back(mutant);
      } else {
        made.beyond.push_back(fmt::format("only {}, which fits no set, kills {}", program, name_of(mutant)));
      }
    }
    const std::vector<std::size_t> missed =
        missed_by(sets_, numbers, make_mutant, request_.workers, counted("mutants", numbers.size()));
    made.kills = {numbers.size() - missed.size(), wanted_.kills.size()};
    for (const std::size_t mutant : missed) made.problems.push_back("no set kills " + name_of(mutant));
  }

  void try_items(VectorSets& made) const {
    made.items.of = wanted_.items.size();
    for (std::size_t i = 0; i < wanted_.items.size(); ++i) {
      const std::size_t item = wanted_.items[i];
      if (std::ranges::any_of(chosen_, [&](std::size_t program) { return comes_by(runs_[program], item); })) {
        ++made.items.reached;
        continue;
      }
      const bool any = first_[wanted_.kills.size() + i].has_value();
      (any ? made.problems : made.beyond)
          .push_back(fmt::format("no set comes by {}: {}", cover::kItems[item].group, cover::kItems[item].name));
    }
  }

  void write_list(const fs::path& folder, const VectorSets& made) const {
    nlohmann::ordered_json sets = nlohmann::ordered_json::array();
    std::string lines;
    for (std::size_t i = 0; i < sets_.size(); ++i) {
      const std::string& name = sets_[i].program;
      const std::uint64_t cycles = runs_[chosen_[i]].run.cycles;
      sets.push_back({{"set", name}, {"words", sets_[i].words}, {"cycles", cycles}});
      lines += fmt::format("  {:<32} {:>8} words of output\n", name, sets_[i].words);
    }
    const nlohmann::ordered_json list{{"format", "systole-vector-sets"},
                                      {"version", 1},
                                      {"signoff", wanted_.seal},
                                      {"level", wanted_.level},
                                      {"rtl_sha256", std::string(dut::rtl_hash())},
                                      {"mutants_killed", made.kills.reached},
                                      {"items_of_coverage", made.items.reached},
                                      {"sets", std::move(sets)}};
    base::write_file(folder / kList, list.dump(2) + "\n");
    base::write_file(folder / kReadme, readme(made, lines));
  }

  [[nodiscard]] std::string readme(const VectorSets& made, const std::string& lines) const {
    return fmt::format(
        R"(Stimulus that a sign-off of `accel`, level {}, leaves behind: {} of its {} programs, each as a set of memory images
with a self-checking Verilog bench. Every folder's README.txt says what each bit of its words means and how to run it.

Together they come by {} items of coverage. {} mutants of the RTL do not pass them where every pin and register is compared in
every cycle, with the stalls of the program (systole replay); bench.v compares the words of the output stream alone.
Without any one of these sets one of these mutants or items is missed.

{}
sets.json has the same list, with the seal of the sign-off and the SHA-256 of the RTL.
)",
        wanted_.level, made.programs.reached, made.programs.of, made.items.reached, made.kills.reached, lines);
  }

  /// Nothing but what this command wrote.
  static void refuse_foreign(const fs::path& folder) {
    if (fs::is_empty(folder)) return;
    for (const auto& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      const bool own = name == kList || name == kReadme ||
                       (entry.is_directory() && vectors::manifest_format(entry.path()) == vectors::kMemoryFormat);
      if (!own || !fs::exists(folder / kList))
        throw base::InputError(folder.string(), name, "expected sets of a sign-off to replace, found a foreign file");
    }
  }

  const VectorSetsRequest& request_;
  Reached wanted_;
  std::size_t all_ = 0;
  std::vector<Program> programs_;  ///< that fit a set; the shortest first, from order() on
  std::vector<KnownRun> runs_;     ///< of them
  std::vector<std::optional<std::size_t>> first_;
  std::vector<std::size_t> chosen_;
  std::vector<ProgramSet> sets_;  ///< of chosen_
};

}  // namespace

VectorSets write_vector_sets(const VectorSetsRequest& request) { return VectorSetMaker(request).make(); }

}  // namespace systole::signoff
