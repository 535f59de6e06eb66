// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "base/interrupt.h"
#include "base/replace_folder.h"
#include "base/table.h"
#include "cli/commands.h"
#include "cli/programs.h"
#include "cli/table_files.h"
#include "golden/format/network_file.h"
#include "golden/quant/weight_file.h"

namespace systole::cli {
namespace {

struct ExportArguments {
  std::string from, to;
  TableFiles files;
};

base::Table weight_table(const quant::WeightFile& weights) {
  base::Table table{"weights", {"layer", "kind", "shape", "bits", "zero point", "scales", "largest scale"}};
  for (const quant::WeightLayer& layer : weights.layers) {
    table.rows.push_back({layer.name, layer.kind, fmt::format("{}", fmt::join(layer.shape, " x ")),
                          std::int64_t{layer.bits}, std::int64_t{layer.scale.zero},
                          static_cast<std::int64_t>(layer.scale.scale.size()),
                          layer.scale.scale.empty() ? base::Cell{} : base::Cell{std::ranges::max(layer.scale.scale)}});
  }
  return table;
}

int export_weights(const ExportArguments& a) {
  a.files.open();
  const base::InterruptGuard guard;
  base::require_other_folder(a.from, a.to, "--output");
  const quant::WeightFile weights = quant::exported_weights(model::load_network(a.from));
  const base::Table table = weight_table(weights);
  quant::save_weights(weights, a.to);
  fmt::print("{}", terminal_table(table, 6));
  if (!weights.layers.empty() && weights.layers[0].scale.scale.empty()) {
    fmt::print("{} does not say what its layers' numbers mean: integers and zero points without scales\n", a.from);
  }
  fmt::print("wrote {}\n", a.to);
  a.files.write(table);
  return 0;
}

}  // namespace

Command add_export_command(CLI::App& program) {
  auto a = std::make_shared<ExportArguments>();
  CLI::App* command = program.add_subcommand("export", std::string(description_of("export")));
  command->add_option("NETWORK", a->from, "Folder of the integer network")->required();
  command->add_option("-o,--output", a->to, "Folder of the .npy arrays and weights.json to write")->required();
  add_table_options(*command, a->files);
  command->footer("Example: systole export models/lenet -o lenet-weights");
  return [a] { return export_weights(*a); };
}

}  // namespace systole::cli
