// SPDX-License-Identifier: Apache-2.0
// What has no work to do: other shapes of the same values, and what is left to the host.
#include <string>
#include <utility>
#include <vector>

#include "golden/import/onnx/float_rules.h"
#include "golden/import/onnx/shape_math.h"

namespace systole::model::onnx::float_rule {

namespace {

std::vector<std::int64_t> reshaped(const Call& call, const std::vector<std::int64_t>& shape) {
  const std::string& op = call.node().op;
  if (op == "Flatten") return flattened_shape(call, shape);
  if (op == "Squeeze") return squeezed_shape(call, shape);
  return op == "Unsqueeze" ? unsqueezed_shape(call, shape) : reshaped_shape(call, shape);
}

}  // namespace

/// float32 to itself.
void cast(FloatBuilder& b) {
  if (b.fold()) return;
  const Call here = b.call();
  here.only({"to", "saturate"});
  const auto to = here.attribute<std::int64_t>("to", 0);
  if (to_type(to) != Type::float32) b.fail("attribute to: expected float32, found " + type_name(to));
  b.pass(b.value(0), "no work");
}

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
  result.shape = reshaped(b.call(), result.shape);
  b.pass(std::move(result), "no work: the order of the weights behind it follows");
}

/// The extents of a computed value are known: batch 1.
void shape(FloatBuilder& b) {
  if (b.fold()) return;
  b.fold_to(shape_value(b.call(), b.value(0).shape));
}

/// What exporters compute of shapes.
void shape_arithmetic(FloatBuilder& b) {
  b.require_constants(0, 4);
  if (!b.fold()) b.fail("expected constants");
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
