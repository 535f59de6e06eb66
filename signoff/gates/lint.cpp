// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <sstream>

#include "base/forked.h"
#include "base/process.h"
#include "signoff/mutants/yosys.h"

namespace systole::signoff {
namespace {

/// What a tool said, and whether it went through.
struct Said {
  std::string tool;
  base::ProcessResult result;
};

constexpr std::array kToolNames{"verilator", "iverilog", "yosys"};

/// Through the pipe of the process in which the tool ran: whether it went through, and what it said.
std::string sent(const base::ProcessResult& result) { return (result.succeeded ? '1' : '0') + result.output; }
base::ProcessResult received(const base::ForkedResult& result) {
  if (!result.ended) return {.succeeded = false, .output = result.problem};
  return {.succeeded = result.answer.front() == '1', .output = result.answer.substr(1)};
}

void append(std::vector<std::string>& command, const std::vector<std::string>& words) {
  command.insert(command.end(), words.begin(), words.end());
}

base::ProcessResult verilator(const LintQuestion& question, const LintedConfiguration& of) {
  const MutatedDesign& design = question.design;
  // -Wno-fatal: a warning is a finding; those behind it are wanted as well.
  std::vector<std::string> command{"verilator",           "--lint-only",  "-Wall",   "-Wno-fatal",
                                   "--relative-includes", "--top-module", design.top};
  for (const std::string& parameter : of.parameters) command.push_back("-G" + parameter);
  append(command, design.options);
  append(command, question.vlts);
  append(command, design.sources);
  return base::run_process(command, {.folder = design.folder, .errors_too = true});
}

base::ProcessResult icarus(const MutatedDesign& design, const LintedConfiguration& of) {
  const bool system =
      std::ranges::any_of(design.sources, [](const std::string& source) { return source.ends_with(".sv"); });
  // No output at all: iverilog changes the mode of the file of its output, and run by root that of /dev/null as well.
  std::vector<std::string> command{"iverilog", system ? "-g2012" : "-g2005", "-Wall", "-t", "null", "-s", design.top};
  for (const std::string& parameter : of.parameters) command.push_back(fmt::format("-P{}.{}", design.top, parameter));
  append(command, design.options);
  append(command, design.sources);
  return base::run_process(command, {.folder = design.folder, .errors_too = true});
}

base::ProcessResult yosys(const MutatedDesign& design, const LintedConfiguration& of) {
  MutatedDesign configured = design;
  configured.parameters = of.parameters;
  std::string script;
  std::istringstream lines(read_sources(configured));
  for (std::string line; std::getline(lines, line);) script += line + " ; ";  // a quoted word ends at a blank
  script += fmt::format(
      "hierarchy -check -top {0}; proc; check; select -assert-none t:$dlatch t:$adlatch t:$dlatchsr; flatten; "
      "opt_clean; check -assert",
      design.top);
  return base::run_process({"yosys", "-Q", "-T", "-p", script}, {.folder = design.folder, .errors_too = true});
}

/// The line that matters of what a tool says, without the numbers of lines, or nothing.
std::string complaint(const std::string& line) {
  static const std::regex place(R"(([\w.-]*/)*([\w.-]+):\d+(:\d+|\.\d+-\d+\.\d+)?:)");
  static const std::regex starts(R"(%Warning|%Error|Warning:|ERROR:|.*: (warning|error):)");
  if (!std::regex_search(line, starts, std::regex_constants::match_continuous)) return {};
  // How Yosys builds a small memory, not what is wrong with it.
  if (line.starts_with("Warning: Replacing memory ")) return {};
  return std::regex_replace(line, place, "$2:");
}

void add(Evidence& evidence, std::set<std::string>& known, const Said& said, const LintedConfiguration& of) {
  bool any = false;
  std::istringstream lines(said.result.output);
  for (std::string line, last; std::getline(lines, line); last = line) {
    const std::string text = complaint(line);
    any |= !text.empty();
    // Yosys writes a warning again at the end.
    if (text.empty() || !known.insert(fmt::format("lint {} {}", said.tool, text)).second) continue;
    evidence.findings.push_back({.id = fmt::format("lint {} {}", said.tool, text),
                                 .text = fmt::format("{} of {}: {}", said.tool, of.name, line),
                                 .waiver = {}});
  }
  if (said.result.succeeded || any) return;
  const std::string id = fmt::format("lint {} stops", said.tool);
  if (!known.insert(id).second) return;
  const std::string first = said.result.output.substr(0, said.result.output.find('\n'));
  evidence.findings.push_back({.id = id,
                               .text = fmt::format("{} of {}: {}", said.tool, of.name,
                                                   first.empty() ? "does not run; is it installed?" : first),
                               .waiver = {}});
}

}  // namespace

Evidence lint(const LintQuestion& question, const GateProgress& progress) {
  const std::vector<LintedConfiguration>& configurations = question.configurations;
  constexpr std::size_t kTools = 3;
  const auto results = base::run_forked(
      kTools * configurations.size(), question.workers,
      [&](std::size_t i) {
        const LintedConfiguration& of = configurations[i / kTools];
        if (i % kTools == 0) return sent(verilator(question, of));
        return sent(i % kTools == 1 ? icarus(question.design, of) : yosys(question.design, of));
      },
      kProgramLimit, counted_by(progress, kTools * configurations.size()));
  Evidence evidence;
  evidence.gate = "lint";
  evidence.unit = "runs of a tool";
  std::set<std::string> known;
  base::Table table{.name = "lint", .columns = {"configuration", "verilator", "iverilog", "yosys"}};
  for (std::size_t i = 0; i < results.size(); ++i) {
    const LintedConfiguration& of = configurations[i / kTools];
    if (i % kTools == 0) table.rows.push_back({of.name});
    const std::size_t before = evidence.findings.size();
    add(evidence, known, {kToolNames[i % kTools], received(results[i])}, of);
    table.rows.back().emplace_back(static_cast<std::int64_t>(evidence.findings.size() - before));
    ++evidence.checked;
  }
  evidence.figures.push_back({"findings", std::to_string(evidence.findings.size())});
  evidence.figures.push_back({"configurations", std::to_string(configurations.size())});
  evidence.tables.push_back(std::move(table));
  return evidence;
}

}  // namespace systole::signoff
