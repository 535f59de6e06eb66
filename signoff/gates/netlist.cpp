// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/netlist.h"

#include <fmt/format.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "base/forked.h"
#include "signoff/mutants/mutant.h"
#include "signoff/stimulus/play.h"

namespace systole::signoff {
namespace {

std::string run(const NetlistQuestion& question, const Program& program) {
  const auto dut = question.make();
  const Played played = play(*dut, program, {.check = check::CheckLevel::pins});
  if (passed(played)) return std::to_string(played.compared);
  throw std::runtime_error(problem_of(played));
}

struct Size {
  std::int64_t instances = 0, cells = 0, registers = 0;
};

/// Cells whose name begins so keep a bit.
bool is_register(const std::string& type) {
  return type.starts_with("$_DFF") || type.starts_with("$_SDFF") || type.starts_with("$_ALDFF");
}

/// Of each module's source name, all its parameterisations added: "=== NAME ===", and below it a line "TYPE N" for each
/// kind of cell.
std::map<std::string, Size> read_sizes(const std::filesystem::path& file) {
  std::map<std::string, Size> sizes;
  std::ifstream in(file);
  Size* size = nullptr;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string first, second;
    words >> first >> second;
    if (first == "===") {
      size = &sizes[source_name(second)];
      ++size->instances;
    } else if (size != nullptr && first.starts_with("$_")) {
      const std::int64_t count = std::stoll(second);
      size->cells += count;
      if (is_register(first)) size->registers += count;
    }
  }
  return sizes;
}

void add_statistics(const NetlistQuestion& question, Evidence& evidence) {
  base::Table table{.name = "netlist", .columns = {"module", "variants", "gates and registers", "registers"}};
  Size all;
  for (const auto& [module, size] : read_sizes(question.statistics)) {
    table.rows.push_back({module, size.instances, size.cells, size.registers});
    all.cells += size.cells;
    all.registers += size.registers;
  }
  if (table.rows.empty()) {
    evidence.findings.push_back({.id = "netlist statistics",
                                 .text = question.statistics.string() + ": nothing of Yosys' stat in it",
                                 .waiver = {}});
  }
  evidence.figures.push_back({"gates and registers, each variant of a module once",
                              fmt::format("{}, of them {} registers", all.cells, all.registers)});
  evidence.tables.push_back(std::move(table));
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
  add_statistics(question, evidence);
  return evidence;
}

}  // namespace systole::signoff
