// SPDX-License-Identifier: Apache-2.0
#include "golden/op/concat_part.h"

#include "golden/fixed/ceil_div.h"

namespace systole::op {
namespace {

/// Entries first .. first + count - 1 of a list that has one entry for all channels or one for each.
template <class T>
std::vector<T> slice(const std::vector<T>& values, std::ptrdiff_t first, std::ptrdiff_t count) {
  if (values.size() == 1) return {values[0]};
  return {values.begin() + first, values.begin() + first + count};
}

}  // namespace

Layer concat_part(const Layer& layer, std::size_t input) {
  const ConcatInput& from = layer.concat[input];
  int first = 0;
  for (std::size_t i = 0; i < input; ++i) first += layer.concat[i].channels;
  Layer part = layer;
  part.kind = Kind::depthwise;
  part.concat.clear();
  part.in_c = part.out_c = from.channels;
  part.zero_in = from.zero;
  part.wgt_signed = true;
  part.wgt_bits = 2;
  part.zero_wgt = 0;
  part.weights = Matrix::Ones(from.channels, 1);
  part.align.clear();
  if (from.align != 0) {
    const int tiles = fixed::ceil_div(from.channels, layer.tile_channels);
    part.align.assign(static_cast<std::size_t>(tiles), from.align);
  }
  part.out.m0 = slice(layer.out.m0, first, from.channels);
  part.out.lshift = slice(layer.out.lshift, first, from.channels);
  part.out.n = slice(layer.out.n, first, from.channels);
  if (layer.bias.size() != 0) part.bias = Vector(layer.bias.segment(first, from.channels));
  return part;
}

}  // namespace systole::op
