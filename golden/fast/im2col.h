// SPDX-License-Identifier: Apache-2.0
#pragma once
// Patches of an image as rows of a matrix, so that a convolution is a matrix product.
#include <algorithm>
#include <cstdint>

#include "golden/op/layer.h"
#include "golden/op/taps.h"

namespace systole::fast {

/// Rows `first` .. `first + count - 1` of the patches of an image of `height x width x channels` elements in HWC order,
/// into `out`: one row per output pixel (row major), column (kh * kernel_w + kw) * channels + c: input pixel
/// (oh * stride_h - pad_top + kh * dilation_h, ow * stride_w - pad_left + kw * dilation_w), `pad_value` outside the
/// map.
template <class T>
void im2col_rows(const T* image, int height, int width, int channels, const op::Window& window, int out_w,
                 std::int64_t first, std::int64_t count, T pad_value, T* out) {
  const std::int64_t tap_row = std::int64_t{window.kernel_w} * channels;
  for (std::int64_t pixel = first; pixel < first + count; ++pixel) {
    const int top = static_cast<int>(pixel / out_w) * window.stride_h - window.pad_top;
    const int left = static_cast<int>(pixel % out_w) * window.stride_w - window.pad_left;
    const op::TapRange inside = op::taps_inside(left, window.dilation_w, window.kernel_w, width);
    for (int kh = 0; kh < window.kernel_h; ++kh, out += tap_row) {
      const int y = top + kh * window.dilation_h;
      if (y < 0 || y >= height || inside.count() == 0) {
        std::fill_n(out, tap_row, pad_value);
        continue;
      }
      const T* line = image + std::int64_t{y} * width * channels;
      std::fill(out, out + std::int64_t{inside.first} * channels, pad_value);
      if (window.dilation_w == 1) {  // neighbouring taps are neighbouring pixels: one copy
        std::copy_n(line + std::int64_t{left + inside.first} * channels, std::int64_t{inside.count()} * channels,
                    out + std::int64_t{inside.first} * channels);
      } else {
        for (int kw = inside.first; kw < inside.last; ++kw) {
          std::copy_n(line + std::int64_t{left + kw * window.dilation_w} * channels, channels,
                      out + std::int64_t{kw} * channels);
        }
      }
      std::fill(out + std::int64_t{inside.last} * channels, out + tap_row, pad_value);
    }
  }
}

}  // namespace systole::fast
