// SPDX-License-Identifier: Apache-2.0
#include "signoff/stimulus/random_layer.h"

#include <algorithm>

#include "golden/op/validate.h"

namespace systole::signoff {
namespace {

using op::Kind;
using op::Layer;

struct Range {
  int lo, hi;
};

Range range_of(bool is_signed, int bits) {
  return is_signed ? Range{-(1 << (bits - 1)), (1 << (bits - 1)) - 1} : Range{0, (1 << bits) - 1};
}

int in(Draw& draw, Range range) { return draw.between(range.lo, range.hi); }

void geometry(Layer& l, Draw& draw, const LayerSizes& sizes) {
  l.in_h = draw.one_in(6) ? 1 : draw.between(1, sizes.map);
  l.in_w = draw.one_in(6) ? 1 : draw.between(1, sizes.map);
  l.in_c = draw.between(1, sizes.channels);
  l.out_c = l.in_c;
  if (l.kind == Kind::conv2d || l.kind == Kind::fully_connected) l.out_c = draw.between(1, sizes.channels);
  if (l.kind == Kind::depthwise) l.out_c = l.in_c * draw.between(1, 3);
  if (l.kind == Kind::concat) {
    l.concat.push_back({l.in_c});
    for (int more = draw.between(1, 3); more > 0; --more)
      l.concat.push_back({sizes.equal_inputs ? l.in_c : draw.between(1, sizes.channels)});
    l.out_c = 0;
    for (const op::ConcatInput& input : l.concat) l.out_c += input.channels;
  }
  if (l.kind == Kind::add || l.kind == Kind::concat) {
    l.out_h = l.in_h;
    l.out_w = l.in_w;
  }
  if (!has_window(l.kind)) return;
  op::Window& w = l.window;
  w = {draw.between(1, 5), draw.between(1, 5), draw.between(1, 3), draw.between(1, 3),
       draw.between(1, 3), draw.between(1, 3), draw.between(0, 4), draw.between(0, 4)};
  l.out_h = draw.between(1, (l.in_h - 1 + w.pad_top) / w.stride_h + 1);
  l.out_w = draw.between(1, (l.in_w - 1 + w.pad_left) / w.stride_w + 1);
}

void elements(Layer& l, Draw& draw) {
  l.act_signed = draw.one_in(2);
  l.act_bits = draw.one_in(2) ? 8 : draw.between(2, 8);
  l.zero_in = draw.one_in(3) ? 0 : in(draw, range_of(l.act_signed, l.act_bits));
  l.wgt_signed = draw.one_in(2);
  l.wgt_bits = draw.one_in(2) ? 8 : draw.between(2, 8);
  Range levels = range_of(l.wgt_signed, l.wgt_bits);
  Range stored = levels;
  if (has_weights(l.kind) && draw.one_in(5)) {
    l.wgt_bits = 2;
    levels = range_of(l.wgt_signed, 8);
    stored = {0, 3};
    for (int code = 0; code < 4; ++code) l.codebook.push_back(in(draw, levels));
  }
  l.zero_wgt = draw.one_in(2) ? 0 : in(draw, levels);
  if (!has_weights(l.kind)) return;
  const int taps = l.window.kernel_h * l.window.kernel_w;
  const int columns =
      l.kind == Kind::conv2d ? taps * l.in_c : (l.kind == Kind::depthwise ? taps : l.in_h * l.in_w * l.in_c);
  l.weights.resize(l.out_c, columns);
  for (Eigen::Index i = 0; i < l.weights.size(); ++i) l.weights.data()[i] = in(draw, stored);
}

void accumulator(Layer& l, Draw& draw, bool saturating) {
  l.tile_channels = draw.one_in(2) ? 8 : draw.between(1, 9);
  l.saturate = saturating;
  l.psum_width = saturating ? draw.between(8, 32) : 32;
  l.psum_bits = draw.one_in(2) ? l.psum_width - 1 : draw.between(0, std::min(20, l.psum_width - 1));
  if (l.kind != Kind::add && l.kind != Kind::concat && draw.one_in(3)) {
    const int channels = l.kind == Kind::fully_connected ? l.in_h * l.in_w * l.in_c : l.in_c;
    for (int tile = 0; tile < channels; tile += l.tile_channels) l.align.push_back(draw.between(0, 6));
  }
  if (draw.one_in(4)) return;  // no bias
  l.bias.resize(l.out_c);
  for (Eigen::Index i = 0; i < l.bias.size(); ++i) l.bias(i) = draw.between(-30000, 30000);
}

void output(Layer& l, Draw& draw) {
  op::Requantization& q = l.out;
  q.raw = draw.one_in(6);
  q.rule = static_cast<fixed::Rounding>(draw.between(0, fixed::kRoundingCount - 1));
  q.multiply = q.rule == fixed::Rounding::double_rounding || !draw.one_in(3);
  const int length = draw.one_in(2) ? 1 : l.out_c;
  q.m0.clear();
  q.lshift.clear();
  q.n.clear();
  for (int i = 0; i < length; ++i) {
    q.m0.push_back(draw.one_in(4) ? 1 << 30 : draw.between(0, INT32_MAX));
    q.lshift.push_back(draw.one_in(4) ? draw.between(0, 4) : 0);
    q.n.push_back(draw.between(0, 14));
  }
  if (draw.one_in(3)) {
    q.act_min = -20000;
    q.act_max = 20000;
  } else {
    q.act_min = draw.one_in(2) ? draw.between(0, 60) : draw.between(-128, -1);  // behind ReLU, and others
    q.act_max = draw.between(q.act_min, 127);
  }
  q.zero_out = draw.between(-128, 127);
}

op::AddOperand operand(const Layer& l, Draw& draw) {
  const int lshift = draw.one_in(2) ? 20 : draw.between(0, 12);
  return {in(draw, range_of(l.act_signed, l.act_bits)), draw.between(1 << 29, (1 << 30) - 1), lshift,
          draw.between(0, 5)};
}

}  // namespace

op::Layer random_layer(op::Kind kind, Draw& draw, bool saturating, const LayerSizes& sizes) {
  Layer l;
  l.name = "random";
  l.kind = kind;
  geometry(l, draw, sizes);
  elements(l, draw);
  accumulator(l, draw, saturating);
  output(l, draw);
  if (kind == Kind::add) {
    l.add_a = operand(l, draw);
    l.add_b = operand(l, draw);
  }
  for (op::ConcatInput& input : l.concat) {
    input.zero = draw.one_in(3) ? 0 : in(draw, range_of(l.act_signed, l.act_bits));
    input.align = draw.one_in(3) ? 0 : draw.between(0, draw.one_in(4) ? 31 : 6);
  }
  return l;
}

namespace {

op::Tensor random_tensor(const op::Layer& layer, int channels, Draw& draw) {
  op::Tensor input(layer.in_h, layer.in_w, channels);
  const Range range = range_of(layer.act_signed, layer.act_bits);
  for (Eigen::Index i = 0; i < input.data.size(); ++i) input.data.data()[i] = in(draw, range);
  return input;
}

}  // namespace

op::Tensor random_input(const op::Layer& layer, Draw& draw) { return random_tensor(layer, layer.in_c, draw); }

std::vector<op::Tensor> random_inputs(const op::Layer& layer, Draw& draw) {
  std::vector<op::Tensor> inputs;
  for (std::size_t i = 0; i < op::input_count(layer); ++i) {
    inputs.push_back(random_tensor(layer, op::input_channels(layer, i), draw));
  }
  return inputs;
}

op::Layer conv_layer(std::string_view name, int in_size, int in_c, int out_c, int kernel) {
  Draw draw(1, name, "weights");
  op::Layer layer;
  layer.name = name;
  layer.in_h = layer.in_w = in_size;
  layer.in_c = in_c;
  layer.out_h = layer.out_w = in_size - kernel + 1;
  layer.out_c = out_c;
  layer.window.kernel_h = layer.window.kernel_w = kernel;
  layer.weights.resize(out_c, Eigen::Index{kernel} * kernel * in_c);
  for (std::int32_t& w : layer.weights.reshaped()) w = draw.between(-128, 127);
  layer.bias.resize(out_c);
  for (std::int32_t& b : layer.bias) b = draw.between(-1000, 1000);
  layer.out.rule = fixed::Rounding::half_up;
  layer.out.lshift = {0};
  layer.out.n = {8};  // products reach 2^14, their sum over a window a few bits more: the output keeps varied values
  return layer;
}

op::Tensor random_input(const op::Layer& layer) {
  Draw draw(1, layer.name, "input");
  return random_input(layer, draw);
}

}  // namespace systole::signoff
