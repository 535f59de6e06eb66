// SPDX-License-Identifier: Apache-2.0
#include "debug/smaller_layer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "golden/fixed/saturate.h"
#include "golden/op/run_layer.h"
#include "golden/op/validate.h"
#include "tests/support/random_layer.h"
#include "tests/support/rounds.h"

namespace systole::debug {
namespace {

op::Tensor output_of(const LayerCase& one) {
  std::vector<const op::Tensor*> inputs;
  for (const op::Tensor& input : one.inputs) inputs.push_back(&input);
  return op::run_layer(one.layer, inputs);
}

/// Whether the golden has an answer; a window without any tap has none.
bool has_output(const LayerCase& one) {
  try {
    (void)output_of(one);
    return true;
  } catch (const fixed::OverflowError&) {
    return false;
  }
}

LayerCase random_case(op::Kind kind, test::Draw& draw) {
  for (;;) {
    LayerCase one{.layer = test::random_layer(kind, draw, false), .inputs = {}};
    one.inputs = test::random_inputs(one.layer, draw);
    if (has_output(one)) return one;
  }
}

Part draw_part(test::Draw& draw, int count) {
  const int first = draw.between(0, count - 1);
  return {first, draw.between(1, count - first)};
}

/// Some numbers below `count`, at least one.
std::vector<int> draw_some(test::Draw& draw, int count) {
  std::vector<int> some;
  for (int i = 0; i < count; ++i) {
    if (draw.one_in(2)) some.push_back(i);
  }
  if (some.empty()) some.push_back(draw.between(0, count - 1));
  return some;
}

bool is_valid(const LayerCase& one) {
  try {
    op::validate(one.layer);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

/// The pixels of an output that a crop keeps.
op::Tensor pixels_of(const op::Tensor& output, const Crop& crop) {
  op::Tensor kept(crop.out_h.count, crop.out_w.count, output.channels());
  for (int y = 0; y < kept.height; ++y) {
    for (int x = 0; x < kept.width; ++x) {
      for (int c = 0; c < kept.channels(); ++c)
        kept.at(y, x, c) = output.at(crop.out_h.first + y, crop.out_w.first + x, c);
    }
  }
  return kept;
}

TEST_CASE("debug.smaller_layer.pixels_keep_their_values") {
  test::Draw draw(1, "smaller_layer", "pixels");
  int compared = 0;
  for (int round = 0; round < test::rounds(50); ++round) {
    for (const op::Kind kind : test::kEveryKind) {
      const LayerCase one = random_case(kind, draw);
      Crop crop = whole(one.layer);
      crop.out_h = draw_part(draw, one.layer.out_h);
      crop.out_w = draw_part(draw, one.layer.out_w);
      const std::optional<LayerCase> part = cropped(one, crop);
      if (!part || !is_valid(*part)) continue;  // all padding
      CAPTURE(one.layer.name);
      CAPTURE(static_cast<int>(kind));
      CHECK(output_of(*part) == pixels_of(output_of(one), crop));
      ++compared;
    }
  }
  CHECK(compared > 200);
}

TEST_CASE("debug.smaller_layer.channels_keep_their_values") {
  test::Draw draw(2, "smaller_layer", "channels");
  int compared = 0;
  for (int round = 0; round < test::rounds(50); ++round) {
    for (const op::Kind kind : test::kEveryKind) {
      LayerCase one = random_case(kind, draw);
      one.layer.align.clear();  // of other tiles once channels are left out
      if (!has_output(one)) continue;
      const std::vector<int> kept = draw_some(draw, one.layer.out_c);
      const std::optional<LayerCase> part = with_out_channels(one, kept);
      if (!part) continue;  // depthwise with several channels of output for one of input, a concat's last input
      CAPTURE(static_cast<int>(kind));
      REQUIRE(is_valid(*part));
      const op::Tensor all = output_of(one), some = output_of(*part);
      REQUIRE(some.channels() == static_cast<int>(kept.size()));
      for (std::size_t i = 0; i < kept.size(); ++i)
        CHECK(some.data.col(static_cast<Eigen::Index>(i)) == all.data.col(kept[i]));
      ++compared;
    }
  }
  CHECK(compared > 200);
}

/// What is left out of the sums had no weight before.
TEST_CASE("debug.smaller_layer.inputs_without_weight_are_not_missed") {
  test::Draw draw(3, "smaller_layer", "inputs");
  for (int round = 0; round < test::rounds(50); ++round) {
    for (const op::Kind kind : {op::Kind::conv2d, op::Kind::fully_connected}) {
      LayerCase one = over_one_pixel(random_case(kind, draw));
      op::Layer& layer = one.layer;
      layer.align.clear();
      layer.codebook.clear();
      layer.wgt_signed = true;
      layer.wgt_bits = 8;
      layer.zero_wgt = 0;
      layer.weights = layer.weights.unaryExpr([](std::int32_t w) { return std::clamp(w, -128, 127); });
      const std::vector<int> kept = draw_some(draw, layer.in_c);
      const Eigen::Index taps = layer.weights.cols() / layer.in_c;
      for (int channel = 0; channel < layer.in_c; ++channel) {
        if (std::ranges::find(kept, channel) != kept.end()) continue;
        for (Eigen::Index tap = 0; tap < taps; ++tap) layer.weights.col(tap * layer.in_c + channel).setZero();
      }
      const std::optional<LayerCase> part = with_in_channels(one, kept);
      REQUIRE(part);
      REQUIRE(is_valid(*part));
      CHECK(output_of(*part) == output_of(one));
    }
  }
}

TEST_CASE("debug.smaller_layer.taps_without_weight_are_not_missed") {
  test::Draw draw(4, "smaller_layer", "taps");
  int compared = 0;
  for (int round = 0; round < test::rounds(60); ++round) {
    for (const op::Kind kind : {op::Kind::conv2d, op::Kind::depthwise}) {
      LayerCase one = random_case(kind, draw);
      op::Layer& layer = one.layer;
      if (!layer.codebook.empty()) continue;
      Crop crop = whole(layer);
      crop.kernel_h = draw_part(draw, layer.window.kernel_h);
      crop.kernel_w = draw_part(draw, layer.window.kernel_w);
      const Eigen::Index channels = kind == op::Kind::conv2d ? layer.in_c : 1;
      const auto inside = [](const Part& part, int i) { return i >= part.first && i < part.first + part.count; };
      for (int kh = 0; kh < layer.window.kernel_h; ++kh) {
        for (int kw = 0; kw < layer.window.kernel_w; ++kw) {
          if (inside(crop.kernel_h, kh) && inside(crop.kernel_w, kw)) continue;
          const Eigen::Index tap = Eigen::Index{kh} * layer.window.kernel_w + kw;
          layer.weights.middleCols(tap * channels, channels).setConstant(layer.zero_wgt);
        }
      }
      const std::optional<LayerCase> part = cropped(one, crop);
      if (!part || !is_valid(*part)) continue;
      CHECK(output_of(*part) == output_of(one));
      ++compared;
    }
  }
  CHECK(compared > 25);
}

TEST_CASE("debug.smaller_layer.padding_alone_is_nothing") {
  LayerCase one{.layer = test::conv_layer("padding", 4, 2, 3, 3), .inputs = {}};
  one.layer.window.pad_top = 3;
  one.layer.out_h = 5;
  one.inputs.push_back(test::random_input(one.layer));
  Crop crop = whole(one.layer);
  crop.out_h = {0, 1};
  CHECK_FALSE(cropped(one, crop));
}

}  // namespace
}  // namespace systole::debug
