// SPDX-License-Identifier: Apache-2.0
#include "golden/import/tflite/network_builder.h"

#include <fmt/format.h>

#include "base/input_error.h"
#include "golden/format/graph_check.h"
#include "golden/format/network_file.h"

namespace systole::model::tflite {

using op::Kind;
using op::Layer;

namespace {

/// Weights of all layers together: what weights.bin may hold, as the golden's 32-bit elements.
constexpr std::int64_t kMaxWeights = static_cast<std::int64_t>(kMaxWeightBytes / sizeof(std::int32_t));

std::string layer_name(std::size_t index, std::string_view name) { return fmt::format("{:02}_{}", index, name); }

}  // namespace

void Builder::fail(const std::string& problem) const {
  throw base::InputError(graph_.file, operator_place(index_, op()), problem);
}

void Builder::fail_tensor(int number, const std::string& problem) const {
  throw base::InputError(graph_.file,
                         fmt::format("tensors[{}] '{}'", number, graph_.tensors[static_cast<std::size_t>(number)].name),
                         problem);
}

int Builder::input_number(std::size_t i) const {
  if (i >= input_count() || op().inputs[i] < 0) fail(fmt::format("expected an input {}, found none", i));
  return op().inputs[i];
}

int Builder::output_number() const {
  if (op().outputs.size() != 1) fail(fmt::format("expected one output, found {}", op().outputs.size()));
  return op().outputs[0];
}

const Tensor& Builder::constant(std::size_t i, Type type, std::string_view type_name, std::size_t rank) const {
  const int number = input_number(i);
  const Tensor& t = tensor(number);
  if (t.type != type) fail_tensor(number, fmt::format("expected type {}, found {}", type_name, t.type_name));
  if (t.data.empty() || t.variable) fail_tensor(number, "expected a constant");
  if (t.shape.size() != rank) {
    fail_tensor(number, fmt::format("expected {} extents, found [{}]", rank, fmt::join(t.shape, ", ")));
  }
  return t;
}

Scale Builder::activation_scale(int number) const {
  const Tensor& t = tensor(number);
  if (t.type != Type::int8) fail_tensor(number, fmt::format("expected type int8, found {}", t.type_name));
  const Quantization& q = t.quantization;
  if (q.scale.size() != 1 || q.zero_point.size() != 1) {
    fail_tensor(number, fmt::format("expected one scale and one zero point, found {} and {}", q.scale.size(),
                                    q.zero_point.size()));
  }
  if (q.zero_point[0] < -128 || q.zero_point[0] > 127) {
    fail_tensor(number, fmt::format("expected a zero point of -128 .. 127, found {}", q.zero_point[0]));
  }
  return {.scale = q.scale[0], .zero = static_cast<std::int32_t>(q.zero_point[0])};
}

void Builder::require_same_scale() const {
  const Scale in = activation_scale(input_number(0));
  const Scale out = activation_scale(output_number());
  if (in.scale != out.scale || in.zero != out.zero) {
    fail(fmt::format("expected one scale and zero point on both sides, found {}, {} and {}, {}", in.scale, in.zero,
                     out.scale, out.zero));
  }
}

Shape Builder::map_shape(int number) const {
  const std::vector<int>& s = tensor(number).shape;
  if (s.size() == 4 && s[0] == 1) return {.height = s[1], .width = s[2], .channels = s[3]};
  if (s.size() == 2 && s[0] == 1) return {.height = 1, .width = 1, .channels = s[1]};
  fail_tensor(number, fmt::format("expected shape [1, height, width, channels] or [1, channels], found [{}]",
                                  fmt::join(s, ", ")));
}

const Value* Builder::find(int number) const {
  const std::optional<Value>& value = values_[static_cast<std::size_t>(number)];
  return value ? &*value : nullptr;
}

const Value& Builder::value_of(int number) const {
  const Value* value = find(number);
  if (value == nullptr) {
    fail(fmt::format("reads tensors[{}] '{}', expected the graph's input or the output of an earlier operator", number,
                     tensor(number).name));
  }
  if (value->host) fail("reads the output of an operator that is left to the host, expected it at the end");
  return *value;
}

Shape Builder::node_shape(int tensor) const { return tensor_shape(result_.network, tensor); }

Layer Builder::start(Kind kind, int source) const { return start(kind, layer_name(index_, op().name), source); }

Layer Builder::start(Kind kind, std::string name, int source) const {
  Layer layer;
  layer.name = std::move(name);
  layer.kind = kind;
  const Shape in = node_shape(source);
  layer.in_h = in.height;
  layer.in_w = in.width;
  layer.in_c = in.channels;
  layer.out_h = in.height;
  layer.out_w = in.width;
  layer.out_c = in.channels;
  layer.out.rule = fixed::Rounding::double_rounding;
  return layer;
}

int Builder::plain(int number) {
  const Value value = value_of(number);
  if (!value.pads.any()) return value.tensor;
  const int padded = pad_layer(value, activation_scale(number));
  values_[static_cast<std::size_t>(number)] = Value{.tensor = padded};
  return padded;
}

int Builder::plain_map(int number) {
  const int value = plain(number);
  if (map_shape(number) != node_shape(value)) {
    fail(fmt::format("reads a map of {}, which a reshape made of {}: expected only fully_connected behind it",
                     to_string(map_shape(number)), to_string(node_shape(value))));
  }
  return value;
}

void Builder::take_weights(std::int64_t count) {
  weights_ += count;
  if (weights_ > kMaxWeights) fail(fmt::format("expected at most {} weights in all layers", kMaxWeights));
}

void Builder::define(int number, Value value) {
  std::optional<Value>& slot = values_[static_cast<std::size_t>(number)];
  if (slot) fail(fmt::format("writes tensors[{}], which is the graph's input or was written before", number));
  slot = value;
}

void Builder::step(std::string became) { result_.steps.push_back({index_, op().name, std::move(became)}); }

void Builder::finish(Layer layer, std::vector<int> inputs) {
  const int number = output_number();
  const Shape out{.height = layer.out_h, .width = layer.out_w, .channels = layer.out_c};
  if (tensor(number).elements() != out.elements() || map_shape(number) != out) {
    fail_tensor(number, fmt::format("expected shape {} of its operator's output, found [{}]", to_string(out),
                                    fmt::join(tensor(number).shape, ", ")));
  }
  step(fmt::format("{} '{}'", to_string(layer.kind), layer.name));
  define(number, {.tensor = push(std::move(layer), std::move(inputs), activation_scale(number))});
}

int Builder::push(Layer layer, std::vector<int> inputs, const Scale& out) {
  result_.network.output = to_real(out);
  result_.network.scales.push_back(to_real(out));
  result_.network.nodes.push_back({.layer = std::move(layer), .inputs = std::move(inputs)});
  return static_cast<int>(result_.network.nodes.size());
}

int Builder::pad_layer(const Value& value, const Scale& scale) {
  const Pads& pads = value.pads;
  const ImportStep& origin = result_.steps[value.pad_step];
  Layer layer = start(Kind::depthwise, layer_name(origin.index, "pad"), value.tensor);
  layer.window.kernel_h = pads.bottom + 1;
  layer.window.kernel_w = pads.right + 1;
  layer.window.pad_top = pads.top + pads.bottom;
  layer.window.pad_left = pads.left + pads.right;
  if (layer.window.pad_top > kMaxPad || layer.window.pad_left > kMaxPad || pads.bottom + 1 > kMaxPad ||
      pads.right + 1 > kMaxPad) {
    fail(fmt::format("expected a pad of at most {} pixels an axis in front of it", kMaxPad));
  }
  layer.out_h += pads.top + pads.bottom;
  layer.out_w += pads.left + pads.right;
  const std::int64_t taps = std::int64_t{layer.window.kernel_h} * layer.window.kernel_w;
  take_weights(taps * layer.out_c);
  layer.weights = op::Matrix::Zero(layer.out_c, taps);
  layer.weights.col(taps - 1).setOnes();  // the last tap, so that no window starts behind the map
  layer.zero_in = scale.zero;
  layer.out.zero_out = scale.zero;
  result_.steps[value.pad_step].became = fmt::format("depthwise '{}' with a weight of one", layer.name);
  return push(std::move(layer), {value.tensor}, scale);
}

}  // namespace systole::model::tflite
