// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/im2col.h"

#include <doctest/doctest.h>

#include "tests/support/random_layer.h"
#include "tests/support/rounds.h"

namespace systole::fast {
namespace {

using test::Draw;

op::Matrix patches_of(const op::Tensor& image, const op::Window& window, int out_h, int out_w, std::int32_t pad_value) {
  const Eigen::Index pixels = Eigen::Index{out_h} * out_w;
  op::Matrix patches(pixels, Eigen::Index{window.kernel_h} * window.kernel_w * image.channels());
  im2col_rows(image.data.data(), image.height, image.width, image.channels(), window, out_w, 0, pixels, pad_value,
              patches.data());
  return patches;
}

TEST_CASE("fast.im2col.worked_example") {
  op::Tensor image(2, 3, 1);
  image.data << 1, 2, 3, 4, 5, 6;
  op::Window window;
  window.kernel_h = window.kernel_w = 2;
  window.pad_top = window.pad_left = 1;
  window.stride_w = 2;
  op::Matrix expected(4, 4);  // rows: output pixels (0,0) (0,1) (1,0) (1,1); the padding reads 9
  expected << 9, 9, 9, 1,     //
      9, 9, 2, 3,             //
      9, 1, 9, 4,             //
      2, 3, 5, 6;
  CHECK(patches_of(image, window, 2, 2, 9) == expected);
}

TEST_CASE("fast.im2col.random") {
  constexpr std::int32_t kPad = 1000;
  for (std::uint64_t i = 0; i < test::rounds(300U); ++i) {
    Draw draw(i, "fast.im2col", "layers");
    const op::Layer l = test::random_layer(op::Kind::conv2d, draw, false);
    const op::Tensor image = test::random_input(l, draw);
    const op::Matrix patches = patches_of(image, l.window, l.out_h, l.out_w, kPad);
    REQUIRE(patches.rows() == l.out_h * l.out_w);
    REQUIRE(patches.cols() == l.window.kernel_h * l.window.kernel_w * l.in_c);
    int wrong = 0;
    for (int row = 0; row < patches.rows(); ++row) {
      for (int col = 0; col < patches.cols(); ++col) {
        const int tap = col / l.in_c;
        const int y =
            row / l.out_w * l.window.stride_h - l.window.pad_top + tap / l.window.kernel_w * l.window.dilation_h;
        const int x =
            row % l.out_w * l.window.stride_w - l.window.pad_left + tap % l.window.kernel_w * l.window.dilation_w;
        const bool inside = y >= 0 && y < l.in_h && x >= 0 && x < l.in_w;
        if (patches(row, col) != (inside ? image.at(y, x, col % l.in_c) : kPad)) ++wrong;
      }
    }
    CAPTURE(i);
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace systole::fast
