// SPDX-License-Identifier: Apache-2.0
#include "vectors/npy/tensor_layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "base/as_size.h"
#include "base/input_error.h"
#include "golden/format/network_file.h"
#include "golden/format/network_folder.h"
#include "golden/op/validate.h"

namespace systole::vectors {
namespace {

using base::as_size;

/// Takes the arrays of a set one by one.
class Arrays {
 public:
  Arrays(const std::filesystem::path& folder, const TensorSet& set) : folder_(folder), set_(set) {}

  [[noreturn]] void fail(const std::string& name, std::string_view problem) const {
    throw base::InputError((folder_ / (name + ".npy")).string(), "", problem);
  }

  [[nodiscard]] const base::NpyArray* find(const std::string& name) const {
    const auto at = std::ranges::find_if(set_.tensors, [&name](const auto& entry) { return entry.first == name; });
    return at == set_.tensors.end() ? nullptr : &at->second;
  }

  [[nodiscard]] const base::NpyArray& get(const std::string& name) const {
    const base::NpyArray* array = find(name);
    if (array == nullptr) fail(name, "expected by the layer, not in the set");
    return *array;
  }

  [[nodiscard]] std::vector<std::int32_t> values(const std::string& name, const Shape& shape) const {
    const base::NpyArray& array = get(name);
    if (array.shape != shape) {
      fail(name, fmt::format("expected shape [{}], found [{}]", fmt::join(shape, ", "), fmt::join(array.shape, ", ")));
    }
    return std::visit(
        [&](const auto& stored) -> std::vector<std::int32_t> {
          if constexpr (std::is_same_v<std::decay_t<decltype(stored)>, std::vector<float>>) {
            fail(name, "expected integers, found float32");
          } else {
            return {stored.begin(), stored.end()};
          }
        },
        array.values);
  }

  [[nodiscard]] op::Tensor tensor(const std::string& name, int h, int w, int c) const {
    const std::vector<std::int32_t> all = values(name, {as_size(h), as_size(w), as_size(c)});
    op::Tensor result(h, w, c);
    std::ranges::copy(all, result.data.data());
    return result;
  }

  /// A list that stands in the manifest too.
  void require_same(const std::string& name, const std::vector<std::int32_t>& expected) const {
    if (expected.empty()) return;
    if (values(name, {expected.size()}) != expected) fail(name, "expected the values of manifest.json");
  }

 private:
  const std::filesystem::path& folder_;
  const TensorSet& set_;
};

void read_parameters(const Arrays& arrays, op::Layer& layer) {
  if (op::has_weights(layer.kind)) {
    const Shape shape = weight_shape(layer);
    const std::vector<std::int32_t> values = arrays.values("weights", shape);
    layer.weights.resize(layer.out_c, static_cast<Eigen::Index>(values.size() / shape[0]));
    std::ranges::copy(values, layer.weights.data());
  }
  if (arrays.find("bias") != nullptr) {
    const std::vector<std::int32_t> values = arrays.values("bias", {as_size(layer.out_c)});
    layer.bias.resize(layer.out_c);
    std::ranges::copy(values, layer.bias.data());
  }
  arrays.require_same("codebook", layer.codebook);
  arrays.require_same("m0", layer.out.m0);
  arrays.require_same("lshift", layer.out.lshift);
  arrays.require_same("n", layer.out.n);
}

}  // namespace

TensorLayer layer_of(const std::filesystem::path& folder, Manifest& manifest, const TensorSet& set) {
  const Arrays arrays(folder, set);
  const std::string first = arrays.find("input_0") != nullptr ? "input_0" : "input";
  const Shape& shape = arrays.get(first).shape;
  const auto too_large = [](std::size_t size) { return size < 1 || size > as_size(model::kMaxChannels); };
  if (shape.size() != 3 || std::ranges::any_of(shape, too_large)) arrays.fail(first, "expected [row, column, channel]");
  TensorLayer result;
  op::Layer& layer = result.layer;
  layer = model::read_layer_text(manifest.shape.object("layer"), static_cast<int>(shape[0]), static_cast<int>(shape[1]),
                                 static_cast<int>(shape[2]));
  manifest.shape.finish();
  read_parameters(arrays, layer);
  for (std::size_t i = 0; i < op::input_count(layer); ++i) {
    const std::string name = first == "input" ? first : fmt::format("input_{}", i);
    result.inputs.push_back(arrays.tensor(name, layer.in_h, layer.in_w, op::input_channels(layer, i)));
  }
  for (const auto& [name, answer] : {std::pair("psum", &result.psum), std::pair("output", &result.output)}) {
    if (arrays.find(name) != nullptr) *answer = arrays.tensor(name, layer.out_h, layer.out_w, layer.out_c);
  }
  try {
    op::validate(layer);
  } catch (const std::invalid_argument& error) {
    throw base::InputError(folder.string(), "", error.what());
  }
  return result;
}

}  // namespace systole::vectors
