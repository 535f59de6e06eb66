// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/interrupt.h"
#include "base/progress.h"
#include "cli/network_options.h"
#include "cli/shared_options.h"
#include "cli/study_commands.h"
#include "cli/study_output.h"
#include "cli/table_files.h"
#include "golden/format/graph_check.h"
#include "golden/format/network_file.h"
#include "golden/model/float_network.h"
#include "golden/study/prune_study.h"

namespace systole::cli {
namespace {

using study::Means;
using study::PrunedNetwork;

struct PruneStudyArguments {
  std::string from, to;
  PruneByOption by;
  ImageOptions images;
  CalibrationOptions calibration;
  std::int64_t search_images = 500;
  AccuracyTargets targets;
  TableFiles files;
};

constexpr double kMargin = 0.02;  // how far below the lowest target the path goes on: noise of the search images

struct Found {
  double target = 0;  ///< 0 .. 1
  std::optional<PrunedNetwork> pruning, quantization, both;
};

double kilobytes(const PrunedNetwork& model) { return static_cast<double>(model.bytes) / 1000; }

std::string width(int bits) { return bits == study::kFloatBits ? "float" : fmt::format("{} bits", bits); }

base::Table model_table(const std::vector<PrunedNetwork>& models) {
  base::Table table{"models", {"step", "weights", "size kB", "accuracy %"}};
  for (const PrunedNetwork& model : models) {
    table.rows.push_back(
        {static_cast<std::int64_t>(model.step), width(model.weight_bits), kilobytes(model), 100 * model.accuracy});
  }
  return table;
}

/// Size, width and accuracy of a model, or nothing where none meets the target.
void add_cells(const std::optional<PrunedNetwork>& model, std::vector<base::Cell>& row) {
  if (!model) {
    row.insert(row.end(), 3, base::Cell{});
    return;
  }
  row.insert(row.end(), {width(model->weight_bits), kilobytes(*model), 100 * model->accuracy});
}

base::Table target_table(const std::vector<Found>& found) {
  base::Table table{"targets",
                    {"target %", "pruned", "pruned kB", "pruned %", "quantized", "quantized kB", "quantized %", "both",
                     "both kB", "both %"}};
  for (const Found& each : found) {
    std::vector<base::Cell> row{100 * each.target};
    for (const auto& model : {each.pruning, each.quantization, each.both}) add_cells(model, row);
    table.rows.push_back(row);
  }
  return table;
}

StudyPlot plot(const std::vector<PrunedNetwork>& models, const std::string& network) {
  StudyPlot result{"models", fmt::format("Pruning and quantization: {}", network), "size in kB", "accuracy in %", {}};
  for (const int bits : study::kWeightBits) {
    Curve curve{width(bits), {}};
    for (const PrunedNetwork& model : models) {
      if (model.weight_bits == bits) curve.points.emplace_back(kilobytes(model), 100 * model.accuracy);
    }
    result.curves.push_back(std::move(curve));
  }
  return result;
}

/// Finds the path on images of the calibration set, so that the accuracies it is judged by have not chosen it.
std::vector<model::FloatNetwork> find_path(const PruneStudyArguments& a, const model::FloatNetwork& network,
                                           double lowest) {
  const session::LabelledImages images(a.calibration.chosen(a.images.dataset), a.search_images, network);
  // Every layer has at most sixteen steps, and every step measures every layer.
  const auto layers = static_cast<std::uint64_t>(std::ranges::count_if(
      network.nodes, [](const model::FloatNode& node) { return node.layer.weights.size() != 0; }));
  base::ProgressBar bar("measurements of the search, at most", 16 * layers * layers + 1);
  return study::prune_path(
      network, a.by.by(), lowest - kMargin, [&](const model::FloatNetwork& small) { return images.accuracy(small); },
      [&](std::int64_t done) { bar.set(static_cast<std::uint64_t>(done)); });
}

int study_prune(const PruneStudyArguments& a) {
  a.files.open();
  const base::InterruptGuard guard;
  const StudyFolder folder(a.to, "prune", a.from);
  const model::FloatNetwork network = model::load_float_network(a.from);
  const session::LabelledImages images = a.images.open(network);
  const std::vector<op::Tensor> calibration = a.calibration.load(a.images.dataset, model::tensor_shape(network, 0));
  const double real = [&] {
    base::ProgressBar bar("images", static_cast<std::uint64_t>(images.count()));
    return images.accuracy(network, [&](std::int64_t done) { bar.set(static_cast<std::uint64_t>(done)); });
  }();
  const std::vector<double> wanted = a.targets.of(real);
  const auto path = find_path(a, network, *std::ranges::min_element(wanted));
  const std::vector<PrunedNetwork> models = [&] {
    base::ProgressBar bar("models", path.size() * std::size(study::kWeightBits));
    return study::measure_networks(
        path, calibration, [&](const model::FloatNetwork& small) { return images.accuracy(small); },
        [&](const model::Network& small) { return images.accuracy(small); },
        [&](std::int64_t done) { bar.set(static_cast<std::uint64_t>(done)); });
  }();
  std::vector<Found> found;
  found.reserve(wanted.size());
  for (const double target : wanted) {
    found.push_back({target, smallest_network(models, target, Means::pruning),
                     smallest_network(models, target, Means::quantization),
                     smallest_network(models, target, Means::both)});
  }
  fmt::print("{} images, float {:.2f} %, {:.1f} kB{}\n\n{}", images.count(), 100 * real, kilobytes(models.front()),
             images.note(), terminal_table(target_table(found)));
  a.files.write(std::vector{model_table(models), target_table(found)});
  if (a.to.empty()) return 0;
  folder.write(std::vector{target_table(found), model_table(models)}, std::vector{plot(models, network.name)});
  for (const auto& [target, pruning, quantization, both] : found) {
    if (!both || both->weight_bits == study::kFloatBits) continue;
    const auto to = std::filesystem::path(a.to) / fmt::format("network-{:.2f}", 100 * target);
    const auto made = quant::quantize_affine(path[both->step], calibration, study::affine_options(both->weight_bits));
    model::save_network(made.network, to);
    fmt::print("wrote {}\n", to.string());
  }
  return 0;
}

}  // namespace

Command add_study_prune_command(CLI::App& study) {
  auto a = std::make_shared<PruneStudyArguments>();
  CLI::App* command = study.add_subcommand("prune", "The smallest model for an accuracy: pruned, quantized, or both");
  command->add_option("NETWORK", a->from, "Folder of the float network")->required();
  add_target_option(*command, a->targets);
  command->add_option("-o,--output", a->to, "Folder of the tables, the plot and the smallest networks to write");
  add_table_options(*command, a->files);
  add_prune_by_option(*command, a->by);
  add_image_options(*command, a->images);
  command
      ->add_option("--search-images", a->search_images,
                   "Images of the calibration data set that choose which filters leave")
      ->check(CLI::Range(1, 1000000000))
      ->capture_default_str();
  add_calibration_options(*command, a->calibration, "activation scales", "Data set of the search and the calibration");
  command->footer("Example: systole study prune models/lenet-float --target 98 --target 95 -o study-prune");
  return [a] { return study_prune(*a); };
}

}  // namespace systole::cli
