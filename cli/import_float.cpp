// SPDX-License-Identifier: Apache-2.0
#include "cli/import_float.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/progress.h"
#include "base/table.h"
#include "cli/programs.h"
#include "golden/format/graph_check.h"
#include "golden/import/onnx/compare.h"
#include "golden/import/onnx/float_compare.h"
#include "sim/kernel/outcome.h"

namespace systole::cli {
namespace {

using model::onnx::FloatDifference;

void refuse_unfit(const ImportArguments& a) {
  const auto refuse = [](const char* option, const char* expected) {
    throw base::InputError(option, "", std::string("expected ") + expected);
  };
  if (!a.inputs.empty()) refuse("--input", "with a quantized model; a float network is checked on --samples");
  if (a.tolerance != 0) refuse("--tolerance", "with a quantized model; a float network has 1e-4 of the largest value");
  if (!a.expected.empty() && a.samples.empty()) refuse("--expected", "with --samples, whose answers they are");
}

/// Samples and what the framework answers to each: all of them or none.
struct FloatSamples {
  std::vector<model::onnx::Array> inputs, answers;
};

FloatSamples read_given(const model::onnx::Graph& graph, const model::onnx::FloatTranslation& translation,
                        const ImportArguments& a) {
  FloatSamples given;
  const auto outputs = tensor_shape(translation.network, static_cast<int>(translation.network.nodes.size())).elements();
  const auto add_answers = [&](const std::string& path) {
    for (auto& answer : model::onnx::read_answers(path, outputs)) given.answers.push_back(std::move(answer));
  };
  for (const std::string& path : a.samples) {
    for (auto& sample : model::onnx::read_samples(path, translation.input.shape, translation.input.type)) {
      given.inputs.push_back(std::move(sample));
    }
    if (a.expected.empty() && std::filesystem::is_directory(path)) add_answers(path);
  }
  for (const std::string& path : a.expected) add_answers(path);
  if (!given.answers.empty() && given.answers.size() != given.inputs.size()) {
    throw base::InputError(a.expected.empty() ? a.samples[0] : "--expected", "",
                           fmt::format("expected an answer for each of the {} samples, found {}", given.inputs.size(),
                                       given.answers.size()));
  }
  const bool host = model::onnx::graph_output(graph) != graph.outputs[0];
  if (!given.answers.empty() && host) {
    throw base::InputError(graph.file, "output",
                           "expected a graph without Softmax at its end to compare answers: it is left to the host");
  }
  return given;
}

/// What a float network was held against, and how far it lies.
struct FloatMeasured {
  std::size_t samples = 0, drawn = 0;  ///< of the samples, drawn at random
  std::vector<FloatDifference> layers;
  FloatDifference answers;
};

FloatMeasured measure_float(const model::onnx::Graph& graph, const model::onnx::FloatTranslation& translation,
                            const ImportArguments& a) {
  const FloatSamples given = read_given(graph, translation, a);
  FloatMeasured result;
  result.drawn = static_cast<std::size_t>(a.random.value_or(given.inputs.empty() ? kRandomSamples : 0));
  result.samples = given.inputs.size() + result.drawn;
  model::onnx::FloatComparison comparison(graph, translation);
  base::ProgressBar bar("samples", std::max<std::size_t>(1, result.samples));
  for (std::size_t i = 0; i < result.samples; ++i) {
    if (base::interrupted()) throw base::Interrupted();
    if (i < given.inputs.size()) {
      comparison.add(given.inputs[i], given.answers.empty() ? nullptr : &given.answers[i]);
    } else {
      comparison.add(model::onnx::random_sample(translation, i - given.inputs.size()));
    }
    bar.set(i + 1);
  }
  result.layers = comparison.layers();
  result.answers = comparison.answers();
  return result;
}

/// The tensors that were compared, by name.
std::vector<std::pair<std::string, FloatDifference>> compared(const model::FloatNetwork& network,
                                                              const FloatMeasured& measured) {
  std::vector<std::pair<std::string, FloatDifference>> result;
  for (std::size_t i = 0; i < measured.layers.size(); ++i) {
    if (measured.layers[i].compared > 0) result.emplace_back(network.nodes[i].layer.name, measured.layers[i]);
  }
  if (measured.answers.compared > 0) result.emplace_back("answers given", measured.answers);
  return result;
}

base::Table tensor_table(const model::FloatNetwork& network, const FloatMeasured& measured) {
  base::Table table{"tensors", {"tensor", "values", "largest value", "largest difference", "of the largest value"}};
  for (const auto& [name, d] : compared(network, measured)) {
    table.rows.push_back({name, d.compared, base::Figure{fmt::format("{:.6g}", d.reference)},
                          base::Figure{fmt::format("{:.3g}", d.largest)},
                          base::Figure{fmt::format("{:.2g}", d.relative())}});
  }
  return table;
}

nlohmann::json differences_json(const model::FloatNetwork& network, const FloatMeasured& measured) {
  nlohmann::json tensors = nlohmann::json::array();
  for (const auto& [name, d] : compared(network, measured)) {
    tensors.push_back(
        {{"name", name}, {"compared", d.compared}, {"largest", d.largest}, {"largest_value", d.reference}});
  }
  return {{"samples", measured.samples}, {"drawn", measured.drawn}, {"tensors", tensors}};
}

/// Whether every tensor is within the tolerance; reports which is not.
bool within(const model::FloatNetwork& network, const FloatMeasured& measured) {
  bool good = true;
  for (const auto& [name, d] : compared(network, measured)) {
    if (d.relative() <= model::onnx::kFloatTolerance) continue;
    fmt::print("{}: differs by {:.2g} of its largest value, expected at most {:.0e}\n", name, d.relative(),
               model::onnx::kFloatTolerance);
    good = false;
  }
  return good;
}

}  // namespace

int import_float(const model::onnx::Graph& graph, const ImportArguments& a) {
  refuse_unfit(a);
  constexpr const char* kFormat = "ONNX, float32";
  model::onnx::FloatTranslation translation = model::onnx::import_float_graph(graph);
  model::FloatNetwork& network = translation.network;
  if (a.pixel_zero) network.input.pixel_zero = *a.pixel_zero;
  if (a.pixel_scale) network.input.pixel_scale = static_cast<float>(*a.pixel_scale);
  check_float_network(network, "--pixel-scale, --pixel-zero");
  const FloatMeasured measured = measure_float(graph, translation, a);
  print_steps(network.name, kFormat, translation.input.map, network.nodes.size(), translation.steps);
  fmt::print("pixels: real = (pixel - {}) * {:.9g}\n", network.input.pixel_zero, network.input.pixel_scale);
  const std::vector<base::Table> tables{step_table(translation.steps), tensor_table(network, measured)};
  fmt::print("against ONNX's own arithmetic on {} samples, {} of them drawn; each layer behind all before it:\n{}",
             measured.samples, measured.drawn, terminal_table(tables.back()));
  a.files.write(tables);
  write_report(a.report, a.model, kFormat, network.name, translation.steps, differences_json(network, measured).dump());
  if (!within(network, measured)) {
    fmt::print("not written: the network differs from its source\n");
    return exit_code(kernel::Outcome::differs);
  }
  save_float_network(network, a.folder);
  fmt::print("written to {}\n", a.folder);
  return exit_code(kernel::Outcome::passed);
}

}  // namespace systole::cli
