// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/float_import.h"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <utility>

#include "base/input_error.h"
#include "golden/import/onnx/float_rules.h"

namespace systole::model::onnx {

namespace {

using FloatRule = void (*)(FloatBuilder&);
const std::map<std::string_view, FloatRule>& float_rules() {
  static const std::map<std::string_view, FloatRule> table{{"Add", float_rule::add},
                                                           {"AveragePool", float_rule::average_pool},
                                                           {"BatchNormalization", float_rule::batch_normalization},
                                                           {"Cast", float_rule::cast},
                                                           {"Clip", float_rule::activation},
                                                           {"Concat", float_rule::concat},
                                                           {kConstant, float_rule::constant},
                                                           {"ConstantOfShape", float_rule::shape_arithmetic},
                                                           {"Conv", float_rule::conv},
                                                           {"Div", float_rule::div},
                                                           {"Dropout", float_rule::identity},
                                                           {"Flatten", float_rule::reshape},
                                                           {"Gather", float_rule::shape_arithmetic},
                                                           {"Gemm", float_rule::gemm},
                                                           {"GlobalAveragePool", float_rule::average_pool},
                                                           {"GlobalMaxPool", float_rule::max_pool},
                                                           {"Identity", float_rule::identity},
                                                           {"LogSoftmax", float_rule::host},
                                                           {"MatMul", float_rule::matmul},
                                                           {"MaxPool", float_rule::max_pool},
                                                           {"Mul", float_rule::mul},
                                                           {"Pad", float_rule::pad},
                                                           {"ReduceMean", float_rule::reduce_mean},
                                                           {"Relu", float_rule::activation},
                                                           {"Reshape", float_rule::reshape},
                                                           {"Shape", float_rule::shape},
                                                           {"Slice", float_rule::shape_arithmetic},
                                                           {kSoftmax, float_rule::host},
                                                           {"Squeeze", float_rule::reshape},
                                                           {"Sub", float_rule::sub},
                                                           {"Transpose", float_rule::transpose},
                                                           {"Unsqueeze", float_rule::reshape}};
  return table;
}

/// What no part of the model can make up for, before the parts are looked at.
void check_float(const Graph& graph) {
  constexpr std::int64_t kFirstOpset = 7, kLastOpset = 21;  // those whose meanings docs/import.md has
  std::vector<std::string_view> names;
  for (const auto& [name, rule] : float_rules()) names.push_back(name);
  check_operators(graph, names);
  if (graph.opset < kFirstOpset || graph.opset > kLastOpset) {
    throw base::InputError(graph.file, "opset_import",
                           fmt::format("expected opset {} .. {}, found {}: export it with one of these", kFirstOpset,
                                       kLastOpset, graph.opset));
  }
  if (graph.bad_constant) throw base::InputError(*graph.bad_constant);
  check_everything_is_read(graph);
}

}  // namespace

FloatTranslation import_float_graph(const Graph& graph) {
  check_float(graph);
  FloatBuilder builder(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    builder.set_node(i);
    float_rules().at(builder.node().op)(builder);
  }
  const std::string& output = graph_output(graph);
  const std::string place = fmt::format("output '{}'", printable(output));
  if (builder.find(output) == nullptr) {
    throw base::InputError(graph.file, place, "expected a value that a node computes from the graph's input");
  }
  const int tensor = builder.settled(output).tensor;
  FloatTranslation result = builder.take();
  if (tensor == 0 || tensor != static_cast<int>(result.network.nodes.size())) {
    throw base::InputError(graph.file, place, "expected it to come from the last layer");
  }
  check_float_network(result.network, graph.file);
  return result;
}

}  // namespace systole::model::onnx
