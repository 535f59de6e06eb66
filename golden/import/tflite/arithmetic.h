// SPDX-License-Identifier: Apache-2.0
#pragma once
// The numbers that TFLite derives from scales when it prepares an int8 operator (tensorflow/lite/kernels: kernel_util,
// internal/quantization_util, padding.h), in the same floating-point types, so that every m0 agrees to the last bit.
#include <cstdint>

#include "golden/import/tflite/graph.h"
#include "golden/op/layer.h"
#include "golden/op/multiplier.h"

namespace systole::model::tflite {

/// m0 = round(fraction * 2^31), shift of frexp: QuantizeMultiplier. A factor below 2^-32 becomes m0 = 0, as there.
/// `real` is 0 .. 2^31 (exclusive), otherwise std::invalid_argument.
op::Multiplier quantize_multiplier(double real);

/// Convolutions and fully connected layers with a scale per channel: the product and the quotient in double.
double convolution_scale(float input, float filter, float output);

/// Fully connected layers with one scale: the product in float, the quotient in double.
double fully_connected_scale(float input, float filter, float output);

/// The three factors of ADD: operands are brought to twice the larger scale, shifted left by 20.
struct AddScales {
  double a = 0, b = 0;  ///< scale / (2 * larger scale), at most 1/2
  double out = 0;       ///< 2 * larger scale / (2^20 * output scale)
};
inline constexpr int kAddShift = 20;
AddScales add_scales(float a, float b, float output);

/// Clamp of the fused activation: the int8 range cut by zero_point + round(bound / scale), the quotient in float.
struct ActivationRange {
  std::int32_t low = -128, high = 127;
};
ActivationRange activation_range(Activation activation, float scale, std::int32_t zero_point);

/// One axis of a window: extent of the output and padding before the first element.
struct Axis {
  int out = 0;  ///< 0 or below: the window does not fit
  int pad = 0;
};
/// SAME: out = ceil(in / stride), half of what is missing goes before (rounded down). VALID: no padding.
Axis window_axis(Padding padding, int in, int kernel, int stride, int dilation);

}  // namespace systole::model::tflite
