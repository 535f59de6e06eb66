// SPDX-License-Identifier: Apache-2.0
#pragma once
// From an 8-bit image to a network's input, integer and real.
#include "golden/model/float_network.h"
#include "golden/model/network.h"

namespace systole::model {

/// clamp(pixel + pixel_offset) to the input's element type. `pixels` holds 0 .. 255 and has the input's shape,
/// otherwise std::invalid_argument.
op::Tensor to_input(const Input& input, const op::Tensor& pixels);

/// (pixel - pixel_zero) * pixel_scale, same conditions.
FloatTensor to_input(const FloatInput& input, const op::Tensor& pixels);

}  // namespace systole::model
