// SPDX-License-Identifier: Apache-2.0
#include "vectors/npy/tensor_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace systole::vectors {
namespace {

using fixed::Rounding;
using op::Kind;

/// value - zero.
std::string less(std::string_view value, std::int32_t zero) {
  if (zero == 0) return std::string(value);
  return fmt::format("({} {} {})", value, zero < 0 ? '+' : '-', std::abs(std::int64_t{zero}));
}

std::string times(std::string_view value, int factor) {
  return factor == 1 ? std::string(value) : fmt::format("{} * {}", value, factor);
}

/// The input's row (column) under tap `tap` of output row (column) `out`.
std::string position(std::string_view out, std::string_view tap, int stride, int dilation, int pad) {
  return fmt::format("{} + {}{}", times(out, stride), times(tap, dilation), pad == 0 ? "" : fmt::format(" - {}", pad));
}

/// The input under a tap, less its zero point.
std::string tap_value(const op::Layer& l, std::string_view channel) {
  const op::Window& w = l.window;
  const std::string y = position("y", "kh", w.stride_h, w.dilation_h, w.pad_top);
  const std::string x = position("x", "kw", w.stride_w, w.dilation_w, w.pad_left);
  return less(fmt::format("input({}, {}, {})", y, x, channel), l.zero_in);
}

std::string weight_value(const op::Layer& l, std::string_view place) {
  const std::string stored = fmt::format("weights({})", place);
  return less(l.codebook.empty() ? stored : fmt::format("codebook({})", stored), l.zero_wgt);
}

std::string operand(std::string_view input, const op::AddOperand& a) {
  return fmt::format("scale({}, {}, {}, {})", less(fmt::format("{}(y, x, o)", input), a.zero), a.m0, a.lshift, a.n);
}

std::string concat_lines(const op::Layer& l, std::string_view bias) {
  std::string text;
  int first = 0;
  for (std::size_t i = 0; i < l.concat.size(); ++i) {
    const op::ConcatInput& input = l.concat[i];
    const std::string value = less(fmt::format("input_{}(y, x, o - {})", i, first), input.zero);
    text += fmt::format("  psum(y, x, o) = {}floor({} / 2^{}) for o = {} .. {}\n", bias, value, input.align, first,
                        first + input.channels - 1);
    first += input.channels;
  }
  return text;
}

std::string psum_lines(const op::Layer& l) {
  const std::string_view bias = l.bias.size() == 0 ? "" : "bias(o) + ";
  if (l.kind == Kind::concat) return concat_lines(l, bias);
  std::string sum;
  switch (l.kind) {
    case Kind::conv2d:
      sum = fmt::format("sum over kh, kw, i of {} * {}", tap_value(l, "i"), weight_value(l, "o, kh, kw, i"));
      break;
    case Kind::depthwise: {
      const int multiplier = l.out_c / l.in_c;
      const std::string channel = multiplier == 1 ? "o" : fmt::format("floor(o / {})", multiplier);
      sum = fmt::format("sum over kh, kw of {} * {}", tap_value(l, channel), weight_value(l, "o, kh, kw"));
      break;
    }
    case Kind::fully_connected:
      return fmt::format("  psum(0, 0, o) = {}sum over y, x, i of {} * {}\n", bias, less("input(y, x, i)", l.zero_in),
                         weight_value(l, "o, y, x, i"));
    case Kind::max_pool:
      sum = fmt::format("largest over kh, kw of {}", tap_value(l, "o"));
      break;
    case Kind::avg_pool:
      sum = fmt::format("sum over kh, kw of {}", tap_value(l, "o"));
      break;
    case Kind::add:
      sum = operand("input_0", l.add_a) + " + " + operand("input_1", l.add_b);
      break;
    case Kind::concat:
      break;
  }
  std::string text = fmt::format("  psum(y, x, o) = {}{}\n", bias, sum);
  if (l.kind != Kind::add) {
    text += fmt::format("  with kh = 0 .. {}, kw = 0 .. {}; taps outside of the map count nothing\n",
                        l.window.kernel_h - 1, l.window.kernel_w - 1);
  }
  return text;
}

/// How the sum is cut where that makes a difference.
std::string order_lines(const op::Layer& l) {
  std::string text;
  if (std::any_of(l.align.begin(), l.align.end(), [](int shift) { return shift != 0; })) {
    text += fmt::format(
        "  at each tap the channels {0} * t .. {0} * t + {1} are added up first, and floor(sum / 2^align) is taken, "
        "align = {2} for t = 0, 1, ...\n",
        l.tile_channels, l.tile_channels - 1, fmt::join(l.align, " "));
  }
  if (l.saturate && l.kind != Kind::add) {
    text += fmt::format(
        "  each addition is clamped to -2^{0} .. 2^{0} - 1: {1} channels at each tap, one after another; these sums in "
        "the order of channels, kh, kw; the bias\n",
        l.psum_bits, l.tile_channels);
  }
  return text;
}

/// `value` rounded to an integer.
std::string rounded(Rounding rule, std::string_view value) {
  switch (rule) {
    case Rounding::floor:
      return fmt::format("floor({})", value);
    case Rounding::half_up:
      return fmt::format("floor({} + 1/2)", value);
    case Rounding::half_away:
      return fmt::format("{} to the nearest integer, ties away from 0", value);
    case Rounding::double_rounding:
      return "floor(x1 * m0 / 2^31 + 1/2) / 2^n to the nearest integer, ties away from 0";
    case Rounding::clipq:
      return fmt::format("floor({}), plus 1 where that is negative", value);
    case Rounding::trunc:
      return fmt::format("{} toward 0", value);
  }
  return {};
}

std::string scale_line(std::string_view name, Rounding rule, bool multiply) {
  return fmt::format("  {}(x, m0, lshift, n) = {}, x1 = x * 2^lshift clamped to 32 bits ({})\n", name,
                     rounded(rule, multiply ? "x1 * m0 / 2^(31 + n)" : "x1 / 2^n"), fixed::to_string(rule));
}

std::string output_lines(const op::Layer& l) {
  const op::Requantization& out = l.out;
  if (out.raw) return "  output = psum\n";
  const std::string zero =
      out.zero_out == 0 ? ""
                        : fmt::format(" {} {}", out.zero_out < 0 ? '-' : '+', std::abs(std::int64_t{out.zero_out}));
  if (l.exclude_padding) {
    return fmt::format(
        "  output = min({}, max({}, q{}))\n"
        "  q = psum / number of taps inside of the map, to the nearest integer, ties away from 0\n",
        out.act_max, out.act_min, zero);
  }
  return fmt::format("  output = min({}, max({}, requantize(psum, m0(o), lshift(o), n(o)){}))\n", out.act_max,
                     out.act_min, zero) +
         scale_line("requantize", out.rule, out.multiply);
}

}  // namespace

std::string tensor_formulas(const op::Layer& layer) {
  std::string text = psum_lines(layer) + order_lines(layer);
  if (layer.kind == Kind::add) text += scale_line("scale", layer.out.rule, true);
  return text + output_lines(layer);
}

}  // namespace systole::vectors
