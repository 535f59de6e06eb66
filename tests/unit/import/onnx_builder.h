// SPDX-License-Identifier: Apache-2.0
#pragma once
// Graphs for tests, and their files.
#include <fmt/format.h>

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "golden/import/onnx/ops.h"
#include "tests/support/onnx_graph.h"

namespace systole::test {

/// Result of one operator on `inputs`; an input without values is left out.
inline OnnxArray run_one(const std::string& op, const std::vector<OnnxArray>& inputs,
                         std::map<std::string, model::onnx::Attribute> attributes = {}) {
  model::onnx::Graph graph;
  graph.file = "one.onnx";
  graph.nodes.push_back({.op = op, .name = "n", .inputs = {}, .outputs = {"y"}, .attributes = std::move(attributes)});
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string name = inputs[i].values.empty() ? "" : fmt::format("x{}", i);
    graph.nodes[0].inputs.push_back(name);
    if (!name.empty()) graph.constants[name] = inputs[i];
  }
  return model::onnx::evaluate(graph, {}).at("y");
}

/// A model file: one node x -> y with a float constant, its data raw or typed.
std::vector<std::byte> onnx_bytes(const std::string& op, const std::string& domain, bool raw);

}  // namespace systole::test
