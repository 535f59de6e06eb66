// SPDX-License-Identifier: Apache-2.0
#pragma once
// ONNX graphs of float operators into float networks.
#include <string>
#include <vector>

#include "golden/import/import.h"
#include "golden/import/onnx/graph.h"
#include "golden/import/onnx/graph_ends.h"
#include "golden/model/float_network.h"

namespace systole::model::onnx {

/// The tensor of the source that a layer of the network computes.
struct FloatSource {
  std::string tensor;  ///< empty: the source has none, the layer is one of several that compute a tensor
  bool last = false;   ///< its values lie with the channels last, as here; otherwise channels first
};

/// A float network, and where the values of its layers are found in the source.
struct FloatTranslation {
  FloatNetwork network;
  std::vector<ImportStep> steps;  ///< every operator of the source, in its order
  GraphInput input;
  std::vector<FloatSource> layers;  ///< one per node of the network
};

/// Translates a graph that is_float(), docs/import.md's table of float operators. Normalisation, scales and offsets are
/// folded into weights in double, which are rounded once to float32. The pixels' meaning, which no graph holds, is
/// real = pixel / 255. Throws base::InputError naming node and problem: an operator outside of the table, with all of
/// them; an opset outside of 7 .. 21; weights that are not constants; a shape or attribute that no layer has.
FloatTranslation import_float_graph(const Graph& graph);

}  // namespace systole::model::onnx
