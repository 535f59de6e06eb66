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
#include <vector>

#include "base/input_error.h"
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
#include "golden/study/mixed_search.h"

namespace systole::cli {
namespace {

using study::MixedNetwork;

struct MixedStudyArguments {
  std::string from, to;
  TableFiles files;
  ImageOptions images;
  CalibrationOptions calibration;
  std::vector<int> bits{2, 3, 4, 5, 6, 7, 8};
  AccuracyTargets targets;
  std::int64_t search_images = 1000;
  int questions = 500;
};

/// The smallest networks that have the target on the images: of those with one width, of those that the first step of
/// the search came by as well, of all.
struct TargetResult {
  double target = 0;  ///< 0 .. 1
  std::optional<MixedNetwork> uniform, by_sensitivity, exchanged;
  std::vector<MixedNetwork> path{};  ///< of the search, its accuracies those on the images
  bool complete = true;
};

/// All that the study measured.
struct MixedResults {
  std::string network;
  double real = 0;  ///< accuracy of the float network
  std::vector<int> widths{};
  std::vector<study::MixedLayer> layers{};
  std::vector<std::vector<double>> sensitivity{};
  std::vector<MixedNetwork> uniform{};
  std::vector<TargetResult> found{};
};

double kilobytes(const MixedNetwork& network) { return static_cast<double>(network.bytes) / 1000; }

base::Table sensitivity_table(const MixedResults& study) {
  base::Table table{"sensitivity", {"layer", "weights"}};
  for (std::size_t i = 0; i + 1 < study.widths.size(); ++i) {
    table.columns.push_back(fmt::format("{} bit %", study.widths[i]));
  }
  for (std::size_t i = 0; i < study.layers.size(); ++i) {
    std::vector<base::Cell> row{study.layers[i].name, study.layers[i].weights};
    for (const double accuracy : study.sensitivity[i]) row.emplace_back(100 * accuracy);
    table.rows.push_back(std::move(row));
  }
  return table;
}

base::Table uniform_table(const MixedResults& study) {
  base::Table table{"uniform", {"bits", "size kB", "accuracy %"}};
  for (const MixedNetwork& network : study.uniform) {
    table.rows.push_back({std::int64_t{network.bits.front()}, kilobytes(network), 100 * network.accuracy});
  }
  return table;
}

base::Table target_table(const MixedResults& study) {
  base::Table table{"targets", {"target %", "network", "bits", "size kB", "accuracy %"}};
  for (const TargetResult& each : study.found) {
    const auto add = [&](const char* name, const std::optional<MixedNetwork>& network) {
      table.rows.push_back({100 * each.target, std::string(name)});
      if (network) {
        table.rows.back().insert(table.rows.back().end(), {fmt::format("{}", fmt::join(network->bits, " ")),
                                                           kilobytes(*network), 100 * network->accuracy});
      }
      table.rows.back().resize(table.columns.size());
    };
    add("one width", each.uniform);
    add("by sensitivity", each.by_sensitivity);
    add("exchanged", each.exchanged);
  }
  return table;
}

StudyPlot plot(const MixedResults& study) {
  StudyPlot result{"mixed", study.network + ": bits by layer", "size in kB", "accuracy in %", {}};
  const auto curve = [](std::string title, const std::vector<MixedNetwork>& networks) {
    Curve made{std::move(title), {}};
    for (const MixedNetwork& network : networks) made.points.emplace_back(kilobytes(network), 100 * network.accuracy);
    return made;
  };
  result.curves.push_back(curve("one width", study.uniform));
  for (const TargetResult& each : study.found) {
    if (each.path.empty()) continue;
    result.curves.push_back(curve(fmt::format("search for {:.2f} %", 100 * each.target), each.path));
  }
  return result;
}

void print(const MixedResults& study, const session::LabelledImages& images) {
  fmt::print("{}: {} images, float {:.2f} %{}\n\none layer alone, the others at {} bits:\n{}\n{}\n{}", study.network,
             images.count(), 100 * study.real, images.note(), study.widths.back(),
             terminal_table(sensitivity_table(study)), terminal_table(uniform_table(study)),
             terminal_table(target_table(study)));
  for (const TargetResult& each : study.found) {
    if (!each.complete) fmt::print("target {:.2f} %: the exchange ended at --questions\n", 100 * each.target);
  }
}

/// Networks of one float network, made once.
class Quantizer {
 public:
  Quantizer(const model::FloatNetwork& network, const std::vector<op::Tensor>& calibration)
      : network_(network),
        layers_(study::mixed_layers(network)),
        calibration_(quant::affine_calibration(network, calibration)) {}

  [[nodiscard]] const std::vector<study::MixedLayer>& layers() const { return layers_; }
  [[nodiscard]] model::Network operator()(const study::Widths& bits) const {
    return quant::described(quant::quantize_affine(network_, calibration_, study::mixed_options(layers_, bits)));
  }
  /// 0 where the widths are too narrow for the scheme.
  [[nodiscard]] double accuracy(const study::Widths& bits, const session::LabelledImages& images) const {
    std::optional<model::Network> made;
    try {
      made = (*this)(bits);
    } catch (const base::InputError&) {
      return 0;
    }
    return images.accuracy(*made);
  }

 private:
  const model::FloatNetwork& network_;
  std::vector<study::MixedLayer> layers_;
  std::vector<quant::Distribution> calibration_;
};

std::vector<study::Widths> bits_of(const std::vector<MixedNetwork>& networks) {
  std::vector<study::Widths> bits;
  for (const MixedNetwork& network : networks) bits.push_back(network.bits);
  return bits;
}

/// What a search found, on the images: the smallest of what it came by, networks with one width in any case.
TargetResult judged(double target, const std::optional<study::MixedResult>& found, study::MixedSearch& images) {
  std::vector<MixedNetwork> candidates = images.uniform();
  TargetResult result{.target = target, .uniform = smallest(candidates, target), .by_sensitivity = {}, .exchanged = {}};
  result.by_sensitivity = result.exchanged = result.uniform;
  if (!found) return result;
  result.complete = found->complete;
  result.path = images.networks(bits_of(found->path));
  for (const MixedNetwork& network : result.path) {
    candidates.push_back(network);
    result.exchanged = smallest(candidates, target);
    if (network.bits == found->by_sensitivity.bits) result.by_sensitivity = result.exchanged;
  }
  return result;
}

/// Measures all of the study.
MixedResults measure(const MixedStudyArguments& a, const model::FloatNetwork& network, const Quantizer& quantizer,
                     const session::LabelledImages& images) {
  const session::LabelledImages seen(a.calibration.chosen(a.images.dataset), a.search_images, network);
  MixedResults study{.network = network.name, .widths = a.bits, .layers = quantizer.layers()};
  study.real = images.accuracy(network);
  const std::vector<double> wanted = a.targets.of(study.real);
  base::ProgressBar bar("networks, at most", (study.layers.size() + 2 * wanted.size() + 1) * a.bits.size() +
                                                 wanted.size() * static_cast<std::size_t>(a.questions));
  std::int64_t before = 0;
  const auto search_on = [&](const session::LabelledImages& on) {
    return study::MixedSearch(
        quantizer.layers(), a.bits, [&](const study::Widths& bits) { return quantizer.accuracy(bits, on); },
        [&](std::int64_t done) { bar.set(static_cast<std::uint64_t>(before + done)); });
  };
  study::MixedSearch search = search_on(seen), check = search_on(images);
  study.sensitivity = search.sensitivity();
  const double real_seen = seen.accuracy(network);
  std::vector<std::optional<study::MixedResult>> found;
  // The search may lose what the target allows, from what the float network has on its images.
  for (const double target : wanted) found.push_back(search.run(real_seen - (study.real - target), a.questions));
  before = search.measured();
  study.uniform = check.uniform();
  for (std::size_t i = 0; i < wanted.size(); ++i) study.found.push_back(judged(wanted[i], found[i], check));
  return study;
}

int study_mixed(MixedStudyArguments a) {
  std::ranges::sort(a.bits);
  a.bits.erase(std::unique(a.bits.begin(), a.bits.end()), a.bits.end());
  a.files.open();
  const base::InterruptGuard guard;
  const StudyFolder folder(a.to, "mixed", a.from);
  const model::FloatNetwork network = model::load_float_network(a.from);
  const session::LabelledImages images = a.images.open(network);
  const Quantizer quantizer(network, a.calibration.load(a.images.dataset, model::tensor_shape(network, 0)));
  (void)quantizer(study::Widths(quantizer.layers().size(), a.bits.back()));  // what never can be is refused here
  const MixedResults study = measure(a, network, quantizer, images);
  const std::vector tables{sensitivity_table(study), uniform_table(study), target_table(study)};
  print(study, images);
  a.files.write(tables);
  if (a.to.empty()) return 0;
  folder.write(tables, std::vector{plot(study)});
  for (const TargetResult& each : study.found) {
    if (!each.exchanged) continue;
    const auto to = std::filesystem::path(a.to) / fmt::format("network-{:.2f}", 100 * each.target);
    model::save_network(quantizer(each.exchanged->bits), to);
    fmt::print("wrote {}\n", to.string());
  }
  return 0;
}

}  // namespace

Command add_study_mixed_command(CLI::App& study) {
  auto a = std::make_shared<MixedStudyArguments>();
  CLI::App* command =
      study.add_subcommand("mixed", "The smallest network for an accuracy when each layer has its own bits");
  command->add_option("NETWORK", a->from, "Folder of the float network")->required();
  add_target_option(*command, a->targets);
  command->add_option("-o,--output", a->to, "Folder of the tables, the plot and the smallest networks to write");
  command->add_option("--bits", a->bits, "Widths that a layer's weights may have")
      ->check(CLI::Range(2, 16))
      ->delimiter(',')
      ->allow_extra_args(false)
      ->capture_default_str();
  command->add_option("--questions", a->questions, "Networks that the exchange looks at for a target, at most")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  command
      ->add_option("--search-images", a->search_images, "Images of the calibration data set that the search judges by")
      ->check(CLI::Range(1, 1000000000))
      ->capture_default_str();
  add_table_options(*command, a->files);
  add_image_options(*command, a->images);
  add_calibration_options(*command, a->calibration, "activation scales", "Data set of the search and the calibration");
  command->footer(
      "Examples:\n"
      "  systole study mixed models/lenet-float\n"
      "  systole study mixed models/lenet-float --target 98 --bits 2,3,4,8 --json - --images 500");
  return [a] { return study_mixed(*a); };
}

}  // namespace systole::cli
