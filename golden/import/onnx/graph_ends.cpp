// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/graph_ends.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "base/input_error.h"
#include "golden/format/graph_check.h"
#include "golden/import/onnx/call.h"
#include "golden/import/survey.h"

namespace systole::model::onnx {

namespace {

/// Batch 1, whether the file says so or leaves it open.
std::vector<std::int64_t> input_shape(const Graph& graph, const std::string& place, std::vector<std::int64_t> shape) {
  const bool line = shape.size() == 3 && is_float(graph);
  const bool map = shape.size() == 4 || line;
  if (!shape.empty() && shape[0] == -1) shape[0] = 1;
  const auto in_range = [](std::int64_t extent) { return extent >= 1 && extent <= kMaxChannels; };
  if ((!map && shape.size() != 2) || (map && shape[0] != 1) || !std::all_of(shape.begin(), shape.end(), in_range)) {
    throw base::InputError(
        graph.file, place,
        fmt::format("expected shape [1, channels, height, width]{} or [rows, channels] with extents of 1 .. "
                    "{}, only the batch left open, found [{}]",
                    is_float(graph) ? ", [1, channels, length]" : "", kMaxChannels, fmt::join(shape, ", ")));
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
/// than to change its type, its name, or each of its values by a constant.
bool channels_last(const Graph& graph) {
  constexpr std::array<std::string_view, 8> kPassing{"Add", "DequantizeLinear", "Div", "Dropout", "Identity",
                                                     "Mul", "QuantizeLinear",   "Sub"};
  std::set<std::string> same{graph.inputs[0]};
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const auto reads = [&same](const std::string& name) { return same.contains(name); };
    if (std::none_of(node.inputs.begin(), node.inputs.end(), reads)) continue;
    if (node.op == "Transpose") return transposed_axes({graph, i, {}}, kChannelsFirst.size()) == kChannelsFirst;
    if (std::find(kPassing.begin(), kPassing.end(), node.op) == kPassing.end()) return false;
    same.insert(node.outputs.begin(), node.outputs.end());
  }
  return false;
}

/// What an operator of the host reads that makes `output`, otherwise `output` itself.
const std::string& before_host(const Graph& graph, const std::string& output) {
  for (const Node& node : graph.nodes) {
    if (left_to_host(node.op) && node.outputs.size() == 1 && node.outputs[0] == output && !node.inputs.empty())
      return node.inputs[0];
  }
  return output;
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

/// An input of integers is no sign of a float model: where its type is wrong, that is what is refused.
bool takes_reals(const Graph& graph) {
  return std::all_of(graph.inputs.begin(), graph.inputs.end(), [&](const std::string& name) {
    const auto declared = graph.declarations.find(name);
    return declared == graph.declarations.end() || !declared->second.type || *declared->second.type == Type::float32;
  });
}

}  // namespace

GraphInput graph_input(const Graph& graph) {
  if (graph.inputs.size() != 1) {
    std::vector<std::string> names;
    for (const std::string& name : graph.inputs) names.push_back(printable(name));
    throw base::InputError(
        graph.file, "graph.input",
        fmt::format("expected one runtime input, found {} ({}): weights, scales and zero points must be "
                    "constants (initializers or Constant nodes)",
                    names.size(), fmt::join(names, ", ")));
  }
  GraphInput result;
  result.name = graph.inputs[0];
  const std::string place = fmt::format("input '{}'", printable(result.name));
  result.type = input_type(graph, place);
  result.shape = input_shape(graph, place, graph.declarations.at(result.name).shape);
  const bool line = result.shape.size() == 3;
  const bool map = result.shape.size() == 4 || line;
  const bool last = map && !line && channels_last(graph);
  result.last = map ? last : result.shape[0] > 1;
  const auto extent = [&](std::size_t i) { return static_cast<int>(result.shape[i]); };
  result.map = !map   ? Shape{.height = extent(0), .width = 1, .channels = extent(1)}
               : line ? Shape{.height = 1, .width = extent(2), .channels = extent(1)}
               : last ? Shape{.height = extent(1), .width = extent(2), .channels = extent(3)}
                      : Shape{.height = extent(2), .width = extent(3), .channels = extent(1)};
  check_shape(graph.file, place, result.map);
  return result;
}

const std::string& graph_output(const Graph& graph) {
  if (graph.outputs.size() != 1) {
    throw base::InputError(graph.file, "graph.output",
                           fmt::format("expected one output, found {}", graph.outputs.size()));
  }
  return before_host(graph, graph.outputs[0]);
}

bool is_float(const Graph& graph) { return !is_quantized(graph) && takes_reals(graph); }

std::string description(const Graph& graph) {
  std::string inputs;
  for (const auto& [name, declared] : graph.declarations) {
    inputs += fmt::format(", input '{}' {} [{}]", printable(name), declared.type_name, fmt::join(declared.shape, ", "));
  }
  return fmt::format("the model: {}, ONNX opset {}, {} nodes{}",
                     is_quantized(graph) ? "quantized" : "float32, not quantized", graph.opset, graph.nodes.size(),
                     inputs);
}

void check_operators(const Graph& graph, const std::vector<std::string_view>& known) {
  Survey survey;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const bool is_known = std::find(known.begin(), known.end(), graph.nodes[i].op) != known.end();
    if (!is_known) survey.add(graph.nodes[i].op, node_place(i, graph.nodes[i]));
  }
  survey.refuse(graph.file, fmt::format("{}", fmt::join(known, ", ")), description(graph));
}

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

}  // namespace systole::model::onnx
