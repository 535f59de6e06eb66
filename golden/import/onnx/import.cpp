// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/file_bytes.h"
#include "base/input_error.h"
#include "golden/format/graph_check.h"
#include "golden/format/network_file.h"
#include "golden/format/network_folder.h"
#include "golden/import/onnx/call.h"
#include "golden/import/onnx/network_builder.h"
#include "golden/import/onnx/rules.h"
#include "golden/import/survey.h"
#include "golden/import/tflite/graph.h"
#include "golden/op/validate.h"

namespace systole::model::onnx {

namespace {

/// A result that nobody reads would be a layer for nothing, or an operator that is skipped.
void check_everything_is_read(const Graph& graph) {
  std::set<std::string> read(graph.outputs.begin(), graph.outputs.end());
  for (const Node& reader : graph.nodes) read.insert(reader.inputs.begin(), reader.inputs.end());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& name : graph.nodes[i].outputs) {
      if (graph.nodes[i].op == kConstant || read.contains(name)) continue;
      throw base::InputError(
          graph.file, node_place(i, graph.nodes[i]),
          fmt::format("output '{}' is read by no node and is not the graph's output", printable(name)));
    }
  }
}

/// Batch 1, whether the file says so or leaves it open.
std::vector<std::int64_t> input_shape(const Graph& graph, const std::string& place, std::vector<std::int64_t> shape) {
  const bool map = shape.size() == 4;
  if (!shape.empty() && shape[0] == -1) shape[0] = 1;
  const auto in_range = [](std::int64_t extent) { return extent >= 1 && extent <= kMaxChannels; };
  if ((!map && shape.size() != 2) || (map && shape[0] != 1) || !std::all_of(shape.begin(), shape.end(), in_range)) {
    throw base::InputError(
        graph.file, place,
        fmt::format("expected shape [1, channels, height, width] or [rows, channels] with extents of 1 .. "
                    "{}, only the batch left open, found [{}]",
                    kMaxChannels, fmt::join(shape, ", ")));
  }
  return shape;
}

Type input_type(const Graph& graph, const std::string& place) {
  const auto declared = graph.declarations.find(graph.inputs[0]);
  const std::optional<Type> type = declared == graph.declarations.end() ? std::nullopt : declared->second.type;
  if (!type || *type == Type::int32 || *type == Type::int64) {
    const std::string found = declared == graph.declarations.end() ? "no tensor" : declared->second.type_name;
    throw base::InputError(graph.file, place, "expected a tensor of float32, int8 or uint8, found " + found);
  }
  return *type;
}

/// Whether the graph's input comes as [n, h, w, c]: a Transpose to [n, c, h, w] is the first that does more with it
/// than to change its type or its name.
bool channels_last(const Graph& graph) {
  constexpr std::array<std::string_view, 4> kPassing{"DequantizeLinear", "Dropout", "Identity", "QuantizeLinear"};
  std::set<std::string> same{graph.inputs[0]};
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.inputs.empty() || !same.contains(node.inputs[0])) continue;
    if (node.op == "Transpose") return transposed_axes({graph, i, {}}, kChannelsFirst.size()) == kChannelsFirst;
    if (std::find(kPassing.begin(), kPassing.end(), node.op) == kPassing.end()) return false;
    same.insert(node.outputs.begin(), node.outputs.end());
  }
  return false;
}

/// The one input of the graph becomes the network's.
void input(const Graph& graph, Builder& builder) {
  if (graph.inputs.size() != 1) {
    std::vector<std::string> names;
    for (const std::string& name : graph.inputs) names.push_back(printable(name));
    throw base::InputError(
        graph.file, "graph.input",
        fmt::format("expected one runtime input, found {} ({}): weights, scales and zero points must be "
                    "constants (initializers or Constant nodes)",
                    names.size(), fmt::join(names, ", ")));
  }
  Translation& result = builder.result();
  result.input = graph.inputs[0];
  const std::string place = fmt::format("input '{}'", printable(result.input));
  result.type = input_type(graph, place);
  result.shape = input_shape(graph, place, graph.declarations.at(result.input).shape);
  const bool map = result.shape.size() == 4;
  const bool last = map && channels_last(graph);
  result.rows = map ? last : result.shape[0] > 1;
  const auto extent = [&](std::size_t i) { return static_cast<int>(result.shape[i]); };
  Input& in = builder.network().input;
  in = !map   ? Input{.height = extent(0), .width = 1, .channels = extent(1)}
       : last ? Input{.height = extent(1), .width = extent(2), .channels = extent(3)}
              : Input{.height = extent(2), .width = extent(3), .channels = extent(1)};
  check_shape(graph.file, place, {in.height, in.width, in.channels});
  builder.set_elements(result.type);
  Value value{.what = FloatInput{}, .shape = result.shape, .rows = result.rows};
  if (result.type != Type::float32) value.what = Codes{.tensor = 0, .type = result.type};
  builder.set_input_value(std::move(value));
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

/// What a Softmax at the end reads, otherwise `output` itself.
const std::string& before_softmax(const Graph& graph, const std::string& output) {
  for (const Node& node : graph.nodes) {
    if (node.op == kSoftmax && node.outputs[0] == output) return node.inputs[0];
  }
  return output;
}

/// The one output of the graph is the last layer's.
void output(const Graph& graph, Builder& builder) {
  if (graph.outputs.size() != 1) {
    throw base::InputError(graph.file, "graph.output",
                           fmt::format("expected one output, found {}", graph.outputs.size()));
  }
  const std::string& name = before_softmax(graph, graph.outputs[0]);
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

bool is_quantized(const Graph& graph) {
  const auto quantizes = [](const Node& node) {
    return node.op == "QuantizeLinear" || node.op == "DequantizeLinear" ||
           node.op.find("QLinear") != std::string::npos || node.op.ends_with("Integer");
  };
  const auto of_bytes = [](const auto& declared) {
    return declared.second.type == Type::int8 || declared.second.type == Type::uint8;
  };
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), quantizes) ||
         std::any_of(graph.declarations.begin(), graph.declarations.end(), of_bytes);
}

/// One line on the model, for a message.
std::string description(const Graph& graph) {
  std::string inputs;
  for (const auto& [name, declared] : graph.declarations) {
    inputs += fmt::format(", input '{}' {} [{}]", printable(name), declared.type_name, fmt::join(declared.shape, ", "));
  }
  return fmt::format("the model: {}, ONNX opset {}, {} nodes{}",
                     is_quantized(graph) ? "quantized" : "float32, not quantized", graph.opset, graph.nodes.size(),
                     inputs);
}

/// An input of integers is no sign of a float model: where its type is wrong, that is what is refused.
bool takes_reals(const Graph& graph) {
  return std::all_of(graph.inputs.begin(), graph.inputs.end(), [&](const std::string& name) {
    const auto declared = graph.declarations.find(name);
    return declared == graph.declarations.end() || !declared->second.type || *declared->second.type == Type::float32;
  });
}

/// What no part of the model can make up for, before the parts are looked at.
void check_whole(const Graph& graph) {
  Survey survey;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!rules().contains(graph.nodes[i].op)) survey.add(graph.nodes[i].op, node_place(i, graph.nodes[i]));
  }
  std::vector<std::string_view> names;
  for (const auto& [name, rule] : rules()) names.push_back(name);
  survey.refuse(graph.file, fmt::format("{}", fmt::join(names, ", ")), description(graph));
  if (!is_quantized(graph) && takes_reals(graph)) {
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
  builder.finish_scales();
  check_network(builder.network(), graph.file);
  return std::move(builder.result());
}

}  // namespace systole::model::onnx
