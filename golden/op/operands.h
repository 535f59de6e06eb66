// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the specification's loops multiply and shift by (docs/numerics.md, section 4).
#include <cstdint>

#include "golden/op/layer.h"
#include "golden/op/operators.h"

namespace systole::op {

/// Where tap (kh, kw) of an output reads.
struct Tap {
  int y = 0, x = 0;
  bool inside = false;  ///< else padding
};

inline Tap tap(const Layer& l, const Place& at, int kh, int kw) {
  const int y = at.oh * l.window.stride_h - l.window.pad_top + kh * l.window.dilation_h;
  const int x = at.ow * l.window.stride_w - l.window.pad_left + kw * l.window.dilation_w;
  return {y, x, y >= 0 && y < l.in_h && x >= 0 && x < l.in_w};
}

/// act - zero_in; padding reads the zero point.
inline std::int64_t activation(const Layer& l, const Tensor& input, const Tap& tap, int ic) {
  return tap.inside ? std::int64_t{input.at(tap.y, tap.x, ic)} - l.zero_in : 0;
}

/// level - zero_wgt of output channel `oc`; `column` as in Layer::weights.
inline std::int64_t weight(const Layer& l, int oc, int column) {
  const std::int32_t element = l.weights(oc, column);
  const std::int32_t level = l.codebook.empty() ? element : l.codebook[static_cast<std::size_t>(element)];
  return std::int64_t{level} - l.zero_wgt;
}

/// The align shift of an input channel's ic tile.
inline int alignment(const Layer& l, int ic) {
  return l.align.empty() ? 0 : l.align[static_cast<std::size_t>(ic / l.tile_channels)];
}

}  // namespace systole::op
