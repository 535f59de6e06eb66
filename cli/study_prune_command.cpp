// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
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
  std::int64_t search_images = 1000;
  int questions = 500;
  AccuracyTargets targets;
  TableFiles files;
};

constexpr double kMargin = 0.02;  // how far below the lowest target the path goes on: noise of the search images

/// The smallest models that have a target on the images; of the greedy path, and of what the exchange came by as well.
struct Found {
  double target = 0;  ///< 0 .. 1
  std::optional<PrunedNetwork> quantization;
  std::optional<PrunedNetwork> greedy_pruning, greedy_both;
  std::optional<PrunedNetwork> pruning, both;
  bool complete = true;  ///< whether the exchange ended by itself
};

double kilobytes(const PrunedNetwork& model) { return static_cast<double>(model.bytes) / 1000; }

std::string width(int bits) { return bits == study::kFloatBits ? "float" : fmt::format("{} bits", bits); }

base::Table model_table(const std::vector<PrunedNetwork>& models) {
  base::Table table{"models", {"removed by layer", "weights", "size kB", "accuracy %"}};
  for (const PrunedNetwork& model : models) {
    table.rows.push_back({fmt::format("{}", fmt::join(model.cuts, " ")), width(model.weight_bits), kilobytes(model),
                          100 * model.accuracy});
  }
  return table;
}

/// Width (if it is not plain), size and accuracy of a model, or nothing where none meets the target.
void add_cells(const std::optional<PrunedNetwork>& model, bool with_width, std::vector<base::Cell>& row) {
  if (with_width) row.push_back(model ? base::Cell{width(model->weight_bits)} : base::Cell{});
  row.push_back(model ? base::Cell{kilobytes(*model)} : base::Cell{});
  row.push_back(model ? base::Cell{100 * model->accuracy} : base::Cell{});
}

base::Table target_table(const std::vector<Found>& found) {
  base::Table table{"targets",
                    {"target %", "search", "pruned kB", "pruned %", "quantized", "quantized kB", "quantized %", "both",
                     "both kB", "both %"}};
  for (const Found& each : found) {
    const auto add = [&](const char* search, const auto& pruning, const auto& both) {
      std::vector<base::Cell> row{100 * each.target, std::string(search)};
      add_cells(pruning, false, row);
      add_cells(each.quantization, true, row);
      add_cells(both, true, row);
      table.rows.push_back(row);
    };
    add("greedy", each.greedy_pruning, each.greedy_both);
    add("exchanged", each.pruning, each.both);
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

/// What the study works on, and what it measured.
struct PruneStudy {
  const PruneStudyArguments& a;
  const model::FloatNetwork& network;
  std::vector<op::Tensor> calibration;
  study::PruneOrder order;
  std::vector<PrunedNetwork> path{};   ///< the greedy one at every width, on the images
  std::vector<PrunedNetwork> other{};  ///< what the exchanges came by, likewise
  std::vector<Found> found{};

  [[nodiscard]] model::Network quantized(const model::FloatNetwork& small, int bits) const {
    return quant::described(quant::quantize_affine(small, calibration, study::affine_options(bits)));
  }
  [[nodiscard]] study::PruneAccuracy accuracy(const session::LabelledImages& images) const {
    return [this, &images](const model::FloatNetwork& small, int bits) {
      return bits == study::kFloatBits ? images.accuracy(small) : images.accuracy(quantized(small, bits));
    };
  }
};

/// What a search came by: networks of the greedy path, and for each target those of the exchange.
struct Searched {
  std::vector<study::Cuts> path{};
  std::vector<study::PruneExchange> pruning{}, both{};
};

/// Searches on images of the calibration set, so that the accuracies that the models are judged by have not chosen
/// them. There a model may lose what the target allows, from what the float network has on the same images.
Searched searched(const PruneStudy& study, const std::vector<double>& wanted, double real) {
  const PruneStudyArguments& a = study.a;
  const session::LabelledImages seen(a.calibration.chosen(a.images.dataset), a.search_images, study.network);
  const double real_seen = seen.accuracy(study.network);
  // Every layer has at most sixteen parts, and every step of the path measures every layer.
  const std::size_t layers = study.order.layers(), steps = 16 * layers + 1;
  base::ProgressBar bar(
      "measurements of the search, at most",
      steps * (layers + std::size(study::kWeightBits)) + 2 * wanted.size() * static_cast<std::size_t>(a.questions));
  study::PruneSearch search(study.order, study.accuracy(seen),
                            [&](std::int64_t done) { bar.set(static_cast<std::uint64_t>(done)); });
  Searched result;
  result.path = search.path(std::ranges::min(wanted) - real + real_seen - kMargin);
  const std::vector<PrunedNetwork> greedy = search.networks(result.path);
  for (const double target : wanted) {
    const auto exchanged = [&](Means means) -> study::PruneExchange {
      const double enough = real_seen - (real - target);
      const auto start = smallest_network(greedy, enough, means);
      return start ? search.exchange(*start, enough, a.questions) : study::PruneExchange{};
    };
    result.pruning.push_back(exchanged(Means::pruning));
    result.both.push_back(exchanged(Means::both));
  }
  return result;
}

/// Measures what a search came by on the images and finds the smallest that hold the targets there.
void judge(const Searched& searched, const std::vector<double>& wanted, const session::LabelledImages& images,
           PruneStudy& study) {
  std::vector<PrunedNetwork> other;
  for (const auto* exchanges : {&searched.pruning, &searched.both}) {
    for (const auto& [path, complete] : *exchanges) other.insert(other.end(), path.begin(), path.end());
  }
  base::ProgressBar bar("models", searched.path.size() * std::size(study::kWeightBits) + other.size());
  study::PruneSearch check(study.order, study.accuracy(images),
                           [&](std::int64_t done) { bar.set(static_cast<std::uint64_t>(done)); });
  study.path = check.networks(searched.path);
  study.other = check.measured(std::move(other));
  std::vector<PrunedNetwork> all = study.path;
  all.insert(all.end(), study.other.begin(), study.other.end());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    study.found.push_back({.target = wanted[i],
                           .quantization = smallest_network(study.path, wanted[i], Means::quantization),
                           .greedy_pruning = smallest_network(study.path, wanted[i], Means::pruning),
                           .greedy_both = smallest_network(study.path, wanted[i], Means::both),
                           .pruning = smallest_network(all, wanted[i], Means::pruning),
                           .both = smallest_network(all, wanted[i], Means::both),
                           .complete = searched.pruning[i].complete && searched.both[i].complete});
  }
}

void print(const PruneStudy& study, const session::LabelledImages& images, double real) {
  fmt::print("{} images, float {:.2f} %, {:.1f} kB{}\n\n{}", images.count(), 100 * real, kilobytes(study.path.front()),
             images.note(), terminal_table(target_table(study.found)));
  for (const Found& each : study.found) {
    if (!each.complete) fmt::print("target {:.2f} %: the exchange ended at --questions\n", 100 * each.target);
  }
}

/// The smallest integer network of each target that pruning and quantization reach.
void save_networks(const PruneStudy& study) {
  for (const Found& each : study.found) {
    if (!each.both || each.both->weight_bits == study::kFloatBits) continue;
    const auto to = std::filesystem::path(study.a.to) / fmt::format("network-{:.2f}", 100 * each.target);
    model::save_network(study.quantized(study.order.network(each.both->cuts), each.both->weight_bits), to);
    fmt::print("wrote {}\n", to.string());
  }
}

int study_prune(const PruneStudyArguments& a) {
  a.files.open();
  const base::InterruptGuard guard;
  const StudyFolder folder(a.to, "prune", a.from);
  const model::FloatNetwork network = model::load_float_network(a.from);
  const session::LabelledImages images = a.images.open(network);
  PruneStudy study{a, network, a.calibration.load(a.images.dataset, model::tensor_shape(network, 0)),
                   study::PruneOrder(network, a.by.by())};
  const double real = [&] {
    base::ProgressBar bar("images", static_cast<std::uint64_t>(images.count()));
    return images.accuracy(network, [&](std::int64_t done) { bar.set(static_cast<std::uint64_t>(done)); });
  }();
  const std::vector<double> wanted = a.targets.of(real);
  judge(searched(study, wanted, real), wanted, images, study);
  std::vector<PrunedNetwork> models = study.path;
  models.insert(models.end(), study.other.begin(), study.other.end());
  print(study, images, real);
  a.files.write(std::vector{model_table(models), target_table(study.found)});
  if (a.to.empty()) return 0;
  folder.write(std::vector{target_table(study.found), model_table(models)},
               std::vector{plot(study.path, network.name)});
  save_networks(study);
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
      ->add_option("--search-images", a->search_images, "Images of the calibration data set that the search judges by")
      ->check(CLI::Range(1, 1000000000))
      ->capture_default_str();
  command->add_option("--questions", a->questions, "Networks that each exchange of a target looks at, at most")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  add_calibration_options(*command, a->calibration, "activation scales", "Data set of the search and the calibration");
  command->footer("Example: systole study prune models/lenet-float --target 98 --target 95 -o study-prune");
  return [a] { return study_prune(*a); };
}

}  // namespace systole::cli
