// SPDX-License-Identifier: Apache-2.0
#pragma once
// The float operators of ONNX as plain loops in double, written from the operator specification for the tests alone:
// what an import of a float graph is held against.
#include <map>
#include <string>
#include <vector>

#include "golden/import/onnx/graph.h"

namespace systole::test {

/// Row-major values.
struct Plain {
  std::vector<std::int64_t> shape;
  std::vector<double> values;
};

/// Every value of a graph of float operators by name. Throws std::logic_error for an operator that it does not have.
std::map<std::string, Plain> plain_values(const model::onnx::Graph& graph, const Plain& input);

}  // namespace systole::test
