// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a tensor of an ONNX graph is while the graph becomes a network. Internal to this folder.
#include <cstdint>
#include <variant>
#include <vector>

#include "golden/import/onnx/call.h"
#include "golden/import/onnx/graph.h"
#include "golden/op/layer.h"

namespace systole::model::onnx {

/// real = scale * (code - zero).
struct Quantization {
  Type type = Type::int8;
  float scale = 1;
  std::int32_t zero = 0;
  bool operator==(const Quantization&) const = default;
};

/// The graph's float input, of which a QuantizeLinear will make the network's elements.
struct FloatInput {};

/// Elements of a tensor of the network.
struct Codes {
  int tensor = 0;
  Type type = Type::int8;
};

/// The real values of a tensor of the network: a DequantizeLinear, perhaps an activation behind it.
struct Real {
  int tensor = 0;
  Quantization quantization;
  Bounds bounds;
};

/// A layer whose output is not yet known: its sums, each `step` (one, or one per channel) in real value.
struct Sum {
  op::Layer layer;
  std::vector<int> inputs;
  std::vector<double> step{1};
  Bounds bounds;
  bool single = false;   ///< the factor step / output scale is formed in float32
  bool integer = false;  ///< an int32 tensor of the source, step 1
};

struct Value {
  std::variant<FloatInput, Codes, Real, Sum> what;
  std::vector<std::int64_t> shape;  ///< in the source, batch 1
  bool rows = false;  ///< channels last: [rows, channels], here rows x 1 x channels, or the graph's input [1, h, w, c]
};

/// Constant weights as they are stored.
struct Weights {
  const Array* codes = nullptr;
  PerChannel scale{{1}}, zero;
  std::size_t axis = 0;  ///< of the scales, where there are several
};

}  // namespace systole::model::onnx
