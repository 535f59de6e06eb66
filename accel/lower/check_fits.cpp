// SPDX-License-Identifier: Apache-2.0
#include "accel/lower/check_fits.h"

#include <fmt/format.h>

#include <bit>
#include <stdexcept>

#include "accel/lower/axis.h"
#include "base/input_error.h"
#include "golden/op/validate.h"

namespace systole::lower {

namespace {

constexpr int kMaxNibble = 15;     // 4-bit header fields
constexpr int kMaxTiles = 0xFFFF;  // 16-bit header fields

void at_most(const op::Layer& layer, std::string_view field, std::int64_t value, std::int64_t limit) {
  if (value > limit) refuse(layer, field, fmt::format("{} is above the accelerator's limit of {}", value, limit));
}

void in_range(const op::Layer& layer, std::string_view field, std::int32_t value, op::ElementRange range) {
  if (value >= range.low && value <= range.high) return;
  refuse(layer, field, fmt::format("{} is outside the accelerator's {} .. {}", value, range.low, range.high));
}

void check_window(const op::Layer& layer) {
  at_most(layer, "window.kernel_h", layer.window.kernel_h, kMaxNibble);
  at_most(layer, "window.kernel_w", layer.window.kernel_w, kMaxNibble);
  at_most(layer, "window.stride_h", layer.window.stride_h, kMaxNibble);
  at_most(layer, "window.stride_w", layer.window.stride_w, kMaxNibble);
  at_most(layer, "window.dilation_h", layer.window.dilation_h, kMaxNibble);
  at_most(layer, "window.dilation_w", layer.window.dilation_w, kMaxNibble);
  at_most(layer, "window.pad_top", layer.window.pad_top, kMaxNibble);
  at_most(layer, "window.pad_left", layer.window.pad_left, kMaxNibble);
}

void check_elements(const op::Layer& layer, const accel::Geometry& g) {
  at_most(layer, "act_bits", layer.act_bits, g.act_width);
  if (layer.weights.size() == 0) return;
  if (layer.codebook.empty()) {
    at_most(layer, "wgt_bits", layer.wgt_bits, g.wgt_width);
    return;
  }
  const op::ElementRange element = op::element_range(layer.wgt_signed, g.wgt_width);
  in_range(layer, "zero_wgt", layer.zero_wgt, element);
  for (const std::int32_t level : layer.codebook) in_range(layer, "codebook", level, element);
}

void check_output(const op::Layer& layer) {
  if (layer.out.raw) return;
  const op::ElementRange field = op::element_range(true, 16);
  in_range(layer, "out.zero_out", layer.out.zero_out, field);
  in_range(layer, "out.act_min", layer.out.act_min, field);
  in_range(layer, "out.act_max", layer.out.act_max, field);
}

bool is_dense(op::Kind kind) { return kind == op::Kind::conv2d || kind == op::Kind::fully_connected; }

bool some_output_without_tap(const AxisWindow& window) {
  for (int o = 0; o < window.out; ++o) {
    if (taps_inside(window, o) == 0) return true;
  }
  return false;
}

/// A maximum over no tap is -2^b (docs/numerics.md, section 4), b of the declared register where the layer does not
/// saturate: a narrower one holds another minimum.
void check_empty_maximum(const op::Layer& l, const accel::Geometry& g) {
  if (l.kind != op::Kind::max_pool || op::clamp_bits(l) < g.psum_width) return;
  const op::Window& w = l.window;
  if (!some_output_without_tap({l.in_h, l.out_h, w.kernel_h, w.stride_h, w.dilation_h, w.pad_top}) &&
      !some_output_without_tap({l.in_w, l.out_w, w.kernel_w, w.stride_w, w.dilation_w, w.pad_left})) {
    return;
  }
  refuse(l, "window",
         fmt::format("an output without any tap is -2^{}, which the accelerator's {}-bit psum does not hold",
                     op::clamp_bits(l), g.psum_width));
}

/// Clamps and alignment shifts act per ic tile, so their layers are bound to arrays with as many rows as a tile has
/// channels.
void check_order(const op::Layer& layer, const accel::Geometry& g) {
  const bool order_matters = layer.saturate || !layer.align.empty();
  if (order_matters && is_dense(layer.kind) && layer.tile_channels != g.rows) {
    refuse(layer, "tile_channels",
           fmt::format("{} channels a tile saturate or align in another order than the array's {} rows",
                       layer.tile_channels, g.rows));
  }
  if (!layer.saturate) return;
  if (layer.kind == op::Kind::add && layer.psum_width != g.psum_width) {
    refuse(layer, "psum_width", fmt::format("an add saturates at the accelerator's own {} bits", g.psum_width));
  }
  at_most(layer, "psum_bits", op::clamp_bits(layer), g.psum_width - 1);
}

}  // namespace

void refuse(const op::Layer& layer, std::string_view field, std::string_view problem) {
  throw base::InputError(fmt::format("layer '{}'", layer.name), field, problem);
}

void check_fits(const op::Layer& layer, const accel::Geometry& geometry) {
  check_window(layer);
  check_elements(layer, geometry);
  check_output(layer);
  check_order(layer, geometry);
  at_most(layer, "in_c", (op::tiled_channels(layer) + geometry.rows - 1) / geometry.rows, kMaxTiles);
  try {
    op::validate(layer);
  } catch (const std::invalid_argument& error) {
    refuse(layer, "", error.what());
  }
  check_empty_maximum(layer, geometry);  // last: it walks the output sizes, which are valid by now
}

void check_geometry(const accel::Geometry& g) {
  const auto require = [](bool ok, const char* text) {
    if (!ok) throw std::invalid_argument(text);
  };
  require(g.rows >= 4 && g.cols >= 4 && g.cols <= 32, "geometry: rows >= 4 and 4 <= cols <= 32 expected");
  require(g.act_width >= 2 && g.act_width <= 8, "geometry: 2 <= act_width <= 8 expected");
  require(g.wgt_width >= 2 && g.wgt_width <= 8, "geometry: 2 <= wgt_width <= 8 expected");
  require(g.psum_width >= 2 && g.psum_width <= 32, "geometry: 2 <= psum_width <= 32 expected");
  require(g.act_depth >= 1 && g.psum_depth >= 1, "geometry: memories of at least one word expected");
  require(g.par_tiles >= 1 && std::has_single_bit(static_cast<unsigned>(g.par_tiles)),
          "geometry: par_tiles a power of two expected");
}

}  // namespace systole::lower
