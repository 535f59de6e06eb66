// SPDX-License-Identifier: Apache-2.0
// What has no work to do: other shapes of the same values, and what is left to the host.
#include <utility>

#include "golden/import/onnx/rules.h"

namespace systole::model::onnx::rule {

/// Identity, and Dropout, which is one outside of training.
void identity(Builder& b) {
  b.require_constants(1, 2);
  check_identity(b.call());
  const Weights* weights = b.weights(0);
  if (b.fold()) {
    if (weights != nullptr) b.set_weights(*weights);
    return;
  }
  Value result = b.value(0);
  b.define(std::move(result), "no work");
}

void reshape(Builder& b) {
  b.require_constants(1, 1);
  if (b.fold()) return;
  Value result = b.value(0);
  result.shape =
      b.node().op == "Flatten" ? flattened_shape(b.call(), result.shape) : reshaped_shape(b.call(), result.shape);
  b.define(std::move(result), "no work: the order of the weights behind it follows");
}

void softmax(Builder& b) {
  b.call().only({"axis"});
  static_cast<void>(b.value(0));
  if (!b.ends_graph()) b.fail("expected it at the end of the graph, where it is left to the host");
  b.step("no work: left to the host");
}

/// The graph's input may come channels last, as the network's does.
void transpose(Builder& b) {
  if (b.fold()) return;
  Value result = b.value(0);
  const std::vector<std::size_t> order = transposed_axes(b.call(), result.shape.size());
  if (!result.rows || order != kChannelsFirst) {
    b.fail("expected the graph's input [1, height, width, channels] and perm [0, 3, 1, 2]");
  }
  result.shape = {result.shape[0], result.shape[3], result.shape[1], result.shape[2]};
  result.rows = false;
  b.define(std::move(result), "no work: channels come last here");
}

}  // namespace systole::model::onnx::rule
