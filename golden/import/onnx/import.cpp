// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/import.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <utility>

#include "base/file_bytes.h"
#include "base/input_error.h"
#include "golden/format/graph_check.h"
#include "golden/format/network_file.h"
#include "golden/import/onnx/graph_ends.h"
#include "golden/import/onnx/network_builder.h"
#include "golden/import/onnx/rules.h"
#include "golden/import/tflite/graph.h"
#include "golden/op/validate.h"

namespace systole::model::onnx {

namespace {

/// The one input of the graph becomes the network's.
void input(const Graph& graph, Builder& builder) {
  Translation& result = builder.result();
  const GraphInput from = graph_input(graph);
  result.input = from.name;
  result.type = from.type;
  result.shape = from.shape;
  result.rows = from.last;
  builder.network().input = {
      .height = from.map.height, .width = from.map.width, .channels = from.map.channels, .real = {}};
  builder.set_elements(result.type);
  Value value{.what = FloatInput{}, .shape = result.shape, .rows = result.rows};
  if (result.type != Type::float32) value.what = Codes{.tensor = 0, .type = result.type};
  builder.set_value(result.input, std::move(value));
}

/// The tensor that the output's value is, perhaps by a layer of raw sums.
int output_tensor(const Graph& graph, Builder& builder, const std::string& place, const Value& value,
                  const std::string& name) {
  if (const auto* codes = std::get_if<Codes>(&value.what)) return codes->tensor;
  if (const auto* real = std::get_if<Real>(&value.what); real != nullptr && !real->bounds.any()) return real->tensor;
  const auto* sum = std::get_if<Sum>(&value.what);
  if (sum == nullptr || sum->bounds.any() || !op::has_weights(sum->layer.kind)) {
    throw base::InputError(
        graph.file, place,
        fmt::format("expected a QuantizeLinear before it (only sums of a convolution or matrix product "
                    "may leave as they are), found {}",
                    kind_of(value)));
  }
  op::Layer layer = sum->layer;
  layer.out.raw = true;
  const int tensor =
      builder.push(std::move(layer), sum->inputs, {name, sum->integer ? std::vector<double>{} : sum->step, value.rows});
  if (!sum->integer) builder.set_scale(tensor, {.scale = sum->step, .zero = 0});
  return tensor;
}

/// The one output of the graph is the last layer's.
void output(const Graph& graph, Builder& builder) {
  const std::string& name = graph_output(graph);
  const std::string place = fmt::format("output '{}'", printable(name));
  const Value* value = builder.find(name);
  if (value == nullptr) {
    throw base::InputError(graph.file, place, "expected a value that a node computes from the graph's input");
  }
  const int tensor = output_tensor(graph, builder, place, *value, name);
  if (tensor == 0 || tensor != static_cast<int>(builder.network().nodes.size())) {
    throw base::InputError(graph.file, place, "expected it to come from the last layer");
  }
}

using Rule = void (*)(Builder&);
const std::map<std::string_view, Rule>& rules() {
  static const std::map<std::string_view, Rule> table{{"Add", rule::add},
                                                      {"AveragePool", rule::average_pool},
                                                      {"Clip", rule::activation},
                                                      {"Concat", rule::concat},
                                                      {kConstant, rule::constant},
                                                      {"Conv", rule::conv},
                                                      {"ConvInteger", rule::conv_integer},
                                                      {"DequantizeLinear", rule::dequantize},
                                                      {"Dropout", rule::identity},
                                                      {"Flatten", rule::reshape},
                                                      {"Gemm", rule::gemm},
                                                      {"GlobalAveragePool", rule::average_pool},
                                                      {"Identity", rule::identity},
                                                      {"MatMul", rule::matmul},
                                                      {"MatMulInteger", rule::matmul_integer},
                                                      {"MaxPool", rule::max_pool},
                                                      {"QLinearAdd", rule::qlinear_add},
                                                      {"QLinearConv", rule::qlinear_conv},
                                                      {"QLinearMatMul", rule::qlinear_matmul},
                                                      {"QuantizeLinear", rule::quantize},
                                                      {"Relu", rule::activation},
                                                      {"Reshape", rule::reshape},
                                                      {kSoftmax, rule::softmax},
                                                      {"Transpose", rule::transpose}};
  return table;
}

/// What no part of the model can make up for, before the parts are looked at.
void check_whole(const Graph& graph) {
  std::vector<std::string_view> names;
  for (const auto& [name, rule] : rules()) names.push_back(name);
  check_operators(graph, names);
  if (is_float(graph)) {
    throw base::InputError(
        graph.file, "",
        "expected a quantized model (QLinear operators, or QuantizeLinear and DequantizeLinear around "
        "float ones): quantize it first, as onnxruntime.quantization does; " +
            description(graph));
  }
  if (graph.bad_constant) throw base::InputError(*graph.bad_constant);
}

}  // namespace

bool is_onnx(const std::filesystem::path& file) {
  return file.extension() != ".tflite" && !tflite::is_tflite(base::read_bytes(file));
}

Translation import_graph(const Graph& graph) {
  Builder builder(graph);
  std::string& name = builder.network().name;
  name = std::filesystem::path(graph.file).stem().string();
  if (name.empty()) name = "onnx";
  check_whole(graph);
  check_everything_is_read(graph);
  input(graph, builder);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    builder.set_node(i);
    rules().at(builder.node().op)(builder);
  }
  output(graph, builder);
  builder.finish();
  check_network(builder.network(), graph.file);
  return std::move(builder.result());
}

}  // namespace systole::model::onnx
