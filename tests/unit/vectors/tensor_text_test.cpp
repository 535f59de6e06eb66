// SPDX-License-Identifier: Apache-2.0
// The formulas that the README of an npy set gives: every term of numerics.md with the numbers of the layer, and no
// term that the layer does not have.
#include "vectors/npy/tensor_text.h"

#include <doctest/doctest.h>

namespace systole::vectors {
namespace {

using fixed::Rounding;
using op::Kind;
using op::Layer;

TEST_CASE("vectors.tensor_text.conv2d.every_term") {
  Layer layer;
  layer.in_c = 10;
  layer.window = {3, 2, 2, 1, 1, 4, 1, 0};
  layer.zero_in = -128;
  layer.zero_wgt = 3;
  layer.codebook = {0, 1, 2, 3};
  layer.bias = op::Vector::Zero(1);
  layer.align = {0, 2};
  layer.saturate = true;
  layer.psum_bits = 15;
  layer.out.rule = Rounding::double_rounding;
  layer.out.zero_out = -12;
  CHECK(tensor_formulas(layer) ==
        "  psum(y, x, o) = bias(o) + sum over kh, kw, i of (input(y * 2 + kh - 1, x + kw * 4, i) + 128) * "
        "(codebook(weights(o, kh, kw, i)) - 3)\n"
        "  with kh = 0 .. 2, kw = 0 .. 1; taps outside of the map count nothing\n"
        "  at each tap the channels 8 * t .. 8 * t + 7 are added up first, and floor(sum / 2^align) is taken, align = "
        "0 2 for t = 0, 1, ...\n"
        "  each addition is clamped to -2^15 .. 2^15 - 1: 8 channels at each tap, one after another; these sums in the "
        "order of channels, kh, kw; the bias\n"
        "  output = min(127, max(-128, requantize(psum, m0(o), lshift(o), n(o)) - 12))\n"
        "  requantize(x, m0, lshift, n) = floor(x1 * m0 / 2^31 + 1/2) / 2^n to the nearest integer, ties away from 0, "
        "x1 = x * 2^lshift clamped to 32 bits (requantize_double_rounding)\n");
}

TEST_CASE("vectors.tensor_text.other_kinds") {
  const auto first_line = [](const Layer& layer) {
    const std::string text = tensor_formulas(layer);
    return text.substr(0, text.find('\n'));
  };
  Layer layer;
  layer.kind = Kind::depthwise;
  CHECK(first_line(layer) == "  psum(y, x, o) = sum over kh, kw of input(y + kh, x + kw, o) * weights(o, kh, kw)");
  layer.out_c = 2;
  CHECK(first_line(layer) ==
        "  psum(y, x, o) = sum over kh, kw of input(y + kh, x + kw, floor(o / 2)) * weights(o, kh, kw)");
  layer.kind = Kind::max_pool;
  CHECK(first_line(layer) == "  psum(y, x, o) = largest over kh, kw of input(y + kh, x + kw, o)");
  layer.kind = Kind::fully_connected;
  layer.out.raw = true;
  CHECK(tensor_formulas(layer) ==
        "  psum(0, 0, o) = sum over y, x, i of input(y, x, i) * weights(o, y, x, i)\n"
        "  output = psum\n");
}

TEST_CASE("vectors.tensor_text.average_inside_of_the_map") {
  Layer layer;
  layer.kind = Kind::avg_pool;
  layer.window.kernel_h = 2;
  layer.exclude_padding = true;
  layer.out.zero_out = 5;
  CHECK(tensor_formulas(layer) ==
        "  psum(y, x, o) = sum over kh, kw of input(y + kh, x + kw, o)\n"
        "  with kh = 0 .. 1, kw = 0 .. 0; taps outside of the map count nothing\n"
        "  output = min(127, max(-128, q + 5))\n"
        "  q = psum / number of taps inside of the map, to the nearest integer, ties away from 0\n");
}

TEST_CASE("vectors.tensor_text.add_and_concat") {
  Layer layer;
  layer.kind = Kind::add;
  layer.add_a = {-3, 1 << 30, 20, 1};
  layer.add_b = {0, 1 << 29, 20, 0};
  layer.out.multiply = false;
  layer.out.rule = Rounding::half_up;
  CHECK(tensor_formulas(layer) ==
        "  psum(y, x, o) = scale((input_0(y, x, o) + 3), 1073741824, 20, 1) + scale(input_1(y, x, o), 536870912, 20, "
        "0)\n"
        "  scale(x, m0, lshift, n) = floor(x1 * m0 / 2^(31 + n) + 1/2), x1 = x * 2^lshift clamped to 32 bits "
        "(round_shift_half_up)\n"
        "  output = min(127, max(-128, requantize(psum, m0(o), lshift(o), n(o))))\n"
        "  requantize(x, m0, lshift, n) = floor(x1 / 2^n + 1/2), x1 = x * 2^lshift clamped to 32 bits "
        "(round_shift_half_up)\n");
  layer.kind = Kind::concat;
  layer.concat = {{2, 0, 1}, {3, 7, 0}};
  layer.out.raw = true;
  CHECK(tensor_formulas(layer) ==
        "  psum(y, x, o) = floor(input_0(y, x, o - 0) / 2^1) for o = 0 .. 1\n"
        "  psum(y, x, o) = floor((input_1(y, x, o - 2) - 7) / 2^0) for o = 2 .. 4\n"
        "  output = psum\n");
}

TEST_CASE("vectors.tensor_text.each_rule") {
  const auto rule_of = [](Rounding rule) {
    Layer layer;
    layer.out.rule = rule;
    layer.out.multiply = false;
    const std::string text = tensor_formulas(layer);
    const std::size_t first = text.find("n) = ") + 5;
    return text.substr(first, text.find(", x1 =") - first);
  };
  CHECK(rule_of(Rounding::floor) == "floor(x1 / 2^n)");
  CHECK(rule_of(Rounding::half_up) == "floor(x1 / 2^n + 1/2)");
  CHECK(rule_of(Rounding::half_away) == "x1 / 2^n to the nearest integer, ties away from 0");
  CHECK(rule_of(Rounding::clipq) == "floor(x1 / 2^n), plus 1 where that is negative");
  CHECK(rule_of(Rounding::trunc) == "x1 / 2^n toward 0");
}

}  // namespace
}  // namespace systole::vectors
