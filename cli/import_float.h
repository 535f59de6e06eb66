// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/import_arguments.h"
#include "golden/import/onnx/graph.h"

namespace systole::cli {

/// `systole import` of a graph of float operators: writes the float network, unless it lies further from ONNX's own
/// arithmetic or from the answers given than kFloatTolerance. Returns the exit code. Throws base::InputError.
int import_float(const model::onnx::Graph& graph, const ImportArguments& a);

}  // namespace systole::cli
