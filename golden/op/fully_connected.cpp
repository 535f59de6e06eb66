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

/// One product after another.
std::int64_t one_by_one(const Layer& l, const Tensor& input, const Place& at, Psum& psum) {
  const auto inputs = static_cast<int>(tiled_channels(l));
  std::int64_t acc = 0;
  for (int i = 0; i < inputs; ++i) {
    acc = psum.accumulate(acc + psum.lone_product(product(l, input, at, i)));
    psum.pass_ends(acc);
  }
  return acc;
}

}  // namespace

std::int64_t fully_connected(const Layer& l, const Tensor& input, const Place& at, PsumOrder order, Psum& psum) {
  return order == PsumOrder::array ? tile_by_tile(l, input, at, psum) : one_by_one(l, input, at, psum);
}

}  // namespace systole::op
