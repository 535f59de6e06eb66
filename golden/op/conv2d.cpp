// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "golden/fixed/round.h"
#include "golden/op/operands.h"
#include "golden/op/operators.h"

namespace systole::op {
namespace {

std::int64_t product(const Layer& l, const Tensor& input, const Place& at, int kh, int kw, int ic) {
  const int column = (kh * l.window.kernel_w + kw) * l.in_c + ic;
  return activation(l, input, tap(l, at, kh, kw), ic) * weight(l, at.oc, column);
}

/// One pass per ic tile and tap: the tile's products down the array's column, then the column into the accumulator.
std::int64_t array_order(const Layer& l, const Tensor& input, const Place& at, Psum& psum) {
  std::int64_t acc = 0;
  for (int first = 0; first < l.in_c; first += l.tile_channels) {
    const int last = std::min(l.in_c, first + l.tile_channels);
    for (int kh = 0; kh < l.window.kernel_h; ++kh) {
      for (int kw = 0; kw < l.window.kernel_w; ++kw) {
        std::int64_t column = 0;
        for (int ic = first; ic < last; ++ic) {
          column = psum.accumulate(column + product(l, input, at, kh, kw, ic));
        }
        acc = psum.accumulate(acc + fixed::round_shift_floor(column, alignment(l, first)));
        psum.pass_ends(acc);
      }
    }
  }
  return acc;
}

/// One sum per input channel over its taps, then the channels' sums.
std::int64_t channelwise_order(const Layer& l, const Tensor& input, const Place& at, Psum& psum) {
  std::int64_t acc = 0;
  for (int ic = 0; ic < l.in_c; ++ic) {
    std::int64_t channel = 0;
    for (int kh = 0; kh < l.window.kernel_h; ++kh) {
      for (int kw = 0; kw < l.window.kernel_w; ++kw) {
        channel = psum.accumulate(channel + product(l, input, at, kh, kw, ic));
      }
    }
    acc = psum.accumulate(acc + channel);
    psum.pass_ends(acc);
  }
  return acc;
}

}  // namespace

std::int64_t conv2d(const Layer& l, const Tensor& input, const Place& at, PsumOrder order, Psum& psum) {
  return order == PsumOrder::array ? array_order(l, input, at, psum) : channelwise_order(l, input, at, psum);
}

}  // namespace systole::op
