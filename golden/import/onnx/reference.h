// SPDX-License-Identifier: Apache-2.0
#pragma once
// The reference operators, one function each, and what they share. Internal to this folder.
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "golden/import/onnx/call.h"

namespace systole::model::onnx::reference {

/// An array of zeros; fails above kMaxElements values.
Array make(Type type, std::vector<std::int64_t> shape, const Call& call);

/// Channel of element i of a tensor whose channels lie along `axis`.
std::int64_t channel_of(const Array& array, std::size_t axis, std::size_t i);

/// Input i, a map [n, c, h, w] or, as a map of height 1, [n, c, l].
Array map_input(const Call& call, std::size_t i, std::initializer_list<Type> types);
/// A map in the shape that input 0 of the node has: without its height where that is [n, c, l].
Array like_input(const Call& call, Array map);

/// Rounded as float32 arithmetic rounds.
inline double to_float(double value) { return static_cast<double>(static_cast<float>(value)); }

/// Calls tap(position in the channel's map, position in the kernel) for the taps inside of the map.
template <typename Tap>
void taps(const Window& w, const Array& x, std::int64_t oy, std::int64_t ox, Tap tap) {
  const std::int64_t height = x.shape[2];
  const std::int64_t width = x.shape[3];
  for (std::int64_t ky = 0; ky < w.kernel[0]; ++ky) {
    const std::int64_t y = oy * w.stride[0] - w.before[0] + ky * w.dilation[0];
    if (y < 0 || y >= height) continue;
    for (std::int64_t kx = 0; kx < w.kernel[1]; ++kx) {
      const std::int64_t ix = ox * w.stride[1] - w.before[1] + kx * w.dilation[1];
      if (ix >= 0 && ix < width) tap(y * width + ix, ky * w.kernel[1] + kx);
    }
  }
}

// reference_product.cpp
Array conv_integer(const Call& call);
Array matmul_integer(const Call& call);
Array qlinear_conv(const Call& call);
Array qlinear_matmul(const Call& call);
Array conv(const Call& call);
Array gemm(const Call& call);
Array matmul(const Call& call);

// reference_elementwise.cpp
Array quantize_linear(const Call& call);
Array dequantize_linear(const Call& call);
Array add(const Call& call);
Array qlinear_add(const Call& call);
Array sub(const Call& call);
Array mul(const Call& call);
Array div(const Call& call);
Array batch_normalization(const Call& call);
Array relu(const Call& call);
Array clip(const Call& call);

// reference_map.cpp
Array max_pool(const Call& call);
Array average_pool(const Call& call);
Array global_average_pool(const Call& call);
Array global_max_pool(const Call& call);
Array pad(const Call& call);
Array flatten(const Call& call);
Array identity(const Call& call);
Array reshape(const Call& call);
Array concat(const Call& call);
Array transpose(const Call& call);

// reference_shape.cpp
Array cast(const Call& call);
Array constant_of_shape(const Call& call);
Array gather(const Call& call);
Array reduce_mean(const Call& call);
Array shape(const Call& call);
Array slice(const Call& call);
Array squeeze(const Call& call);
Array unsqueeze(const Call& call);

}  // namespace systole::model::onnx::reference
