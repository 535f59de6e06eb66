// SPDX-License-Identifier: Apache-2.0
#pragma once
// Patches of an image as rows of a matrix, so that a convolution is a matrix product.
#include <algorithm>
#include <cstdint>

#include "golden/op/layer.h"

namespace systole::op {

/// One row per output pixel (row major), column (kh * kernel_w + kw) * channels + c: input pixel
/// (oh * stride_h - pad_top + kh * dilation_h, ow * stride_w - pad_left + kw * dilation_w), `pad_value` outside the
/// map.
[[nodiscard]] Matrix im2col(const Tensor& image, const Window& window, int out_h, int out_w, std::int32_t pad_value);

/// The taps 0 <= first <= k < last of one axis that fall inside the map: 0 <= start + k * dilation < size.
struct TapRange {
  int first = 0;
  int last = 0;  ///< one past the last tap; equal to or below `first` where none is inside
  [[nodiscard]] int count() const { return std::max(0, last - first); }
  [[nodiscard]] bool contains(int tap) const { return tap >= first && tap < last; }
};

[[nodiscard]] constexpr TapRange taps_inside(int start, int dilation, int kernel, int size) {
  const int first = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
  const int last = start >= size ? 0 : (size - 1 - start) / dilation + 1;
  return {first, last < kernel ? last : kernel};
}

/// Rows `first` .. `first + count - 1` of im2col into `out`, for an image of `height x width x channels` elements in
/// HWC order.
template <class T>
void im2col_rows(const T* image, int height, int width, int channels, const Window& window, int out_w,
                 std::int64_t first, std::int64_t count, T pad_value, T* out) {
  const std::int64_t tap_row = std::int64_t{window.kernel_w} * channels;
  for (std::int64_t pixel = first; pixel < first + count; ++pixel) {
    const int top = static_cast<int>(pixel / out_w) * window.stride_h - window.pad_top;
    const int left = static_cast<int>(pixel % out_w) * window.stride_w - window.pad_left;
    const TapRange inside = taps_inside(left, window.dilation_w, window.kernel_w, width);
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

}  // namespace systole::op
