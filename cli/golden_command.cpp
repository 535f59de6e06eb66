// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/npy.h"
#include "base/output_file.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/layer_values.h"
#include "cli/network_images.h"
#include "cli/outputs_file.h"
#include "cli/programs.h"
#include "cli/shared_options.h"
#include "cli/table_files.h"
#include "golden/fixed/saturate.h"
#include "golden/format/graph_check.h"
#include "golden/format/network_file.h"
#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "sim/kernel/outcome.h"

namespace systole::cli {
namespace {

struct GoldenArguments {
  std::string network, dataset, outputs;
  std::vector<std::string> inputs;
  std::optional<std::int64_t> images;
  bool layers = false;
  TableFiles files;
};

constexpr std::int64_t kImages = 1000;     // of a data set
constexpr std::int64_t kLayerImages = 16;  // whose every layer is written

/// Accuracy on a data set with labels.
template <typename Network>
void print_accuracy(const Network& network, const std::string& dataset, std::int64_t count, const TableFiles& files) {
  const session::LabelledImages images(dataset, count, model::tensor_shape(network, 0));
  const auto start = std::chrono::steady_clock::now();
  const double met = [&] {
    base::ProgressBar bar("images", static_cast<std::uint64_t>(images.count()));
    return images.accuracy(network, [&](std::int64_t done) { bar.set(static_cast<std::uint64_t>(done)); });
  }();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("{} images: {:.2f} % of the labels met, {:.0f} images/s\n", images.count(), 100 * met,
             static_cast<double>(images.count()) / seconds);
  files.write(base::Table{"accuracy", {"images", "labels met %"}, {{images.count(), 100 * met}}});
}

/// A row an image.
base::Table answer_table() { return {"answers", {"image", "predicted", "output"}, {}}; }

op::Tensor answer(model::Executor& executor, const op::Tensor& input, const std::string& name) {
  try {
    return executor.run(input).back();
  } catch (const std::invalid_argument& error) {
    throw base::InputError(name, "", error.what());
  } catch (const fixed::OverflowError& error) {
    throw base::InputError(name, "", error.what());
  }
}

/// What the network answers to each image, held against what samples expect.
kernel::Outcome answer_images(const model::Network& network, const NetworkImages& images, std::int64_t count,
                              OutputsFile& outputs, const TableFiles& files) {
  model::Executor executor(network);
  base::Table table = answer_table();
  SampleCheck samples;
  for (std::int64_t i = 0; i < count; ++i) {
    if (base::interrupted()) throw base::Interrupted();
    const session::InputImage image = images.at(i);
    const op::Tensor output = answer(executor, image.input, images.name(i));
    fmt::print("{}: predicted {}, output {}\n", images.name(i), op::arg_max(output),
               model::largest_text(network, output));
    table.rows.push_back({images.name(i), std::int64_t{op::arg_max(output)}, model::largest_text(network, output)});
    outputs.add(i, image.label, output);
    samples.add(i, output, images.expected(i));
  }
  outputs.write();
  fmt::print("{}", samples.text());
  files.write(table);
  return samples.holds() ? kernel::Outcome::passed : kernel::Outcome::differs;
}

/// The data set of a command that knows no samples: the one file given, the one named, or drawn digits.
std::string dataset_of(const GoldenArguments& a) {
  if (a.inputs.size() > 1) throw base::InputError("--input", "", "expected one file here; folder:DIR takes several");
  if (!a.inputs.empty()) return a.inputs.front();
  return a.dataset.empty() ? "glyphs" : a.dataset;
}

int golden_layers(const GoldenArguments& a) {
  if (a.outputs.empty()) throw base::InputError("--layers", "", "needs --outputs FOLDER");
  const std::vector<LayerValues> layers = computed_layers(a.network, dataset_of(a), a.images.value_or(kLayerImages));
  write_layers(layers, a.outputs);
  fmt::print("{} layers of {} images: {}\n", layers.size(), layers[0].shape[0], a.outputs);
  base::Table table{"layers", {"layer", "values"}, {}};
  for (const LayerValues& layer : layers)
    table.rows.push_back({layer.name, static_cast<std::int64_t>(layer.values.size())});
  a.files.write(table);
  return exit_code(kernel::Outcome::passed);
}

int golden_float(const GoldenArguments& a) {
  const std::string dataset = dataset_of(a);
  const model::FloatNetwork network = model::load_float_network(a.network);
  const auto images = dataset::open_dataset(dataset, model::tensor_shape(network, 0));
  const bool labelled = images->size() > 0 && images->at(0).label >= 0;
  if (labelled && a.outputs.empty()) {
    print_accuracy(network, dataset, a.images.value_or(kImages), a.files);
    return exit_code(kernel::Outcome::passed);
  }
  if (!a.outputs.empty() && !a.outputs.ends_with(".npy")) {
    throw base::InputError(a.outputs, "", "expected a file name that ends in .npy: real values");
  }
  if (!a.outputs.empty()) base::require_place_for(a.outputs);
  const std::int64_t count = std::min(images->size(), a.images.value_or(labelled ? kImages : images->size()));
  const LayerValues last = computed_layers(a.network, dataset, count).back();
  const auto size = static_cast<std::ptrdiff_t>(last.values.size() / last.shape[0]);
  base::Table table = answer_table();
  for (std::int64_t i = 0; i < count; ++i) {
    const auto first = last.values.begin() + i * size;
    const auto largest = std::max_element(first, first + size);
    fmt::print("{} image {}: predicted {}, output {:.6g}\n", dataset, i, largest - first, *largest);
    table.rows.push_back(
        {fmt::format("{} image {}", dataset, i), std::int64_t{largest - first}, static_cast<double>(*largest)});
  }
  if (!a.outputs.empty()) {
    base::write_npy(a.outputs, {last.shape, std::vector<float>(last.values.begin(), last.values.end())});
  }
  a.files.write(table);
  return exit_code(kernel::Outcome::passed);
}

int golden(const GoldenArguments& a) {
  a.files.open();
  const base::InterruptGuard guard;
  if (a.layers) return golden_layers(a);
  if (is_float_network(a.network)) return golden_float(a);
  const model::Network network = model::load_network(a.network);
  OutputsFile outputs(a.outputs, network);
  const NetworkImages images(a.network, network, a.inputs, a.dataset);
  if (!images.labelled() || outputs.wanted()) {
    const std::int64_t most = a.images.value_or(images.labelled() ? kImages : images.size());
    return exit_code(answer_images(network, images, images.count(0, most), outputs, a.files));
  }
  print_accuracy(network, images.source(), a.images.value_or(kImages), a.files);
  return exit_code(kernel::Outcome::passed);
}

}  // namespace

Command add_golden_command(CLI::App& program) {
  auto a = std::make_shared<GoldenArguments>();
  CLI::App* command = program.add_subcommand("golden", std::string(description_of("golden")));
  command->add_option("NETWORK", a->network, "Folder of the network")->required();
  command->add_option("--images", a->images, "Number of images: 1000 of a data set, all of anything else")
      ->check(CLI::Range(1, 1000000000));
  add_input_options(*command, a->inputs, a->dataset);
  command->add_option("--outputs", a->outputs, "Write what the network answered to each image (.npy or .csv)");
  command->add_flag("--layers", a->layers,
                    fmt::format("Write every layer instead, an .npy each, into the folder that --outputs names; of {} "
                                "images if not said",
                                kLayerImages));
  add_table_options(*command, a->files);
  command->footer(
      "Examples: systole golden models/lenet --images 1000\n          systole golden my-network --input picture.png\n"
      "          systole golden models/resnet-float --layers --outputs layers --images 4");
  return [a] { return golden(*a); };
}

}  // namespace systole::cli
