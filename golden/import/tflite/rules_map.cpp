// SPDX-License-Identifier: Apache-2.0
// Operators without weights.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "golden/import/tflite/arithmetic.h"
#include "golden/import/tflite/layer.h"
#include "golden/import/tflite/rules.h"

namespace systole::model::tflite::rule {

using op::Kind;
using op::Layer;

namespace {

op::AddOperand operand(const Builder& b, double scale, std::int32_t zero) {
  const op::Multiplier m = multiplier(b, scale);
  return {.zero = zero, .m0 = m.m0, .lshift = kAddShift, .n = m.n};
}

/// Pools work on the codes themselves: input and output share scale and zero point, neither is subtracted.
Layer start_pool(Builder& b, Kind kind, int& source) {
  source = b.plain_map(b.input_number(0));
  b.require_same_scale();
  Layer layer = b.start(kind, source);
  const auto& o = b.options<WindowOptions>();
  set_window(b, layer, o);
  set_output(b, layer, o.activation);
  layer.out.zero_out = 0;
  return layer;
}

Pads pad_amounts(const Builder& b) {
  const int number = b.input_number(1);
  const Type type = b.tensor(number).type == Type::int64 ? Type::int64 : Type::int32;
  const Tensor& t = b.constant(1, type, "int32 or int64", 2);
  if (t.shape != std::vector{4, 2}) b.fail_tensor(number, "expected paddings of shape [4, 2]");
  std::array<int, 8> amounts{};
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    const std::int64_t amount = integer_at(t, static_cast<std::int64_t>(i));
    const bool map_axis = i >= 2 && i < 6;
    if (amount < 0 || amount > (map_axis ? kMaxPad : 0)) {
      b.fail(fmt::format("expected paddings of 0 .. {} pixels in height and width and 0 otherwise, found {}", kMaxPad,
                         amount));
    }
    amounts[i] = static_cast<int>(amount);
  }
  return {.top = amounts[2], .bottom = amounts[3], .left = amounts[4], .right = amounts[5]};
}

}  // namespace

void add(Builder& b) {
  const int left = b.plain_map(b.input_number(0));
  const int right = b.plain_map(b.input_number(1));
  if (b.node_shape(left) != b.node_shape(right)) {
    b.fail(fmt::format("expected operands of one shape, found {} and {}", to_string(b.node_shape(left)),
                       to_string(b.node_shape(right))));
  }
  Layer layer = b.start(Kind::add, left);
  const Scale scale_l = b.activation_scale(b.input_number(0));
  const Scale scale_r = b.activation_scale(b.input_number(1));
  const AddScales scales = add_scales(scale_l.scale, scale_r.scale, b.activation_scale(b.output_number()).scale);
  if (!(scales.out < 1)) b.fail("expected an output scale above 2^-19 of the larger operand's");
  layer.add_a = operand(b, scales.a, scale_l.zero);
  layer.add_b = operand(b, scales.b, scale_r.zero);
  const op::Multiplier out = multiplier(b, scales.out);
  layer.out.m0 = {out.m0};
  layer.out.lshift = {out.lshift};
  layer.out.n = {out.n};
  set_output(b, layer, b.options<AddOptions>().activation);
  b.finish(std::move(layer), {left, right});
}

void average_pool(Builder& b) {
  int source = 0;
  Layer layer = start_pool(b, Kind::avg_pool, source);
  layer.exclude_padding = true;
  layer.out.rule = fixed::Rounding::half_away;
  b.finish(std::move(layer), {source});
}

void max_pool(Builder& b) {
  int source = 0;
  Layer layer = start_pool(b, Kind::max_pool, source);
  layer.out.rule = fixed::Rounding::floor;
  layer.out.multiply = false;
  layer.out.lshift = {0};
  b.finish(std::move(layer), {source});
}

void pad(Builder& b) {
  const Value& in = b.value_of(b.input_number(0));
  b.require_same_scale();
  if (b.input_count() > 2) b.fail("expected two inputs");
  const Pads pads = pad_amounts(b);
  Value out = in;
  if (in.pads.any()) {
    out = Value{.tensor = b.plain_map(b.input_number(0))};
  } else if (b.map_shape(b.input_number(0)) != b.node_shape(in.tensor)) {
    b.fail("reads a map that a reshape made: expected only fully_connected behind it");
  }
  out.pads = pads;
  out.pad_step = b.result().steps.size();
  const Shape shape = pads.around(b.node_shape(out.tensor));
  if (b.map_shape(b.output_number()) != shape) {
    b.fail_tensor(b.output_number(), fmt::format("expected shape {} of its operator's output", to_string(shape)));
  }
  b.step("folded into the windows that read it");
  b.define(b.output_number(), out);
}

void reshape(Builder& b) {
  const int source = b.plain(b.input_number(0));
  b.require_same_scale();
  if (b.tensor(b.output_number()).elements() != b.node_shape(source).elements()) {
    b.fail("expected as many values behind the reshape as before it");
  }
  b.step("no work: the values keep their order");
  b.define(b.output_number(), {.tensor = source});
}

void softmax(Builder& b) {
  const int source = b.plain(b.input_number(0));
  b.step("left to the host");
  b.define(b.output_number(), {.tensor = source, .host = true});
}

}  // namespace systole::model::tflite::rule
