// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "golden/fixed/round.h"
#include "golden/op/operands.h"
#include "golden/op/operators.h"
#include "golden/op/validate.h"

namespace systole::op {
namespace {

std::int64_t product(const Layer& l, const Tensor& input, const Place& at, int i) {
  return (std::int64_t{input.data.data()[i]} - l.zero_in) * weight(l, at.oc, i);
}

/// One pass per ic tile; the inputs are the channels of one pixel.
std::int64_t tile_by_tile(const Layer& l, const Tensor& input, const Place& at, Psum& psum) {
  const auto inputs = static_cast<int>(tiled_channels(l));
  std::int64_t acc = 0;
  for (int first = 0; first < inputs; first += l.tile_channels) {
    std::int64_t column = 0;
    for (int i = first; i < std::min(inputs, first + l.tile_channels); ++i) {
      column = psum.accumulate(column + product(l, input, at, i));
    }
    acc = psum.accumulate(acc + fixed::round_shift_floor(column, alignment(l, first)));
    psum.pass_ends(acc);
  }
  return acc;
}

/// One product after another, as the inputs are stored: pixel by pixel over the channels.
std::int64_t hwc_order(const Layer& l, const Tensor& input, const Place& at, Psum& psum) {
  const auto inputs = static_cast<int>(tiled_channels(l));
  std::int64_t acc = 0;
  for (int i = 0; i < inputs; ++i) {
    acc = psum.accumulate(acc + psum.lone_product(product(l, input, at, i)));
    psum.pass_ends(acc);
  }
  return acc;
}

/// One product after another, channel by channel over the pixels.
std::int64_t chw_order(const Layer& l, const Tensor& input, const Place& at, Psum& psum) {
  std::int64_t acc = 0;
  for (int ic = 0; ic < l.in_c; ++ic) {
    for (int pixel = 0; pixel < l.in_h * l.in_w; ++pixel) {
      acc = psum.accumulate(acc + psum.lone_product(product(l, input, at, pixel * l.in_c + ic)));
      psum.pass_ends(acc);
    }
  }
  return acc;
}

}  // namespace

std::int64_t fully_connected(const Layer& l, const Tensor& input, const Place& at, PsumOrder order, Psum& psum) {
  if (order == PsumOrder::array) return tile_by_tile(l, input, at, psum);
  return order == PsumOrder::channelwise ? chw_order(l, input, at, psum) : hwc_order(l, input, at, psum);
}

}  // namespace systole::op
