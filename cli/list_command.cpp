// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/input_error.h"
#include "base/quote.h"
#include "base/table.h"
#include "cli/commands.h"
#include "cli/configurations.h"
#include "cli/programs.h"
#include "cli/table_files.h"
#include "golden/fixed/round.h"
#include "sim/dut/registry.h"
#include "sim/kernel/stall.h"

namespace systole::cli {
namespace {

constexpr const char* kNetworks = "models";

template <class Names>
base::Table names_table(const std::string& name, const std::string& column, const Names& names) {
  base::Table table{name, {column}, {}};
  for (const std::string_view one : names) table.rows.push_back({std::string(one)});
  return table;
}

base::Table networks_in(const std::filesystem::path& folder) {
  std::error_code code;
  std::vector<std::string> names;
  const std::filesystem::directory_iterator entries(folder, code);
  if (code) throw base::InputError(folder.string(), "", "cannot be listed: " + code.message());
  for (const auto& entry : entries) {
    if (std::filesystem::exists(entry.path() / "network.json")) names.push_back(entry.path().string());
  }
  std::sort(names.begin(), names.end());
  return names_table("networks", "network", names);
}

void list_networks(const base::Table& networks, const std::filesystem::path& folder) {
  fmt::print("networks in {}:\n", folder.string());
  for (const auto& row : networks.rows) fmt::print("  {}\n", base::terminal_text(cell_text(row[0], 0)));
}

base::Table configuration_table() {
  base::Table table{"configurations", {"configuration", "rows", "columns", "act bits", "weight bits", "psum bits"}, {}};
  for (const Configuration& configuration : known_configurations()) {
    const accel::Geometry& g = configuration.geometry;
    std::vector<base::Cell>& row = table.rows.emplace_back();
    row.emplace_back(configuration.name);
    for (const int value : {g.rows, g.cols, g.act_width, g.wgt_width, g.psum_width})
      row.emplace_back(std::int64_t{value});
  }
  return table;
}

base::Table model_table(const std::vector<ModelProgram>& programs) {
  base::Table table{"models", {"configuration", "kind", "program", "fresh"}, {}};
  for (const ModelProgram& program : programs)
    table.rows.push_back(
        {program.configuration, program.kind, program.name, std::string(program.fresh ? "yes" : "no")});
  return table;
}

/// Each configuration with the models that are built of it.
void list_configurations(const std::vector<ModelProgram>& programs) {
  fmt::print("configurations, and their models:\n");
  for (const Configuration& configuration : known_configurations()) {
    const accel::Geometry& g = configuration.geometry;
    fmt::print("  {:<10} {} x {} cells, act {} bit, weight {} bit, psum {} bit\n", configuration.name, g.rows, g.cols,
               g.act_width, g.wgt_width, g.psum_width);
    for (const ModelProgram& program : programs) {
      if (program.configuration != configuration.name) continue;
      fmt::print("    {:<8} {}{}\n", program.kind, program.name,
                 program.fresh ? "" : "  (older than the RTL: rebuilt when it is used)");
    }
  }
  fmt::print("  ROWSxCOLS and models that are not built: built when --config, --trace or --kind asks for them\n");
}

/// The repository's own, or those of the package, where the command is called elsewhere.
std::filesystem::path networks_folder(const std::string& given) {
  if (!given.empty()) return given;
  const std::filesystem::path prefix = package_prefix();
  for (const std::filesystem::path& folder :
       {std::filesystem::path(kNetworks), prefix.empty() ? prefix : prefix / "share/systole" / kNetworks,
        std::filesystem::path(dut::build_place().source_folder) / kNetworks}) {
    if (std::filesystem::is_directory(folder)) return folder;
  }
  throw base::InputError("--models", "", "expected a folder of networks, here is none");
}

int list(const std::string& given, const TableFiles& files) {
  files.open();
  const std::filesystem::path folder = networks_folder(given);
  const base::Table networks = networks_in(folder);
  const std::vector<ModelProgram> programs = model_programs();
  list_networks(networks, folder);
  list_configurations(programs);
  fmt::print(
      "data sets:\n  glyphs\n  cifar10:FILE\n  idx:IMAGES,LABELS\n  npy:IMAGES[,LABELS]\n  folder:DIR\nstall "
      "policies:\n");
  for (const std::string_view name : kernel::kStallNames) fmt::print("  {}\n", name);
  fmt::print("rounding rules:\n");
  for (const std::string_view name : fixed::kRoundingNames) fmt::print("  {}\n", name);
  files.write(std::vector{networks, configuration_table(), model_table(programs),
                          names_table("stalls", "policy", kernel::kStallNames),
                          names_table("rounding", "rule", fixed::kRoundingNames)});
  return 0;
}

}  // namespace

Command add_list_command(CLI::App& program) {
  auto folder = std::make_shared<std::string>();
  auto files = std::make_shared<TableFiles>();
  CLI::App* command = program.add_subcommand("list", std::string(description_of("list")));
  command->add_option("--models", *folder,
                      "Folder of the networks: models/ here, of the package or of the repository if not given");
  add_table_options(*command, *files);
  command->footer("Example: systole list --models models");
  return [folder, files] { return list(*folder, *files); };
}

}  // namespace systole::cli
