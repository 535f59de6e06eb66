// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/netlist_size.h"

#include <fmt/format.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "signoff/mutants/mutant.h"

namespace systole::signoff {
namespace {

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

}  // namespace

void add_netlist_size(const std::filesystem::path& statistics, Evidence& evidence) {
  base::Table table{.name = "netlist", .columns = {"module", "variants", "gates and registers", "registers"}};
  Size all;
  for (const auto& [module, size] : read_sizes(statistics)) {
    table.rows.push_back({module, size.instances, size.cells, size.registers});
    all.cells += size.cells;
    all.registers += size.registers;
  }
  if (table.rows.empty()) {
    evidence.findings.push_back(
        {.id = "netlist statistics", .text = statistics.string() + ": nothing of Yosys' stat in it", .waiver = {}});
  }
  evidence.figures.push_back({"gates and registers, each variant of a module once",
                              fmt::format("{}, of them {} registers", all.cells, all.registers)});
  evidence.tables.push_back(std::move(table));
}

}  // namespace systole::signoff
