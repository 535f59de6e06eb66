// SPDX-License-Identifier: Apache-2.0
#pragma once
// Between what a user has (8-bit images, real values) and what a network reads and answers.
#include <cstdint>
#include <string>

#include "golden/model/float_network.h"
#include "golden/model/network.h"

namespace systole::model {

/// clamp((pixel + pixel_offset) >> pixel_shift) to the input's element type. `pixels` holds 0 .. 255 and has the
/// input's height, width and channels; a grey image goes into all channels of a colour input, one that has no colours
/// into the one channel of a grey input. Throws std::invalid_argument otherwise.
op::Tensor to_input(const Input& input, const op::Tensor& pixels);

/// (pixel - pixel_zero) * pixel_scale, same conditions.
FloatTensor to_input(const FloatInput& input, const op::Tensor& pixels);

/// The element of a real value: clamp(round_half_even(x / scale) + zero) to the input's element type, the quotient in
/// float32, as QuantizeLinear of ONNX. The input's scale is known. Throws std::invalid_argument for NaN.
std::int32_t to_element(const Input& input, float x, std::int64_t channel);

/// The largest output and, where the network has its scale, what it stands for: "113", "113 = 2.65131".
std::string largest_text(const Network& network, const op::Tensor& output);

}  // namespace systole::model
