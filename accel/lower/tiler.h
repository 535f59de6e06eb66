// SPDX-License-Identifier: Apache-2.0
#pragma once
// From a layer of a network to commands of the accelerator, and from an image to their streams.
#include <cstdint>
#include <span>
#include <vector>

#include "accel/contract/command.h"
#include "golden/op/layer.h"

namespace systole::lower {

/// Cuts a layer into commands that together produce every output element once, in the accumulation order of
/// docs/numerics.md.
///
/// - conv2d, fully_connected: oc tiles of `cols`, ic tiles of `rows` channels. A fully connected layer is a 1x1 map of
///   in_h * in_w * in_c channels.
/// - depthwise, max_pool, avg_pool, add: min(rows, cols) channels a tile, weights on the diagonal. Average pooling cuts
/// the output map
///   into regions of equal tap count, since the count is the divisor.
/// - concat: one command (or its strips) per input, a depthwise layer of weight 1 into the input's slice of the output.
/// - Pixels that no tap reads are not sent. Maps beyond act_depth, psum_depth or 255 pixels a side are cut into strips.
///
/// Throws base::InputError naming layer and field where the layer does not fit the geometry.
[[nodiscard]] std::vector<accel::Command> tile(const op::Layer& layer, const accel::Geometry& geometry);

/// Fills the activation beats and operands from the layer's inputs, of which an add has two. Buffers in `out` are
/// reused: nothing is allocated when the shapes repeat. Throws base::InputError where a tensor's shape is not the
/// layer's or an element leaves the layer's type.
void stimulate(const accel::Command& command, const op::Layer& layer, std::span<const op::Tensor* const> inputs,
               accel::Stimulus& out);

/// The same into a fresh Stimulus.
[[nodiscard]] accel::Stimulus stimulate(const accel::Command& command, const op::Layer& layer,
                                        std::span<const op::Tensor* const> inputs);

/// What must come back: the values of the out beats, [oc tile][out pixel][col], unused lanes included, from the layer's
/// golden output. `out` is reused likewise. Throws base::InputError where the tensor's shape is not the layer's.
void expect(const accel::Command& command, const op::Layer& layer, const op::Tensor& golden_output,
            std::vector<std::int32_t>& out);

/// The same into a fresh vector.
[[nodiscard]] std::vector<std::int32_t> expect(const accel::Command& command, const op::Layer& layer,
                                               const op::Tensor& golden_output);

}  // namespace systole::lower
