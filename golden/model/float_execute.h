// SPDX-License-Identifier: Apache-2.0
#pragma once
// Runs a float network: the accuracy that quantization is measured against, and the activations that it is calibrated
// with.
#include <vector>

#include "golden/model/float_network.h"

namespace systole::model {

/// Computes every node's output for one image. Holds its buffers, so that a second image allocates nothing; not thread
/// safe.
class FloatExecutor {
 public:
  /// `network` must outlive the executor and have passed check_float_network.
  explicit FloatExecutor(const FloatNetwork& network);

  /// Outputs in node order, valid until the next call. Throws std::invalid_argument where `input` has not the network's
  /// shape.
  const std::vector<FloatTensor>& run(const FloatTensor& input);

 private:
  void run_node(const FloatNode& node, FloatTensor& output);
  [[nodiscard]] const FloatTensor& tensor(int index) const;

  const FloatNetwork& network_;
  const FloatTensor* input_ = nullptr;
  std::vector<FloatTensor> outputs_;
  FloatMatrix columns_;  // im2col of the layer at hand
};

}  // namespace systole::model
