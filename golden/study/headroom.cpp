// SPDX-License-Identifier: Apache-2.0
#include "golden/study/headroom.h"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "golden/fast/dot_products.h"
#include "golden/fast/reach.h"
#include "golden/fast/tap_sum.h"
#include "golden/fixed/round.h"

namespace systole::study {
namespace {

using fast::Extent;
using op::Kind;

bool has_zero(op::ElementRange range, std::int32_t zero) { return range.low <= zero && zero <= range.high; }

/// A layer that adds up channels in ic tiles; the others add up the taps of one channel.
bool has_tiles(const op::Layer& layer) { return layer.kind == Kind::conv2d || layer.kind == Kind::fully_connected; }

std::vector<std::int32_t> zero_points(const op::Layer& layer) {
  if (layer.kind == Kind::add) return {layer.add_a.zero, layer.add_b.zero};
  return {layer.zero_in};
}

std::int32_t bias_of(const op::Layer& layer, int channel) { return layer.bias.size() == 0 ? 0 : layer.bias(channel); }

std::int64_t scaled(const op::Layer& layer, const op::AddOperand& operand, std::int32_t value) {
  return fixed::requantize(value - operand.zero, layer.out.rule, true, operand.m0, operand.lshift, operand.n);
}

}  // namespace

/// The taps inside the map of one output, and where they are.
struct Headroom::Window : fast::Reach {
  int kernel_w = 1;

  [[nodiscard]] bool contains(int tap) const { return rows.contains(tap / kernel_w) && cols.contains(tap % kernel_w); }
};

/// What one pass can bring down a column.
struct Headroom::Pass {
  int tap = 0, shift = 0;
  Extent column;
};

int Bounds::width() const { return 1 + std::max(column.psum_bits(), accumulator.psum_bits()); }

bool has_headroom(const op::Layer& layer) { return layer.kind != Kind::max_pool && layer.kind != Kind::concat; }

Headroom::Headroom(const op::Layer& layer, op::ElementRange input)
    : layer_(layer), input_(input), levels_(fast::centred_levels(layer)) {
  const std::string where = "layer '" + layer.name + "': ";
  if (!has_headroom(layer)) throw std::invalid_argument(where + "adds nothing up, expected a layer with partial sums");
  for (const std::int32_t zero : zero_points(layer)) {
    if (has_zero(input, zero)) continue;
    throw std::invalid_argument(where + "zero point is " + std::to_string(zero) + ", expected within the input range " +
                                std::to_string(input.low) + " .. " + std::to_string(input.high));
  }
  const std::vector<Window> all = layer.kind == Kind::add ? std::vector<Window>{} : windows();
  channels_.resize(static_cast<std::size_t>(layer.out_c));
  for (int channel = 0; channel < layer.out_c; ++channel) {
    Bounds& bounds = channels_[static_cast<std::size_t>(channel)];
    if (layer.kind == Kind::add) {
      bounds = add_bounds(channel);
      continue;
    }
    const std::vector<Pass> order = passes(channel);
    for (const Window& window : all) bounds.widen(window_bounds(order, window, channel));
  }
}

Bounds Headroom::layer() const {
  Bounds all;
  for (const Bounds& channel : channels_) all.widen(channel);
  return all;
}

/// One window of each pattern of taps inside the map.
std::vector<Headroom::Window> Headroom::windows() const {
  if (layer_.kind == Kind::fully_connected) return {{{.rows = {0, 1}, .cols = {0, 1}}, 1}};
  std::vector<Window> found;
  std::set<std::array<int, 4>> patterns;
  fast::for_each_reach(layer_, [&](const fast::Reach& r) {
    if (!patterns.insert({r.rows.first, r.rows.last, r.cols.first, r.cols.last}).second) return;
    found.push_back({r, layer_.window.kernel_w});
  });
  return found;
}

std::int64_t Headroom::level(int channel, std::int64_t tap, std::int64_t input_channel) const {
  switch (layer_.kind) {
    case Kind::conv2d:
      return levels_(channel, tap * layer_.in_c + input_channel);
    case Kind::fully_connected:
      return levels_(channel, input_channel);
    case Kind::depthwise:
      return levels_(channel, tap);
    default:
      return 1;  // avg_pool
  }
}

/// The products of a weight with all input values.
Extent Headroom::product(std::int64_t level) const {
  const std::int64_t a = level * (input_.low - layer_.zero_in);
  const std::int64_t b = level * (input_.high - layer_.zero_in);
  return {.low = std::min(a, b), .high = std::max(a, b)};
}

/// The passes of an output channel in array order.
std::vector<Headroom::Pass> Headroom::passes(int channel) const {
  const int taps = layer_.window.kernel_h * layer_.window.kernel_w;
  std::vector<Pass> order;
  if (!has_tiles(layer_)) {
    const int shift = fast::align_by_channel(layer_)[static_cast<std::size_t>(channel)];
    for (int tap = 0; tap < taps; ++tap) order.push_back({tap, shift, product(level(channel, tap, 0))});
    return order;
  }
  const std::int64_t channels = op::tiled_channels(layer_);
  for (std::int64_t first = 0, tile = 0; first < channels; first += layer_.tile_channels, ++tile) {
    const int shift = layer_.align.empty() ? 0 : layer_.align[static_cast<std::size_t>(tile)];
    for (int tap = 0; tap < taps; ++tap) {
      Pass pass{.tap = tap, .shift = shift, .column = {.low = 0, .high = 0}};
      for (std::int64_t c = first; c < std::min(channels, first + layer_.tile_channels); ++c) {
        const Extent one = product(level(channel, tap, c));
        pass.column.low += one.low;
        pass.column.high += one.high;
      }
      order.push_back(pass);
    }
  }
  return order;
}

Bounds Headroom::window_bounds(const std::vector<Pass>& passes, const Window& window, int channel) const {
  Bounds bounds{.column = {.low = 0, .high = 0}, .accumulator = {.low = 0, .high = 0}};
  for (const Pass& pass : passes) {
    if (!window.contains(pass.tap)) continue;
    bounds.column.widen(pass.column);
    bounds.accumulator.low += fixed::round_shift_floor(pass.column.low, pass.shift);
    bounds.accumulator.high += fixed::round_shift_floor(pass.column.high, pass.shift);
  }
  const std::int32_t bias = bias_of(layer_, channel);
  bounds.accumulator.widen({.low = bounds.accumulator.low + bias, .high = bounds.accumulator.high + bias});
  return bounds;
}

/// Every rule rounds monotonically and m0 >= 0, so the ends of the range give the ends of the sum.
Bounds Headroom::add_bounds(int channel) const {
  const auto biased = [this, channel](std::int32_t value) {
    const std::int64_t sum = scaled(layer_, layer_.add_a, value) + scaled(layer_, layer_.add_b, value);
    return fixed::saturate(sum, fixed::kInt32Min, fixed::kInt32Max) + bias_of(layer_, channel);
  };
  Bounds bounds{.column = {}, .accumulator = {.low = biased(input_.low), .high = biased(input_.high)}};
  for (const std::int32_t zero : zero_points(layer_)) {
    bounds.column.widen({.low = input_.low - zero, .high = input_.high - zero});
  }
  return bounds;
}

op::Tensor Headroom::attaining_input(bool high) const {
  if (layer_.kind == Kind::add) {
    op::Tensor input(layer_.in_h, layer_.in_w, layer_.in_c);
    input.data.setConstant(high ? input_.high : input_.low);
    return input;
  }
  const Extent whole = layer().accumulator;
  const auto reaches = [&whole, high](const Bounds& bounds) {
    return high ? bounds.accumulator.high == whole.high : bounds.accumulator.low == whole.low;
  };
  const auto found = std::find_if(channels_.begin(), channels_.end(), reaches);
  const auto channel = static_cast<int>(found - channels_.begin());
  const std::vector<Pass> order = passes(channel);
  const std::vector<Window> all = windows();
  const auto window =
      std::find_if(all.begin(), all.end(), [&](const Window& w) { return reaches(window_bounds(order, w, channel)); });
  return attaining_window(channel, *window, high);
}

/// The value of the range that makes each product of the window largest, or smallest.
op::Tensor Headroom::attaining_window(int channel, const Window& window, bool high) const {
  const op::Window& w = layer_.window;
  op::Tensor input(layer_.in_h, layer_.in_w, layer_.in_c);
  input.data.setConstant(layer_.zero_in);
  const auto value = [this, channel, high](int tap, std::int64_t input_channel) {
    const std::int64_t weight = level(channel, tap, input_channel);
    if (weight == 0) return layer_.zero_in;
    return (weight > 0) == high ? input_.high : input_.low;
  };
  if (layer_.kind == Kind::fully_connected) {
    for (Eigen::Index i = 0; i < input.data.size(); ++i) input.data.data()[i] = value(0, i);
    return input;
  }
  const int only = has_tiles(layer_) ? 0 : channel / (layer_.out_c / layer_.in_c);
  const int last = has_tiles(layer_) ? layer_.in_c : only + 1;
  for (int kh = window.rows.first; kh < window.rows.last; ++kh) {
    for (int kw = window.cols.first; kw < window.cols.last; ++kw) {
      for (int c = only; c < last; ++c) {
        input.at(window.top + kh * w.dilation_h, window.left + kw * w.dilation_w, c) = value(kh * w.kernel_w + kw, c);
      }
    }
  }
  return input;
}

op::ElementRange input_range(const model::Network& network, std::size_t node) {
  const op::Layer& layer = network.nodes[node].layer;
  const op::ElementRange type = op::element_range(layer.act_signed, layer.act_bits);
  const std::vector<std::int32_t> zeros = zero_points(layer);
  const auto [lowest, highest] = std::ranges::minmax(zeros);
  op::ElementRange range{.low = lowest, .high = highest};
  for (const int tensor : network.nodes[node].inputs) {
    op::ElementRange made = type;
    if (tensor > 0) {
      const op::Requantization& out = network.nodes[static_cast<std::size_t>(tensor - 1)].layer.out;
      if (!out.raw) made = {.low = out.act_min, .high = out.act_max};
    }
    range.low = std::min(range.low, std::max(made.low, type.low));
    range.high = std::max(range.high, std::min(made.high, type.high));
  }
  return range;
}

}  // namespace systole::study
