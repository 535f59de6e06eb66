// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "base/input_error.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/configurations.h"
#include "cli/programs.h"
#include "golden/fixed/round.h"
#include "sim/dut/registry.h"
#include "sim/kernel/stall.h"

namespace systole::cli {
namespace {

constexpr const char* kNetworks = "models";

void list_networks(const std::filesystem::path& folder) {
  std::error_code code;
  std::vector<std::string> names;
  const std::filesystem::directory_iterator entries(folder, code);
  if (code) throw base::InputError(folder.string(), "", "cannot be listed: " + code.message());
  for (const auto& entry : entries) {
    if (std::filesystem::exists(entry.path() / "network.json")) names.push_back(entry.path().string());
  }
  std::sort(names.begin(), names.end());
  fmt::print("networks in {}:\n", folder.string());
  for (const std::string& name : names) fmt::print("  {}\n", base::terminal_text(name));
}

/// Each configuration with the models that are built of it.
void list_configurations() {
  const std::vector<ModelProgram> programs = model_programs();
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

int list(const std::string& folder) {
  list_networks(networks_folder(folder));
  list_configurations();
  fmt::print(
      "data sets:\n  glyphs\n  cifar10:FILE\n  idx:IMAGES,LABELS\n  npy:IMAGES[,LABELS]\n  folder:DIR\nstall "
      "policies:\n");
  for (const std::string_view name : kernel::kStallNames) fmt::print("  {}\n", name);
  fmt::print("rounding rules:\n");
  for (const std::string_view name : fixed::kRoundingNames) fmt::print("  {}\n", name);
  return 0;
}

}  // namespace

Command add_list_command(CLI::App& program) {
  auto folder = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("list", std::string(description_of("list")));
  command->add_option("--models", *folder,
                      "Folder of the networks: models/ here, of the package or of the repository if not given");
  command->footer("Example: systole list --models models");
  return [folder] { return list(*folder); };
}

}  // namespace systole::cli
