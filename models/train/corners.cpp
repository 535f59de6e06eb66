// SPDX-License-Identifier: Apache-2.0
#include "models/train/corners.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "golden/fixed/counter_random.h"
#include "golden/op/random_fill.h"

namespace systole::train {
namespace {

using fixed::CounterRandom;
using fixed::Rounding;
using model::Network;
using op::Kind;
using op::Layer;

void fill(op::Matrix& values, std::string_view layer, std::int32_t low, std::int32_t high) {
  op::random_fill(values, {1, layer, "weights"}, low, high);
}

/// The network in the making: each call adds a layer and returns its tensor's number.
class Corners {
 public:
  explicit Corners(int array_rows) : rows(array_rows) {
    network.name = "corners";
    network.input = {.height = 32, .width = 32, .channels = 3, .is_signed = true, .bits = 8, .pixel_offset = -128};
  }

  /// A layer that reads `input`, with its input's shape, the output's side and channels, and a square window.
  Layer layer(Kind kind, std::string name, int input, int side, int channels, int kernel = 1, int stride = 1,
              int pad = 0) const {
    Layer l;
    l.name = std::move(name);
    l.kind = kind;
    const Layer* from = input == 0 ? nullptr : &network.nodes[static_cast<std::size_t>(input) - 1].layer;
    l.in_h = from == nullptr ? network.input.height : from->out_h;
    l.in_w = from == nullptr ? network.input.width : from->out_w;
    l.in_c = from == nullptr ? network.input.channels : from->out_c;
    l.out_h = l.out_w = side;
    l.out_c = channels;
    l.window = {kernel, kernel, stride, stride, 1, 1, pad, pad};
    l.tile_channels = rows;
    return l;
  }

  int add(Layer l, std::vector<int> inputs) {
    network.nodes.push_back({std::move(l), std::move(inputs)});
    return static_cast<int>(network.nodes.size());
  }

  Network network;
  int rows;  ///< of the array: channels of a tile
};

/// Weights low .. high of a layer whose kind and shape are set.
void weigh(Layer& l, std::int32_t low, std::int32_t high) {
  const int depth = l.kind == Kind::fully_connected
                        ? l.in_h * l.in_w * l.in_c
                        : l.window.kernel_h * l.window.kernel_w * (l.kind == Kind::depthwise ? 1 : l.in_c);
  l.weights.resize(l.out_c, depth);
  fill(l.weights, l.name, low, high);
}

void add_bias(Layer& l, std::int32_t largest) {
  const CounterRandom random(1, l.name, "bias");
  l.bias.resize(l.out_c);
  for (int c = 0; c < l.out_c; ++c) l.bias(c) = random.between(static_cast<std::uint64_t>(c), -largest, largest);
}

/// Output by a shift alone.
void shift(Layer& l, Rounding rule, int n) {
  l.out.rule = rule;
  l.out.multiply = false;
  l.out.lshift = {0};
  l.out.n = {n};
}

/// Output by 2^lshift * m0 / 2^(31 + n).
void scale(Layer& l, Rounding rule, std::int32_t m0, int lshift, int n) {
  l.out.rule = rule;
  l.out.m0 = {m0};
  l.out.lshift = {lshift};
  l.out.n = {n};
}

/// 32 x 32 grows to 77 x 77, more pixels than the array's memories hold, and shrinks to 8 x 8.
int add_strips(Corners& c) {
  Layer grow = c.layer(Kind::conv2d, "grow1", 0, 47, 3, 1, 1, 15);
  grow.zero_in = -7;
  weigh(grow, -60, 60);
  shift(grow, Rounding::half_up, 6);
  int last = c.add(std::move(grow), {0});
  for (const int side : {62, 77}) {
    Layer more = c.layer(Kind::depthwise, "grow" + std::to_string(side == 62 ? 2 : 3), last, side, 3, 1, 1, 15);
    more.zero_in = 2;
    weigh(more, -3, 3);
    shift(more, Rounding::trunc, 1);
    last = c.add(std::move(more), {last});
  }
  return c.add(c.layer(Kind::max_pool, "shrink", last, 8, 3, 3, 10), {last});
}

/// The image to 16 x 16 x 9: padding, stride, dilation, zero points, a codebook.
int add_stem(Corners& c) {
  Layer stem = c.layer(Kind::conv2d, "stem", 0, 16, 12, 3, 2, 1);
  stem.zero_in = -100;
  weigh(stem, -40, 40);
  add_bias(stem, 3000);
  scale(stem, Rounding::half_away, 1 << 30, 0, 7);
  stem.out.m0.clear();
  for (int oc = 0; oc < stem.out_c; ++oc) stem.out.m0.push_back((1 << 30) + oc * 80000000);
  stem.out.zero_out = 3;
  stem.out.act_min = -20;
  stem.out.act_max = 90;
  int last = c.add(std::move(stem), {0});

  Layer depthwise = c.layer(Kind::depthwise, "dilated", last, 16, 12, 3, 1, 2);
  depthwise.window.dilation_h = depthwise.window.dilation_w = 2;
  depthwise.zero_in = 3;
  depthwise.wgt_signed = false;
  depthwise.zero_wgt = 128;
  weigh(depthwise, 0, 255);
  shift(depthwise, Rounding::half_up, 6);
  last = c.add(std::move(depthwise), {last});

  Layer coded = c.layer(Kind::conv2d, "coded", last, 16, 9);
  coded.wgt_bits = 2;
  coded.codebook = {-90, -3, 40, 100};
  weigh(coded, 0, 3);
  shift(coded, Rounding::clipq, 7);
  return c.add(std::move(coded), {last});
}

/// A residual block on pooled maps, joined with other branches.
int add_block(Corners& c, int input, int strips) {
  Layer maximum = c.layer(Kind::max_pool, "maximum", input, 8, 9, 3, 2, 1);
  maximum.zero_in = 60;  // most values lie below it, so that padding read as zero wins
  shift(maximum, Rounding::trunc, 1);
  const int pooled = c.add(std::move(maximum), {input});

  Layer average = c.layer(Kind::avg_pool, "average", pooled, 8, 9, 3, 1, 1);
  average.zero_in = -4;
  average.exclude_padding = true;
  const int averaged = c.add(std::move(average), {pooled});

  Layer twice = c.layer(Kind::conv2d, "rounded_twice", averaged, 8, 9, 3, 1, 1);
  weigh(twice, -5, 5);
  scale(twice, Rounding::double_rounding, 1500000000, 0, 3);  // the fewer bits, the oftener both roundings count
  const int rounded = c.add(std::move(twice), {averaged});

  Layer sum = c.layer(Kind::add, "sum", averaged, 8, 9);
  sum.add_a = {.zero = -7, .m0 = 1 << 30, .lshift = 20, .n = 1};
  sum.add_b = {.zero = 5, .m0 = 1500000000, .lshift = 20, .n = 2};
  scale(sum, Rounding::double_rounding, 1 << 30, 0, 17);
  const int added = c.add(std::move(sum), {averaged, rounded});

  Layer joined = c.layer(Kind::concat, "joined", added, 8, 9 + 9 + 3);
  joined.concat = {{.channels = 9, .zero = 2, .align = 1}, {.channels = 9}, {.channels = 3, .zero = -3, .align = 2}};
  shift(joined, Rounding::floor, 0);
  return c.add(std::move(joined), {added, pooled, strips});
}

/// Sums that saturate, few pixels, logits as they are.
void add_head(Corners& c, int input) {
  Layer narrow = c.layer(Kind::conv2d, "narrow_psum", input, 3, 10, 3, 2);
  narrow.window.kernel_w = 4;
  narrow.window.stride_w = 1;
  narrow.out_w = 5;
  weigh(narrow, -40, 40);
  narrow.saturate = true;
  narrow.psum_bits = 11;
  for (int first = 0; first < narrow.in_c; first += c.rows) narrow.align.push_back(first / c.rows % 3);
  scale(narrow, Rounding::trunc, 1 << 30, 0, 2);
  narrow.out.zero_out = 120;
  narrow.out.act_min = 0;
  narrow.out.act_max = 255;
  int last = c.add(std::move(narrow), {input});

  Layer few = c.layer(Kind::conv2d, "few_pixels", last, 2, 20, 2);
  few.window.kernel_w = 4;
  few.act_signed = false;
  few.zero_in = 120;
  weigh(few, -20, 20);
  scale(few, Rounding::floor, 1 << 30, 18, 24);  // beyond 2^13 the shift saturates
  last = c.add(std::move(few), {last});

  Layer logits = c.layer(Kind::fully_connected, "logits", last, 1, 10);
  weigh(logits, -128, 127);
  logits.out.raw = true;
  c.add(std::move(logits), {last});
}

}  // namespace

Network corners_network(int array_rows) {
  Corners corners(array_rows);
  const int strips = add_strips(corners);
  add_head(corners, add_block(corners, add_stem(corners), strips));
  return std::move(corners.network);
}

}  // namespace systole::train
