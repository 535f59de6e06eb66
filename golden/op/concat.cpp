// SPDX-License-Identifier: Apache-2.0
#include "golden/op/concat.h"

#include <algorithm>

#include "golden/op/validate.h"

namespace systole::op {
namespace {

/// Entries first .. first + count - 1 of a list that has one entry for all channels or one for each.
template <class T>
std::vector<T> slice(const std::vector<T>& values, std::ptrdiff_t first, std::ptrdiff_t count) {
  if (values.size() == 1) return values;
  return {values.begin() + first, values.begin() + first + count};
}

}  // namespace

void Concat::accumulate(std::span<const Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                        RunStats* stats) const {
  const Layer& l = layer();
  const std::int64_t low = fixed::psum_min(clamp_bits(l));
  const std::int64_t high = fixed::psum_max(clamp_bits(l));
  const Eigen::Index pixels = inputs[0]->data.rows();
  Eigen::Index first = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const ConcatInput& part = l.concat[i];
    for (Eigen::Index pixel = 0; pixel < pixels; ++pixel) {
      for (Eigen::Index channel = 0; channel < part.channels; ++channel) {
        const std::int64_t value = std::int64_t{inputs[i]->data(pixel, channel)} - part.zero;
        const std::int64_t column = fixed::saturate(value, low, high);
        if (column != value) workspace.overflow[static_cast<std::size_t>(first + channel)] = 1;
        acc[pixel * l.out_c + first + channel] =
            static_cast<std::int32_t>(fixed::round_shift_floor(column, part.align));
      }
    }
    first += part.channels;
  }
  if (l.saturate && stats != nullptr) stats->observe(acc, pixels * l.out_c);
}

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
    const int tiles = (from.channels + layer.tile_channels - 1) / layer.tile_channels;
    part.align.assign(static_cast<std::size_t>(tiles), from.align);
  }
  part.out.m0 = slice(layer.out.m0, first, from.channels);
  part.out.lshift = slice(layer.out.lshift, first, from.channels);
  part.out.n = slice(layer.out.n, first, from.channels);
  if (layer.bias.size() != 0) part.bias = Vector(layer.bias.segment(first, from.channels));
  return part;
}

}  // namespace systole::op
