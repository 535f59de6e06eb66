// SPDX-License-Identifier: Apache-2.0
// matmul and im2col_unfold against plain loops, the published table, and the layers that compute the same.
#include "golden/op/matmul.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/as_size.h"
#include "golden/fixed/round.h"
#include "golden/op/multiplier.h"
#include "golden/op/run_layer.h"
#include "tests/support/matmul_table.h"
#include "tests/support/random_layer.h"
#include "tests/support/rounds.h"

namespace systole::op {
namespace {

using systole::base::as_size;

using Bytes = std::vector<std::uint8_t>;
using test::Draw;

Bytes random_bytes(std::size_t count, Draw& draw) {
  Bytes bytes(count);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(draw.between(0, 255));
  return bytes;
}

Bytes quantized(const std::array<double, 16>& reals, double scale, int zero) {
  Bytes codes;
  for (const double real : reals) codes.push_back(static_cast<std::uint8_t>(test::quantized(real, scale, zero)));
  return codes;
}

/// Row major matrices with their zero points and the multiplier of the product.
struct Product {
  int u, v, w;
  Bytes a, b;
  std::uint8_t zero_a, zero_b, zero_out;
  std::int32_t m0;
  int n;

  [[nodiscard]] Bytes run() const {
    Bytes out(static_cast<std::size_t>(u) * static_cast<std::size_t>(w));
    matmul(out, m0, n, a, b, zero_a, zero_b, zero_out, u, v, w);
    return out;
  }
};

Product random_product(int u, int v, int w, Draw& draw) {
  const auto size = [](int rows, int columns) {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  };
  const auto zero = [&draw] { return static_cast<std::uint8_t>(draw.between(96, 160)); };
  Bytes a = random_bytes(size(u, v), draw), b = random_bytes(size(v, w), draw);
  // A standard deviation of 74^2 sqrt(v) becomes some tens of codes.
  const int n = draw.between(7, 9);
  return {u, v, w, std::move(a), std::move(b), zero(), zero(), zero(), draw.between(1 << 30, 0x7fffffff), n};
}

Bytes expected_product(const Product& p) {
  Bytes out;
  for (int row = 0; row < p.u; ++row) {
    for (int column = 0; column < p.w; ++column) {
      std::int64_t sum = 0;
      for (int k = 0; k < p.v; ++k) {
        sum += (std::int64_t{p.a.at(as_size(row) * as_size(p.v) + as_size(k))} - p.zero_a) *
               (std::int64_t{p.b.at(as_size(k) * as_size(p.w) + as_size(column))} - p.zero_b);
      }
      const std::int64_t y =
          fixed::requantize(static_cast<std::int32_t>(sum), fixed::Rounding::floor, true, p.m0, 0, p.n) + p.zero_out;
      out.push_back(static_cast<std::uint8_t>(y < 0 ? 0 : y > 255 ? 255 : y));
    }
  }
  return out;
}

TEST_CASE("op.matmul.published_table") {
  // The published scales before they were printed: ranges -4.5 .. 4, 0 .. 4.5 and -13 .. 3.5 in 255 steps.
  const Multiplier m = quantize_multiplier((8.5 / 255) * (4.5 / 255) / (16.5 / 255));
  CHECK(m == Multiplier{1249445032, 0, 6});
  const Product product{test::kSize,
                        test::kSize,
                        test::kSize,
                        quantized(test::kA, test::kScaleA, test::kZeroA),
                        quantized(test::kB, test::kScaleB, test::kZeroB),
                        test::kZeroA,
                        test::kZeroB,
                        test::kZeroOut,
                        m.m0,
                        m.n};
  const Bytes out = product.run();
  CHECK(std::vector<int>(out.begin(), out.end()) == std::vector<int>(test::kPublished.begin(), test::kPublished.end()));
}

TEST_CASE("op.matmul.random.64x32x64") {
  for (std::uint64_t seed = 0; seed < test::rounds(20U); ++seed) {
    Draw draw(seed, "op.matmul", "values");
    const Product product = random_product(64, 32, 64, draw);
    const Bytes out = product.run();
    CAPTURE(seed);
    CHECK(out == expected_product(product));
    std::array<bool, 256> seen{};
    for (const std::uint8_t value : out) seen.at(value) = true;
    CHECK(std::ranges::count(seen, true) > 100);  // not all clamped
  }
}

TEST_CASE("op.matmul.random.shapes") {
  Draw draw(1, "op.matmul", "shapes");
  for (int i = 0; i < test::rounds(200); ++i) {
    const Product product = random_product(draw.between(1, 9), draw.between(1, 40), draw.between(1, 9), draw);
    CHECK(product.run() == expected_product(product));
  }
}

TEST_CASE("op.matmul.saturates.deepest") {
  // The largest sum, 33025 * 255 * 255, still fits 32 bits; m0 / 2^(31 + 31) of it is just below 1.
  constexpr int kDeepest = 33025;
  Product product{1, kDeepest, 1, Bytes(kDeepest, 255), Bytes(kDeepest, 255), 0, 0, 7, 0x7fffffff, 30};
  CHECK(product.run() == Bytes{8});
  product.zero_b = 255;
  CHECK(product.run() == Bytes{7});
  product.b.assign(kDeepest, 0);
  CHECK(product.run() == Bytes{5});  // -1.99..., rounded down
  product.n = 0;
  CHECK(product.run() == Bytes{0});
}

TEST_CASE("op.matmul.refuses_sizes") {
  Bytes four(4), six(6);
  const auto run = [&](int u, int v, int w, int n, std::int32_t m0) {
    matmul(four, m0, n, four, four, 0, 0, 0, u, v, w);
  };
  CHECK_NOTHROW(run(2, 2, 2, 31, 0));
  CHECK_THROWS_AS(run(2, 2, 3, 0, 0), std::invalid_argument);
  CHECK_THROWS_AS(run(0, 2, 2, 0, 0), std::invalid_argument);
  CHECK_THROWS_AS(run(2, 2, 2, 32, 0), std::invalid_argument);
  CHECK_THROWS_AS(run(2, 2, 2, 0, -1), std::invalid_argument);
  CHECK_THROWS_AS(matmul(six, 0, 0, four, four, 0, 0, 0, 2, 2, 2), std::invalid_argument);
  Bytes long_row(33026), one(1);
  CHECK_THROWS_WITH(matmul(one, 0, 0, long_row, long_row, 0, 0, 0, 1, 33026, 1),
                    "matmul: v is 33026, expected 1 .. 33025");
}

TEST_CASE("op.im2col_unfold.worked_example") {
  // torch.nn.Unfold(2, padding=1) of [[1, 2], [3, 4]], padding 9: a row per tap, a column per output pixel.
  const Bytes image{1, 2, 3, 4};
  Bytes out(std::size_t{4} * 9);
  im2col_unfold(out, image, 1, 2, 2, 2, 1, 9);
  CHECK(out == Bytes{9, 9, 9, 9, 1, 2, 9, 3, 4,    // kh 0, kw 0
                     9, 9, 9, 1, 2, 9, 3, 4, 9,    // kh 0, kw 1
                     9, 1, 2, 9, 3, 4, 9, 9, 9,    // kh 1, kw 0
                     1, 2, 9, 3, 4, 9, 9, 9, 9});  // kh 1, kw 1
}

/// Every element of the patches, by the definition.
int wrong_patches(int channels, int height, int width, int kernel, int padding, Draw& draw) {
  const auto zero = static_cast<std::uint8_t>(draw.between(0, 255));
  const int out_h = height + 2 * padding - kernel + 1, out_w = width + 2 * padding - kernel + 1;
  const Bytes image = random_bytes(as_size(channels) * as_size(height) * as_size(width), draw);
  Bytes out(static_cast<std::size_t>(channels * kernel * kernel * out_h * out_w), 0);
  im2col_unfold(out, image, channels, height, width, kernel, padding, zero);
  int wrong = 0;
  std::size_t i = 0;
  for (int c = 0; c < channels; ++c) {
    for (int tap = 0; tap < kernel * kernel; ++tap) {
      for (int pixel = 0; pixel < out_h * out_w; ++pixel, ++i) {
        const int y = pixel / out_w + tap / kernel - padding, x = pixel % out_w + tap % kernel - padding;
        const bool inside = y >= 0 && y < height && x >= 0 && x < width;
        const int wanted =
            inside ? image.at((as_size(c) * as_size(height) + as_size(y)) * as_size(width) + as_size(x)) : zero;
        wrong += out.at(i) != wanted ? 1 : 0;
      }
    }
  }
  return wrong;
}

TEST_CASE("op.im2col_unfold.random") {
  Draw draw(2, "op.im2col_unfold", "values");
  CHECK(wrong_patches(3, 32, 32, 3, 1, draw) == 0);
  for (int i = 0; i < test::rounds(200); ++i) {
    const int height = draw.between(1, 7), width = draw.between(1, 7), padding = draw.between(0, 4);
    const int kernel = draw.between(1, std::min(height, width) + 2 * padding);
    CAPTURE(i);
    CHECK(wrong_patches(draw.between(1, 3), height, width, kernel, padding, draw) == 0);
  }
}

TEST_CASE("op.im2col_unfold.refuses_sizes") {
  Bytes image(4), out(36);
  const auto run = [&](int channels, int height, int kernel, int padding) {
    im2col_unfold(out, image, channels, height, 2, kernel, padding, 0);
  };
  CHECK_NOTHROW(run(1, 2, 2, 1));
  CHECK_THROWS_AS(run(2, 2, 2, 1), std::invalid_argument);
  CHECK_THROWS_AS(run(1, 0, 2, 1), std::invalid_argument);
  CHECK_THROWS_AS(run(1, 2, 3, 0), std::invalid_argument);
  CHECK_THROWS_AS(run(1, 2, 2, -1), std::invalid_argument);
  CHECK_THROWS_AS(run(1, 2, 2, 0), std::invalid_argument);
}

/// The two functions together are a convolution layer with uint8 operands and rule floor.
TEST_CASE("op.matmul.of_patches_is_convolution.32x32x3") {
  constexpr int kSide = 32, kIn = 3, kOut = 5, kKernel = 3, kPixels = kSide * kSide, kDepth = kIn * kKernel * kKernel;
  Draw draw(3, "op.matmul", "convolution");
  Product product = random_product(kOut, kDepth, kPixels, draw);
  const Bytes image = random_bytes(as_size(kIn) * as_size(kPixels), draw);
  im2col_unfold(product.b, image, kIn, kSide, kSide, kKernel, 1, product.zero_b);
  Layer layer;
  layer.name = "conv";
  layer.in_h = layer.in_w = layer.out_h = layer.out_w = kSide;
  layer.in_c = kIn;
  layer.out_c = kOut;
  layer.window = {kKernel, kKernel, 1, 1, 1, 1, 1, 1};
  layer.act_signed = layer.wgt_signed = false;
  layer.zero_in = product.zero_b;
  layer.zero_wgt = product.zero_a;
  layer.weights.resize(kOut, kDepth);
  for (int oc = 0; oc < kOut; ++oc) {
    for (int k = 0; k < kDepth; ++k) {  // CHW against HWC
      layer.weights(oc, k % 9 * kIn + k / 9) = product.a.at(as_size(oc) * as_size(kDepth) + as_size(k));
    }
  }
  layer.out.m0 = {product.m0};
  layer.out.lshift = {0};
  layer.out.n = {product.n};
  layer.out.zero_out = product.zero_out;
  layer.out.act_min = 0;
  layer.out.act_max = 255;
  Tensor input(kSide, kSide, kIn);
  for (int i = 0; i < kIn * kPixels; ++i) input.data(i % kPixels, i / kPixels) = image.at(static_cast<std::size_t>(i));
  const std::array<const Tensor*, 1> inputs{&input};
  const Tensor wanted = run_layer(layer, inputs);
  const Bytes found = product.run();
  int differing = 0;
  for (int i = 0; i < kOut * kPixels; ++i) {
    differing += found.at(static_cast<std::size_t>(i)) != wanted.data(i % kPixels, i / kPixels) ? 1 : 0;
  }
  CHECK(differing == 0);
}

}  // namespace
}  // namespace systole::op
