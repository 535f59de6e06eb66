// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/ops.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/input_error.h"
#include "golden/import/onnx/call.h"
#include "golden/import/onnx/reference.h"

namespace systole::model::onnx {

namespace {

using Operator = Array (*)(const Call&);
const std::map<std::string_view, Operator>& operators() {
  static const std::map<std::string_view, Operator> table{{"Add", reference::add},
                                                          {"AveragePool", reference::average_pool},
                                                          {"BatchNormalization", reference::batch_normalization},
                                                          {"Cast", reference::cast},
                                                          {"Clip", reference::clip},
                                                          {"Concat", reference::concat},
                                                          {"ConstantOfShape", reference::constant_of_shape},
                                                          {"Conv", reference::conv},
                                                          {"ConvInteger", reference::conv_integer},
                                                          {"DequantizeLinear", reference::dequantize_linear},
                                                          {"Div", reference::div},
                                                          {"Dropout", reference::identity},
                                                          {"Flatten", reference::flatten},
                                                          {"Gather", reference::gather},
                                                          {"Gemm", reference::gemm},
                                                          {"GlobalAveragePool", reference::global_average_pool},
                                                          {"GlobalMaxPool", reference::global_max_pool},
                                                          {"Identity", reference::identity},
                                                          {"MatMul", reference::matmul},
                                                          {"MatMulInteger", reference::matmul_integer},
                                                          {"MaxPool", reference::max_pool},
                                                          {"Mul", reference::mul},
                                                          {"Pad", reference::pad},
                                                          {"QLinearAdd", reference::qlinear_add},
                                                          {"QLinearConv", reference::qlinear_conv},
                                                          {"QLinearMatMul", reference::qlinear_matmul},
                                                          {"QuantizeLinear", reference::quantize_linear},
                                                          {"ReduceMean", reference::reduce_mean},
                                                          {"Relu", reference::relu},
                                                          {"Reshape", reference::reshape},
                                                          {"Shape", reference::shape},
                                                          {"Slice", reference::slice},
                                                          {"Squeeze", reference::squeeze},
                                                          {"Sub", reference::sub},
                                                          {"Transpose", reference::transpose},
                                                          {"Unsqueeze", reference::unsqueeze}};
  return table;
}

}  // namespace

double round_half_even(double x) {
  const double below = std::floor(x);
  const double part = x - below;
  if (part != 0.5) return part < 0.5 ? below : below + 1;
  return std::fmod(below, 2) == 0 ? below : below + 1;
}

std::vector<std::string_view> operator_names() {
  std::vector<std::string_view> names;
  for (const auto& [name, function] : operators()) names.push_back(name);
  return names;
}

Array evaluate_node(const Graph& graph, std::size_t index, const std::map<std::string, Array>& values) {
  const Node& node = graph.nodes[index];
  std::vector<const Array*> inputs;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const auto it = values.find(node.inputs[i]);
    if (!node.inputs[i].empty() && it == values.end()) refuse_missing(graph, index, i);
    inputs.push_back(node.inputs[i].empty() ? nullptr : &it->second);
  }
  const Call call(graph, index, std::move(inputs));
  const auto found = operators().find(node.op);
  if (found == operators().end()) {
    call.fail(fmt::format("is not an operator of the import, expected one of {}", fmt::join(operator_names(), ", ")));
  }
  if (node.outputs.size() != 1 || node.outputs[0].empty()) call.fail("expected one output");
  return found->second(call);
}

void refuse_missing(const Graph& graph, std::size_t index, std::size_t input) {
  const Node& reader = graph.nodes[index];
  const std::string& name = reader.inputs[input];
  const auto gives = [&](const Node& node) {
    return std::find(node.outputs.begin(), node.outputs.end(), name) != node.outputs.end();
  };
  const auto giver = std::find_if(graph.nodes.begin(), graph.nodes.end(), gives);
  const Call call(graph, index, {});
  if (giver == graph.nodes.end()) {
    call.fail(fmt::format("input {} '{}' is given by no initializer, graph input or node", input, printable(name)));
  }
  call.fail(fmt::format("input {} '{}' is given by {} only: expected nodes in execution order, without a cycle", input,
                        printable(name), node_place(at(giver - graph.nodes.begin()), *giver)));
}

std::map<std::string, Array> evaluate(const Graph& graph, std::map<std::string, Array> inputs) {
  if (graph.bad_constant) throw base::InputError(*graph.bad_constant);
  std::map<std::string, Array> values = graph.constants;
  for (const std::string& name : graph.inputs) {
    if (!inputs.contains(name)) {
      throw base::InputError(graph.file, "inputs", fmt::format("no value given for '{}'", printable(name)));
    }
  }
  values.merge(inputs);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].op == kConstant) continue;  // its value is among the constants
    if (left_to_host(graph.nodes[i].op)) continue;
    Array result = evaluate_node(graph, i, values);
    if (!values.emplace(graph.nodes[i].outputs[0], std::move(result)).second) {
      throw base::InputError(graph.file, node_place(i, graph.nodes[i]), "writes a value that is there already");
    }
  }
  return values;
}

}  // namespace systole::model::onnx
