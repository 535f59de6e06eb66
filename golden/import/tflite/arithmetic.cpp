// SPDX-License-Identifier: Apache-2.0
#include "golden/import/tflite/arithmetic.h"

#include <algorithm>
#include <cmath>

#include "golden/fixed/ceil_div.h"

namespace systole::model::tflite {

namespace {

/// zero_point + round(real / scale), half away from zero, kept inside of int8.
std::int32_t quantize(float real, float scale, std::int32_t zero_point) {
  const float steps = std::round(real / scale);
  // A tiny scale would leave int32; what counts is the side of the int8 range on which it lies.
  constexpr float kFar = 1024.0F;
  return zero_point + static_cast<std::int32_t>(std::clamp(steps, -kFar, kFar));
}

}  // namespace

op::Multiplier quantize_multiplier(double real) {
  if (real >= 0 && real < 0x1p-32) return {.m0 = 0, .lshift = 0, .n = 0};
  return op::quantize_multiplier(real);
}

double convolution_scale(float input, float filter, float output) {
  return static_cast<double>(input) * static_cast<double>(filter) / static_cast<double>(output);
}

double fully_connected_scale(float input, float filter, float output) {
  const float product = input * filter;
  return static_cast<double>(product) / static_cast<double>(output);
}

AddScales add_scales(float a, float b, float output) {
  const auto twice_larger = static_cast<double>(2 * std::max(a, b));
  const float shifted_output = static_cast<float>(1 << kAddShift) * output;
  return {.a = static_cast<double>(a) / twice_larger,
          .b = static_cast<double>(b) / twice_larger,
          .out = twice_larger / static_cast<double>(shifted_output)};
}

ActivationRange activation_range(Activation activation, float scale, std::int32_t zero_point) {
  ActivationRange range;
  const auto raise = [&](float bound) { range.low = std::max(range.low, quantize(bound, scale, zero_point)); };
  const auto cut = [&](float bound) { range.high = std::min(range.high, quantize(bound, scale, zero_point)); };
  switch (activation) {
    case Activation::none:
      break;
    case Activation::relu:
      raise(0);
      break;
    case Activation::relu_n1_to_1:
      raise(-1);
      cut(1);
      break;
    case Activation::relu6:
      raise(0);
      cut(6);
      break;
  }
  return range;
}

Axis window_axis(Padding padding, int in, int kernel, int stride, int dilation) {
  const int reach = (kernel - 1) * dilation + 1;
  if (padding == Padding::valid) return {.out = in < reach ? 0 : (in - reach) / stride + 1, .pad = 0};
  const int out = fixed::ceil_div(in, stride);
  return {.out = out, .pad = std::max(0, (out - 1) * stride + reach - in) / 2};
}

}  // namespace systole::model::tflite
