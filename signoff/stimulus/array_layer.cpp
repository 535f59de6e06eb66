// SPDX-License-Identifier: Apache-2.0
#include "signoff/stimulus/array_layer.h"

#include "accel/lower/axis.h"
#include "golden/op/validate.h"

namespace systole::signoff {
namespace {

bool every_output_has_taps(const lower::AxisWindow& window) {
  for (int o = 0; o < window.out; ++o) {
    if (lower::taps_inside(window, o) == 0) return false;
  }
  return true;
}

bool can_exclude_padding(const op::Layer& l) {
  const op::Window& w = l.window;
  return l.kind == op::Kind::avg_pool && !l.out.raw &&
         every_output_has_taps({l.in_h, l.out_h, w.kernel_h, w.stride_h, w.dilation_h, w.pad_top}) &&
         every_output_has_taps({l.in_w, l.out_w, w.kernel_w, w.stride_w, w.dilation_w, w.pad_left});
}

}  // namespace

op::Layer random_layer_for(const accel::Geometry& geometry, op::Kind kind, Draw& draw, bool saturating,
                           const LayerSizes& sizes) {
  op::Layer layer = random_layer(kind, draw, saturating, sizes);
  layer.tile_channels = geometry.rows;
  if (!layer.align.empty()) {
    layer.align.clear();
    for (std::int64_t c = 0; c < op::tiled_channels(layer); c += geometry.rows)
      layer.align.push_back(draw.between(0, 6));
  }
  if (kind == op::Kind::add) layer.psum_width = geometry.psum_width;
  layer.exclude_padding = can_exclude_padding(layer) && !draw.one_in(3);
  return layer;
}

}  // namespace systole::signoff
