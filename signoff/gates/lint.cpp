// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

#include "base/counted.h"
#include "base/process.h"

namespace systole::signoff {
namespace {

/// What a tool said, and whether it went through.
struct Said {
  std::string tool;
  base::ProcessResult result;
};

Said verilator(const MutatedDesign& design, const std::vector<std::string>& vlts, const LintedConfiguration& of) {
  std::vector<std::string> command{"verilator",           "--lint-only",  "-Wall",   "-Wno-fatal",
                                   "--relative-includes", "--top-module", design.top};
  for (const std::string& parameter : of.parameters) command.push_back("-G" + parameter);
  command.insert(command.end(), vlts.begin(), vlts.end());
  command.insert(command.end(), design.sources.begin(), design.sources.end());
  return {"verilator", base::run_process(command, {.folder = design.folder, .errors_too = true})};
}

Said icarus(const MutatedDesign& design, const LintedConfiguration& of) {
  std::vector<std::string> command{"iverilog", "-g2005", "-Wall", "-o", "/dev/null", "-s", design.top};
  for (const std::string& parameter : of.parameters) command.push_back(fmt::format("-P{}.{}", design.top, parameter));
  command.insert(command.end(), design.sources.begin(), design.sources.end());
  return {"iverilog", base::run_process(command, {.folder = design.folder, .errors_too = true})};
}

Said yosys(const MutatedDesign& design, const LintedConfiguration& of) {
  std::string script = "read_verilog";
  for (const std::string& source : design.sources) script += fmt::format(" \"{}\"", source);
  script += "; chparam";
  for (const std::string& parameter : of.parameters) {
    const std::size_t equals = parameter.find('=');
    script += fmt::format(" -set {} {}", parameter.substr(0, equals), parameter.substr(equals + 1));
  }
  script += fmt::format(
      " {0}; hierarchy -check -top {0}; proc; check; select -assert-none t:$dlatch t:$adlatch t:$dlatchsr; flatten; "
      "opt_clean; check -assert",
      design.top);
  return {"yosys",
          base::run_process({"yosys", "-Q", "-T", "-p", script}, {.folder = design.folder, .errors_too = true})};
}

/// The line that matters of what a tool says, without the numbers of lines, or nothing.
std::string complaint(const std::string& line) {
  static const std::regex place(R"(([\w.-]*/)*([\w.-]+):\d+(:\d+|\.\d+-\d+\.\d+)?:)");
  static const std::regex starts(R"(%Warning|%Error|Warning:|ERROR:|.*: (warning|error):)");
  if (!std::regex_search(line, starts, std::regex_constants::match_continuous)) return {};
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

Evidence lint(const MutatedDesign& design, const std::vector<std::string>& vlts,
              const std::vector<LintedConfiguration>& configurations, const GateProgress& progress) {
  Evidence evidence;
  evidence.gate = "lint";
  evidence.unit = "runs of a tool";
  std::set<std::string> known;
  base::Table table{.name = "lint", .columns = {"configuration", "verilator", "iverilog", "yosys"}};
  std::size_t done = 0;
  for (const LintedConfiguration& configuration : configurations) {
    std::vector<base::Cell> row{configuration.name};
    const std::vector<std::function<Said()>> tools{[&] { return verilator(design, vlts, configuration); },
                                                   [&] { return icarus(design, configuration); },
                                                   [&] { return yosys(design, configuration); }};
    for (const auto& tool : tools) {
      const std::size_t before = evidence.findings.size();
      add(evidence, known, tool(), configuration);
      row.emplace_back(static_cast<std::int64_t>(evidence.findings.size() - before));
      ++evidence.checked;
      if (progress) progress(static_cast<double>(++done) / static_cast<double>(tools.size() * configurations.size()));
    }
    table.rows.push_back(std::move(row));
  }
  evidence.figures.push_back({"findings", std::to_string(evidence.findings.size())});
  evidence.figures.push_back({"configurations", std::to_string(configurations.size())});
  evidence.tables.push_back(std::move(table));
  return evidence;
}

}  // namespace systole::signoff
