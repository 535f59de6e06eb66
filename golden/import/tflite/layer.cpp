// SPDX-License-Identifier: Apache-2.0
#include "golden/import/tflite/layer.h"

#include <fmt/format.h>

#include <cstring>
#include <stdexcept>

#include "golden/import/tflite/arithmetic.h"

namespace systole::model::tflite {

using op::Kind;
using op::Layer;

op::Multiplier multiplier(const Builder& b, double real) {
  try {
    return quantize_multiplier(real);
  } catch (const std::invalid_argument& error) {
    b.fail(error.what());
  }
}

void set_output(const Builder& b, Layer& layer, Activation activation) {
  const Scale out = b.activation_scale(b.output_number());
  const ActivationRange range = activation_range(activation, out.scale, out.zero);
  if (range.low > range.high) b.fail("expected an activation that leaves a value, found an empty range");
  layer.out.zero_out = out.zero;
  layer.out.act_min = range.low;
  layer.out.act_max = range.high;
}

bool try_window(const Builder& b, Layer& layer, const WindowOptions& o, const Pads& pads) {
  const Axis h = window_axis(o.padding, layer.in_h + pads.top + pads.bottom, o.kernel_h, o.stride_h, o.dilation_h);
  const Axis w = window_axis(o.padding, layer.in_w + pads.left + pads.right, o.kernel_w, o.stride_w, o.dilation_w);
  if (h.out < 1 || w.out < 1) b.fail("expected a window that fits into its padded input");
  layer.window = {.kernel_h = o.kernel_h,
                  .kernel_w = o.kernel_w,
                  .stride_h = o.stride_h,
                  .stride_w = o.stride_w,
                  .dilation_h = o.dilation_h,
                  .dilation_w = o.dilation_w,
                  .pad_top = h.pad + pads.top,
                  .pad_left = w.pad + pads.left};
  layer.out_h = h.out;
  layer.out_w = w.out;
  // A window that starts behind the map is not one of the layer's (golden/op/validate.cpp).
  const auto starts_inside = [](int out, int stride, int pad, int in) { return (out - 1) * stride - pad < in; };
  return layer.window.pad_top <= kMaxPad && layer.window.pad_left <= kMaxPad &&
         starts_inside(h.out, o.stride_h, layer.window.pad_top, layer.in_h) &&
         starts_inside(w.out, o.stride_w, layer.window.pad_left, layer.in_w);
}

void set_window(const Builder& b, Layer& layer, const WindowOptions& o) {
  if (!try_window(b, layer, o, {})) b.fail(fmt::format("expected at most {} pixels of padding", kMaxPad));
}

std::int64_t integer_at(const Tensor& t, std::int64_t i) {
  const auto copy = [&](auto value) {
    std::memcpy(&value, t.data.data() + static_cast<std::size_t>(i) * sizeof value, sizeof value);
    return static_cast<std::int64_t>(value);
  };
  return t.type == Type::int64 ? copy(std::int64_t{}) : copy(std::int32_t{});
}

}  // namespace systole::model::tflite
