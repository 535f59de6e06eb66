#include "sim/app/import_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "golden/fixed/saturate.h"
#include "golden/model/execute.h"
#include "golden/model/import/import.h"
#include "golden/model/input_error.h"
#include "golden/model/network_file.h"
#include "golden/model/npy.h"
#include "golden/model/pixels.h"
#include "golden/model/samples.h"
#include "models/dataset/dataset.h"
#include "sim/kernel/outcome.h"

namespace systole::app {
namespace {

struct ImportArguments {
  std::string model, folder;
  std::vector<std::string> inputs, expected;
};

/// How far the golden's answers lie from those expected.
struct Difference {
  std::int64_t compared = 0, unequal = 0, largest = 0;
};

op::Tensor read_input(const model::Network& network, const std::string& file) {
  try {
    return model::to_input(network.input, dataset::read_image(file));
  } catch (const std::invalid_argument& error) {
    throw model::InputError(file, "", error.what());
  }
}

op::Tensor answer(model::Executor& executor, const op::Tensor& input, const std::string& file) {
  try {
    return executor.run(input).back();
  } catch (const fixed::OverflowError& error) {
    throw model::InputError(file, "", error.what());
  }
}

/// Adds the differences of one answer; `file` is an integer array of as many values in the same order.
void compare(const op::Tensor& found, const std::string& file, Difference& difference) {
  const model::NpyArray array = model::read_npy(file);
  std::visit(
      [&](const auto& values) {
        if constexpr (std::is_floating_point_v<std::decay_t<decltype(values[0])>>) {
          throw model::InputError(file, "descr", "expected integers, found float32");
        } else {
          if (static_cast<std::int64_t>(values.size()) != found.data.size()) {
            throw model::InputError(file, "shape",
                                    fmt::format("expected {} values, found {}", found.data.size(), values.size()));
          }
          for (std::size_t i = 0; i < values.size(); ++i) {
            const std::int64_t step =
                std::abs(std::int64_t{values[i]} - found.data.data()[static_cast<std::ptrdiff_t>(i)]);
            ++difference.compared;
            if (step != 0) ++difference.unequal;
            difference.largest = std::max(difference.largest, step);
          }
        }
      },
      array.values);
}

void print_import(const model::Import& import) {
  const model::Input& in = import.network.input;
  fmt::print("{}: {}, input {} x {} x {}, {} layers\n", import.network.name, import.format, in.height, in.width,
             in.channels, import.network.nodes.size());
  for (const model::ImportStep& step : import.steps)
    fmt::print("  {:>3} {:<20} {}\n", step.index, step.op, step.became);
}

/// Answers to the inputs given, stored beside the network as its samples.
std::vector<model::Sample> make_samples(const model::Network& network, const ImportArguments& a,
                                        Difference& difference) {
  model::Executor executor(network);
  std::vector<model::Sample> samples;
  for (std::size_t i = 0; i < a.inputs.size(); ++i) {
    op::Tensor input = read_input(network, a.inputs[i]);
    op::Tensor output = answer(executor, input, a.inputs[i]);
    if (!a.expected.empty()) compare(output, a.expected[i], difference);
    samples.push_back({.input = std::move(input), .expected = std::move(output)});
  }
  return samples;
}

int import(const ImportArguments& a) {
  if (!a.expected.empty() && a.expected.size() != a.inputs.size()) {
    throw model::InputError(
        "--expected", "",
        fmt::format("expected one file for each of the {} --input, found {}", a.inputs.size(), a.expected.size()));
  }
  const model::Import result = model::import_model(a.model);
  print_import(result);
  Difference difference;
  const std::vector<model::Sample> samples = make_samples(result.network, a, difference);
  model::save_network(result.network, a.folder);
  if (!samples.empty()) model::save_samples(samples, a.folder);
  fmt::print("written to {}\n", a.folder);
  if (a.expected.empty()) return exit_code(kernel::Outcome::passed);
  fmt::print("{} of {} values differ from those expected, at most by {}\n", difference.unequal, difference.compared,
             difference.largest);
  return exit_code(difference.unequal == 0 ? kernel::Outcome::passed : kernel::Outcome::mismatch);
}

}  // namespace

Command add_import_command(CLI::App& program) {
  auto a = std::make_shared<ImportArguments>();
  CLI::App* command = program.add_subcommand("import", "A TFLite int8 network into Systole's format");
  command->add_option("MODEL", a->model, "File of the network (.tflite)")->required();
  command->add_option("-o,--output", a->folder, "Folder of the imported network")->required();
  command->add_option("--input", a->inputs, "Image files (.png .npy .bin), kept with their answers as samples")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--expected", a->expected, "What the network must answer to each --input (.npy of integers)")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->footer("Example: systole import net.tflite --output net --input image.png");
  return [a] { return import(*a); };
}

}  // namespace systole::app
