// SPDX-License-Identifier: Apache-2.0
// What has no work to do: other shapes of the same values, and what is left to the host.
#include <utility>

#include "golden/import/onnx/float_rules.h"

namespace systole::model::onnx::float_rule {

void constant(FloatBuilder& b) { b.step("a constant"); }

void host(FloatBuilder& b) {
  b.call().only({"axis"});
  static_cast<void>(b.value(0));
  if (!b.ends_graph()) b.fail("expected it at the end of the graph, where it is left to the host");
  b.step("no work: left to the host");
}

/// Identity, and Dropout, which is one outside of training.
void identity(FloatBuilder& b) {
  b.require_constants(1, 2);
  check_identity(b.call());
  if (b.fold()) return;
  b.pass(b.value(0), "no work");
}

void reshape(FloatBuilder& b) {
  b.require_constants(1, 1);
  if (b.fold()) return;
  FloatValue result = b.value(0).padding.any() ? b.settled(0) : b.value(0);
  result.shape =
      b.node().op == "Flatten" ? flattened_shape(b.call(), result.shape) : reshaped_shape(b.call(), result.shape);
  b.pass(std::move(result), "no work: the order of the weights behind it follows");
}

/// A map's channels may go last, as here, and come back.
void transpose(FloatBuilder& b) {
  if (b.fold()) return;
  FloatValue result = b.value(0);
  const std::vector<std::size_t> order = transposed_axes(b.call(), result.shape.size());
  const std::vector<std::size_t> channels_last{0, 2, 3, 1};
  if (order != (result.last ? kChannelsFirst : channels_last)) {
    b.fail(result.last ? "expected perm [0, 3, 1, 2] of a map [1, height, width, channels]"
                       : "expected perm [0, 2, 3, 1] of a map [1, channels, height, width]");
  }
  const Shape shape = b.shape_of(result.tensor);
  const std::int64_t channels = result.shape[result.last ? 3 : 1];
  if (channels != shape.channels) b.fail("expected a map with its own channels, found a Reshape of one");
  std::vector<std::int64_t> moved;
  for (const std::size_t axis : order) moved.push_back(result.shape[axis]);
  result.shape = std::move(moved);
  result.last = !result.last;
  b.pass(std::move(result), "no work: channels come last here");
}

}  // namespace systole::model::onnx::float_rule
