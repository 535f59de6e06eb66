// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/network_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/input_error.h"
#include "golden/format/graph_check.h"
#include "golden/format/network_file.h"
#include "golden/import/onnx/ops.h"

namespace systole::model::onnx {

std::string kind_of(const Value& value) {
  if (std::holds_alternative<FloatInput>(value.what)) return "the graph's float input";
  if (const auto* codes = std::get_if<Codes>(&value.what)) return fmt::format("{} values", to_string(codes->type));
  if (std::holds_alternative<Real>(value.what)) return "an activation that no QuantizeLinear follows";
  return fmt::format("the result of '{}' that no QuantizeLinear follows", std::get<Sum>(value.what).layer.name);
}

Codes Builder::codes(std::size_t i) const {
  if (const auto* found = std::get_if<Codes>(&value(i).what)) return *found;
  fail(fmt::format("input {}: expected int8 or uint8 values, found {}", i, kind_of(value(i))));
}

Real Builder::real(std::size_t i) const {
  const auto* found = std::get_if<Real>(&value(i).what);
  if (found == nullptr || found->bounds.any()) {
    fail(fmt::format("input {}: expected a DequantizeLinear right before it, found {}", i, kind_of(value(i))));
  }
  return *found;
}

const Weights* Builder::weights(std::size_t i) const {
  const auto it = given(i) ? weights_.find(node().inputs[i]) : weights_.end();
  return it == weights_.end() ? nullptr : &it->second;
}

Shape Builder::shape_of(int tensor) const { return tensor_shape(network(), tensor); }

std::vector<std::int64_t> Builder::map_of(const Value& value, int tensor) const {
  const Shape shape = shape_of(tensor);
  std::vector<std::int64_t> map{1, shape.channels, shape.height, shape.width};
  if (value.rows || value.shape != map) {
    fail(fmt::format("reads [{}], expected a map [{}] (behind a Flatten or Reshape only matrix products)",
                     fmt::join(value.shape, ", "), fmt::join(map, ", ")));
  }
  return map;
}

void Builder::set_elements(Type type) {
  network().input.is_signed = type != Type::uint8;
  network().input.pixel_offset = type == Type::uint8 ? 0 : -128;
  result_.import.format = fmt::format("ONNX, {} elements", to_string(type == Type::uint8 ? Type::uint8 : Type::int8));
}

void Builder::take_input(const Quantization& q) {
  if (input_ && *input_ != q) fail("expected one scale and zero point for all that reads the graph's input");
  input_ = q;
  result_.scale = q.scale;
  result_.zero = q.zero;
  set_scale(0, to_real(q));
  set_elements(q.type);
}

int Builder::push(op::Layer layer, std::vector<int> inputs, LayerSource source) {
  layer.name = unique(layer.name);
  network().nodes.push_back({.layer = std::move(layer), .inputs = std::move(inputs)});
  if (network().nodes.size() > static_cast<std::size_t>(kMaxNodes)) {
    fail(fmt::format("expected at most {} layers", kMaxNodes));
  }
  result_.layers.push_back(std::move(source));
  return static_cast<int>(network().nodes.size());
}

void Builder::finish() {
  result_.import.steps = std::move(steps());
  const auto find = [&](int tensor) -> std::optional<TensorScale> {
    const auto it = scales_.find(tensor);
    return it == scales_.end() ? std::nullopt : std::optional(it->second);
  };
  network().input.real = find(0);
  const int nodes = static_cast<int>(network().nodes.size());
  network().output = find(nodes);
  for (int tensor = 1; tensor <= nodes && find(tensor); ++tensor) network().scales.push_back(*find(tensor));
  if (static_cast<int>(network().scales.size()) != nodes) network().scales.clear();
}

}  // namespace systole::model::onnx
