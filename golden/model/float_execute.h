// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs a float network: the accuracy that quantization is measured against, and the activations that it is calibrated
// with.
#include <cstddef>
#include <functional>
#include <vector>

#include "golden/model/float_network.h"

namespace systole::model {

/// Sees, and may change, what a node computed, bias included, before its ReLU and clip: out_h * out_w rows of out_c.
using BeforeRelu = std::function<void(std::size_t node, FloatMatrix& values)>;

/// Computes every node's output for one image. Holds its buffers, so that a second image allocates nothing; not thread
/// safe.
class FloatExecutor {
 public:
  /// `network` must outlive the executor and have passed check_float_network. `before_relu` (if any) is called for each
  /// node of a run, in node order.
  explicit FloatExecutor(const FloatNetwork& network, BeforeRelu before_relu = {});

  /// Outputs in node order, valid until the next call. Throws std::invalid_argument where `input` has not the network's
  /// shape.
  const std::vector<FloatTensor>& run(const FloatTensor& input);

 private:
  void run_node(std::size_t number, FloatTensor& output);
  [[nodiscard]] const FloatTensor& tensor(int index) const;

  const FloatNetwork& network_;
  BeforeRelu before_relu_;
  const FloatTensor* input_ = nullptr;
  std::vector<FloatTensor> outputs_;
  FloatMatrix columns_;  // im2col of the layer at hand
};

}  // namespace systole::model
