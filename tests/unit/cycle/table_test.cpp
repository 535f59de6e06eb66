// SPDX-License-Identifier: Apache-2.0
// Cycle tables worked by hand from docs/timing.md.
#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/cycle_bench.h"
#include "tests/support/tiled_layer.h"

using namespace systole;
using accel::State;
using test::TiledLayer;

namespace {

/// One weight of 3, two pixels 5 and -7, raw output: a single pass on the 8x8 array.
op::Layer one_pass() {
  op::Layer one;
  one.name = "one_pass";
  one.in_w = one.out_w = 2;
  one.weights = op::Matrix::Constant(1, 1, 3);
  one.out.raw = true;
  return one;
}

TiledLayer tiled(const op::Layer& layer = one_pass(), const accel::Geometry& geometry = {}) {
  op::Tensor input(layer.in_h, layer.in_w, layer.in_c);
  input.data.topRows(2) << 5, -7;
  return test::tile_image(layer, {input}, geometry);
}

/// Pins after an edge, in the order of the tables below.
struct Row {
  State state;
  int cfg_ready, wgt_ready, act_ready, out_valid, out_last;
  unsigned busy, stall_in, weight_load, compute, drain;
};

std::string text(const Row& row) {
  std::string line(accel::kStateNames[static_cast<std::size_t>(row.state)]);
  for (const int pin : {row.cfg_ready, row.wgt_ready, row.act_ready, row.out_valid, row.out_last}) {
    line += ' ' + std::to_string(pin);
  }
  for (const unsigned count : {row.busy, row.stall_in, row.weight_load, row.compute, row.drain}) {
    line += ' ' + std::to_string(count);
  }
  return line;
}

Row row_of(const cycle::OutPins& pins) {
  return {static_cast<State>(pins[accel::kState]),
          static_cast<int>(pins[accel::kCfgReady]),
          static_cast<int>(pins[accel::kWgtReady]),
          static_cast<int>(pins[accel::kActReady]),
          static_cast<int>(pins[accel::kOutValid]),
          static_cast<int>(pins[accel::kOutLast]),
          pins[accel::kBusy],
          pins[accel::kStallIn],
          pins[accel::kWeightLoad],
          pins[accel::kCompute],
          pins[accel::kDrain]};
}

}  // namespace

TEST_CASE("cycle.pins.reset") {
  const cycle::Model model({}, cycle::Follow::pins);
  CHECK(text(row_of(model.pins())) == "S_IDLE 0 1 0 0 0 0 0 0 0 0");
  CHECK(model.pins()[accel::kOverflow] == 0U);
  for (int col = 0; col < 8; ++col) CHECK(model.pins().out_data[col] == 0);
}

TEST_CASE("cycle.pins.table.one_pass") {
  const TiledLayer run = tiled();
  test::CycleBench bench({}, true);
  bench.send(run.job(0));
  using enum State;
  // clang-format off
  const Row table[] = {
      // state       cfg wgt act  v  l  busy in  wl  co  dr
      {S_READ_PARAM, 1,  1,  0,   0, 0, 0,   0,  0,  0,  0},   // start; a first weight beat is in the FIFO
      {S_READ_PARAM, 1,  0,  0,   0, 0, 1,   0,  0,  0,  0},   // header beat 0; two weight beats fill the FIFO
      {S_READ_PARAM, 1,  0,  0,   0, 0, 2,   0,  0,  0,  0},   // 1
      {S_READ_W8,    1,  0,  1,   0, 0, 3,   0,  0,  0,  0},   // 2: s1_fin opens the channel table and the activations
      {S_READ_W2,    1,  0,  1,   0, 0, 4,   1,  0,  0,  0},   // no codebook: s2_fin at once
      {S_READ_W2,    1,  1,  0,   0, 0, 5,   2,  1,  0,  0},   // row 0 popped; both pixels taken: no group left
      {S_READ_INPUT, 1,  1,  0,   0, 0, 6,   3,  2,  0,  0},   // s3_fin: wrow_q was 1
      {S_EMPTY,      1,  1,  0,   0, 0, 7,   4,  3,  0,  0},   // s4_fin: the bank is full
      {S_INPUT_CH,   1,  1,  0,   0, 0, 8,   5,  4,  0,  0},
      {S_INPUT_CH,   1,  1,  0,   0, 0, 9,   6,  5,  0,  0},
      {S_INPUT_CH,   1,  1,  0,   0, 0, 10,  7,  6,  0,  0},
      {S_INPUT_CH,   0,  1,  0,   0, 0, 11,  8,  7,  0,  0},   // the eighth channel beat: par_left_q = 0
      {S_INPUT_CH,   0,  1,  0,   0, 0, 12,  9,  8,  0,  0},   // row 7 popped: w_full_q
      {S_FINISH,     0,  1,  0,   0, 0, 13,  9,  8,  1,  0},   // pass_start of the only pass is s6_fin; k = 13
      {S_FINISH,     0,  1,  0,   0, 0, 14,  9,  8,  2,  0},   // its second beat
  };
  // clang-format on
  for (const Row& row : table) {
    bench.cycle();
    CHECK(text(row_of(bench.model().pins())) == text(row));
  }
  // Drain: k + D + 4 = 33 pushes the first output, which stands after edge 34.
  for (unsigned drain = 1; drain <= 18; ++drain) {
    bench.cycle();
    CHECK(text(row_of(bench.model().pins())) == text({S_FINISH, 0, 1, 0, 0, 0, 14 + drain, 9, 8, 2, drain}));
    CHECK(bench.model().pins().out_data[0] == 0);
  }
  bench.cycle();
  CHECK(bench.cycles() == 34);
  CHECK(text(row_of(bench.model().pins())) == text({S_FINISH, 0, 1, 0, 1, 0, 33, 9, 8, 2, 19}));
  CHECK(bench.model().pins().out_data[0] == 15);
  CHECK(bench.model().origin_out().valid);
  CHECK(bench.model().origin_out().ow == 0);
  bench.cycle();
  CHECK(text(row_of(bench.model().pins())) == text({S_FINISH, 0, 1, 0, 1, 1, 34, 9, 8, 2, 20}));
  CHECK(bench.model().pins().out_data[0] == -21);
  CHECK(bench.model().origin_out().ow == 1);
  bench.cycle();
  CHECK(text(row_of(bench.model().pins())) == text({S_IDLE, 0, 1, 0, 0, 0, 35, 9, 8, 2, 21}));
  CHECK(bench.model().idle());
  bench.cycle();  // counters stand in S_IDLE
  CHECK(bench.model().pins()[accel::kBusy] == 35U);
}

TEST_CASE("cycle.cells.table.one_pass") {
  const TiledLayer run = tiled();
  test::CycleBench bench({}, true);
  bench.send(run.job(0));
  const cycle::Model& model = bench.model();
  const auto at = [](int r, int c) { return r * 8 + c; };
  const auto advance_to = [&](std::size_t edge) {
    while (bench.cycles() < edge) bench.cycle();
  };
  // Row 0 is popped in cycle 5, so cell (0, c) shows it from edge 6 + c; the pass starts in cycle 13.
  advance_to(5);
  CHECK(model.cell_shadow()[at(0, 0)] == 0);
  advance_to(6);
  CHECK(model.cell_shadow()[at(0, 0)] == 3);
  CHECK(model.cell_shadow()[at(0, 1)] == 0);
  advance_to(7);
  CHECK(model.cell_shadow()[at(0, 1)] == 3);
  advance_to(13);
  CHECK(model.cell_weight()[at(0, 0)] == 0);
  advance_to(14);
  CHECK(model.cell_weight()[at(0, 0)] == 3);
  CHECK(model.cell_weight()[at(0, 1)] == 0);
  CHECK_FALSE(model.origin_cell(0, 0).valid);
  advance_to(15);  // k + 2 + r + c = 15
  CHECK(model.cell_act()[at(0, 0)] == 5);
  CHECK(model.cell_psum()[at(0, 0)] == 15);
  CHECK(model.origin_cell(0, 0).valid);
  CHECK(model.origin_cell(0, 0).ow == 0);
  CHECK_FALSE(model.origin_cell(1, 0).valid);
  advance_to(16);
  CHECK(model.cell_act()[at(0, 0)] == -7);
  CHECK(model.cell_psum()[at(0, 0)] == -21);
  CHECK(model.cell_psum()[at(1, 0)] == 15);  // handed down, row 1 adds 0
  CHECK(model.cell_psum()[at(0, 1)] == 15);  // unused columns repeat the last channel
  CHECK(model.origin_cell(1, 0).ow == 0);
  CHECK(model.origin_cell(0, 0).ow == 1);
  advance_to(17);
  CHECK(model.cell_psum()[at(0, 0)] == 0);  // a bubble
  advance_to(15 + 14);
  CHECK(model.cell_psum()[at(7, 7)] == 15);
  advance_to(16 + 14);
  CHECK(model.cell_psum()[at(7, 7)] == -21);
  advance_to(17 + 14);
  CHECK(model.cell_psum()[at(7, 7)] == 0);
}

TEST_CASE("cycle.pins.table.one_pass.stall_out") {
  const TiledLayer run = tiled();
  test::CycleBench bench({}, false);
  bench.send(run.job(0));
  bool ready = false;
  const test::StallPattern pattern = [&] { return cycle::InPins{true, true, true, ready}; };
  while (bench.cycles() < 40) bench.cycle(pattern);
  // Full after edge 35: cycles 35 .. 39 are without step.
  CHECK(bench.model().pins()[accel::kStallOut] == 5U);
  CHECK(bench.model().pins()[accel::kDrain] == 20U);
  CHECK(bench.model().pins()[accel::kBusy] == 39U);
  CHECK(bench.model().pins().out_data[0] == 15);
  ready = true;
  bench.cycle(pattern);
  CHECK(bench.model().pins()[accel::kStallOut] == 6U);
  CHECK(bench.model().pins().out_data[0] == -21);
  bench.cycle(pattern);
  CHECK(bench.model().idle());
}

TEST_CASE("cycle.pins.table.start_without_weights") {
  const TiledLayer run = tiled();
  test::CycleBench bench({}, false);
  bench.send(run.job(0));
  const test::StallPattern no_weights = [] { return cycle::InPins{true, false, true, true}; };
  for (int i = 0; i < 30; ++i) bench.cycle(no_weights);
  CHECK(static_cast<State>(bench.model().pins()[accel::kState]) == State::S_READ_W2);
  CHECK(bench.model().pins()[accel::kStallIn] == 26U);  // cycles 4 .. 29
  CHECK(bench.run(100));
}

// The pass starts in step k = 13; D = 16. All columns carry the same channel.
TEST_CASE("cycle.overflow.array.stands_after_step_k_plus_d") {
  op::Layer layer = one_pass();
  layer.saturate = true;
  layer.psum_bits = 4;  // -16 .. 15: the first pixel's 15 fits, the second's -21 does not
  const TiledLayer run = tiled(layer);
  REQUIRE(run.golden.at(0, 1, 0) == -16);
  test::CycleBench bench({}, false);
  bench.send(run.job(0));
  while (bench.cycles() < 14 + 16) bench.cycle();
  CHECK(bench.model().pins()[accel::kOverflow] == 0U);
  bench.cycle();  // ends step 14 + D of the second beat
  CHECK(bench.model().pins()[accel::kOverflow] == 0xFFU);
  while (!bench.model().idle()) bench.cycle();
  CHECK(bench.model().pins()[accel::kOverflow] == 0xFFU);  // sticky, and stands in S_IDLE
  bench.send(run.job(0));
  bench.cycle();
  CHECK(bench.model().pins()[accel::kOverflow] == 0U);  // := 0 at start
}

TEST_CASE("cycle.overflow.bias.stands_after_step_k_plus_d_plus_2") {
  op::Layer layer = one_pass();
  layer.saturate = true;
  layer.psum_bits = 5;  // -32 .. 31
  layer.bias = op::Vector::Constant(1, 20);
  const TiledLayer run = tiled(layer);
  REQUIRE(run.golden.at(0, 0, 0) == 31);
  test::CycleBench bench({}, false);
  bench.send(run.job(0));
  while (bench.cycles() < 13 + 16 + 2) bench.cycle();
  CHECK(bench.model().pins()[accel::kOverflow] == 0U);
  bench.cycle();
  CHECK(bench.model().pins()[accel::kOverflow] == 0xFFU);
}

TEST_CASE("cycle.overflow.bank.first_and_second_pass") {
  op::Layer layer = one_pass();
  layer.window.kernel_w = 2;
  layer.out_w = 1;
  layer.weights = op::Matrix(1, 2);
  layer.weights << 3, -3;  // 15, then 21 on top
  layer.saturate = true;
  layer.psum_bits = 5;
  const TiledLayer run = tiled(layer);
  REQUIRE(run.golden.at(0, 0, 0) == 31);
  test::CycleBench bench({}, false);
  bench.send(run.job(0));
  // Rows of the second pass are popped in steps 13 .. 20, so its one beat is issued in step 21.
  while (bench.cycles() < 21 + 16) bench.cycle();
  CHECK(bench.model().pins()[accel::kCompute] == 2U);
  CHECK(bench.model().pins()[accel::kOverflow] == 0U);
  bench.cycle();
  CHECK(bench.model().pins()[accel::kOverflow] == 0xFFU);
}

TEST_CASE("cycle.overflow.padded_last_tap_still_biases") {
  op::Layer layer = one_pass();
  layer.window.kernel_w = 2;
  layer.weights = op::Matrix(1, 2);
  layer.weights << 3, -3;  // 15 + 21 = 36 for the first pixel, -21 and padding for the second
  layer.bias = op::Vector::Constant(1, -50);
  layer.saturate = true;
  layer.psum_bits = 6;  // -64 .. 63: 36 - 50 fits, -21 - 50 does not
  const TiledLayer run = tiled(layer);
  REQUIRE(run.golden.at(0, 1, 0) == -64);
  test::CycleBench bench({}, false);
  bench.send(run.job(0));
  REQUIRE(bench.run(200));
  CHECK(bench.model().pins()[accel::kOverflow] == 0xFFU);
}

TEST_CASE("cycle.pins.codebook.waits_for_the_w8_beat") {
  op::Layer layer = one_pass();
  layer.codebook = {0, 3, -3, 7};
  layer.wgt_bits = 2;
  layer.weights(0, 0) = 1;
  const TiledLayer run = tiled(layer);
  test::CycleBench bench({}, false);
  bench.send(run.job(0));
  bool weights = false;
  const test::StallPattern pattern = [&] { return cycle::InPins{true, weights, true, true}; };
  while (bench.cycles() < 20) bench.cycle(pattern);
  CHECK(bench.model().state() == State::S_READ_W8);
  weights = true;
  bench.cycle(pattern);
  CHECK(bench.model().state() == State::S_READ_W8);  // a beat pushed in cycle t can be popped in t + 1
  bench.cycle(pattern);
  CHECK(bench.model().state() == State::S_READ_W2);
  CHECK(bench.model().pins()[accel::kWeightLoad] == 0U);  // the codebook is no row
  REQUIRE(bench.run(100));
  CHECK(bench.model().pins()[accel::kWeightLoad] == 8U);
  CHECK(bench.out() == run.expected[0]);
}

TEST_CASE("cycle.pins.channel_table.full") {
  accel::Geometry geometry;
  geometry.par_tiles = 1;
  op::Layer layer = one_pass();
  layer.out_c = 16;
  layer.weights = op::Matrix::Constant(16, 1, 3);
  const TiledLayer run = tiled(layer, geometry);
  test::CycleBench bench(geometry, false);
  bench.send(run.job(0));
  while (bench.cycles() < 12) bench.cycle();
  CHECK(bench.model().pins()[accel::kCfgReady] == 0);  // tile 0 fills the table
  // Its last output is pushed at the end of step 14 + D + 4, which frees the entry.
  while (bench.cycles() < 14 + 16 + 4) bench.cycle();
  CHECK(bench.model().pins()[accel::kCfgReady] == 0);
  bench.cycle();
  CHECK(bench.model().pins()[accel::kCfgReady] == 1);
  REQUIRE(bench.run(200));
  CHECK(bench.out() == run.expected[0]);
}

TEST_CASE("cycle.overflow.align.shifts_before_the_bank") {
  op::Layer layer = one_pass();
  layer.window.kernel_w = 2;
  layer.out_w = 1;
  layer.weights = op::Matrix(1, 2);
  layer.weights << 3, -3;  // 15 and 21: 36 would leave -32 .. 31, 7 + 10 stays inside
  layer.align = {1};
  layer.saturate = true;
  layer.psum_bits = 5;
  const TiledLayer run = tiled(layer);
  REQUIRE(run.golden.at(0, 0, 0) == 17);
  test::CycleBench bench({}, false);
  bench.send(run.job(0));
  REQUIRE(bench.run(200));
  CHECK(bench.model().pins()[accel::kOverflow] == 0U);
}

TEST_CASE("cycle.pins.start_without_channel_beats") {
  const TiledLayer run = tiled();
  test::CycleBench bench({}, false);
  bench.send(run.job(0));
  // Start, three header beats, then nothing: the pass waits for its channels with all else at hand.
  const test::StallPattern header_only = [&] { return cycle::InPins{bench.cycles() < 4, true, true, true}; };
  while (bench.cycles() < 40) bench.cycle(header_only);
  CHECK(bench.model().state() == State::S_INPUT_CH);
  CHECK(bench.model().pins()[accel::kWeightLoad] == 8U);
  CHECK(bench.model().pins()[accel::kCompute] == 0U);
  CHECK(bench.run(100));
}

TEST_CASE("cycle.pins.read_input.waits_for_the_coming_group") {
  op::Layer layer = one_pass();
  layer.in_w = layer.out_w = 2;
  layer.out_c = 16;
  layer.weights = op::Matrix::Constant(16, 1, 3);
  const TiledLayer run = tiled(layer);
  test::CycleBench bench({}, false);
  bench.send(run.job(0));
  int beats = 2;  // the first group
  const test::StallPattern pattern = [&] {
    const bool act = beats > 0;
    if (act && bench.model().pins()[accel::kActReady] != 0) --beats;
    return cycle::InPins{true, true, act, true};
  };
  while (bench.model().state() != State::S_INPUT_CH) bench.cycle(pattern);
  while (bench.model().state() == State::S_INPUT_CH) bench.cycle(pattern);
  CHECK(bench.model().state() == State::S_READ_W2);  // s6_back at the pass's first beat; its second is under way
  for (int i = 0; i < 20; ++i) bench.cycle(pattern);
  CHECK(bench.model().state() == State::S_READ_INPUT);
  beats = 1;  // one word of the second group is enough
  bench.cycle(pattern);
  CHECK(bench.model().state() == State::S_READ_INPUT);
  bench.cycle(pattern);
  CHECK(bench.model().state() == State::S_EMPTY);
  beats = 1;
  CHECK(bench.run(200, pattern));
  CHECK(bench.out() == run.expected[0]);
}

// The bank of the running pass is full, the coming one is empty: s4_fin must look at the coming one.
TEST_CASE("cycle.pins.read_input.ignores_the_bank_of_the_running_pass") {
  op::Layer layer = one_pass();
  layer.in_h = layer.out_h = 20;  // forty pixels: the pass outlasts the walk back to S_READ_INPUT
  layer.out_c = 16;
  layer.weights = op::Matrix::Constant(16, 1, 3);
  const TiledLayer run = tiled(layer);
  test::CycleBench bench({}, false);
  bench.send(run.job(0));
  int beats = 40;
  const test::StallPattern pattern = [&] {
    const bool act = beats > 0;
    if (act && bench.model().pins()[accel::kActReady] != 0) --beats;
    return cycle::InPins{true, true, act, true};
  };
  while (bench.model().pins()[accel::kCompute] < 20) bench.cycle(pattern);
  CHECK(bench.model().state() == State::S_READ_INPUT);
  beats = 40;
  CHECK(bench.run(300, pattern));
  CHECK(bench.out() == run.expected[0]);
}
