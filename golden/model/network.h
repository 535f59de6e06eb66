// SPDX-License-Identifier: Apache-2.0
#pragma once
// A quantized network: a list of layers in execution order, each naming the tensors it reads.
#include <filesystem>
#include <string>
#include <vector>

#include "golden/op/layer.h"

namespace systole::model {

/// A layer and where its inputs come from: 0 is the network's input, i + 1 the output of layer i.
struct Node {
  op::Layer layer;
  std::vector<int> inputs;
};

/// Shape, type and meaning of the network's input: element = clamp(pixel + offset) for an 8-bit RGB pixel, HWC.
struct Input {
  int height = 0, width = 0, channels = 0;
  bool is_signed = true;
  int bits = 8;
  int pixel_offset = -128;
};

struct Network {
  std::string name;
  Input input;
  std::vector<Node> nodes;           ///< the last node's output is the network's output (logits)
  std::vector<std::string> classes;  ///< label names, may be empty
};

}  // namespace systole::model
