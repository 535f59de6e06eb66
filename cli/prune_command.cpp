// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "base/replace_folder.h"
#include "cli/commands.h"
#include "cli/network_options.h"
#include "cli/programs.h"
#include "cli/shared_options.h"
#include "cli/study_output.h"
#include "cli/table_files.h"
#include "golden/format/graph_check.h"
#include "golden/model/float_network.h"
#include "golden/quant/conversion.h"
#include "golden/quant/prune.h"

namespace systole::cli {
namespace {

struct PruneArguments {
  std::string from, to;
  PruneByOption by;
  ImageOptions images;
  double fraction = 0, threshold = 0;
  bool by_fraction = false;
  TableFiles files;
};

std::int64_t count(const std::vector<const quant::PruneUnit*>& units, bool required) {
  return std::ranges::count_if(units, [&](const auto* unit) { return unit->required == required; });
}

/// One row per layer that may lose filters: how many it had and has, and the norms that decided.
base::Table layers(const model::FloatNetwork& network, const model::FloatNetwork& pruned,
                   const std::vector<quant::PruneUnit>& units) {
  base::Table table{"layers", {"layer", "filters", "left", "smallest norm", "median norm", "largest norm"}};
  std::map<int, std::vector<const quant::PruneUnit*>> by_layer;
  for (const quant::PruneUnit& unit : units) by_layer[unit.layer].push_back(&unit);
  for (auto& [layer, members] : by_layer) {
    if (count(members, false) == 0) continue;  // the image, the network's outputs
    std::ranges::sort(members, {}, [](const auto* unit) { return unit->norm; });
    const auto node = static_cast<std::size_t>(layer);
    table.rows.push_back({network.nodes[node].layer.name, std::int64_t{network.nodes[node].layer.out_c},
                          std::int64_t{pruned.nodes[node].layer.out_c}, members.front()->norm,
                          members[members.size() / 2]->norm, members.back()->norm});
  }
  return table;
}

/// Accuracy before and after.
std::pair<double, double> accuracies(const session::LabelledImages& images, const model::FloatNetwork& network,
                                     const model::FloatNetwork& pruned) {
  base::ProgressBar bar("images", static_cast<std::uint64_t>(2 * images.count()));
  const double before = images.accuracy(network, [&](std::int64_t done) { bar.set(static_cast<std::uint64_t>(done)); });
  const double after =
      images.accuracy(pruned, [&](std::int64_t done) { bar.set(static_cast<std::uint64_t>(images.count() + done)); });
  return {before, after};
}

double kilobytes(const model::FloatNetwork& network) {
  return static_cast<double>(quant::parameter_bytes(network)) / 1000;
}

int prune(const PruneArguments& a) {
  a.files.open();
  const base::InterruptGuard guard;
  base::require_other_folder(a.from, a.to, "--output");
  const model::FloatNetwork network = model::load_float_network(a.from);
  const session::LabelledImages images = a.images.open(network);
  const quant::Pruner pruner(network, a.by.by());
  const std::vector<bool> removed = a.by_fraction ? quant::smallest_fraction(pruner.units(), a.fraction)
                                                  : quant::below_threshold(pruner.units(), a.threshold);
  const model::FloatNetwork pruned = pruner.without(removed);
  const auto [before, after] = accuracies(images, network, pruned);
  model::save_float_network(pruned, a.to);
  const base::Table table = layers(network, pruned, pruner.units());
  fmt::print("{}", terminal_table(table, 3));
  fmt::print("size: {:.1f} kB, pruned {:.1f} kB\n", kilobytes(network), kilobytes(pruned));
  fmt::print("{} on {} images: {:.2f} %, pruned {:.2f} % ({:+.2f})\n", images.measured(), images.count(), 100 * before,
             100 * after, 100 * (after - before));
  a.files.write(table);
  return 0;
}

}  // namespace

Command add_prune_command(CLI::App& program) {
  auto a = std::make_shared<PruneArguments>();
  CLI::App* command = program.add_subcommand("prune", std::string(description_of("prune")));
  command->add_option("NETWORK", a->from, "Folder of the float network")->required();
  command->add_option("-o,--output", a->to, "Folder of the pruned float network to write")->required();
  auto* how = command->add_option_group("Which filters", "one of the two");
  auto* fraction = how->add_option("--fraction", a->fraction, "This part of each layer, those with the smallest norms")
                       ->check(CLI::Range(0.0, 1.0));
  how->add_option("--threshold", a->threshold, "Those whose L2 norm is below")->check(not_negative());
  how->require_option(1);
  add_prune_by_option(*command, a->by);
  add_image_options(*command, a->images, "Images that the accuracies are measured on");
  add_table_options(*command, a->files);
  command->footer(
      "Example: systole prune models/lenet-float --fraction 0.5 -o small-float\n"
      "         systole quantize small-float --scheme affine -o small && systole run small");
  return [a, fraction] {
    a->by_fraction = fraction->count() > 0;
    return prune(*a);
  };
}

}  // namespace systole::cli
