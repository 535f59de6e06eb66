// SPDX-License-Identifier: Apache-2.0
#pragma once
// A network in real numbers, as training leaves it: what the quantizers of golden/quant start from.
#include <Eigen/Core>
#include <filesystem>
#include <string>
#include <vector>

#include "golden/op/layer.h"
#include "golden/op/tensor.h"

namespace systole::model {

using FloatMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using FloatVector = Eigen::Matrix<float, Eigen::Dynamic, 1>;

/// One image of real numbers: row = pixel (row major over height, width), column = channel.
struct FloatTensor {
  int height = 0;
  int width = 0;
  FloatMatrix data;  ///< (height * width) x channels

  FloatTensor() = default;
  FloatTensor(int h, int w, int c) : height(h), width(w), data(FloatMatrix::Zero(Eigen::Index{h} * w, c)) {}
  [[nodiscard]] int channels() const { return static_cast<int>(data.cols()); }
};

/// One layer; weights are laid out as in op::Layer. Average pooling counts the taps that are not padding.
struct FloatLayer {
  std::string name;
  op::Kind kind = op::Kind::conv2d;
  int in_h = 1, in_w = 1, in_c = 1;  ///< of the first input
  int out_h = 1, out_w = 1, out_c = 1;
  op::Window window;
  bool relu = false;    ///< max(0, x) after bias or sum
  float clip = 0.0F;    ///< > 0: min(x, clip) after ReLU (ReLU6, PACT's alpha); 0: no bound
  FloatMatrix weights;  ///< conv2d, depthwise, fully_connected; otherwise empty
  FloatVector bias;     ///< out_c values or empty (= 0)
};

/// A layer and where its inputs come from: 0 is the network's input, i + 1 the output of layer i.
struct FloatNode {
  FloatLayer layer;
  std::vector<int> inputs;
};

/// real = (pixel - pixel_zero) * pixel_scale, for an 8-bit pixel of HWC images.
struct FloatInput {
  int height = 0, width = 0, channels = 0;
  int pixel_zero = 0;        ///< 0 .. 255
  float pixel_scale = 1.0F;  ///< > 0
};

struct FloatNetwork {
  std::string name;
  FloatInput input;
  std::vector<FloatNode> nodes;      ///< the last node's output is the network's output (logits)
  std::vector<std::string> classes;  ///< label names, may be empty
};

/// Checks graph, shapes, lengths and that every number is finite. Throws base::InputError with `file` as the file's
/// name.
void check_float_network(const FloatNetwork& network, const std::string& file);

/// Reads a folder of docs/network-format.md with "number": "float32". Throws base::InputError.
FloatNetwork load_float_network(const std::filesystem::path& folder);

/// Checks and writes the network; replaces a network already there as one step. Throws base::InputError.
void save_float_network(const FloatNetwork& network, const std::filesystem::path& folder);

}  // namespace systole::model
