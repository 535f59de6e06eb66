// SPDX-License-Identifier: Apache-2.0
#pragma once
// A quantized network: a list of layers in execution order, each naming the tensors it reads.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "golden/op/layer.h"

namespace systole::model {

/// A layer and where its inputs come from: 0 is the network's input, i + 1 the output of layer i.
struct Node {
  op::Layer layer;
  std::vector<int> inputs;
};

/// What a tensor's integers mean: real = scale * (q - zero), with one scale, or one per channel.
struct TensorScale {
  std::vector<double> scale{1.0};  ///< each finite and above 0
  int zero = 0;

  [[nodiscard]] double of(std::int64_t channel) const {
    return scale[scale.size() == 1 ? 0 : static_cast<std::size_t>(channel)];
  }
  [[nodiscard]] double real(std::int32_t q, std::int64_t channel) const {
    return of(channel) * (static_cast<double>(q) - zero);
  }
  bool operator==(const TensorScale&) const = default;
};

/// Shape, type and meaning of the network's input: element = clamp((pixel + offset) >> shift) for an 8-bit RGB pixel,
/// HWC.
struct Input {
  int height = 0, width = 0, channels = 0;
  bool is_signed = true;
  int bits = 8;
  int pixel_offset = -128;
  std::optional<TensorScale> real{};  ///< where it is known
  int pixel_shift = 0;                ///< 0 .. 7, rounds down: an input of fewer bits than a pixel has
};

struct Network {
  std::string name;
  Input input;
  std::vector<Node> nodes;            ///< the last node's output is the network's output (logits)
  std::vector<std::string> classes;   ///< label names, may be empty
  std::optional<TensorScale> output;  ///< of the last node, where it is known
  std::vector<TensorScale> scales{};  ///< of the output of each node, where all are known; otherwise empty
};

}  // namespace systole::model
