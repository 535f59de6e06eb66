// SPDX-License-Identifier: Apache-2.0
#pragma once
// ONNX graphs of quantized operators, or of float operators between DequantizeLinear and QuantizeLinear, into networks.
#include <string>
#include <vector>

#include "golden/import/import.h"
#include "golden/import/onnx/graph.h"

namespace systole::model::onnx {

/// The tensor of the source that a layer of the network computes.
struct LayerSource {
  std::string tensor;
  /// Empty: the tensor holds the layer's integers. Otherwise it is float and this is the real value of one step of a
  /// raw layer, one or one per channel.
  std::vector<double> step;
  bool rows = false;  ///< [rows, channels] or [1, h, w, channels]: channels last as here; otherwise channels first
};

/// A network, and where the values of its layers are found in the source.
struct Translation {
  Import import;
  std::string input;                ///< the graph input
  std::vector<std::int64_t> shape;  ///< its shape, batch 1
  Type type = Type::float32;        ///< its type; float32: a QuantizeLinear makes the elements of it
  float scale = 1;                  ///< of that QuantizeLinear
  std::int32_t zero = 0;
  bool rows = false;                ///< as LayerSource::rows
  std::vector<LayerSource> layers;  ///< one per node of the network
};

/// Whether a file is taken for ONNX: it is no TFLite file by its identifier and is not called one.
bool is_onnx(const std::filesystem::path& file);

/// Translates a graph. Every sum is exact; where ONNX multiplies by a float32 scale and rounds ties to the even
/// neighbour, a layer multiplies by m0 * 2^(lshift - n - 31) and rounds ties up (round_shift_half_up), so that a
/// layer's values differ from ONNX's by at most one step, on ties and where float32 has rounded (compare.h
/// counts). Throws base::InputError naming node and problem: an operator outside of docs/import.md, with the list;
/// weights, scales or zero points that are not constants; a type, shape or attribute that no layer has.
Translation import_graph(const Graph& graph);

}  // namespace systole::model::onnx
