// SPDX-License-Identifier: Apache-2.0
#pragma once
// From a layer and an image to the text set of a plain array (array_format.h).
#include "golden/op/layer.h"
#include "vectors/array/array_format.h"
#include "vectors/set/vector_set.h"

namespace systole::vectors {

inline constexpr std::string_view kArrayFormat = "array";

/// Cuts a conv2d or fully connected layer (one pixel of all its inputs, HWC) into tiles of `rows` x `cols` channels and
/// computes every psum of every padded pixel. Channels that a tile has beyond the layer's are 0.
///
/// Activations are written as value - zero_in and weights as level - zero_wgt, so that padding is 0: with a zero point
/// of 0 the field is the layer's element, otherwise it has as many bits as the difference needs. Psums have 16 bits, or
/// 32 where a value of this image needs more. Outputs are after ReLU where the layer has one (act_min = zero_out).
///
/// Throws base::InputError: another kind of layer, an alignment shift (the sums of the format are plain), an image
/// that is not the layer's, a sum beyond 32 bits or one that the layer's psum_bits would clamp, a set above 2^27
/// values.
[[nodiscard]] ArraySet make_array_set(const op::Layer& layer, const op::Tensor& input, int rows, int cols);

/// Writes the set into `target` (write_set).
void write_array_set(const ArraySet& set, const Origin& origin, const std::filesystem::path& target,
                     SetProgress progress = {});

/// What the manifest of a set in `folder` states of its shape. Throws base::InputError where it is not one of an array
/// set or a size is out of range.
[[nodiscard]] ArrayShape read_array_shape(const std::filesystem::path& folder);

}  // namespace systole::vectors
