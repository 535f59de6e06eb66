// SPDX-License-Identifier: Apache-2.0
// `systole compare A B`: layer by layer, where two networks, or a network and what another program computed, part; or
// what has changed between two runs.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/table.h"
#include "cli/commands.h"
#include "cli/compare_runs.h"
#include "cli/layer_values.h"
#include "cli/programs.h"
#include "cli/shared_options.h"
#include "cli/table_files.h"
#include "golden/format/network_folder.h"
#include "report/comparison.h"
#include "sim/kernel/outcome.h"

namespace systole::cli {
namespace {

struct CompareArguments {
  std::string a, b;
  ImageOptions images{.count = 16};
  TableFiles files;
  bool quiet = false;
};

std::vector<LayerValues> layers_of(const std::string& source, const ImageOptions& images) {
  const bool network = std::filesystem::exists(std::filesystem::path(source) / model::kDescriptionFile);
  return network ? computed_layers(source, images.dataset, images.count) : stored_layers(source);
}

const LayerValues* find(const std::vector<LayerValues>& layers, const std::string& name) {
  const auto it = std::ranges::find(layers, name, &LayerValues::name);
  return it == layers.end() ? nullptr : &*it;
}

void print_missing(const std::vector<LayerValues>& from, const std::vector<LayerValues>& other,
                   const std::string& source) {
  std::vector<std::string> names;
  for (const LayerValues& layer : from) {
    if (find(other, layer.name) == nullptr) names.push_back(layer.name);
  }
  if (!names.empty()) fmt::print("only in {}: {}\n", source, fmt::join(names, ", "));
}

int compare_networks(const CompareArguments& arguments) {
  const std::vector<LayerValues> a = layers_of(arguments.a, arguments.images);
  const std::vector<LayerValues> b = layers_of(arguments.b, arguments.images);
  base::Table table{"layers", {"layer", "values", "largest", "mean", "SQNR dB", "scale", "offset"}};
  for (const LayerValues& layer : a) {
    const LayerValues* other = find(b, layer.name);
    if (other == nullptr) continue;
    if (layer.values.size() != other->values.size()) {
      throw base::InputError(arguments.b, fmt::format("layer '{}'", layer.name),
                             fmt::format("expected {} values as {} has, found {}", layer.values.size(), arguments.a,
                                         other->values.size()));
    }
    const LayerDifference d = difference(layer, *other);
    const auto figure = [](double x) { return base::Figure{fmt::format("{:.6g}", x)}; };
    const bool fitted = layer.integer != other->integer;
    table.rows.push_back({layer.name, static_cast<std::int64_t>(layer.values.size()), figure(d.largest), figure(d.mean),
                          base::Figure{fmt::format("{:.2f}", d.sqnr)},
                          fitted ? base::Cell(figure(d.scale)) : base::Cell(),
                          fitted ? base::Cell(figure(d.offset)) : base::Cell()});
  }
  if (table.rows.empty()) {
    throw base::InputError(arguments.b, "", fmt::format("expected a layer with the name of one of {}", arguments.a));
  }
  arguments.files.write(table);
  if (arguments.quiet) return exit_code(kernel::Outcome::passed);
  fmt::print("{}", terminal_table(table));
  print_missing(a, b, arguments.a);
  print_missing(b, a, arguments.b);
  return exit_code(kernel::Outcome::passed);
}

int compare(const CompareArguments& a) {
  const base::InterruptGuard guard;
  a.files.open();
  const bool runs = report::names_run(a.a) || report::names_run(a.b);
  return runs ? compare_two_runs(a.a, a.b, a.files, a.quiet) : compare_networks(a);
}

}  // namespace

Command add_compare_command(CLI::App& program) {
  auto a = std::make_shared<CompareArguments>();
  CLI::App* command = program.add_subcommand("compare", std::string(description_of("compare")));
  command
      ->add_option("A", a->a,
                   "A network, float or integer, or .npy files named as its layers: the signal. Or a run: its folder, "
                   "DIR:N of a folder of regressions, a report of `run`")
      ->required();
  command->add_option("B", a->b, "What is compared with it, likewise")->required();
  add_image_options(*command, a->images, "Images that networks are run on");
  add_table_files(*command, a->files);
  command->add_flag("--quiet", a->quiet, "Of runs, print the verdict alone; of networks, nothing");
  command->footer(
      "Examples: systole compare models/resnet-float models/resnet-bfp\n"
      "          systole compare regress-report:6 regress-report:7\n"
      "          systole compare my-float torch-outputs/ --dataset npy:images.npy");
  return [a] { return compare(*a); };
}

}  // namespace systole::cli
