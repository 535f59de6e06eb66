// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/simulators.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <stdexcept>

#include "base/input_error.h"
#include "base/output_file.h"
#include "base/temporary_folder.h"
#include "signoff/gates/pieces.h"
#include "signoff/gates/program_set.h"
#include "vectors/readmemh/icarus.h"
#include "vectors/readmemh/verilator.h"

namespace systole::signoff {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStallNames[] = {"none", "both"};

/// A bench of that class, which lives as long as somebody can run it.
template <class Bench>
Simulator simulator(std::string name, std::vector<std::string> sources) {
  return {.name = std::move(name), .compile = [sources = std::move(sources)](const fs::path& set) -> Simulator::Run {
            const auto bench = std::make_shared<Bench>(set, sources);
            return [bench](const std::vector<std::string>& arguments) { return bench->run(arguments); };
          }};
}

/// Flips the lowest bit of the word in the middle of out.hex: its number. The last digit of a line is its lowest.
std::size_t flip_a_bit(const fs::path& set) {
  std::ifstream in(set / "out.hex");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto words = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  const std::size_t width = text.size() / std::max<std::size_t>(words, 1), word = words / 2;
  char& digit = text.at(word * width + width - 2);
  digit = "1032547698BADCFE"[std::string("0123456789ABCDEF").find(digit)];
  base::write_file(set / "out.hex", text);
  return word;
}

/// One program in all simulators.
class Comparison {
 public:
  Comparison(const SimulatorsQuestion& question, const Program& program, Evidence& evidence)
      : program_(program), evidence_(evidence), words_(write_program_set(program, question.geometry, set_)) {
    for (const Simulator& simulator : question.simulators) compile(simulator);
  }

  /// Runs it with each kind of stall, then with a flipped bit. Adds a row for each simulator.
  void run() {
    for (const char* const stall : kStallNames) compare(stall);
    const std::size_t word = flip_a_bit(set_);
    for (const Compiled& compiled : compiled_) {
      const std::string said = compiled.run({});
      const bool seen = said.starts_with(fmt::format("FAIL out.hex word {}: ", word));
      if (!seen)
        find(compiled.name + " " + program_.name + " blind", fmt::format("word {} is wrong: {}", word, quoted(said)));
    }
  }

 private:
  struct Compiled {
    std::string name;
    Simulator::Run run;
  };

  static std::string quoted(const std::string& said) { return said.empty() ? "says nothing" : "says " + said; }
  void find(const std::string& what, const std::string& text) {
    const std::string id = "simulators " + what;
    if (std::ranges::find(evidence_.findings, id, &Finding::id) == evidence_.findings.end())
      evidence_.findings.push_back({id, text, ""});
  }
  void compile(const Simulator& simulator) {
    try {
      compiled_.push_back({simulator.name, simulator.compile(set_)});
    } catch (const base::InputError& error) {
      find(simulator.name + " " + program_.name, error.what());
    }
  }
  void compare(const char* stall) {
    std::set<std::string> answers;
    for (const Compiled& compiled : compiled_) {
      const std::string said = compiled.run({fmt::format("+stall={}", stall)});
      answers.insert(said);
      const bool passed = all_compared(said, words_);
      if (!passed)
        find(compiled.name + " " + program_.name,
             fmt::format("+stall={}: {} words expected, {}", stall, words_, quoted(said)));
      if (passed) ++evidence_.checked;
      evidence_.tables.front().rows.push_back(
          {program_.name, std::string(stall), compiled.name, static_cast<std::int64_t>(words_), said});
    }
    if (answers.size() > 1)
      find("differ " + program_.name, fmt::format("+stall={}: {}", stall, fmt::join(answers, ", ")));
  }

  base::TemporaryFolder folder_;
  fs::path set_ = folder_ / "set";
  const Program& program_;
  Evidence& evidence_;
  std::size_t words_;
  std::vector<Compiled> compiled_;
};

}  // namespace

std::vector<Simulator> simulators(const std::vector<std::string>& sources) {
  return {simulator<vectors::IcarusBench>("icarus", sources), simulator<vectors::VerilatorBench>("verilator", sources)};
}

bool all_compared(const std::string& said, std::size_t words) {
  return words > 0 && said.starts_with(fmt::format("PASS {} words compared in ", words)) && said.ends_with(" cycles");
}

std::vector<Program> one_of_each_kind(const std::vector<Program>& programs) {
  std::set<op::Kind> kinds;
  std::vector<Program> some;
  std::ranges::copy_if(programs, std::back_inserter(some), [&kinds](const Program& program) {
    return program.network.nodes.size() == 1 && kinds.insert(program.network.nodes.front().layer.kind).second;
  });
  return some;
}

Evidence compare_simulators(const SimulatorsQuestion& question, const GateProgress& progress) {
  Evidence evidence;
  evidence.gate = "simulators";
  evidence.unit = "runs";
  evidence.tables.push_back({.name = "simulators", .columns = {"program", "stalls", "simulator", "words", "says"}});
  Pieces pieces{.names = {},
                .find =
                    [&](std::size_t i) {
                      Evidence part;
                      part.tables.push_back({.name = "simulators", .columns = evidence.tables.front().columns});
                      Comparison(question, question.programs[i], part).run();
                      return part;
                    },
                .workers = question.workers};
  for (const Program& program : question.programs) pieces.names.push_back(program.name);
  add_pieces(evidence, pieces, progress);
  const std::size_t asked = question.programs.size() * question.simulators.size() * std::size(kStallNames);
  if (evidence.checked < asked && evidence.findings.empty())
    evidence.findings.push_back({"simulators too few", fmt::format("{} of {} runs", evidence.checked, asked), ""});
  if (question.simulators.size() < 2)
    evidence.findings.push_back({"simulators too few", "one simulator agrees with nobody", ""});
  evidence.figures.push_back({"runs that pass", fmt::format("{} of {}", evidence.checked, asked)});
  return evidence;
}

}  // namespace systole::signoff
