// SPDX-License-Identifier: Apache-2.0
// Quantization, sums and activations as ONNX defines them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "golden/import/onnx/ops.h"
#include "golden/import/onnx/reference.h"

namespace systole::model::onnx::reference {

namespace {

/// Scale and zero point of each element: one, or one per channel of channel_axis().
template <typename Element>
void per_channel(const Call& call, const Array& x, const Array* zeros, Element element) {
  const std::size_t axis = channel_axis(call, x);
  const std::int64_t channels = x.shape.empty() ? 1 : x.shape[axis];
  const PerChannel scales = weight_scales(call, 1, channels);
  if (zeros != nullptr && zeros->values.size() != scales.values.size()) {
    call.fail("expected as many zero points as scales");
  }
  const PerChannel offsets = zeros == nullptr ? PerChannel{} : PerChannel{zeros->values};
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    const std::int64_t channel = scales.values.size() == 1 ? 0 : channel_of(x, axis, i);
    element(i, scales.of(channel), offsets.of(channel));
  }
}

/// Extents of a broadcast of a and b: equal ones, or 1 against any; missing ones in front count as 1.
std::vector<std::int64_t> broadcast_shape(const Call& call, const Array& a, const Array& b) {
  std::vector<std::int64_t> shape(std::max(a.shape.size(), b.shape.size()), 1);
  for (const Array* operand : {&a, &b}) {
    const std::size_t skip = shape.size() - operand->shape.size();
    for (std::size_t k = 0; k < operand->shape.size(); ++k) {
      const std::int64_t extent = operand->shape[k];
      if (shape[skip + k] == 1) shape[skip + k] = extent;
      if (extent != 1 && extent != shape[skip + k]) {
        call.fail(fmt::format("expected operands of one shape or that broadcast, found [{}] and [{}]",
                              fmt::join(a.shape, ", "), fmt::join(b.shape, ", ")));
      }
    }
  }
  return shape;
}

/// Where element `i` of a broadcast to `shape` comes from.
std::size_t broadcast_source(const Array& operand, const std::vector<std::int64_t>& shape, std::size_t i) {
  auto rest = static_cast<std::int64_t>(i);
  std::int64_t source = 0;
  std::int64_t step = 1;
  for (std::size_t k = shape.size(), own = operand.shape.size(); own > 0; --k, --own) {
    if (operand.shape[own - 1] != 1) source += rest % shape[k - 1] * step;
    step *= operand.shape[own - 1];
    rest /= shape[k - 1];
  }
  return at(source);
}

/// sum(value of a, value of b) over a broadcast.
template <typename Sum>
Array elementwise(const Call& call, const Array& a, const Array& b, Type type, Sum sum) {
  Array y = make(type, broadcast_shape(call, a, b), call);
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    y.values[i] = sum(a.values[broadcast_source(a, y.shape, i)], b.values[broadcast_source(b, y.shape, i)]);
  }
  return y;
}

/// Of float32, rounded once; of int64, as extents are, cut toward zero.
template <typename Result>
Array arithmetic(const Call& call, Result result) {
  const Array& a = call.input(0, {Type::float32, Type::int64});
  const Array& b = call.input(1, {a.type});
  return elementwise(call, a, b, a.type, [&](double left, double right) {
    const double value = result(left, right);
    if (a.type == Type::float32) return to_float(value);
    if (!(std::abs(value) <= 0x1p53)) call.fail("expected integers of at most 2^53");
    return std::trunc(value);
  });
}

}  // namespace

Array quantize_linear(const Call& call) {
  check_linear(call);
  const Array& x = call.input(0, {Type::float32, Type::int32});
  const Array* zeros = call.optional(2);
  Array y = make(quantized_type(call), x.shape, call);
  const Range range = range_of(y.type);
  per_channel(call, x, zeros, [&](std::size_t i, double scale, double zero) {
    const float steps = static_cast<float>(x.values[i]) / static_cast<float>(scale);
    if (std::isnan(steps)) call.fail("expected numbers, found NaN");
    y.values[i] = std::clamp(round_half_even(static_cast<double>(steps)) + zero, range.low, range.high);
  });
  return y;
}

Array dequantize_linear(const Call& call) {
  check_linear(call);
  const Array& x = call.input(0, {Type::int8, Type::uint8, Type::int32});
  const Array* zeros = call.optional(2);
  if (zeros != nullptr && zeros->type != x.type) call.fail("input 2: expected a zero point of its data's type");
  Array y = make(Type::float32, x.shape, call);
  per_channel(call, x, zeros, [&](std::size_t i, double scale, double zero) {
    y.values[i] = static_cast<double>(static_cast<float>(x.values[i] - zero) * static_cast<float>(scale));
  });
  return y;
}

Array add(const Call& call) {
  call.only({});
  return arithmetic(call, [](double a, double b) { return a + b; });
}

Array sub(const Call& call) {
  call.only({});
  return arithmetic(call, [](double a, double b) { return a - b; });
}

Array mul(const Call& call) {
  call.only({});
  return arithmetic(call, [](double a, double b) { return a * b; });
}

Array div(const Call& call) {
  call.only({});
  return arithmetic(call, [](double a, double b) { return a / b; });
}

Array batch_normalization(const Call& call) {
  Array y = call.input(0, kFloat);
  if (y.shape.size() < 2) call.fail("input 0: expected two or more extents");
  const Normalization by = normalization(call, y.shape[1]);
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    const std::size_t channel = at(channel_of(y, 1, i));
    y.values[i] = to_float(by.gain[channel] * y.values[i] + by.offset[channel]);
  }
  return y;
}

/// com.microsoft: A, A_scale, A_zero, B, B_scale, B_zero, C_scale, C_zero.
Array qlinear_add(const Call& call) {
  call.only({});
  const Array& a = call.input(0, kBytes);
  const Array& b = call.input(3, {a.type});
  const double a_scale = call.scale(1), a_zero = call.zero(2, a.type);
  const double b_scale = call.scale(4), b_zero = call.zero(5, b.type);
  const double y_scale = call.scale(6), y_zero = call.zero(7, a.type);
  const Range range = range_of(a.type);
  return elementwise(call, a, b, a.type, [&](double x, double y) {
    const double sum = to_float(to_float((x - a_zero) * a_scale) + to_float((y - b_zero) * b_scale));
    return std::clamp(round_half_even(to_float(sum / y_scale)) + y_zero, range.low, range.high);
  });
}

Array relu(const Call& call) {
  call.only({});
  Array y = call.input(0, {Type::float32, Type::int8, Type::int32});
  for (double& value : y.values) value = std::max(value, 0.0);
  return y;
}

Array clip(const Call& call) {
  const Bounds bounds = clip_bounds(call);
  Array y = call.input(0, kAll);
  for (double& value : y.values) value = std::min(std::max(value, bounds.low), bounds.high);
  return y;
}

}  // namespace systole::model::onnx::reference
