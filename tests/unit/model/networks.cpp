// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/model/networks.h"

#include <string>

namespace systole::test {

namespace {

using op::Kind;
using op::Layer;

template <typename AnyLayer>
AnyLayer layer_of(const std::string& name, Kind kind, int height, int width, int in_c, int out_c) {
  AnyLayer result;
  result.name = name;
  result.kind = kind;
  result.in_h = result.out_h = height;
  result.in_w = result.out_w = width;
  result.in_c = in_c;
  result.out_c = out_c;
  return result;
}
constexpr auto layer = layer_of<op::Layer>;
constexpr auto float_layer = layer_of<model::FloatLayer>;

/// Values that differ from element to element and stay in low .. high.
op::Matrix pattern(int rows, int columns, int low, int high) {
  op::Matrix matrix(rows, columns);
  for (int i = 0; i < rows * columns; ++i) matrix.data()[i] = low + (i * 37 + 11) % (high - low + 1);
  return matrix;
}

Layer coded_conv() {
  Layer conv = layer("conv", Kind::conv2d, 4, 6, 3, 2);
  conv.window = {3, 3, 1, 1, 1, 1, 1, 1};
  conv.zero_in = -5;
  conv.codebook = {-64, -32, 0, 32};
  conv.wgt_bits = 2;
  conv.weights = pattern(2, 27, 0, 3);
  conv.bias = op::Vector::Constant(2, -1000);
  conv.tile_channels = 2;
  conv.align = {1, 0};
  conv.out.rule = fixed::Rounding::clipq;
  conv.out.multiply = false;
  conv.out.lshift = {0};
  conv.out.n = {5};
  return conv;
}

Layer saturating_depthwise() {
  Layer depthwise = layer("depthwise", Kind::depthwise, 4, 6, 2, 2);
  depthwise.window = {1, 3, 1, 1, 1, 2, 0, 2};
  depthwise.wgt_signed = false;
  depthwise.zero_wgt = 100;
  depthwise.weights = pattern(2, 3, 0, 255);
  depthwise.saturate = true;
  depthwise.psum_bits = 14;
  depthwise.psum_width = 16;
  depthwise.out.rule = fixed::Rounding::double_rounding;
  depthwise.out.m0 = {1 << 30, 2147483647};
  depthwise.out.lshift = {0, 0};
  depthwise.out.n = {4, 6};
  depthwise.out.zero_out = 3;
  return depthwise;
}

Layer add() {
  Layer add = layer("add", Kind::add, 4, 6, 2, 2);
  add.zero_in = add.add_a.zero = 0;
  add.add_a = {0, 1 << 30, 20, 0};
  add.add_b = {3, 1500000000, 20, 1};
  add.out.rule = fixed::Rounding::double_rounding;
  add.out.lshift = {0};
  add.out.n = {18};
  return add;
}

Layer concat() {
  Layer concat = layer("concat", Kind::concat, 1, 1, 2, 7);
  concat.concat = {{2, 0, 3}, {3, -7, 0}, {2, 0, 31}};
  concat.out.rule = fixed::Rounding::floor;
  concat.out.multiply = false;
  concat.out.lshift = {0};
  return concat;
}

Layer pool(const std::string& name, Kind kind, int height, int width) {
  Layer pool = layer(name, kind, height, width, 2, 2);
  pool.window = {2, 2, 2, 2, 1, 1, 0, 0};
  pool.out_h = height / 2;
  pool.out_w = width / 2;
  return pool;
}

Layer raw_fully_connected() {
  Layer fc = layer("fc", Kind::fully_connected, 1, 1, 2, 3);
  fc.weights = pattern(3, 2, -128, 127);
  fc.bias = (op::Vector(3) << -2147483647, 0, 2147483647).finished();
  fc.out.raw = true;
  return fc;
}

model::FloatMatrix float_pattern(int rows, int columns) {
  return pattern(rows, columns, -100, 100).cast<float>() / 64.0F;
}

}  // namespace

model::Network concat_network() {
  model::Network network{"concat", {1, 1, 2, true, 8, -128}, {}, {}, {}};
  Layer fc = raw_fully_connected();
  fc.out.raw = false;
  network.nodes.push_back({fc, {0}});
  network.nodes.push_back({concat(), {0, 1, 0}});
  return network;
}

model::Network every_kind() {
  model::Network network{"every kind", {4, 6, 3, true, 8, -128}, {}, {"a", "b", "c"}, {}};
  network.nodes.push_back({coded_conv(), {0}});
  network.nodes.push_back({saturating_depthwise(), {1}});
  network.nodes.push_back({add(), {1, 2}});
  network.nodes.push_back({pool("max", Kind::max_pool, 4, 6), {3}});
  Layer average = pool("average", Kind::avg_pool, 2, 3);
  average.out_w = 1;
  average.exclude_padding = true;
  network.nodes.push_back({average, {4}});
  network.nodes.push_back({raw_fully_connected(), {5}});
  return network;
}

model::FloatNetwork every_float_kind() {
  using op::Kind;
  model::FloatNetwork network{"float kinds", {4, 4, 2, 128, 1.0F / 64}, {}, {}};
  auto conv = float_layer("conv", Kind::conv2d, 4, 4, 2, 3);
  conv.window = {3, 3, 1, 1, 1, 1, 1, 1};
  conv.relu = true;
  conv.weights = float_pattern(3, 18);
  conv.bias = model::FloatVector::LinSpaced(3, -0.5F, 0.75F);
  auto depthwise = float_layer("depthwise", Kind::depthwise, 4, 4, 3, 3);
  depthwise.window = {3, 3, 1, 1, 1, 1, 1, 1};
  depthwise.weights = float_pattern(3, 9);
  auto add = float_layer("add", Kind::add, 4, 4, 3, 3);
  add.relu = true;
  auto max = float_layer("max", Kind::max_pool, 4, 4, 3, 3);
  auto average = float_layer("average", Kind::avg_pool, 4, 4, 3, 3);
  for (auto* pool : {&max, &average}) {
    pool->window = {2, 2, 2, 2, 1, 1, 0, 0};
    pool->out_h = pool->out_w = 2;
  }
  auto concat = float_layer("concat", Kind::concat, 2, 2, 3, 6);
  auto fc = float_layer("fc", Kind::fully_connected, 2, 2, 6, 4);
  fc.out_h = fc.out_w = 1;
  fc.weights = float_pattern(4, 24);
  network.nodes = {{conv, {0}},    {depthwise, {1}}, {add, {1, 2}}, {max, {3}},
                   {average, {3}}, {concat, {4, 5}}, {fc, {6}}};
  return network;
}

}  // namespace systole::test
