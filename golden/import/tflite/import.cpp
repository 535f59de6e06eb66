// SPDX-License-Identifier: Apache-2.0
#include "golden/import/tflite/import.h"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/input_error.h"
#include "golden/format/network_file.h"
#include "golden/format/network_folder.h"
#include "golden/import/tflite/network_builder.h"
#include "golden/import/tflite/rules.h"

namespace systole::model::tflite {

namespace {

void input(const Graph& graph, Builder& b) {
  if (graph.inputs.size() != 1 || graph.outputs.size() != 1) {
    throw base::InputError(
        graph.file, "subgraphs[0]",
        fmt::format("expected one input and one output, found {} and {}", graph.inputs.size(), graph.outputs.size()));
  }
  const int number = graph.inputs[0];
  const Scale scale = b.activation_scale(number);
  const Shape shape = b.map_shape(number);
  // int8 models take pixel - 128: all 256 pixel values on all 256 codes.
  b.result().network.input = {.height = shape.height, .width = shape.width, .channels = shape.channels};
  b.result().network.input.real = to_real(scale);
  b.define(number, Value{});
}

/// Applies the padding that no reader has taken.
void output(const Graph& graph, Builder& b) {
  const int number = graph.outputs[0];
  const Value* value = b.find(number);
  int source = value != nullptr ? value->tensor : 0;
  if (value != nullptr && !value->host && value->pads.any()) source = b.plain(number);
  if (source == 0 || source != static_cast<int>(b.result().network.nodes.size())) {
    throw base::InputError(graph.file, fmt::format("outputs[0] '{}'", b.tensor(number).name),
                           "expected the graph's output to come from its last operator");
  }
}

/// Applies the rule of the operator at hand.
void translate(Builder& b) {
  switch (b.op().op) {
    case Op::conv_2d:
      return rule::conv(b);
    case Op::depthwise_conv_2d:
      return rule::depthwise(b);
    case Op::fully_connected:
      return rule::fully_connected(b);
    case Op::add:
      return rule::add(b);
    case Op::average_pool_2d:
      return rule::average_pool(b);
    case Op::max_pool_2d:
      return rule::max_pool(b);
    case Op::pad:
      return rule::pad(b);
    case Op::reshape:
      return rule::reshape(b);
    case Op::softmax:
      return rule::softmax(b);
    case Op::other:
      break;
  }
  b.fail("is not an operator of the import");  // parse_graph has judged all of them
}

}  // namespace

Import import_graph(const Graph& graph) {
  Builder b(graph);
  b.result().format = "TFLite int8";
  b.result().network.name = std::filesystem::path(graph.file).stem().string();
  input(graph, b);
  for (std::size_t i = 0; i < graph.operators.size(); ++i) {
    b.set_operator(i);
    translate(b);
  }
  output(graph, b);
  check_network(b.result().network, graph.file);
  return std::move(b.result());
}

}  // namespace systole::model::tflite
