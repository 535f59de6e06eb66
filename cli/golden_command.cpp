// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/network_images.h"
#include "cli/outputs_file.h"
#include "cli/programs.h"
#include "cli/shared_options.h"
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
};

/// Accuracy on a data set with labels.
void print_accuracy(const model::Network& network, const std::string& dataset, std::int64_t count) {
  const session::LabelledImages images(dataset, count, model::tensor_shape(network, 0));
  const auto start = std::chrono::steady_clock::now();
  const double met = [&] {
    base::ProgressBar bar("images", static_cast<std::uint64_t>(images.count()));
    return images.accuracy(network, [&](std::int64_t done) { bar.set(static_cast<std::uint64_t>(done)); });
  }();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("{} images: {:.2f} % of the labels met, {:.0f} images/s\n", images.count(), 100 * met,
             static_cast<double>(images.count()) / seconds);
}

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
                              OutputsFile& outputs) {
  model::Executor executor(network);
  SampleCheck samples;
  for (std::int64_t i = 0; i < count; ++i) {
    if (base::interrupted()) throw base::Interrupted();
    const session::InputImage image = images.at(i);
    const op::Tensor output = answer(executor, image.input, images.name(i));
    fmt::print("{}: predicted {}, output {}\n", images.name(i), op::arg_max(output),
               model::largest_text(network, output));
    outputs.add(i, image.label, output);
    samples.add(i, output, images.expected(i));
  }
  outputs.write();
  fmt::print("{}", samples.text());
  return samples.holds() ? kernel::Outcome::passed : kernel::Outcome::differs;
}

int golden(const GoldenArguments& a) {
  constexpr std::int64_t kImages = 1000;
  const base::InterruptGuard guard;
  const model::Network network = model::load_network(a.network);
  OutputsFile outputs(a.outputs, network);
  const NetworkImages images(a.network, network, a.inputs, a.dataset);
  if (!images.labelled() || outputs.wanted()) {
    const std::int64_t most = a.images.value_or(images.labelled() ? kImages : images.size());
    return exit_code(answer_images(network, images, images.count(0, most), outputs));
  }
  print_accuracy(network, images.source(), a.images.value_or(kImages));
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
  command->footer(
      "Examples: systole golden models/lenet --images 1000\n          systole golden my-network --input picture.png");
  return [a] { return golden(*a); };
}

}  // namespace systole::cli
