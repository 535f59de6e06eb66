// SPDX-License-Identifier: Apache-2.0
#include "golden/op/matmul.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "golden/fixed/round.h"
#include "golden/op/taps.h"

namespace systole::op {
namespace {

void expect(const char* function, const char* what, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) return;
  throw std::invalid_argument(std::string(function) + ": " + what + " is " + std::to_string(value) + ", expected " +
                              std::to_string(low) + " .. " + std::to_string(high));
}

void expect_size(const char* function, const char* what, std::size_t size, std::int64_t expected) {
  expect(function, what, static_cast<std::int64_t>(size), expected, expected);
}

}  // namespace

void matmul(std::span<std::uint8_t> out, std::int32_t m0, int n, std::span<const std::uint8_t> a,
            std::span<const std::uint8_t> b, std::uint8_t zero_a, std::uint8_t zero_b, std::uint8_t zero_out, int u,
            int v, int w) {
  constexpr int kLargest = 1 << 24;  // a product of two extents stays within 2^48
  constexpr int kDeepest = 33025;    // 33025 * 255 * 255 <= 2^31 - 1
  expect("matmul", "u", u, 1, kLargest);
  expect("matmul", "v", v, 1, kDeepest);
  expect("matmul", "w", w, 1, kLargest);
  expect("matmul", "m0", m0, 0, fixed::kInt32Max);
  expect("matmul", "n", n, 0, 31);
  expect_size("matmul", "size of a", a.size(), std::int64_t{u} * v);
  expect_size("matmul", "size of b", b.size(), std::int64_t{v} * w);
  expect_size("matmul", "size of out", out.size(), std::int64_t{u} * w);
  const auto depth = static_cast<std::size_t>(v);
  const auto columns = static_cast<std::size_t>(w);
  std::vector<std::int32_t> sums(columns);
  for (std::size_t row = 0; row < static_cast<std::size_t>(u); ++row) {
    std::ranges::fill(sums, 0);
    for (std::size_t k = 0; k < depth; ++k) {
      const std::int32_t left = a[row * depth + k] - zero_a;
      for (std::size_t column = 0; column < columns; ++column) {
        sums[column] += left * (b[k * columns + column] - zero_b);
      }
    }
    std::ranges::transform(sums, out.begin() + static_cast<std::ptrdiff_t>(row * columns), [&](std::int32_t sum) {
      const std::int64_t y = fixed::requantize(sum, fixed::Rounding::floor, true, m0, 0, n) + zero_out;
      return static_cast<std::uint8_t>(fixed::saturate(y, 0, 255));
    });
  }
}

void im2col_unfold(std::span<std::uint8_t> out, std::span<const std::uint8_t> image, int channels, int height,
                   int width, int kernel, int padding, std::uint8_t zero) {
  constexpr int kLargest = 65535;
  constexpr int kLongest = 15;  // as of a layer's window
  expect("im2col_unfold", "channels", channels, 1, kLargest);
  expect("im2col_unfold", "height", height, 1, kLargest);
  expect("im2col_unfold", "width", width, 1, kLargest);
  expect("im2col_unfold", "padding", padding, 0, kLongest);
  expect("im2col_unfold", "kernel", kernel, 1, std::min(kLongest, std::min(height, width) + 2 * padding));
  const int out_h = height + 2 * padding - kernel + 1;
  const int out_w = width + 2 * padding - kernel + 1;
  const std::int64_t rows = std::int64_t{channels} * kernel * kernel;
  expect_size("im2col_unfold", "size of image", image.size(), std::int64_t{channels} * height * width);
  expect_size("im2col_unfold", "size of out", out.size(), rows * out_h * out_w);
  auto next = out.begin();
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto kw = static_cast<int>(row % kernel);
    const auto kh = static_cast<int>(row / kernel % kernel);
    const std::span map = image.subspan(static_cast<std::size_t>(row / kernel / kernel * height * width));
    const TapRange inside = taps_inside(kw - padding, 1, out_w, width);  // the output columns that read a pixel
    for (int oh = 0; oh < out_h; ++oh) {
      const auto line_end = std::fill_n(next, out_w, zero);
      const int y = oh + kh - padding;
      if (y >= 0 && y < height) {
        const auto first = std::int64_t{y} * width + kw - padding + inside.first;
        std::copy_n(map.begin() + first, inside.count(), next + inside.first);
      }
      next = line_end;
    }
  }
}

}  // namespace systole::op
