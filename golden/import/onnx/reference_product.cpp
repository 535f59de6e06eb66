// SPDX-License-Identifier: Apache-2.0
// Convolutions and matrix products as ONNX defines them.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "golden/import/onnx/ops.h"
#include "golden/import/onnx/reference.h"

namespace systole::model::onnx::reference {

namespace {

/// Sum over the window of (x - zero) * (w - zero of the channel); padding contributes nothing.
Array convolve(const Call& call, const Window& window, const Array& x, double x_zero, const Array& w,
               const PerChannel& w_zero) {
  const std::int64_t out_c = w.shape[0];
  const std::int64_t channels_out = out_c / call.attribute<std::int64_t>("group", 1);  // of one group
  Array y = make(Type::int32, {x.shape[0], out_c, window.out[0], window.out[1]}, call);
  const std::int64_t map = x.shape[2] * x.shape[3];
  const std::int64_t kernel_size = w.shape[2] * w.shape[3];
  std::size_t next = 0;
  for (std::int64_t n = 0; n < x.shape[0]; ++n) {
    for (std::int64_t oc = 0; oc < out_c; ++oc) {
      const std::int64_t first = oc / channels_out * w.shape[1];
      const double zero = w_zero.of(oc);
      for (std::int64_t oy = 0; oy < y.shape[2]; ++oy) {
        for (std::int64_t ox = 0; ox < y.shape[3]; ++ox) {
          double sum = 0;
          taps(window, x, oy, ox, [&](std::int64_t position, std::int64_t tap) {
            for (std::int64_t ic = 0; ic < w.shape[1]; ++ic) {
              sum += (x.values[at((n * x.shape[1] + first + ic) * map + position)] - x_zero) *
                     (w.values[at((oc * w.shape[1] + ic) * kernel_size + tap)] - zero);
            }
          });
          y.values[next++] = sum;
        }
      }
    }
  }
  return y;
}

/// Rows of a times columns of b, over equal leading extents (a plain matrix b serves all of them).
Array multiply(const Call& call, const Array& a, double a_zero, const Array& b, const PerChannel& b_zero) {
  const std::size_t rank = a.shape.size();
  if (rank < 2 || b.shape.size() < 2) call.fail("expected operands of two or more extents");
  const std::int64_t rows = a.shape[rank - 2];
  const std::int64_t depth = a.shape[rank - 1];
  const std::int64_t cols = b.shape.back();
  const std::vector<std::int64_t> leading(a.shape.begin(), a.shape.end() - 2);
  const bool shared = b.shape.size() == 2;
  if (b.shape[b.shape.size() - 2] != depth ||
      (!shared && std::vector<std::int64_t>(b.shape.begin(), b.shape.end() - 2) != leading)) {
    call.fail(fmt::format("expected matrices that chain, found [{}] and [{}]", fmt::join(a.shape, ", "),
                          fmt::join(b.shape, ", ")));
  }
  std::vector<std::int64_t> shape = a.shape;
  shape.back() = cols;
  Array y = make(Type::int32, std::move(shape), call);
  std::size_t next = 0;
  for (std::int64_t m = 0; m < element_count(leading); ++m) {
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < cols; ++j) {
        double sum = 0;
        for (std::int64_t k = 0; k < depth; ++k) {
          sum += (a.values[at((m * rows + i) * depth + k)] - a_zero) *
                 (b.values[at(((shared ? 0 : m * depth) + k) * cols + j)] - b_zero.of(j));
        }
        y.values[next++] = sum;
      }
    }
  }
  return y;
}

Array checked_int32(const Call& call, Array y) {
  const Range range = range_of(Type::int32);
  for (const double value : y.values) {
    if (value < range.low || value > range.high) call.fail("a sum leaves int32");
  }
  return y;
}

/// saturate(round_half_even(sum * factor) + zero), factor = x_scale * w_scale / y_scale in float32.
Array requantize(Array sums, std::size_t axis, double x_scale, const PerChannel& w_scale, double y_scale, double y_zero,
                 Type type) {
  const Range range = range_of(type);
  for (std::size_t i = 0; i < sums.values.size(); ++i) {
    const auto weight = static_cast<float>(w_scale.of(channel_of(sums, axis, i)));
    const float factor = static_cast<float>(x_scale) * weight / static_cast<float>(y_scale);
    const float product = static_cast<float>(sums.values[i]) * factor;
    sums.values[i] = std::clamp(round_half_even(static_cast<double>(product)) + y_zero, range.low, range.high);
  }
  sums.type = type;
  return sums;
}

Array transposed(const Call& call, const Array& matrix, bool yes) {
  if (!yes) return matrix;
  Array result = make(matrix.type, {matrix.shape[1], matrix.shape[0]}, call);
  for (std::int64_t i = 0; i < matrix.shape[0]; ++i) {
    for (std::int64_t j = 0; j < matrix.shape[1]; ++j) {
      result.values[at(j * matrix.shape[0] + i)] = matrix.values[at(i * matrix.shape[1] + j)];
    }
  }
  return result;
}

}  // namespace

Array conv_integer(const Call& call) {
  const Array& x = call.input_of_rank(0, kBytes, 4);
  const Array& w = call.input_of_rank(1, kBytes, 4);
  return checked_int32(call, convolve(call, convolution_window(call, x.shape, w), x, call.zero(2, x.type), w,
                                      weight_zeros(call, 3, w.type, w.shape[0])));
}

Array matmul_integer(const Call& call) {
  call.only({});
  const Array& a = call.input(0, kBytes);
  const Array& b = call.input(1, kBytes);
  if (b.shape.empty()) call.fail("expected operands of two or more extents");
  return checked_int32(call, multiply(call, a, call.zero(2, a.type), b, weight_zeros(call, 3, b.type, b.shape.back())));
}

Array qlinear_conv(const Call& call) {
  const Array& x = call.input_of_rank(0, kBytes, 4);
  const Array& w = call.input_of_rank(3, kBytes, 4);
  const Type type = call.input(7, kBytes).type;
  Array sums = convolve(call, convolution_window(call, x.shape, w), x, call.zero(2, x.type), w,
                        weight_zeros(call, 5, w.type, w.shape[0]));
  if (call.optional(8) != nullptr) {
    const Array& bias = call.input_of_rank(8, {Type::int32}, 1);
    if (bias.shape[0] != w.shape[0]) call.fail(fmt::format("input 8: expected {} values", w.shape[0]));
    for (std::size_t i = 0; i < sums.values.size(); ++i) sums.values[i] += bias.values[at(channel_of(sums, 1, i))];
  }
  return requantize(checked_int32(call, std::move(sums)), 1, call.scale(1), weight_scales(call, 4, w.shape[0]),
                    call.scale(6), call.scalar(7), type);
}

Array qlinear_matmul(const Call& call) {
  call.only({});
  const Array& a = call.input(0, kBytes);
  const Array& b = call.input(3, kBytes);
  if (b.shape.empty()) call.fail("expected operands of two or more extents");
  const std::int64_t cols = b.shape.back();
  Array sums = checked_int32(call, multiply(call, a, call.zero(2, a.type), b, weight_zeros(call, 5, b.type, cols)));
  const std::size_t axis = sums.shape.size() - 1;
  return requantize(std::move(sums), axis, call.scale(1), weight_scales(call, 4, cols), call.scale(6), call.scalar(7),
                    call.input(7, kBytes).type);
}

Array conv(const Call& call) {
  const Array x = map_input(call, 0, kFloat);
  const Array w = map_input(call, 1, kFloat);
  Array y = convolve(call, convolution_window(call, call.input(0).shape, call.input(1)), x, 0, w, {});
  const Array* bias = call.optional(2) == nullptr ? nullptr : &call.input_of_rank(2, kFloat, 1);
  if (bias != nullptr && bias->shape[0] != w.shape[0])
    call.fail(fmt::format("input 2: expected {} values", w.shape[0]));
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    y.values[i] = to_float(y.values[i] + (bias == nullptr ? 0 : bias->values[at(channel_of(y, 1, i))]));
  }
  y.type = Type::float32;
  return like_input(call, std::move(y));
}

Array gemm(const Call& call) {
  call.only({"alpha", "beta", "transA", "transB"});
  const Array a = transposed(call, call.input_of_rank(0, kFloat, 2), call.attribute<std::int64_t>("transA", 0) != 0);
  const Array b = transposed(call, call.input_of_rank(1, kFloat, 2), call.attribute<std::int64_t>("transB", 0) != 0);
  const auto alpha = static_cast<double>(call.attribute<float>("alpha", 1));
  const auto beta = static_cast<double>(call.attribute<float>("beta", 1));
  Array y = multiply(call, a, 0, b, {});
  const Array* c = call.optional(2) == nullptr ? nullptr : &call.input(2, kFloat);
  const bool row =
      c != nullptr && !c->shape.empty() && c->shape.back() == b.shape[1] && c->values.size() == at(b.shape[1]);
  if (c != nullptr && !row && c->values.size() != 1) call.fail("input 2: expected one value or one per column");
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    const double offset = c == nullptr ? 0 : c->values[row ? at(channel_of(y, 1, i)) : 0];
    y.values[i] = to_float(alpha * y.values[i] + beta * offset);
  }
  y.type = Type::float32;
  return y;
}

Array matmul(const Call& call) {
  call.only({});
  const Array& b = call.input(1, kFloat);
  if (b.shape.empty()) call.fail("expected operands of two or more extents");
  Array y = multiply(call, call.input(0, kFloat), 0, b, {});
  for (double& value : y.values) value = to_float(value);
  y.type = Type::float32;
  return y;
}

}  // namespace systole::model::onnx::reference
