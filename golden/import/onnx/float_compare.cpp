// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/float_compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/input_error.h"
#include "golden/fixed/counter_random.h"
#include "golden/format/graph_check.h"
#include "golden/import/onnx/compare.h"
#include "golden/import/onnx/geometry.h"
#include "golden/import/onnx/ops.h"

namespace systole::model::onnx {

namespace {

Shape shape_of(const FloatLayer& layer) { return {layer.out_h, layer.out_w, layer.out_c}; }

void count(const FloatTensor& found, const Shape& shape, const Array& expected, bool last, FloatDifference& to) {
  for_each_element(shape, last, [&](std::int64_t there, std::int64_t here) {
    to.add(static_cast<double>(found.data.data()[here]), expected.values[at(there)]);
  });
}

}  // namespace

void FloatDifference::add(double found, double expected) {
  const double distance = std::abs(found - expected);
  ++compared;
  largest = std::isnan(distance) ? std::numeric_limits<double>::infinity() : std::max(largest, distance);
  reference = std::max(reference, std::abs(expected));
}

FloatComparison::FloatComparison(const Graph& graph, const FloatTranslation& translation)
    : graph_(graph),
      translation_(translation),
      executor_(translation.network),
      layers_(translation.network.nodes.size()) {}

void FloatComparison::add(const Array& sample, const Array* answer) {
  const GraphInput& in = translation_.input;
  const FloatLayer& last = translation_.network.nodes.back().layer;
  const std::string place = fmt::format("input '{}'", printable(in.name));
  const auto is_finite = [](double value) { return std::isfinite(value); };
  if (sample.shape != in.shape || !std::all_of(sample.values.begin(), sample.values.end(), is_finite)) {
    throw base::InputError(graph_.file, place, fmt::format("expected finite numbers [{}]", fmt::join(in.shape, ", ")));
  }
  if (answer != nullptr && static_cast<std::int64_t>(answer->values.size()) != shape_of(last).elements()) {
    throw base::InputError(
        graph_.file, "output",
        fmt::format("expected answers of {} values, found {}", shape_of(last).elements(), answer->values.size()));
  }
  FloatTensor input(in.map.height, in.map.width, in.map.channels);
  for_each_element(in.map, in.last, [&](std::int64_t there, std::int64_t here) {
    input.data.data()[here] = static_cast<float>(sample.values[at(there)]);
  });
  const std::vector<FloatTensor>& found = executor_.run(input);
  const std::map<std::string, Array> values = evaluate(graph_, {{in.name, sample}});
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const FloatSource& source = translation_.layers[i];
    if (source.tensor.empty()) continue;
    count(found[i], shape_of(translation_.network.nodes[i].layer), values.at(source.tensor), source.last, layers_[i]);
  }
  if (answer != nullptr) count(found.back(), shape_of(last), *answer, translation_.layers.back().last, answers_);
}

Array random_sample(const FloatTranslation& translation, std::uint64_t number) {
  const FloatInput& in = translation.network.input;
  const fixed::CounterRandom random(number, "import.onnx", "pixels");
  Array sample{.type = Type::float32, .shape = translation.input.shape, .values = {}};
  const std::int64_t values = element_count(sample.shape);
  for (std::int64_t i = 0; i < values; ++i) {
    const int pixel = random.between(static_cast<std::uint64_t>(i), 0, 255);
    sample.values.push_back(static_cast<double>(static_cast<float>(pixel - in.pixel_zero) * in.pixel_scale));
  }
  return sample;
}

std::vector<Array> read_answers(const std::filesystem::path& path, std::int64_t values) {
  std::vector<Array> answers;
  for (const Array& array : read_outputs(path)) {
    const auto found = static_cast<std::int64_t>(array.values.size());
    if (array.type != Type::float32 || found % values != 0) {
      throw base::InputError(path.string(), "",
                             fmt::format("expected answers of {} float32 values each, found {} of {}", values, found,
                                         to_string(array.type)));
    }
    for (auto it = array.values.begin(); it != array.values.end(); it += static_cast<std::ptrdiff_t>(values)) {
      answers.push_back(
          {.type = array.type, .shape = {values}, .values = {it, it + static_cast<std::ptrdiff_t>(values)}});
    }
  }
  return answers;
}

}  // namespace systole::model::onnx
