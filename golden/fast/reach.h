// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which input pixels each output pixel of a windowed layer reads.
#include <cstdint>

#include "golden/op/layer.h"
#include "golden/op/taps.h"

namespace systole::fast {

/// Of one output pixel: the taps that fall inside the map, and their pixels.
struct Reach {
  int top = 0, left = 0;  ///< input row and column of tap (0, 0), perhaps outside the map
  op::TapRange rows, cols;

  [[nodiscard]] bool contains(int kh, int kw) const { return rows.contains(kh) && cols.contains(kw); }
  [[nodiscard]] int taps() const { return rows.count() * cols.count(); }
};

/// Row-major index of the input pixel that a tap inside the map reads.
[[nodiscard]] inline std::int64_t pixel(const op::Layer& layer, const Reach& reach, int kh, int kw) {
  const std::int64_t row = reach.top + kh * layer.window.dilation_h;
  return row * layer.in_w + reach.left + std::int64_t{kw} * layer.window.dilation_w;
}

/// The reach of output pixel (oh, ow).
[[nodiscard]] inline Reach reach_of(const op::Layer& layer, int oh, int ow) {
  const op::Window& w = layer.window;
  Reach reach;
  reach.top = oh * w.stride_h - w.pad_top;
  reach.left = ow * w.stride_w - w.pad_left;
  reach.rows = op::taps_inside(reach.top, w.dilation_h, w.kernel_h, layer.in_h);
  reach.cols = op::taps_inside(reach.left, w.dilation_w, w.kernel_w, layer.in_w);
  return reach;
}

/// Calls each(reach) for every output pixel of the layer, row by row.
template <class Each>
void for_each_reach(const op::Layer& layer, const Each& each) {
  for (int oh = 0; oh < layer.out_h; ++oh) {
    for (int ow = 0; ow < layer.out_w; ++ow) each(reach_of(layer, oh, ow));
  }
}

}  // namespace systole::fast
