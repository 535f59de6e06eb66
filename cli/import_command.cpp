// SPDX-License-Identifier: Apache-2.0
#include "cli/import_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/counted.h"
#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/npy.h"
#include "base/output_file.h"
#include "base/progress.h"
#include "base/table.h"
#include "cli/import_float.h"
#include "cli/programs.h"
#include "cli/shared_options.h"
#include "golden/fixed/saturate.h"
#include "golden/format/graph_check.h"
#include "golden/format/network_file.h"
#include "golden/import/import.h"
#include "golden/import/onnx/compare.h"
#include "golden/import/onnx/graph_ends.h"
#include "golden/model/execute.h"
#include "models/dataset/network_input.h"
#include "sim/kernel/outcome.h"

namespace systole::cli {
namespace {

op::Tensor answer(model::Executor& executor, const op::Tensor& input, const std::string& file) {
  try {
    return executor.run(input).back();
  } catch (const fixed::OverflowError& error) {
    throw base::InputError(file, "", error.what());
  }
}

/// Adds the differences of one answer; `file` is an integer array of as many values in the same order.
void compare(const op::Tensor& found, const std::string& file, model::Difference& difference) {
  const base::NpyArray array = base::read_npy(file);
  std::visit(
      [&](const auto& values) {
        if constexpr (std::is_floating_point_v<std::decay_t<decltype(values[0])>>) {
          throw base::InputError(file, "descr", "expected integers, found float32");
        } else {
          if (static_cast<std::int64_t>(values.size()) != found.data.size()) {
            throw base::InputError(file, "shape",
                                   fmt::format("expected {} values, found {}", found.data.size(), values.size()));
          }
          for (std::size_t i = 0; i < values.size(); ++i) {
            difference.add(found.data.data()[static_cast<std::ptrdiff_t>(i)], values[i]);
          }
        }
      },
      array.values);
}

/// Answers to the inputs given.
std::vector<model::Sample> answer_inputs(const model::Network& network, const ImportArguments& a,
                                         model::Difference& difference) {
  model::Executor executor(network);
  std::vector<model::Sample> samples;
  for (std::size_t i = 0; i < a.inputs.size(); ++i) {
    op::Tensor input = dataset::read_input(network.input, a.inputs[i]);
    op::Tensor output = answer(executor, input, a.inputs[i]);
    if (!a.expected.empty()) compare(output, a.expected[i], difference);
    samples.push_back({.input = std::move(input), .expected = std::move(output)});
  }
  return samples;
}

/// Drawn samples of a TFLite network: with them a network without --input can be run, and run again elsewhere.
void draw_samples(const model::Network& network, const ImportArguments& a, std::vector<model::Sample>& kept) {
  const int count = a.random.value_or(kept.empty() ? kRandomSamples : 0);
  model::Executor executor(network);
  for (int i = 0; i < count; ++i) {
    if (base::interrupted()) throw base::Interrupted();
    op::Tensor input = model::random_elements(network.input, static_cast<std::uint64_t>(i));
    op::Tensor output = answer(executor, input, a.model);
    kept.push_back({.input = std::move(input), .expected = std::move(output)});
  }
}

/// What an ONNX network was held against, and how far it lies.
struct Measured {
  std::size_t samples = 0, drawn = 0;  ///< of the samples, drawn at random
  std::vector<model::Difference> layers;
  model::Difference output;
};

/// Samples from --samples and --input, then those drawn; runs them all and keeps those given with their answers, of a
/// network without any the first ones drawn.
Measured measure(const model::onnx::Graph& graph, const model::onnx::Translation& translation, const ImportArguments& a,
                 std::vector<model::Sample>& kept) {
  std::vector<model::onnx::Array> samples;
  samples.reserve(kept.size());
  for (const model::Sample& sample : kept) samples.push_back(model::onnx::to_sample(translation, sample.input));
  const std::size_t from_inputs = samples.size();
  for (const std::string& path : a.samples) {
    for (auto& sample : model::onnx::read_samples(path, translation)) samples.push_back(std::move(sample));
  }
  const std::size_t given = samples.size();
  Measured result;
  result.drawn = static_cast<std::size_t>(a.random.value_or(given == 0 ? kRandomSamples : 0));
  result.samples = given + result.drawn;
  model::onnx::Comparison comparison(graph, translation);
  base::ProgressBar bar("samples", std::max<std::size_t>(1, result.samples));
  for (std::size_t i = 0; i < result.samples; ++i) {
    if (base::interrupted()) throw base::Interrupted();
    model::Sample sample = comparison.add(i < given ? samples[i] : model::onnx::random_sample(translation, i - given));
    const bool first_drawn = given == 0 && i < static_cast<std::size_t>(kRandomSamples);
    if ((i >= from_inputs && i < given) || first_drawn) kept.push_back(std::move(sample));
    bar.set(i + 1);
  }
  result.layers = comparison.layers();
  result.output = comparison.output();
  return result;
}

/// The same; a sum that leaves int32 is the model's fault.
Measured measure_checked(const model::onnx::Graph& graph, const model::onnx::Translation& translation,
                         const ImportArguments& a, std::vector<model::Sample>& kept) {
  try {
    return measure(graph, translation, a, kept);
  } catch (const fixed::OverflowError& error) {
    throw base::InputError(a.model, "", error.what());
  }
}

base::Table difference_table(const model::Network& network, const Measured& measured) {
  base::Table table{"layers", {"layer", "values", "differ", "largest"}};
  const auto add = [&table](const std::string& name, const model::Difference& d) {
    table.rows.push_back({name, d.compared, d.unequal, d.largest});
  };
  for (std::size_t i = 0; i < measured.layers.size(); ++i) add(network.nodes[i].layer.name, measured.layers[i]);
  add("output of all layers", measured.output);
  return table;
}

void print_measured(const Measured& measured, const base::Table& table) {
  fmt::print("against ONNX's own arithmetic on {} samples, {} of them drawn; a layer on ONNX's inputs of it:\n{}",
             measured.samples, measured.drawn, terminal_table(table));
}

nlohmann::json to_json(const model::Difference& d) {
  return {{"compared", d.compared}, {"unequal", d.unequal}, {"largest", d.largest}};
}

std::string differences_text(const model::Import& import, const std::optional<Measured>& measured) {
  if (!measured) return {};
  nlohmann::json layers = nlohmann::json::array();
  for (std::size_t i = 0; i < measured->layers.size(); ++i) {
    layers.push_back(to_json(measured->layers[i]));
    layers.back()["name"] = import.network.nodes[i].layer.name;
  }
  return nlohmann::json{{"samples", measured->samples},
                        {"drawn", measured->drawn},
                        {"layers", layers},
                        {"output", to_json(measured->output)}}
      .dump();
}

/// Whether every layer holds what import_graph() promises; reports which does not.
bool within_one_step(const model::Network& network, const Measured& measured) {
  bool within = true;
  for (std::size_t i = 0; i < measured.layers.size(); ++i) {
    if (measured.layers[i].largest <= 1) continue;
    fmt::print("{}: differs by {} steps, expected at most one\n", network.nodes[i].layer.name,
               measured.layers[i].largest);
    within = false;
  }
  return within;
}

/// Whether the answers are those expected; reports how many are not.
bool within_tolerance(const ImportArguments& a, const model::Difference& difference) {
  if (a.expected.empty()) return true;
  fmt::print("{} of {} values differ from those expected, at most by {}{}\n", difference.unequal, difference.compared,
             difference.largest, a.tolerance == 0 ? "" : fmt::format(", --tolerance {}", a.tolerance));
  return difference.largest <= a.tolerance;
}

/// A file read and translated; the graph where it is ONNX.
struct Source {
  std::optional<model::onnx::Graph> graph;
  model::onnx::Translation translation;  ///< of TFLite only the import
};

void check_arguments(const ImportArguments& a) {
  if (!a.expected.empty() && a.expected.size() != a.inputs.size()) {
    throw base::InputError(
        "--expected", "",
        fmt::format("expected one file for each of the {} --input, found {}", a.inputs.size(), a.expected.size()));
  }
  if (a.pixel_zero || a.pixel_scale) {
    throw base::InputError(a.pixel_zero ? "--pixel-zero" : "--pixel-scale", "",
                           "expected with a float ONNX file: a quantized one says what its elements are");
  }
}

int import_quantized(const Source& source, const ImportArguments& a) {
  const model::Import& result = source.translation.import;
  if (!source.graph && !a.samples.empty()) {
    throw base::InputError("--samples", "", "expected with an ONNX file; for a TFLite file --input and --expected");
  }
  model::Difference difference;
  std::vector<model::Sample> samples = answer_inputs(result.network, a, difference);
  std::optional<Measured> measured;
  if (source.graph) {
    measured = measure_checked(*source.graph, source.translation, a, samples);
  } else {
    draw_samples(result.network, a, samples);
  }
  print_steps(result.network.name, result.format, model::tensor_shape(result.network, 0), result.network.nodes.size(),
              result.steps);
  std::vector<base::Table> tables{step_table(result.steps)};
  if (measured) {
    tables.push_back(difference_table(result.network, *measured));
    print_measured(*measured, tables.back());
  }
  a.files.write(tables);
  write_report(a.report, a.model, result.format, result.network.name, result.steps, differences_text(result, measured));
  const bool layers_hold = !measured || within_one_step(result.network, *measured);
  const bool answers_hold = within_tolerance(a, difference);
  if (!layers_hold || !answers_hold) {
    fmt::print("not written: the network differs from its source\n");
    return exit_code(kernel::Outcome::differs);
  }
  model::save_network(result.network, a.folder, samples);
  fmt::print("written to {} with {}\n", a.folder, base::counted(samples.size(), "sample"));
  return exit_code(kernel::Outcome::passed);
}

int import(const ImportArguments& a) {
  if (!a.report.empty()) base::require_place_for(a.report);
  a.files.open();
  const base::InterruptGuard guard;
  Source source;
  if (!model::onnx::is_onnx(a.model)) {
    check_arguments(a);
    source.translation.import = model::import_model(a.model);
    return import_quantized(source, a);
  }
  source.graph = model::onnx::read_graph(a.model);
  if (model::onnx::is_float(*source.graph)) return import_float(*source.graph, a);
  check_arguments(a);
  source.translation = model::onnx::import_graph(*source.graph);
  return import_quantized(source, a);
}

}  // namespace

Command add_import_command(CLI::App& program) {
  auto a = std::make_shared<ImportArguments>();
  CLI::App* command = program.add_subcommand("import", std::string(description_of("import")));
  command->add_option("MODEL", a->model, "File of the network (.tflite .onnx)")->required();
  command->add_option("-o,--output", a->folder, "Folder of the imported network")->required();
  command->add_option("--input", a->inputs, fmt::format("Files, kept with their answers as samples: {}", kInputFiles))
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("--expected", a->expected,
                   "What the network must answer to each --input (.npy of integers), or of a float model to "
                   "each of the --samples (.npy or .pb of float32)")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--tolerance", a->tolerance, "Steps that an answer may lie from the one expected")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command
      ->add_option("--samples", a->samples,
                   "ONNX: values of the graph's input (.npy, .pb or folders of them) to be held against ONNX's own "
                   "arithmetic; kept with their answers, or of a float model held against a folder's output*")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("--random", a->random,
                   fmt::format("Samples to draw besides ({} where none are given)", kRandomSamples))
      ->check(CLI::Range(0, 1000000));
  command->add_option("--pixel-scale", a->pixel_scale, "Float ONNX: real value of a step of a pixel (1 / 255)")
      ->check(CLI::PositiveNumber);
  command->add_option("--pixel-zero", a->pixel_zero, "Float ONNX: pixel that stands for 0 (0)")
      ->check(CLI::Range(0, 255));
  command->add_option("--report", a->report, "Write a JSON report of steps and differences");
  add_table_options(*command, a->files);
  command->footer(
      "Examples: systole import net.tflite --output net --input image.png\n"
      "          systole import net.onnx --output net --samples test_data_set_0 --report net.json\n"
      "          systole run net\n"
      "          systole import float.onnx --output net-float --samples x.npy --expected y.npy\n"
      "          systole quantize net-float --scheme affine --dataset npy:images.npy --output net");
  return [a] { return import(*a); };
}

}  // namespace systole::cli
