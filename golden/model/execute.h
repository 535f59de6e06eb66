// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <vector>

#include "golden/fast/op.h"
#include "golden/model/network.h"

namespace systole::model {

/// Runs a network image by image. Weights are arranged once and tensors and scratch memory are reused from image to
/// image.
class Executor {
 public:
  /// Keeps a reference to `network`, which must outlive the executor and stay unchanged. Throws std::invalid_argument,
  /// naming the layer, where a layer is not valid or reads a tensor that does not exist before it.
  explicit Executor(const Network& network, op::PsumOrder order = op::PsumOrder::array);
  explicit Executor(Network&& network, op::PsumOrder order = op::PsumOrder::array) = delete;

  /// Every node's output, in node order; the last one is the network's output. The tensors are overwritten by the next
  /// run. `stats` (if any) gets one entry per node, which successive runs widen. Throws std::invalid_argument for an
  /// input of another shape or range, fixed::OverflowError where a partial sum leaves its declared width.
  const std::vector<op::Tensor>& run(const op::Tensor& input, std::vector<fast::RunStats>* stats = nullptr);

 private:
  const Network& network_;
  std::vector<std::unique_ptr<fast::Op>> ops_;
  std::vector<op::Tensor> outputs_;
  std::vector<const op::Tensor*> operands_;  ///< inputs of the running node
  fast::Workspace workspace_;
};

}  // namespace systole::model
