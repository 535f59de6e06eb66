// SPDX-License-Identifier: Apache-2.0
#include "golden/model/execute.h"

#include <stdexcept>
#include <string>

namespace systole::model {

Executor::Executor(const Network& network, op::PsumOrder order) : network_(network), outputs_(network.nodes.size()) {
  ops_.reserve(network.nodes.size());
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const Node& node = network.nodes[i];
    for (const int tensor : node.inputs) {
      if (tensor < 0 || tensor > static_cast<int>(i)) {
        throw std::invalid_argument("layer '" + node.layer.name + "': reads tensor " + std::to_string(tensor) +
                                    ", expected 0 .. " + std::to_string(i));
      }
    }
    ops_.push_back(fast::make_op(node.layer, order));
  }
}

const std::vector<op::Tensor>& Executor::run(const op::Tensor& input, std::vector<fast::RunStats>* stats) {
  if (stats != nullptr) stats->resize(ops_.size());
  for (std::size_t i = 0; i < ops_.size(); ++i) {
    operands_.clear();
    for (const int tensor : network_.nodes[i].inputs) {
      operands_.push_back(tensor == 0 ? &input : &outputs_[static_cast<std::size_t>(tensor) - 1]);
    }
    ops_[i]->run(operands_, outputs_[i], workspace_, stats != nullptr ? &(*stats)[i] : nullptr);
  }
  return outputs_;
}

}  // namespace systole::model
