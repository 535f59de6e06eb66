// SPDX-License-Identifier: Apache-2.0
#include "golden/op/im2col.h"

#include <doctest/doctest.h>

#include "tests/support/random_layer.h"

namespace systole::op {
namespace {

using test::Draw;

TEST_CASE("op.im2col.worked_example") {
  Tensor image(2, 3, 1);
  image.data << 1, 2, 3, 4, 5, 6;
  Window window;
  window.kernel_h = window.kernel_w = 2;
  window.pad_top = window.pad_left = 1;
  window.stride_w = 2;
  Matrix expected(4, 4);   // rows: output pixels (0,0) (0,1) (1,0) (1,1); the padding reads 9
  expected << 9, 9, 9, 1,  //
      9, 9, 2, 3,          //
      9, 1, 9, 4,          //
      2, 3, 5, 6;
  CHECK(im2col(image, window, 2, 2, 9) == expected);
}

TEST_CASE("op.im2col.random") {
  constexpr std::int32_t kPad = 1000;
  for (std::uint64_t i = 0; i < 300; ++i) {
    Draw draw(i, "op.im2col", "layers");
    const Layer l = test::random_layer(Kind::conv2d, draw, false);
    const Tensor image = test::random_input(l, draw);
    const Matrix patches = im2col(image, l.window, l.out_h, l.out_w, kPad);
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

TEST_CASE("op.taps_inside.exhaustive") {
  int wrong = 0;
  for (int start = -12; start <= 12; ++start) {
    for (int dilation = 1; dilation <= 4; ++dilation) {
      for (int kernel = 1; kernel <= 5; ++kernel) {
        for (int size = 1; size <= 6; ++size) {
          const TapRange range = taps_inside(start, dilation, kernel, size);
          for (int k = 0; k < kernel; ++k) {
            const int at = start + k * dilation;
            if ((at >= 0 && at < size) != (k >= range.first && k < range.last)) ++wrong;
          }
        }
      }
    }
  }
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace systole::op
