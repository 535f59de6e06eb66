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

namespace {

/// Weights of all layers together: what weights.bin may hold, as the golden's 32-bit elements.
constexpr std::int64_t kMaxWeights = static_cast<std::int64_t>(kMaxWeightBytes / sizeof(std::int32_t));

}  // namespace

std::string kind_of(const Value& value) {
  if (std::holds_alternative<FloatInput>(value.what)) return "the graph's float input";
  if (const auto* codes = std::get_if<Codes>(&value.what)) return fmt::format("{} values", to_string(codes->type));
  if (std::holds_alternative<Real>(value.what)) return "an activation that no QuantizeLinear follows";
  return fmt::format("the result of '{}' that no QuantizeLinear follows", std::get<Sum>(value.what).layer.name);
}

void Builder::fail(const std::string& problem) const {
  throw base::InputError(graph_.file, node_place(index_, node()), problem);
}

Call Builder::call() const {
  std::vector<const Array*> inputs;
  for (const std::string& name : node().inputs) {
    const auto it = constants_.find(name);
    inputs.push_back(name.empty() || it == constants_.end() ? nullptr : &it->second);
  }
  return {graph_, index_, std::move(inputs)};
}

void Builder::require_constants(std::size_t first, std::size_t last) const {
  for (std::size_t i = first; i <= last; ++i) {
    if (!given(i) || is_constant(i)) continue;
    if (!values_.contains(node().inputs[i])) refuse_missing(graph_, index_, i);
    fail(
        fmt::format("input {} '{}' is known only at run time: expected a constant (an initializer, a Constant node or "
                    "a DequantizeLinear of one)",
                    i, printable(node().inputs[i])));
  }
}

const Value& Builder::value(std::size_t i) const {
  if (!given(i)) fail(fmt::format("expected an input {}, found none", i));
  if (is_constant(i)) {
    fail(fmt::format("input {} '{}' is a constant: expected a value that depends on the graph's input", i,
                     printable(node().inputs[i])));
  }
  const Value* found = find(node().inputs[i]);
  if (found == nullptr) refuse_missing(graph_, index_, i);
  return *found;
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

const std::string& Builder::output_name() const {
  if (node().outputs.size() != 1 || node().outputs[0].empty()) fail("expected one output");
  return node().outputs[0];
}

bool Builder::ends_graph() const {
  const auto holds = [&name = output_name()](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return holds(graph_.outputs) &&
         std::none_of(graph_.nodes.begin(), graph_.nodes.end(), [&](const Node& n) { return holds(n.inputs); });
}

void Builder::define(Value value, std::string became) {
  const std::string& name = output_name();
  if (constants_.contains(name) || !values_.emplace(name, std::move(value)).second) {
    fail("writes a value that is there already");
  }
  step(std::move(became));
}

bool Builder::fold() {
  for (std::size_t i = 0; i < node().inputs.size(); ++i) {
    if (given(i) && !is_constant(i)) return false;
  }
  Array result = evaluate_node(graph_, index_, constants_);
  if (values_.contains(output_name()) || !constants_.emplace(output_name(), std::move(result)).second) {
    fail("writes a value that is there already");
  }
  step("a constant");
  return true;
}

void Builder::step(std::string became) {
  result_.import.steps.push_back({.index = index_, .op = node().op, .became = std::move(became)});
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

const Value* Builder::find(const std::string& name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? nullptr : &it->second;
}

int Builder::push(op::Layer layer, std::vector<int> inputs, LayerSource source) {
  const std::string name = layer.name;
  for (int copy = 2; !names_.insert(layer.name).second; ++copy) layer.name = fmt::format("{}_{}", name, copy);
  network().nodes.push_back({.layer = std::move(layer), .inputs = std::move(inputs)});
  if (network().nodes.size() > static_cast<std::size_t>(kMaxNodes)) {
    fail(fmt::format("expected at most {} layers", kMaxNodes));
  }
  result_.layers.push_back(std::move(source));
  return static_cast<int>(network().nodes.size());
}

void Builder::take_weights(std::int64_t count) {
  weight_count_ += count;
  if (weight_count_ > kMaxWeights) fail(fmt::format("expected at most {} weights in all layers", kMaxWeights));
}

void Builder::finish_scales() {
  const auto find = [&](int tensor) -> std::optional<TensorScale> {
    const auto it = scales_.find(tensor);
    return it == scales_.end() ? std::nullopt : std::optional(it->second);
  };
  network().input.real = find(0);
  network().output = find(static_cast<int>(network().nodes.size()));
}

int Builder::channels(std::int64_t count) const {
  if (count < 1 || count > kMaxChannels) fail(fmt::format("expected 1 .. {} channels, found {}", kMaxChannels, count));
  return static_cast<int>(count);
}

}  // namespace systole::model::onnx
