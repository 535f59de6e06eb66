// SPDX-License-Identifier: Apache-2.0
#include "sim/cover/arithmetic.h"

#include <doctest/doctest.h>

#include <vector>

#include "golden/fast/op.h"

namespace systole::cover {
namespace {

using fixed::Rounding;

/// A layer whose psums are its inputs, shifted right by n.
op::Layer shifting(Rounding rule, int n) {
  op::Layer layer;
  layer.name = "shift";
  layer.kind = op::Kind::depthwise;
  layer.weights = op::Matrix::Ones(1, 1);
  layer.out.rule = rule;
  layer.out.multiply = false;
  layer.out.lshift = {0};
  layer.out.n = {n};
  return layer;
}

Cover cover_of(const op::Layer& layer, std::int32_t value) {
  op::Tensor input(layer.in_h, layer.in_w, layer.in_c);
  input.data.setConstant(value);
  const op::Tensor* pointer = &input;
  fast::RunStats stats;
  stats.count_output = true;
  (void)fast::run_layer(layer, {&pointer, 1}, &stats);
  Cover cover;
  add_arithmetic(cover, layer, stats);
  return cover;
}

TEST_CASE("cover.arithmetic.rounding.only_the_value_that_decides") {
  struct Case {
    Rounding rule;
    Item item;
    std::int32_t decides, does_not;
  };
  for (const Case& c :
       {Case{Rounding::floor, Item::floor_not_trunc, -5, -8}, Case{Rounding::floor, Item::floor_not_trunc, -1, 5},
        Case{Rounding::half_up, Item::half_up_not_half_away, -6, 6},
        Case{Rounding::half_away, Item::half_away_not_half_up, -2, -3},
        Case{Rounding::clipq, Item::clipq_not_trunc, -8, -7}, Case{Rounding::trunc, Item::trunc_not_clipq, -4, 4}}) {
    const op::Layer layer = shifting(c.rule, 2);
    CAPTURE(to_string(c.rule));
    CHECK(cover_of(layer, c.decides).count(c.item) == 1);
    CHECK(cover_of(layer, c.does_not).count(c.item) == 0);
  }
}

TEST_CASE("cover.arithmetic.rounding.ties_of_both_signs") {
  const op::Layer layer = shifting(Rounding::half_up, 2);
  CHECK(cover_of(layer, 6).count(Item::tie) == 1);
  CHECK(cover_of(layer, -6).count(Item::tie) == 1);
  CHECK(cover_of(layer, 5).count(Item::tie) == 0);
  CHECK(cover_of(shifting(Rounding::floor, 2), 6).count(Item::tie) == 0);  // floor knows no ties
}

TEST_CASE("cover.arithmetic.rounding.double_unlike_single") {
  op::Layer layer = shifting(Rounding::double_rounding, 1);
  layer.out.multiply = true;
  layer.out.m0 = {1 << 30};
  CHECK(cover_of(layer, 1).count(Item::double_not_single) == 1);  // 1 / 4: 0.5 is 1, whose half is 1; once it is 0
  CHECK(cover_of(layer, 4).count(Item::double_not_single) == 0);
}

TEST_CASE("cover.arithmetic.output.bounds_that_change_a_value") {
  op::Layer layer = shifting(Rounding::floor, 0);
  layer.out.act_min = -10;
  layer.out.act_max = 10;
  CHECK(cover_of(layer, -11).count(Item::act_min) == 1);
  CHECK(cover_of(layer, -10).count(Item::act_min) == 0);
  CHECK(cover_of(layer, 11).count(Item::act_max) == 1);
  CHECK(cover_of(layer, 10).count(Item::act_max) == 0);
  layer.out.zero_out = 1;
  CHECK(cover_of(layer, 10).count(Item::act_max) == 1);
}

TEST_CASE("cover.arithmetic.left_shift.saturates") {
  op::Layer layer = shifting(Rounding::floor, 31);
  layer.out.lshift = {25};  // 64 * 2^25 = 2^31
  CHECK(cover_of(layer, 63).count(Item::left_shift_saturates) == 0);
  CHECK(cover_of(layer, 64).count(Item::left_shift_saturates) == 1);
  CHECK(cover_of(layer, -64).count(Item::left_shift_saturates) == 0);
  CHECK(cover_of(layer, -65).count(Item::left_shift_saturates) == 1);
}

TEST_CASE("cover.arithmetic.operands.psum_saturation") {
  op::Layer layer = shifting(Rounding::floor, 0);
  layer.saturate = true;
  layer.psum_bits = 5;
  CHECK(cover_of(layer, 31).count(Item::psum_saturation) == 0);
  CHECK(cover_of(layer, 32).count(Item::psum_saturation) == 1);
}

TEST_CASE("cover.arithmetic.operands.padding") {
  op::Layer layer = shifting(Rounding::floor, 0);
  layer.in_h = layer.in_w = 4;
  layer.out_h = layer.out_w = 2;
  layer.window = {3, 3, 2, 2, 1, 1, 0, 0};
  layer.weights = op::Matrix::Ones(1, 9);
  CHECK(cover_of(layer, 1).count(Item::padding_first) == 0);
  CHECK(cover_of(layer, 1).count(Item::padding_last) == 1);
  CHECK(cover_of(layer, 1).count(Item::padding_beside_zero_point) == 0);
  layer.zero_in = 3;
  CHECK(cover_of(layer, 1).count(Item::padding_beside_zero_point) == 1);
  layer.window.pad_top = 1;
  layer.window.pad_left = 1;
  CHECK(cover_of(layer, 1).count(Item::padding_first) == 1);
  CHECK(cover_of(layer, 1).count(Item::padding_last) == 0);
}

}  // namespace
}  // namespace systole::cover
