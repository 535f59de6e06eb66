// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <system_error>
#include <type_traits>
#include <utility>

#include "base/input_error.h"
#include "base/npy.h"
#include "golden/format/graph_check.h"
#include "golden/import/onnx/call.h"
#include "golden/import/onnx/geometry.h"
#include "golden/import/onnx/ops.h"

namespace systole::model::onnx {

namespace {

namespace fs = std::filesystem;

std::string place_of(const Translation& translation) { return fmt::format("input '{}'", printable(translation.input)); }

Type element_type(const Translation& translation) {
  return translation.import.network.input.is_signed ? Type::int8 : Type::uint8;
}

Array to_array(const base::NpyArray& npy, const fs::path& file) {
  Array array;
  for (const std::size_t extent : npy.shape) array.shape.push_back(static_cast<std::int64_t>(extent));
  std::visit(
      [&](const auto& values) {
        using Element = std::decay_t<decltype(values[0])>;
        array.type = std::is_same_v<Element, float>          ? Type::float32
                     : std::is_same_v<Element, std::int8_t>  ? Type::int8
                     : std::is_same_v<Element, std::uint8_t> ? Type::uint8
                                                             : Type::int32;
        array.values.assign(values.begin(), values.end());
      },
      npy.values);
  if (array.values.empty()) throw base::InputError(file.string(), "shape", "expected values, found none");
  return array;
}

/// Cuts an array into samples of the input's shape.
std::vector<Array> split(const Array& array, const fs::path& file, const std::vector<std::int64_t>& shape, Type type) {
  if (array.type != type) {
    throw base::InputError(file.string(), "type",
                           fmt::format("expected {}, found {}", to_string(type), to_string(array.type)));
  }
  const bool batched = array.shape.size() == shape.size();
  const bool matrix = shape.size() == 2 && shape[0] > 1;  // its first extent is no batch
  const bool matches = matrix ? array.shape == shape
                              : std::equal(shape.rbegin(), shape.rend() - 1, array.shape.rbegin(),
                                           array.shape.rend() - (batched ? 1 : 0));
  if (array.values.empty() || !matches) {
    throw base::InputError(file.string(), "shape",
                           fmt::format("expected [{}] as the graph's input has, the batch any or left out, found [{}]",
                                       fmt::join(shape, ", "), fmt::join(array.shape, ", ")));
  }
  const auto size = static_cast<std::ptrdiff_t>(element_count(shape));
  std::vector<Array> samples;
  for (auto it = array.values.begin(); it != array.values.end(); it += size) {
    samples.push_back({.type = array.type, .shape = shape, .values = {it, it + size}});
  }
  return samples;
}

Array read_array(const fs::path& file) {
  if (file.extension() == ".pb") return read_tensor(file);
  if (file.extension() == ".npy") return to_array(base::read_npy(file), file);
  throw base::InputError(file.string(), "", "expected a folder or a file name that ends in .npy or .pb");
}

/// The arrays in a folder whose names start with "output", or all others.
std::vector<fs::path> sample_files(const fs::path& folder, bool outputs) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const fs::path& file = entry.path();
    const bool sample = file.extension() == ".pb" || file.extension() == ".npy";
    if (sample && file.filename().string().starts_with("output") == outputs) files.push_back(file);
  }
  if (error) throw base::InputError(folder.string(), "", "cannot be listed: " + error.message());
  if (files.empty() && !outputs)
    throw base::InputError(folder.string(), "", "expected files that end in .npy or .pb, found none");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Comparison::Comparison(const Graph& graph, const Translation& translation)
    : graph_(graph),
      translation_(translation),
      executor_(translation.import.network),
      layers_(translation.import.network.nodes.size()) {
  for (const model::Node& node : translation.import.network.nodes) ops_.push_back(fast::make_op(node.layer));
}

op::Tensor Comparison::elements(const Array& sample) const {
  const Input& in = translation_.import.network.input;
  op::Tensor result(in.height, in.width, in.channels);
  const Range range = range_of(element_type(translation_));
  const auto element = [&](double value) {
    if (translation_.type != Type::float32) return value;
    const float steps = static_cast<float>(value) / translation_.scale;  // as QuantizeLinear
    if (std::isnan(steps)) throw base::InputError(graph_.file, place_of(translation_), "expected numbers, found NaN");
    return std::clamp(round_half_even(static_cast<double>(steps)) + translation_.zero, range.low, range.high);
  };
  for_each_element({in.height, in.width, in.channels}, translation_.rows, [&](std::int64_t source, std::int64_t here) {
    result.data.data()[here] = static_cast<std::int32_t>(element(sample.values[at(source)]));
  });
  return result;
}

op::Tensor Comparison::tensor(const std::map<std::string, Array>& values, std::size_t layer) const {
  const LayerSource& source = translation_.layers[layer];
  const op::Layer& l = translation_.import.network.nodes[layer].layer;
  const Array& array = values.at(source.tensor);
  op::Tensor result(l.out_h, l.out_w, l.out_c);
  const Range range = range_of(Type::int32);
  for_each_element({l.out_h, l.out_w, l.out_c}, source.rows, [&](std::int64_t from, std::int64_t here) {
    double value = array.values[at(from)];
    if (!source.step.empty()) {
      const auto channel = static_cast<std::size_t>(here % l.out_c);
      value = round_half_even(value / source.step[source.step.size() == 1 ? 0 : channel]);
    }
    result.data.data()[here] = static_cast<std::int32_t>(std::clamp(value, range.low, range.high));
  });
  return result;
}

Sample Comparison::add(const Array& sample) {
  if (sample.type != translation_.type || sample.shape != translation_.shape) {
    throw base::InputError(
        graph_.file, place_of(translation_),
        fmt::format("expected a sample of {} [{}], found {} [{}]", to_string(translation_.type),
                    fmt::join(translation_.shape, ", "), to_string(sample.type), fmt::join(sample.shape, ", ")));
  }
  std::vector<op::Tensor> tensors{elements(sample)};
  const std::map<std::string, Array> values = evaluate(graph_, {{translation_.input, sample}});
  for (std::size_t i = 0; i < layers_.size(); ++i) tensors.push_back(tensor(values, i));
  const auto count = [](const op::Tensor& found, const op::Tensor& expected, Difference& difference) {
    for (Eigen::Index k = 0; k < found.data.size(); ++k) difference.add(found.data.data()[k], expected.data.data()[k]);
  };
  op::Tensor out;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    std::vector<const op::Tensor*> inputs;
    for (const int number : translation_.import.network.nodes[i].inputs) {
      inputs.push_back(&tensors[static_cast<std::size_t>(number)]);
    }
    ops_[i]->run(inputs, out, workspace_);
    count(out, tensors[i + 1], layers_[i]);
  }
  Sample result{.input = tensors[0], .expected = executor_.run(tensors[0]).back()};
  count(result.expected, tensors.back(), output_);
  return result;
}

Array random_sample(const Translation& translation, std::uint64_t number) {
  return to_sample(translation, random_elements(translation.import.network.input, number));
}

Array to_sample(const Translation& translation, const op::Tensor& elements) {
  const Input& in = translation.import.network.input;
  Array sample{.type = translation.type, .shape = translation.shape, .values = {}};
  sample.values.resize(static_cast<std::size_t>(elements.data.size()));
  for_each_element({in.height, in.width, in.channels}, translation.rows, [&](std::int64_t source, std::int64_t here) {
    const std::int32_t element = elements.data.data()[here];
    sample.values[at(source)] =
        translation.type != Type::float32
            ? element
            : static_cast<double>(static_cast<float>(element - translation.zero) * translation.scale);
  });
  return sample;
}

std::vector<Array> read_samples(const fs::path& path, const Translation& translation) {
  return read_samples(path, translation.shape, translation.type);
}

std::vector<Array> read_samples(const fs::path& path, const std::vector<std::int64_t>& shape, Type type) {
  std::vector<Array> samples;
  for (const fs::path& file : fs::is_directory(path) ? sample_files(path, false) : std::vector{path}) {
    for (Array& sample : split(read_array(file), file, shape, type)) samples.push_back(std::move(sample));
  }
  return samples;
}

std::vector<Array> read_outputs(const fs::path& path) {
  std::vector<Array> outputs;
  for (const fs::path& file : fs::is_directory(path) ? sample_files(path, true) : std::vector{path}) {
    outputs.push_back(read_array(file));
  }
  return outputs;
}

}  // namespace systole::model::onnx
