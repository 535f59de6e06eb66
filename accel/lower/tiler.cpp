// SPDX-License-Identifier: Apache-2.0
#include "accel/lower/tiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "accel/cycle/can_overflow.h"
#include "accel/lower/axis.h"
#include "accel/lower/check_fits.h"
#include "accel/lower/encoding.h"
#include "base/as_size.h"
#include "golden/fixed/ceil_div.h"
#include "golden/op/concat_part.h"
#include "golden/op/multiplier.h"
#include "golden/op/validate.h"

namespace systole::lower {

namespace {

using base::as_size;

constexpr int kMaxSide = 255;  // 8-bit header fields
constexpr int kMaxPad = 15;    // 4-bit header fields

/// How the channels of a layer lie on the array.
struct Lanes {
  bool diagonal = false;  ///< one input channel per output channel: row r feeds column r alone
  int inputs = 1;         ///< operands of an add
  int channels = 1;       ///< input channels (of a fully connected layer: all input values)
  int per_tile = 1;       ///< output channels of an oc tile
  int multiplier = 1;     ///< depthwise: output channels per input channel
  int oc_tiles = 1, ic_tiles = 1;
};

/// A rectangle of the layer's output map.
struct Region {
  Axis rows, cols;
};

using fixed::ceil_div;

bool has_zero_weight(const op::Layer& layer) {
  return layer.codebook.empty() || std::ranges::find(layer.codebook, layer.zero_wgt) != layer.codebook.end();
}

Lanes plan_lanes(const op::Layer& layer, const accel::Geometry& g) {
  Lanes lanes;
  lanes.diagonal = layer.kind != op::Kind::conv2d && layer.kind != op::Kind::fully_connected;
  lanes.inputs = layer.kind == op::Kind::add ? 2 : 1;
  lanes.channels = static_cast<int>(op::tiled_channels(layer));
  if (lanes.diagonal) {
    // Off the diagonal the weight must count as 0. A codebook without such a level leaves one channel a tile.
    lanes.per_tile = has_zero_weight(layer) ? std::min(g.rows, g.cols) : 1;
    lanes.multiplier = layer.out_c / layer.in_c;
  } else {
    lanes.per_tile = g.cols;
  }
  lanes.oc_tiles = ceil_div(layer.out_c, lanes.per_tile);
  lanes.ic_tiles = lanes.diagonal ? lanes.inputs : ceil_div(lanes.channels, g.rows);
  return lanes;
}

// ---- Cutting the map
// ---------------------------------------------------------------------------------------------------

AxisWindow row_window(const op::Layer& layer) {
  if (layer.kind == op::Kind::fully_connected) return {};
  return {layer.in_h,          layer.out_h, layer.window.kernel_h, layer.window.stride_h, layer.window.dilation_h,
          layer.window.pad_top};
}

AxisWindow col_window(const op::Layer& layer) {
  if (layer.kind == op::Kind::fully_connected) return {};
  return {layer.in_w,           layer.out_w, layer.window.kernel_w, layer.window.stride_w, layer.window.dilation_w,
          layer.window.pad_left};
}

std::vector<Axis> plan_axes(const AxisWindow& window, Range range, int parts) {
  std::vector<Axis> axes;
  for (const Range& part : cut_evenly(range, parts)) axes.push_back(plan_axis(window, part));
  return axes;
}

struct Largest {
  int in = 0, out = 0, pad = 0;
};

Largest largest(const std::vector<Axis>& axes) {
  Largest size;
  for (const Axis& axis : axes) {
    size.in = std::max(size.in, static_cast<int>(axis.source.size()));
    size.out = std::max(size.out, axis.out.count);
    size.pad = std::max(size.pad, axis.pad);
  }
  return size;
}

bool fits(const Largest& rows, const Largest& cols, const accel::Geometry& g) {
  return std::max({rows.in, rows.out, cols.in, cols.out}) <= kMaxSide && std::max(rows.pad, cols.pad) <= kMaxPad &&
         rows.in * cols.in <= g.act_depth && rows.out * cols.out <= g.psum_depth;
}

/// Cuts a rectangle of outputs into strips of rows that fit; where single rows are too long, into blocks.
void cut_rectangle(const op::Layer& layer, const accel::Geometry& g, Range rows, Range cols,
                   std::vector<Region>& regions) {
  for (int blocks = 1; blocks <= cols.count; ++blocks) {
    const std::vector<Axis> col_axes = plan_axes(col_window(layer), cols, blocks);
    for (int strips = 1; strips <= rows.count; ++strips) {
      const std::vector<Axis> row_axes = plan_axes(row_window(layer), rows, strips);
      if (!fits(largest(row_axes), largest(col_axes), g)) continue;
      for (const Axis& row : row_axes) {
        for (const Axis& col : col_axes) regions.push_back({row, col});
      }
      return;
    }
  }
  refuse(layer, "window",
         fmt::format("one output pixel needs more than the {} pixels of an activation bank", g.act_depth));
}

std::vector<Region> plan_regions(const op::Layer& layer, const accel::Geometry& g) {
  const AxisWindow rows = row_window(layer);
  const AxisWindow cols = col_window(layer);
  std::vector<Range> row_runs{{0, rows.out}};
  std::vector<Range> col_runs{{0, cols.out}};
  if (layer.exclude_padding) {
    row_runs = equal_tap_runs(rows);
    col_runs = equal_tap_runs(cols);
  }
  std::vector<Region> regions;
  for (const Range& row : row_runs) {
    for (const Range& col : col_runs) cut_rectangle(layer, g, row, col, regions);
  }
  return regions;
}

// ---- One command
// -------------------------------------------------------------------------------------------------------

/// Builds one command of a layer, part by part.
class Builder {
 public:
  Builder(const op::Layer& layer, const accel::Geometry& geometry, const Lanes& lanes, const Region& region)
      : layer_(layer), g_(geometry), lanes_(lanes), region_(region) {}

  accel::Command build() {
    command_.layer = layer_.name;
    command_.geometry = g_;
    place();
    header();
    channels();
    groups();
    weights();
    encode_cfg();
    encode_wgt();
    figures();
    return std::move(command_);
  }

 private:
  void place() {
    command_.source_rows = region_.rows.source;
    command_.source_cols = region_.cols.source;
    command_.out_top = region_.rows.out.first;
    command_.out_left = region_.cols.out.first;
    command_.out_channels = layer_.out_c;
    command_.lanes = lanes_.per_tile;
  }

  void header() {
    accel::Header& h = command_.header;
    h.in_h = static_cast<int>(region_.rows.source.size());
    h.in_w = static_cast<int>(region_.cols.source.size());
    h.out_h = region_.rows.out.count;
    h.out_w = region_.cols.out.count;
    h.kernel_h = region_.rows.kernel;
    h.kernel_w = region_.cols.kernel;
    h.stride_h = region_.rows.stride;
    h.stride_w = region_.cols.stride;
    h.dilation_h = region_.rows.dilation;
    h.dilation_w = region_.cols.dilation;
    h.pad_top = region_.rows.pad;
    h.pad_left = region_.cols.pad;
    h.ic_tiles = lanes_.ic_tiles;
    h.oc_tiles = lanes_.oc_tiles;
    h.codebook = !layer_.codebook.empty();
    h.act_signed = layer_.act_signed;
    h.wgt_signed = has_weights() ? layer_.wgt_signed : true;
    h.zero_wgt = has_weights() ? layer_.zero_wgt : 0;
    h.zero_in = layer_.zero_in;
    h.accumulate = layer_.kind == op::Kind::max_pool ? accel::Accumulate::max : accel::Accumulate::add;
    h.psum_bits = std::min(op::clamp_bits(layer_), g_.psum_width - 1);
    if (layer_.kind == op::Kind::add) add_header();
    output_header();
  }

  void add_header() {
    accel::Header& h = command_.header;
    h.accumulate = accel::Accumulate::add2;
    h.zero_in = layer_.add_a.zero;
    h.zero_b = layer_.add_b.zero;
    h.m_a = layer_.add_a.m0;
    h.lshift_a = layer_.add_a.lshift;
    h.n_a = layer_.add_a.n;
    h.m_b = layer_.add_b.m0;
    h.lshift_b = layer_.add_b.lshift;
    h.n_b = layer_.add_b.n;
  }

  void output_header() {
    accel::Header& h = command_.header;
    h.raw = layer_.out.raw;
    h.rule = static_cast<int>(layer_.out.rule);
    h.multiply = layer_.out.multiply;
    if (layer_.exclude_padding) {
      h.rule = static_cast<int>(fixed::Rounding::half_away);
      h.multiply = true;
    }
    if (h.raw) return;  // the three below are unused there and need not fit their fields
    h.zero_out = layer_.out.zero_out;
    h.act_min = layer_.out.act_min;
    h.act_max = layer_.out.act_max;
  }

  void channels() {
    for (int tile = 0; tile < lanes_.oc_tiles; ++tile) {
      for (int col = 0; col < g_.cols; ++col) command_.channels.push_back(channel(channel_of(tile, col)));
    }
  }

  [[nodiscard]] accel::ChannelEntry channel(int oc) const {
    accel::ChannelEntry entry;
    if (layer_.bias.size() != 0) entry.bias = layer_.bias(oc);
    if (layer_.exclude_padding) {
      const int count = taps_inside(row_window(layer_), region_.rows.out.first) *
                        taps_inside(col_window(layer_), region_.cols.out.first);
      const op::Multiplier average = op::average_multiplier(count);
      entry.m0 = average.m0;
      entry.lshift = average.lshift;
      entry.n = average.n;
    } else if (!layer_.out.raw) {
      const auto of_channel = [oc](const auto& values) { return values[values.size() == 1 ? 0 : as_size(oc)]; };
      entry.m0 = of_channel(layer_.out.m0);
      entry.lshift = of_channel(layer_.out.lshift);
      entry.n = of_channel(layer_.out.n);
    }
    return entry;
  }

  /// The output channel of a column. Columns without one repeat the tile's last channel: their beats are then that
  /// channel's values, whatever the weights' zero point, codebook or rounding, and the array never idles.
  [[nodiscard]] int channel_of(int tile, int col) const {
    return tile * lanes_.per_tile + std::min(col, command_.used_lanes(tile) - 1);
  }

  void groups() {
    command_.groups = lanes_.diagonal ? lanes_.oc_tiles * lanes_.inputs : lanes_.ic_tiles;
    for (int tile = 0; tile < lanes_.oc_tiles; ++tile) {
      for (int part = 0; part < lanes_.ic_tiles; ++part) {
        command_.group_order.push_back(lanes_.diagonal ? tile * lanes_.inputs + part : part);
      }
    }
    for (int group = 0; group < command_.groups; ++group) {
      command_.group_input.push_back(lanes_.diagonal ? group % lanes_.inputs : 0);
      for (int row = 0; row < g_.rows; ++row) command_.group_channels.push_back(group_channel(group, row));
    }
  }

  [[nodiscard]] int group_channel(int group, int row) const {
    if (lanes_.diagonal) {
      const int tile = group / lanes_.inputs;
      if (row >= command_.used_lanes(tile)) return -1;
      return (tile * lanes_.per_tile + row) / lanes_.multiplier;
    }
    const int channel = group * g_.rows + row;
    return channel < lanes_.channels ? channel : -1;
  }

  [[nodiscard]] bool has_weights() const { return layer_.weights.size() != 0; }

  /// The stream's element that counts as 0; code 0 where a codebook has no such level (its rows then carry activations
  /// that count as 0).
  [[nodiscard]] int zero_element() const {
    if (!has_weights()) return 0;
    if (layer_.codebook.empty()) return layer_.zero_wgt;
    const auto level = std::ranges::find(layer_.codebook, layer_.zero_wgt);
    return level == layer_.codebook.end() ? 0 : static_cast<int>(level - layer_.codebook.begin());
  }

  /// The element of the wgt stream at (oc tile, ic tile, tap) row, col.
  [[nodiscard]] int element(int oc_tile, int ic_tile, int tap, int row, int col) const {
    const int oc = channel_of(oc_tile, col);
    if (lanes_.diagonal) {
      if (row != oc - oc_tile * lanes_.per_tile) return zero_element();
      return has_weights() ? layer_.weights(oc, tap) : 1;
    }
    const int ic = ic_tile * g_.rows + row;
    return ic < lanes_.channels ? layer_.weights(oc, tap * lanes_.channels + ic) : zero_element();
  }

  [[nodiscard]] int operand(int element) const {
    const int level = command_.header.codebook ? layer_.codebook[as_size(element)] : element;
    return level - command_.header.zero_wgt;
  }

  /// Alignment shift of a pass. A diagonal tile reads the channels of one pass from whatever ic tiles of the layer they
  /// fall in.
  [[nodiscard]] int alignment(int oc_tile, int ic_tile) const {
    if (layer_.align.empty()) return 0;
    if (!lanes_.diagonal) return layer_.align[as_size(ic_tile)];
    const auto shift = [&](int lane) {
      const int ic = (oc_tile * lanes_.per_tile + lane) / lanes_.multiplier;
      return layer_.align[as_size(ic / layer_.tile_channels)];
    };
    for (int lane = 1; lane < command_.used_lanes(oc_tile); ++lane) {
      if (shift(lane) != shift(0)) refuse(layer_, "align", "channels of different shifts share a pass of the array");
    }
    return shift(0);
  }

  template <class Visit>
  void for_each_pass(Visit&& visit) const {
    for (int oc_tile = 0; oc_tile < lanes_.oc_tiles; ++oc_tile) {
      for (int ic_tile = 0; ic_tile < lanes_.ic_tiles; ++ic_tile) {
        for (int tap = 0; tap < command_.header.taps(); ++tap) visit(oc_tile, ic_tile, tap);
      }
    }
  }

  void weights() {
    command_.weights.reserve(as_size(command_.header.passes()) * as_size(g_.rows * g_.cols));
    elements_.reserve(command_.weights.capacity());
    for_each_pass([&](int oc_tile, int ic_tile, int tap) {
      command_.align.push_back(static_cast<std::uint8_t>(alignment(oc_tile, ic_tile)));
      for (int row = 0; row < g_.rows; ++row) {
        for (int col = 0; col < g_.cols; ++col) {
          elements_.push_back(static_cast<std::int16_t>(element(oc_tile, ic_tile, tap, row, col)));
          command_.weights.push_back(static_cast<std::int16_t>(operand(elements_.back())));
        }
      }
    });
  }

  void encode_cfg() {
    command_.cfg = base::Beats(kCfgBits);
    command_.cfg.resize(kHeaderBeats + command_.channels.size());
    pack(command_.header, command_.cfg[0]);
    for (std::size_t i = 0; i < command_.channels.size(); ++i)
      pack(command_.channels[i], command_.cfg[kHeaderBeats + i]);
  }

  void encode_wgt() {
    const std::size_t codebook_beats = command_.header.codebook ? 1 : 0;
    const std::size_t rows = elements_.size() / as_size(g_.cols);
    command_.wgt = base::Beats(wgt_bits(g_));
    command_.wgt.resize(codebook_beats + rows);
    if (command_.header.codebook) {
      base::BeatWriter beat(command_.wgt[0]);
      for (const std::int32_t level : layer_.codebook) beat.put(level, g_.wgt_width);
      beat.finish();
    }
    for (std::size_t row = 0; row < rows; ++row) {
      base::BeatWriter beat(command_.wgt[codebook_beats + row]);
      for (std::size_t col = 0; col < as_size(g_.cols); ++col)
        beat.put(elements_[row * as_size(g_.cols) + col], g_.wgt_width);
      beat.put(row % as_size(g_.rows) == 0 ? command_.align[row / as_size(g_.rows)] : 0, kAlignBits);
      beat.finish();
    }
  }

  void figures() {
    const accel::Header& h = command_.header;
    const int channels = lanes_.diagonal ? lanes_.inputs : lanes_.channels;
    command_.macs = std::int64_t{h.out_pixels()} * h.taps() * channels * layer_.out_c;
    const op::ElementRange act = op::element_range(layer_.act_signed, layer_.act_bits);
    const int largest_zero = std::max(act.high - h.zero_in, h.zero_in - act.low);
    const int largest_zero_b = std::max(act.high - h.zero_b, h.zero_b - act.low);
    const int largest = h.accumulate == accel::Accumulate::add2 ? std::max(largest_zero, largest_zero_b) : largest_zero;
    command_.can_overflow = cycle::can_overflow(command_, largest);
    if (command_.can_overflow && !layer_.saturate && layer_.psum_width > g_.psum_width) {
      refuse(layer_, "psum_width",
             fmt::format("{} bits are declared, the accelerator has {} and the weights do not prove that these suffice",
                         layer_.psum_width, g_.psum_width));
    }
  }

  const op::Layer& layer_;
  const accel::Geometry& g_;
  const Lanes& lanes_;
  const Region& region_;
  accel::Command command_;
  std::vector<std::int16_t> elements_;  ///< as streamed, [pass][row][col]
};

}  // namespace

namespace {

/// Each input runs on its own as the depthwise layer that carries it into its slice of the output.
std::vector<accel::Command> tile_concat(const op::Layer& layer, const accel::Geometry& geometry) {
  std::vector<accel::Command> commands;
  int first = 0;
  for (std::size_t input = 0; input < layer.concat.size(); ++input) {
    for (accel::Command& command : tile(op::concat_part(layer, input), geometry)) {
      command.out_first = first;
      std::ranges::fill(command.group_input, static_cast<int>(input));
      commands.push_back(std::move(command));
    }
    first += layer.concat[input].channels;
  }
  for (std::size_t i = 0; i < commands.size(); ++i) {
    commands[i].part = static_cast<int>(i);
    commands[i].parts = static_cast<int>(commands.size());
  }
  return commands;
}

}  // namespace

std::vector<accel::Command> tile(const op::Layer& layer, const accel::Geometry& geometry) {
  check_geometry(geometry);
  check_fits(layer, geometry);
  if (layer.kind == op::Kind::concat) return tile_concat(layer, geometry);
  const Lanes lanes = plan_lanes(layer, geometry);
  const std::vector<Region> regions = plan_regions(layer, geometry);
  std::vector<accel::Command> commands;
  for (const Region& region : regions) {
    commands.push_back(Builder(layer, geometry, lanes, region).build());
    commands.back().part = static_cast<int>(commands.size()) - 1;
    commands.back().parts = static_cast<int>(regions.size());
  }
  return commands;
}

}  // namespace systole::lower
