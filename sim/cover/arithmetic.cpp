// SPDX-License-Identifier: Apache-2.0
#include "sim/cover/arithmetic.h"

#include <algorithm>

#include "golden/op/validate.h"

namespace systole::cover {
namespace {

using fixed::Rounding;

template <class T>
Item offset(Item first, T index) {
  return static_cast<Item>(static_cast<int>(first) + static_cast<int>(index));
}

Item kind_item(op::Kind kind) {
  switch (kind) {
    case op::Kind::conv2d:
      return Item::conv2d;
    case op::Kind::depthwise:
      return Item::depthwise;
    case op::Kind::fully_connected:
      return Item::fully_connected;
    case op::Kind::max_pool:
      return Item::max_pool;
    case op::Kind::avg_pool:
      return Item::avg_pool;
    case op::Kind::add:
      return Item::add;
    case op::Kind::concat:
      break;
  }
  return Item::concat;
}

template <class T>
bool any_other(const T& values, std::int64_t usual) {
  return std::any_of(values.begin(), values.end(), [usual](auto value) { return value != usual; });
}

void add_window(Cover& cover, const op::Layer& l) {
  const op::Window& w = l.window;
  const auto beyond = [](int out, int stride, int pad, int kernel, int dilation, int size) {
    return (out - 1) * stride - pad + (kernel - 1) * dilation >= size;
  };
  const bool first = w.pad_top > 0 || w.pad_left > 0;
  const bool last = beyond(l.out_h, w.stride_h, w.pad_top, w.kernel_h, w.dilation_h, l.in_h) ||
                    beyond(l.out_w, w.stride_w, w.pad_left, w.kernel_w, w.dilation_w, l.in_w);
  cover.saw(Item::padding_first, first ? 1 : 0);
  cover.saw(Item::padding_last, last ? 1 : 0);
  const bool maximum = l.kind == op::Kind::max_pool;
  cover.saw(Item::padding_in_max_pool, maximum && (first || last) ? 1 : 0);
  cover.saw(Item::padding_beside_zero_point, !maximum && (first || last) && l.zero_in != 0 ? 1 : 0);
  cover.saw(Item::average_excludes_padding, l.exclude_padding && (first || last) ? 1 : 0);
  cover.saw(Item::stride, (w.stride_h > 1 && l.out_h > 1) || (w.stride_w > 1 && l.out_w > 1) ? 1 : 0);
  cover.saw(Item::oblong_window,
            w.kernel_h != w.kernel_w || w.stride_h != w.stride_w || w.dilation_h != w.dilation_w ? 1 : 0);
  cover.saw(Item::dilation, (w.dilation_h > 1 && w.kernel_h > 1) || (w.dilation_w > 1 && w.kernel_w > 1) ? 1 : 0);
}

void add_operands(Cover& cover, const op::Layer& l, const fast::RunStats& stats) {
  if (op::has_window(l.kind)) add_window(cover, l);
  cover.saw(Item::zero_in, l.zero_in != 0 ? 1 : 0);
  cover.saw(Item::unsigned_act, l.act_signed ? 0 : 1);
  const bool aligned =
      std::any_of(l.concat.begin(), l.concat.end(), [](const auto& input) { return input.align != 0; });
  cover.saw(Item::align, aligned || any_other(l.align, 0) ? 1 : 0);
  cover.saw(Item::psum_saturation, l.saturate && any_other(stats.overflow, 0) ? 1 : 0);
  if (!op::has_weights(l.kind)) return;
  cover.saw(Item::zero_wgt, l.zero_wgt != 0 ? 1 : 0);
  cover.saw(Item::unsigned_wgt, l.wgt_signed ? 0 : 1);
  cover.saw(Item::codebook, l.codebook.empty() ? 0 : 1);
}

void add_rounding(Cover& cover, const op::Layer& l, const fast::OutputFacts& facts) {
  // An average without its padding is rounded half away, whatever the layer's own rule.
  const Rounding rule = l.exclude_padding ? Rounding::half_away : l.out.rule;
  cover.saw(offset(Item::floor, rule), facts.values);
  cover.saw(offset(Item::floor_not_trunc, rule), facts.unlike_relative);
  cover.saw(Item::tie, facts.ties);
  cover.saw(Item::left_shift_saturates, facts.left_shift_saturates);
  cover.saw(Item::act_min, facts.below_act_min);
  cover.saw(Item::act_max, facts.above_act_max);
  if (l.exclude_padding) return;
  cover.saw(Item::shift_alone, l.out.multiply ? 0 : 1);
  cover.saw(Item::left_shift, any_other(l.out.lshift, 0) ? 1 : 0);
  cover.saw(Item::channel_multipliers, l.out.multiply && l.out.m0.size() > 1 ? 1 : 0);
}

}  // namespace

void add_arithmetic(Cover& cover, const op::Layer& l, const fast::RunStats& stats) {
  cover.saw(kind_item(l.kind));
  add_operands(cover, l, stats);
  cover.saw(Item::bias, l.bias.size() != 0 && (l.bias.array() != 0).any() ? 1 : 0);
  cover.saw(Item::raw, l.out.raw ? 1 : 0);
  if (l.out.raw) return;
  cover.saw(Item::zero_out, l.out.zero_out != 0 ? 1 : 0);
  add_rounding(cover, l, stats.output);
}

}  // namespace systole::cover
