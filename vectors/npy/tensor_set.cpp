// SPDX-License-Identifier: Apache-2.0
#include "vectors/npy/tensor_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/as_size.h"
#include "base/input_error.h"
#include "golden/fast/op.h"
#include "golden/format/network_file.h"
#include "golden/op/validate.h"
#include "vectors/npy/tensor_text.h"

namespace systole::vectors {

namespace {

using base::as_size;

constexpr std::string_view kExtension = ".npy";

template <typename Element>
std::vector<Element> elements(std::span<const std::int32_t> values) {
  std::vector<Element> result(values.size());
  std::ranges::transform(values, result.begin(), [](std::int32_t value) { return static_cast<Element>(value); });
  return result;
}

template <typename Element>
bool fit(std::span<const std::int32_t> values) {
  return std::ranges::all_of(values, [](std::int32_t value) {
    return value >= std::numeric_limits<Element>::min() && value <= std::numeric_limits<Element>::max();
  });
}

/// int8 or uint8 where all values fit, otherwise int32.
base::NpyArray array_of(std::span<const std::int32_t> values, Shape shape) {
  if (fit<std::int8_t>(values)) return {std::move(shape), elements<std::int8_t>(values)};
  if (fit<std::uint8_t>(values)) return {std::move(shape), elements<std::uint8_t>(values)};
  return {std::move(shape), elements<std::int32_t>(values)};
}

template <class Container>
std::span<const std::int32_t> span_of(const Container& values) {
  return {values.data(), static_cast<std::size_t>(values.size())};
}

base::NpyArray array_of(const op::Tensor& tensor) {
  return array_of(span_of(tensor.data), {as_size(tensor.height), as_size(tensor.width), as_size(tensor.channels())});
}

/// The layer up to the biased accumulator.
op::Layer raw(op::Layer layer) {
  layer.out.raw = true;
  layer.exclude_padding = false;  // the sum is the same, only its divisor differs
  return layer;
}

/// Collects the arrays of a set under their names.
class Collector {
 public:
  void add(const std::string& name, const op::Tensor& tensor) { add(name, array_of(tensor)); }
  void add(const std::string& name, std::span<const std::int32_t> values) {
    if (!values.empty()) add(name, array_of(values, {values.size()}));
  }
  void add(const std::string& name, base::NpyArray array) { set_.tensors.emplace_back(name, std::move(array)); }
  TensorSet take() { return std::move(set_); }

 private:
  TensorSet set_;
};

std::string layout_of(const base::NpyArray& array) {
  constexpr const char* kTypes[] = {"int8", "uint8", "int32", "float32"};
  return fmt::format("{} [{}], C order", kTypes[array.values.index()], fmt::join(array.shape, ", "));
}

std::string readme(const op::Layer& layer, const Origin& origin, const SetWriter& writer) {
  return fmt::format(
      R"(Tensors of layer {} of network {}, input {}: NumPy 1.0 files, C order, little-endian.

{}
input, psum and output are [row, column, channel]. weights are [out channel, kernel row, kernel column, in channel] of a
convolution, [out channel, kernel row, kernel column] of a depthwise one, [out channel, row, column, channel of the input] of a
fully connected layer; where there is a codebook they are codes, its indices. bias, m0, lshift and n have one value per output
channel, or one for all.

{}
"shape" in manifest.json holds the layer's parameters as Systole's docs/network-format.md names them, and each file's SHA-256 stands
there; the rules of rounding and the order of sums are those of Systole's docs/numerics.md.
)",
      origin.layer, origin.network, origin.input, writer.table(), tensor_formulas(layer));
}

}  // namespace

Shape weight_shape(const op::Layer& l) {
  const op::Window& w = l.window;
  if (l.kind == op::Kind::fully_connected) return {as_size(l.out_c), as_size(l.in_h), as_size(l.in_w), as_size(l.in_c)};
  Shape shape{as_size(l.out_c), as_size(w.kernel_h), as_size(w.kernel_w)};
  if (l.kind == op::Kind::conv2d) shape.push_back(as_size(l.in_c));
  return shape;
}

TensorSet make_tensor_set(const op::Layer& layer, std::span<const op::Tensor* const> inputs, const op::Tensor& output) {
  Collector set;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    set.add(inputs.size() == 1 ? "input" : fmt::format("input_{}", i), *inputs[i]);
  }
  if (layer.weights.size() != 0) set.add("weights", array_of(span_of(layer.weights), weight_shape(layer)));
  set.add("codebook", span_of(layer.codebook));
  set.add("bias", span_of(layer.bias));
  set.add("m0", span_of(layer.out.m0));
  set.add("lshift", span_of(layer.out.lshift));
  set.add("n", span_of(layer.out.n));
  set.add("psum", fast::run_layer(raw(layer), inputs));
  set.add("output", output);
  return set.take();
}

void write_tensor_set(const TensorSet& set, const op::Layer& layer, const Origin& origin,
                      const std::filesystem::path& target, SetProgress progress) {
  write_set(
      target,
      [&](SetWriter& writer) {
        writer.expect_files(set.tensors.size());
        for (const auto& [name, array] : set.tensors) {
          writer.add(name + std::string(kExtension), layout_of(array), array);
        }
        const nlohmann::ordered_json shape{{"layer", nlohmann::ordered_json::parse(model::layer_text(layer))}};
        writer.finish(kTensorFormat, origin, shape.dump(), readme(layer, origin, writer));
      },
      std::move(progress));
}

TensorSet read_tensor_set(const std::filesystem::path& folder, bool verify) {
  const Manifest manifest = read_manifest(folder, kTensorFormat);
  Collector set;
  for (const SetFile& file : manifest.files) {
    const std::filesystem::path path = folder / file.name;
    if (path.extension() != kExtension) throw base::InputError(path.string(), "", "expected an .npy file");
    base::NpyArray array = base::read_npy(path);
    const std::size_t count = base::element_count(array.shape);
    if (count != file.words) {
      throw base::InputError(path.string(), "shape", fmt::format("expected {} elements, found {}", file.words, count));
    }
    set.add(path.stem().string(), std::move(array));
  }
  if (verify) verify_files(folder, manifest);
  return set.take();
}

}  // namespace systole::vectors
