// SPDX-License-Identifier: Apache-2.0
#pragma once
// A graph as a whole: its one input and one output, its operators, whether it is quantized. Internal to this folder,
// but for is_float().
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "golden/format/network_folder.h"
#include "golden/import/onnx/graph.h"

namespace systole::model::onnx {

/// The graph's one input.
struct GraphInput {
  std::string name;
  std::vector<std::int64_t> shape;  ///< batch 1
  Type type = Type::float32;        ///< float32, int8 or uint8
  bool last = false;                ///< channels last: [rows, channels] or [1, h, w, channels]
  Shape map;                        ///< height, width, channels
};
/// Throws base::InputError where there is not exactly one, of a type and shape that a network reads.
GraphInput graph_input(const Graph& graph);

/// The graph's one output, or what an operator reads that is left to the host behind it. Throws base::InputError where
/// there is not exactly one.
const std::string& graph_output(const Graph& graph);

/// Whether no node quantizes, no input holds bytes and the graph's input is float32.
bool is_float(const Graph& graph);

/// One line on the model, for a message.
std::string description(const Graph& graph);

/// Throws base::InputError where there is an operator that is not `known`, with all of them, or a result that nobody
/// reads: it would be a layer for nothing, or an operator that is skipped.
void check_operators(const Graph& graph, const std::vector<std::string_view>& known);
void check_everything_is_read(const Graph& graph);

}  // namespace systole::model::onnx
