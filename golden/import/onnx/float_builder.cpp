// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/float_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "golden/format/graph_check.h"
#include "golden/format/network_file.h"
#include "golden/import/onnx/geometry.h"
#include "golden/import/onnx/shape_math.h"

namespace systole::model::onnx {

namespace {

constexpr const char* kPending = "left to what reads it";
constexpr float kPixelScale = 1.0F / 255;

std::string called(const FloatLayer& layer) { return fmt::format("{} '{}'", model::to_string(layer.kind), layer.name); }

}  // namespace

bool Affine::shifts() const {
  return std::any_of(offset.begin(), offset.end(), [](double value) { return value != 0; });
}

FloatBuilder::FloatBuilder(const Graph& graph) : ValueWalk(graph) {
  for (const Node& node : graph.nodes) {
    for (const std::string& name : node.inputs) ++readers_[name];
    for (const std::string& name : node.outputs) readers_.emplace(name, 0);
  }
  for (const std::string& name : graph.outputs) ++readers_[name];
  FloatNetwork& network = result_.network;
  network.name = std::filesystem::path(graph.file).stem().string();
  if (network.name.empty()) network.name = "onnx";
  result_.input = graph_input(graph);
  const GraphInput& input = result_.input;
  network.input = {input.map.height, input.map.width, input.map.channels, 0, kPixelScale};
  set_value(input.name, {.tensor = 0, .shape = input.shape, .last = input.last, .affine = {}, .padding = {}});
}

Shape FloatBuilder::shape_of(int tensor) const { return tensor_shape(result_.network, tensor); }

std::vector<std::int64_t> FloatBuilder::map_of(const FloatValue& value) const {
  const Shape shape = shape_of(value.tensor);
  const Padding& pad = value.padding;
  std::vector<std::int64_t> map{1, shape.channels, std::int64_t{shape.height} + pad.top + pad.bottom,
                                std::int64_t{shape.width} + pad.left + pad.right};
  if (value.last || as_map(value.shape) != map) {
    fail(
        fmt::format("reads [{}], expected a map [{}] with its channels first (behind a Flatten or Reshape only matrix "
                    "products)",
                    fmt::join(value.shape, ", "), fmt::join(map, ", ")));
  }
  return map;
}

FloatValue FloatBuilder::settled(std::size_t i) { return settled(computed_input(i)); }

FloatValue FloatBuilder::settled(const std::string& name) {
  FloatValue value = *find(name);
  if (!value.pending()) return value;
  value.tensor = value.padding.any() ? pad_layer(value, name) : affine_layer(value, name);
  taken_over(value, called(result_.network.nodes.back().layer));
  value.affine = {};
  value.padding = {};
  value.sole = has_one_reader(name);
  set_value(name, value);
  return value;
}

FloatLayer* FloatBuilder::open_layer(const FloatValue& value) {
  if (value.tensor == 0 || !value.sole || value.pending()) return nullptr;
  return &result_.network.nodes[layer_index(value)].layer;
}

void FloatBuilder::pass(FloatValue value, std::string became) {
  value.sole = value.sole && has_one_reader(output_name());
  define(std::move(value), std::move(became));
}

void FloatBuilder::redefine(FloatValue value, std::string became) {
  result_.layers[layer_index(value)] = {.tensor = output_name(), .last = value.last};
  pass(std::move(value), std::move(became));
}

std::vector<std::int64_t> FloatBuilder::shape_behind(const FloatValue& in, const FloatLayer& layer) {
  if (in.shape.size() == 3) return {1, layer.out_c, layer.out_w};
  return {1, layer.out_c, layer.out_h, layer.out_w};
}

int FloatBuilder::insert(FloatLayer layer, int input, FloatWeights weights) {
  return push(std::move(layer), {input}, std::move(weights), {});
}

FloatLayer FloatBuilder::start(op::Kind kind, int tensor) const {
  FloatLayer layer;
  layer.name = layer_name(index());
  layer.kind = kind;
  const Shape in = shape_of(tensor);
  layer.in_h = layer.out_h = in.height;
  layer.in_w = layer.out_w = in.width;
  layer.in_c = layer.out_c = in.channels;
  return layer;
}

int FloatBuilder::push(FloatLayer layer, std::vector<int> inputs, FloatWeights weights, FloatSource source) {
  layer.name = unique(layer.name);
  result_.network.nodes.push_back({.layer = std::move(layer), .inputs = std::move(inputs)});
  if (result_.network.nodes.size() > static_cast<std::size_t>(kMaxNodes)) {
    fail(fmt::format("expected at most {} layers", kMaxNodes));
  }
  weights_.push_back(std::move(weights));
  result_.layers.push_back(std::move(source));
  return static_cast<int>(result_.network.nodes.size());
}

void FloatBuilder::finish(FloatLayer layer, std::vector<int> inputs, FloatWeights weights,
                          std::vector<std::int64_t> shape, bool last) {
  if (shape.empty()) shape = {1, layer.out_c, layer.out_h, layer.out_w};
  const std::string& name = output_name();
  const int tensor = push(std::move(layer), std::move(inputs), std::move(weights), {.tensor = name, .last = last});
  define({.tensor = tensor,
          .shape = std::move(shape),
          .last = last,
          .sole = has_one_reader(name),
          .affine = {},
          .padding = {}},
         called(result_.network.nodes.back().layer));
}

void FloatBuilder::taken_over(const FloatValue& value, const std::string& became) {
  std::string& known = steps()[value.pending_since].became;
  known = known == kPending ? became : known + ", " + became;
}

void FloatBuilder::defer(FloatValue value) {
  value.pending_since = steps().size();
  pass(std::move(value), kPending);
}

/// The one weight lies in the last tap, so that every window starts inside of the map.
int FloatBuilder::pad_layer(const FloatValue& value, const std::string& name) {
  const Padding& pad = value.padding;
  FloatLayer layer = start(op::Kind::depthwise, value.tensor);
  layer.name = layer_name(steps()[value.pending_since].index);
  Window window;
  window.kernel = {pad.bottom + 1, pad.right + 1};
  window.before = {pad.top + pad.bottom, pad.left + pad.right};
  window.out = {layer.in_h + pad.top + pad.bottom, layer.in_w + pad.left + pad.right};
  set_window(*this, layer, window);
  const std::int64_t taps = window.kernel[0] * window.kernel[1];
  take_weights(taps * layer.out_c);
  FloatWeights weights{.weights = Eigen::MatrixXd::Zero(layer.out_c, taps), .bias = {}};
  weights.weights.col(taps - 1).setOnes();
  return push(std::move(layer), {value.tensor}, std::move(weights), {.tensor = name, .last = value.last});
}

int FloatBuilder::affine_layer(const FloatValue& value, const std::string& name) {
  FloatLayer layer = start(op::Kind::depthwise, value.tensor);
  layer.name = layer_name(steps()[value.pending_since].index);
  take_weights(layer.out_c);
  FloatWeights weights{.weights = Eigen::Map<const Eigen::VectorXd>(value.affine.gain.data(), layer.out_c), .bias = {}};
  if (value.affine.shifts()) {
    weights.bias = Eigen::Map<const Eigen::VectorXd>(value.affine.offset.data(), layer.out_c);
  }
  return push(std::move(layer), {value.tensor}, std::move(weights), {.tensor = name, .last = value.last});
}

FloatTranslation FloatBuilder::take() {
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    FloatLayer& layer = result_.network.nodes[i].layer;
    layer.weights = weights_[i].weights.cast<float>();
    layer.bias = weights_[i].bias.cast<float>();
  }
  result_.steps = std::move(steps());
  return std::move(result_);
}

}  // namespace systole::model::onnx
