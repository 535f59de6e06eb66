// SPDX-License-Identifier: Apache-2.0
#include "signoff/stimulus/programs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "accel/lower/tiler.h"
#include "base/input_error.h"
#include "golden/fixed/counter_random.h"
#include "golden/fixed/saturate.h"
#include "golden/format/pixels.h"
#include "golden/model/execute.h"
#include "golden/model/one_layer.h"
#include "golden/op/random_fill.h"
#include "models/dataset/dataset.h"
#include "models/train/corners.h"
#include "signoff/stimulus/array_layer.h"

namespace systole::signoff {
namespace {

constexpr std::uint64_t kValueSeed = 5;
constexpr std::int32_t kNoLimit = 20000;  ///< beyond what these layers produce, within 16 bits

void fill(op::Matrix& values, std::string_view name, std::int32_t low, std::int32_t high) {
  op::random_fill(values, {kValueSeed, name, "values"}, low, high);
}

/// A layer of that shape with values of 8 bits and random biases; parameters that the program is about come later.
op::Layer layer_of(op::Kind kind, std::string name, int rows, int side_in, int channels, int side_out,
                   int out_channels) {
  op::Layer layer;
  layer.name = std::move(name);
  layer.kind = kind;
  layer.in_h = layer.in_w = side_in;
  layer.in_c = channels;
  layer.out_h = layer.out_w = side_out;
  layer.out_c = out_channels;
  layer.tile_channels = rows;
  layer.bias = op::Vector::Zero(out_channels);
  const fixed::CounterRandom random(kValueSeed, layer.name, "bias");
  for (int c = 0; c < out_channels; ++c) layer.bias(c) = random.between(static_cast<std::uint64_t>(c), -3000, 3000);
  layer.out.act_min = -kNoLimit;
  layer.out.act_max = kNoLimit;
  return layer;
}

void set_window(op::Layer& layer, int kernel, int stride, int pad) {
  layer.window = {kernel, kernel, stride, stride, 1, 1, pad, pad};
}

void fill_weights(op::Layer& layer, std::int32_t low, std::int32_t high) {
  layer.weights.resize(layer.out_c, Eigen::Index{layer.window.kernel_h} * layer.window.kernel_w * layer.in_c);
  fill(layer.weights, layer.name + ".weights", low, high);
}

void shift_only(op::Layer& layer, fixed::Rounding rule, int n) {
  layer.out.rule = rule;
  layer.out.multiply = false;
  layer.out.lshift = {0};
  layer.out.n = {n};
}

Program program_of(op::Layer layer, std::int32_t low, std::int32_t high) {
  Program program;
  program.name = layer.name;
  program.input = op::Tensor(layer.in_h, layer.in_w, layer.in_c);
  fill(program.input.data, layer.name + ".input", low, high);
  program.network = model::one_layer_network(std::move(layer));
  return program;
}

/// 3x3 over 6x6, stride 2, padding on all sides: two ic tiles, three oc tiles of an array of four rows and columns.
op::Layer convolution(std::string name, int rows) {
  op::Layer layer = layer_of(op::Kind::conv2d, std::move(name), rows, 6, 6, 4, 10);
  set_window(layer, 3, 2, 1);
  layer.zero_in = 5;
  layer.wgt_signed = false;
  layer.zero_wgt = 120;
  fill_weights(layer, 0, 255);
  layer.out.m0.clear();
  layer.out.lshift.assign(10, 0);
  layer.out.n.clear();
  for (int c = 0; c < layer.out_c; ++c) {
    layer.out.m0.push_back((1 << 30) + 90000000 * c);
    layer.out.n.push_back(6 + c % 3);
  }
  layer.out.zero_out = 3;
  return layer;
}

Program conv(int rows) {
  op::Layer layer = convolution("conv", rows);
  layer.out.rule = fixed::Rounding::half_away;
  layer.out.act_min = -100;
  layer.out.act_max = 60;
  return program_of(std::move(layer), -128, 127);
}

Program double_rounding(int rows) {
  op::Layer layer = convolution("double", rows);
  layer.out.rule = fixed::Rounding::double_rounding;
  for (int& n : layer.out.n) n -= 4;
  return program_of(std::move(layer), -128, 127);
}

Program codebook(int rows) {
  op::Layer layer = layer_of(op::Kind::conv2d, "codebook", rows, 5, 5, 4, 6);
  set_window(layer, 2, 1, 0);
  layer.wgt_bits = 2;
  layer.codebook = {-90, -3, 40, 100};
  fill_weights(layer, 0, 3);
  shift_only(layer, fixed::Rounding::clipq, 5);
  return program_of(std::move(layer), -128, 127);
}

Program max_pool(int rows) {
  op::Layer layer = layer_of(op::Kind::max_pool, "max_pool", rows, 6, 5, 3, 5);
  set_window(layer, 3, 2, 1);
  layer.bias.setZero();
  shift_only(layer, fixed::Rounding::half_away, 1);
  return program_of(std::move(layer), -100, -20);
}

Program add(int rows) {
  op::Layer layer = layer_of(op::Kind::add, "add", rows, 4, 6, 4, 6);
  layer.bias.resize(0);
  layer.add_a = {.zero = 7, .m0 = 1 << 30, .lshift = 20, .n = 1};
  layer.add_b = {.zero = -9, .m0 = 1500000000, .lshift = 20, .n = 2};
  layer.out.rule = fixed::Rounding::double_rounding;
  layer.out.m0 = {1200000000};
  layer.out.lshift = {0};
  layer.out.n = {17};
  return program_of(std::move(layer), -128, 127);
}

Program saturating(int rows) {
  op::Layer layer = layer_of(op::Kind::conv2d, "saturating", rows, 5, 6, 5, 5);
  set_window(layer, 3, 1, 1);
  layer.saturate = true;
  layer.psum_bits = 13;
  layer.out.raw = true;
  fill_weights(layer, -128, 127);
  return program_of(std::move(layer), -128, 127);
}

/// One product of 127 a pixel, with a psum whose largest value is 127: the clamp's bound without a clamp.
Program bound(int rows) {
  op::Layer layer = layer_of(op::Kind::conv2d, "bound", rows, 3, 4, 3, 4);
  layer.saturate = true;
  layer.psum_bits = 7;
  layer.out.raw = true;
  layer.bias.setZero();
  layer.weights = op::Matrix::Identity(4, 4);
  return program_of(std::move(layer), 127, 127);
}

Program align(int rows) {
  op::Layer layer = layer_of(op::Kind::conv2d, "align", rows, 4, 8, 3, 6);
  set_window(layer, 2, 1, 0);
  layer.align = {3, 1};
  fill_weights(layer, -128, 127);
  shift_only(layer, fixed::Rounding::half_up, 3);
  return program_of(std::move(layer), -128, 127);
}

/// One pixel a pass: the weights are always what a pass waits for.
Program fully_connected(int rows) {
  op::Layer layer = layer_of(op::Kind::fully_connected, "fully_connected", rows, 1, 12, 1, 9);
  layer.out.raw = true;
  fill_weights(layer, -128, 127);
  return program_of(std::move(layer), -128, 127);
}

/// 2000 values by one rule, far from the clamps, by multipliers and shifts of which every bit takes part: what rounds
/// otherwise in one of a thousand shows.
Program rounding(int rows, fixed::Rounding rule) {
  const std::string name = fmt::format("rounding_{}", to_string(rule));
  op::Layer layer = layer_of(op::Kind::conv2d, name, rows, 14, 3, 14, 10);
  set_window(layer, 1, 1, 0);
  fill_weights(layer, -128, 127);
  const fixed::CounterRandom random(kValueSeed, name, "requantization");
  layer.out.rule = rule;
  layer.out.m0.clear();
  layer.out.lshift.assign(10, 0);
  layer.out.n.clear();
  std::uint64_t draw = 0;
  for (int c = 0; c < layer.out_c; ++c) {
    layer.bias(c) = random.between(draw++, -30000, 30000);
    layer.out.m0.push_back(random.between(draw++, 1 << 29, INT32_MAX));
    layer.out.n.push_back(random.between(draw++, 1, 4));
  }
  return program_of(std::move(layer), -128, 127);
}

/// Psums of up to 32 bits, shifted right by each of 0 to 31 places in two channels: one whose values need all bits of
/// the output, and one that the left shift clamps at the ends of 32 bits.
Program deep_shifts(int rows, fixed::Rounding rule, bool multiply) {
  constexpr int kShifts = 32;
  const std::string name = fmt::format("{}_{}", multiply ? "scaled" : "shifted", to_string(rule));
  op::Layer layer = layer_of(op::Kind::conv2d, name, rows, 4, 3, 4, 2 * kShifts);
  set_window(layer, 1, 1, 0);
  fill_weights(layer, -128, 127);
  const fixed::CounterRandom random(kValueSeed, name, "requantization");
  layer.out.rule = rule;
  layer.out.multiply = multiply;
  layer.out.act_min = INT16_MIN;
  layer.out.act_max = INT16_MAX;
  layer.out.m0.clear();
  layer.out.lshift.clear();
  layer.out.n.clear();
  std::uint64_t draw = 0;
  for (int c = 0; c < layer.out_c; ++c) {
    const int n = c % kShifts;
    const std::int32_t most = 1 << std::min(30, n + 14);
    layer.bias(c) = random.between(draw++, -most, most);
    layer.out.m0.push_back(random.between(draw++, 1 << 30, INT32_MAX));
    layer.out.lshift.push_back(c < kShifts ? 0 : 20);
    layer.out.n.push_back(n);
  }
  return program_of(std::move(layer), -128, 127);
}

constexpr int kLargestShift = 31;
/// Times -1 and shifted by 31 + k after k to the left, its product lies 2^k above half a unit, of which bit k alone
/// tells it: rounded half away it is 0, without that bit -1.
constexpr std::int32_t kNearTie = (1 << 30) - 1;

Program near_ties(int rows) {
  op::Layer layer = layer_of(op::Kind::conv2d, "near_ties", rows, 2, 3, 2, kLargestShift);
  set_window(layer, 1, 1, 0);
  layer.weights = op::Matrix::Zero(layer.out_c, layer.in_c);
  layer.weights.col(0).setOnes();
  layer.bias.setZero();
  layer.out.rule = fixed::Rounding::half_away;
  layer.out.m0 = {kNearTie};
  layer.out.lshift.clear();
  for (int k = 0; k < kLargestShift; ++k) layer.out.lshift.push_back(k);
  layer.out.n = layer.out.lshift;
  return program_of(std::move(layer), -1, -1);
}

/// The same on each side of a residual add; a chain, of which every layer's sum is -1.
Program residual_near_ties(int rows) {
  constexpr op::AddOperand kExact{.zero = 0, .m0 = 1 << 30, .lshift = 1, .n = 0};
  op::Layer layer = layer_of(op::Kind::add, "", rows, 2, 4, 2, 4);
  layer.bias.resize(0);
  layer.out = {.rule = fixed::Rounding::half_away, .m0 = {kExact.m0}, .lshift = {kExact.lshift}, .n = {kExact.n}};
  Program program;
  program.name = "residual_near_ties";
  program.network.name = program.name;
  program.network.input = {.height = layer.in_h, .width = layer.in_w, .channels = layer.in_c};
  program.input = op::Tensor(layer.in_h, layer.in_w, layer.in_c);
  program.input.data.setConstant(-1);
  for (int k = 0; k < kLargestShift; ++k) {
    const op::AddOperand near{.zero = 0, .m0 = kNearTie, .lshift = k, .n = k};
    for (const bool first : {true, false}) {
      layer.name = fmt::format("{}{}", first ? 'a' : 'b', k);
      layer.add_a = first ? near : kExact;
      layer.add_b = first ? kExact : near;
      program.network.nodes.push_back({.layer = layer, .inputs = {static_cast<int>(program.network.nodes.size()), 0}});
    }
  }
  return program;
}

/// Sums of ic tiles shifted by each power of two: a bit of the shift that is lost makes the largest of five numbers.
Program far_aligns(int rows) {
  const std::vector<int> aligns{1, 2, 4, 8, 16};
  op::Layer layer =
      layer_of(op::Kind::fully_connected, "far_aligns", rows, 1, static_cast<int>(aligns.size()) * rows, 1, 6);
  layer.align = aligns;
  layer.out.raw = true;
  fill_weights(layer, -128, 127);
  return program_of(std::move(layer), -128, 127);
}

/// Operands that are each at an end of 32 bits, so that a sum of two is there too.
Program clamped_sums(int rows) {
  op::Layer layer = layer_of(op::Kind::add, "clamped_sums", rows, 4, 6, 4, 6);
  layer.bias.resize(0);
  layer.add_a = {.zero = 0, .m0 = INT32_MAX, .lshift = 31, .n = 0};
  layer.add_b = {.zero = 0, .m0 = 1500000000, .lshift = 31, .n = 0};
  layer.saturate = true;
  layer.out.raw = true;
  return program_of(std::move(layer), -128, 127);
}

/// Rows or columns of a map beyond half of what a coordinate of 8 bits counts.
Program long_map(int rows, std::string name, int height, int width) {
  op::Layer layer = layer_of(op::Kind::conv2d, std::move(name), rows, height, 2, height, 3);
  layer.in_w = layer.out_w = width;
  layer.window = {.kernel_h = height > 1 ? 3 : 1, .kernel_w = width > 1 ? 3 : 1};
  layer.window.pad_top = height > 1 ? 1 : 0;
  layer.window.pad_left = width > 1 ? 1 : 0;
  fill_weights(layer, -128, 127);
  shift_only(layer, fixed::Rounding::half_up, 7);
  return program_of(std::move(layer), -128, 127);
}

/// All taps of the largest window.
Program large_kernel(int rows) {
  constexpr int kMost = 15, kSide = 16;
  op::Layer layer = layer_of(op::Kind::conv2d, "large_kernel", rows, kSide, 3, kSide - kMost + 1, 3);
  set_window(layer, kMost, 1, 0);
  fill_weights(layer, -128, 127);
  shift_only(layer, fixed::Rounding::half_up, 7);
  return program_of(std::move(layer), -128, 127);
}

/// Windows and taps as far apart as they can be, in one direction; without a common divisor, by which the map would be
/// thinned out before it is sent.
Program far_windows(int rows, bool vertical) {
  constexpr int kStride = 15, kDilation = 14, kTaps = 3, kWindows = 3, kShort = 8;
  constexpr int kLong = (kWindows - 1) * kStride + (kTaps - 1) * kDilation + 1;
  op::Layer layer = layer_of(op::Kind::conv2d, vertical ? "far_rows" : "far_columns", rows, kShort, 3, kShort, 3);
  (vertical ? layer.in_h : layer.in_w) = kLong;
  (vertical ? layer.out_h : layer.out_w) = kWindows;
  (vertical ? layer.window.kernel_h : layer.window.kernel_w) = kTaps;
  (vertical ? layer.window.stride_h : layer.window.stride_w) = kStride;
  (vertical ? layer.window.dilation_h : layer.window.dilation_w) = kDilation;
  fill_weights(layer, -128, 127);
  shift_only(layer, fixed::Rounding::half_up, 7);
  return program_of(std::move(layer), -128, 127);
}

/// Sums that grow by all that a pass can add until they cross the clamp of that width on either side.
Program clamped_psums(int rows, int psum_bits) {
  constexpr int kLargestPass = 14;  // bits of a product
  const int tiles = (1 << std::max(psum_bits - kLargestPass, 0)) / rows + 2;
  op::Layer layer =
      layer_of(op::Kind::fully_connected, fmt::format("clamped_{}", psum_bits), rows, 1, tiles * rows, 1, 3);
  layer.out.raw = true;
  layer.saturate = true;
  layer.psum_bits = psum_bits;
  layer.bias.setZero();
  fill_weights(layer, -128, 127);
  layer.weights.row(0).setConstant(-128);
  layer.weights.row(1).setConstant(127);
  return program_of(std::move(layer), -128, -128);
}

/// Psums of a few bits and biases of one bit each, on either side.
Program far_biases(int rows) {
  constexpr int kBits = 31;
  op::Layer layer = layer_of(op::Kind::conv2d, "far_biases", rows, 2, 3, 2, 2 * kBits);
  set_window(layer, 1, 1, 0);
  layer.saturate = true;
  layer.psum_bits = 13;
  layer.out.raw = true;
  for (int bit = 0; bit < kBits; ++bit) {
    layer.bias(2 * bit) = 1 << bit;
    layer.bias(2 * bit + 1) = -(1 << bit);
  }
  fill_weights(layer, -3, 3);
  return program_of(std::move(layer), -3, 3);
}

/// Throws base::InputError or fixed::OverflowError where the layer leaves what the array or its psums can hold.
Program as_program(const op::Layer& layer, const std::vector<op::Tensor>& inputs, const accel::Geometry& geometry) {
  (void)lower::tile(layer, geometry);
  model::LayerJob job = model::layer_job(layer, inputs, geometry.psum_width);
  (void)model::Executor(job.network).run(job.input);
  Program program;
  program.network = std::move(job.network);
  program.input = std::move(job.input);
  return program;
}

Program random_program(const accel::Geometry& geometry, int index, std::uint64_t seed) {
  constexpr std::array kStalls{kernel::Stall::both, kernel::Stall::bursts, kernel::Stall::none};
  const std::string name = fmt::format("random{}", index);
  const op::Kind kind = kEveryKind[static_cast<std::size_t>(index) % std::size(kEveryKind)];
  Draw draw(seed, name, "layer");
  for (;;) {
    const bool saturating = draw.one_in(2);
    const op::Layer layer =
        random_layer_for(geometry, kind, draw, saturating, {.map = 7, .channels = 2 * geometry.rows + 3});
    try {
      Program program = as_program(layer, random_inputs(layer, draw), geometry);
      program.name = name;
      program.stall = kStalls[static_cast<std::size_t>(index) % kStalls.size()];
      return program;
    } catch (const base::InputError&) {      // the next one
    } catch (const fixed::OverflowError&) {  // the next one
    }
  }
}

constexpr int kManyTiles = (1 << 13) - 1;

/// More ic tiles than twelve bits count, of products that are as large as they can be: beyond the clamp in channel 0.
Program many_tiles(int rows) {
  op::Layer layer = layer_of(op::Kind::fully_connected, "many_tiles", rows, 1, kManyTiles * rows, 1, 3);
  layer.out.raw = true;
  layer.saturate = true;
  layer.psum_bits = 28;
  fill_weights(layer, -128, 127);
  layer.weights.row(0).setConstant(-128);
  return program_of(std::move(layer), -128, -128);
}

Program many_channels(int rows) {
  op::Layer layer = layer_of(op::Kind::fully_connected, "many_channels", rows, 1, 3, 1, kManyTiles * rows);
  layer.out.raw = true;
  fill_weights(layer, -128, 127);
  return program_of(std::move(layer), -128, 127);
}

/// Some ten thousand stalled cycles on each side.
Program patience(int rows) {
  Program program = conv(rows);
  program.name = "patience";
  program.stall_of_256 = 252;
  return program;
}

}  // namespace

Program glyph_program(model::Network network) {
  const model::Input& shape = network.input;
  const auto images = dataset::open_dataset("glyphs", {shape.height, shape.width, shape.channels});
  op::Tensor input = model::to_input(shape, images->at(0).pixels);
  Program program;
  program.name = network.name;
  program.network = std::move(network);
  program.input = std::move(input);
  return program;
}

std::vector<Program> programs(int rows) {
  std::vector<Program> programs;
  for (const auto& make : {conv, double_rounding, codebook, max_pool, add, saturating, bound, align, fully_connected}) {
    programs.push_back(make(rows));
  }
  programs.push_back(glyph_program(train::corners_network(rows)));
  return programs;
}

std::vector<Program> edge_programs(int rows) {
  constexpr int kLong = 200;
  std::vector<Program> programs{long_map(rows, "wide", 1, kLong),
                                long_map(rows, "tall", kLong, 1),
                                many_tiles(rows),
                                many_channels(rows),
                                far_aligns(rows),
                                clamped_sums(rows),
                                near_ties(rows),
                                residual_near_ties(rows),
                                far_biases(rows),
                                large_kernel(rows),
                                far_windows(rows, true),
                                far_windows(rows, false),
                                patience(rows)};
  for (const auto& make : {conv, add}) {
    programs.push_back(make(rows));
    programs.back().name = "reserved_" + programs.back().name;
    programs.back().reserved_ones = true;
  }
  for (int bits = 7; bits <= 24; ++bits) programs.push_back(clamped_psums(rows, bits));
  for (std::uint64_t cycles = 100; cycles <= 800; cycles += 100) {
    programs.push_back(conv(rows));
    programs.back().name = fmt::format("reset_{}", cycles);
    programs.back().reset_after = cycles;
  }
  for (int number = 0; number < fixed::kRoundingCount; ++number) {
    const auto rule = static_cast<fixed::Rounding>(number);
    programs.push_back(rounding(rows, rule));
    programs.push_back(deep_shifts(rows, rule, true));
    if (rule != fixed::Rounding::double_rounding) programs.push_back(deep_shifts(rows, rule, false));
  }
  return programs;
}

std::vector<Program> random_programs(const accel::Geometry& geometry, int count, std::uint64_t seed) {
  std::vector<Program> programs;
  programs.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) programs.push_back(random_program(geometry, i, seed));
  return programs;
}

}  // namespace systole::signoff
