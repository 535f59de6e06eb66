// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "golden/op/layer.h"

namespace systole::op {

/// Throws std::invalid_argument naming layer, field, value and what was expected, unless the layer's geometry fits
/// together, every parameter has as many entries as it must and every value lies in the range that layer.h and
/// docs/numerics.md give.
void validate(const Layer& layer);

/// Throws std::invalid_argument, naming the layer, where it has `align` and sums over ic tiles that the order lacks.
void check_order(const Layer& layer, PsumOrder order);

/// Throws std::invalid_argument, naming the layer, unless the inputs' number, shapes and values are its own.
void check_inputs(const Layer& layer, std::span<const Tensor* const> inputs);

/// Smallest and largest value of an element type of `bits` bits.
struct ElementRange {
  std::int32_t low = 0, high = 0;
};
[[nodiscard]] constexpr ElementRange element_range(bool is_signed, int bits) {
  return is_signed ? ElementRange{-(std::int32_t{1} << (bits - 1)), (std::int32_t{1} << (bits - 1)) - 1}
                   : ElementRange{0, (std::int32_t{1} << bits) - 1};
}

/// b of clamp_psum: the layer's psum_bits where it saturates, the whole register otherwise (there a clamp is an error).
[[nodiscard]] inline int clamp_bits(const Layer& layer) {
  return layer.saturate && layer.kind != Kind::add ? layer.psum_bits : layer.psum_width - 1;
}

[[nodiscard]] constexpr bool has_weights(Kind kind) {
  return kind == Kind::conv2d || kind == Kind::depthwise || kind == Kind::fully_connected;
}
[[nodiscard]] constexpr bool has_window(Kind kind) {
  return kind != Kind::fully_connected && kind != Kind::add && kind != Kind::concat;
}

/// Tensors that the layer reads.
[[nodiscard]] inline std::size_t input_count(const Layer& layer) {
  if (layer.kind == Kind::concat) return layer.concat.size();
  return layer.kind == Kind::add ? 2 : 1;
}

/// Channels of input `i` of the layer, i < input_count().
[[nodiscard]] inline int input_channels(const Layer& layer, std::size_t i) {
  return layer.kind == Kind::concat ? layer.concat[i].channels : layer.in_c;
}

/// Channels that one output adds up over the ic tiles: in_c, or all values of the input for a fully connected layer.
[[nodiscard]] inline std::int64_t tiled_channels(const Layer& layer) {
  return layer.kind == Kind::fully_connected ? std::int64_t{layer.in_h} * layer.in_w * layer.in_c : layer.in_c;
}

}  // namespace systole::op
