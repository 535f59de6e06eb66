// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "golden/fast/op.h"
#include "golden/op/random_fill.h"
#include "sim/session/adapter.h"

namespace systole::session {
namespace {

op::Layer layer_of(int out_h, int out_w, int out_c) {
  op::Layer layer;
  layer.name = "conv";
  layer.out_h = out_h;
  layer.out_w = out_w;
  layer.out_c = out_c;
  return layer;
}

TEST_CASE("session.layer_run.counts_what_is_missing") {
  const op::Layer layer = layer_of(2, 3, 2);
  LayerRun run(layer, {});
  CHECK(run.missing() == 12);
  CHECK(run.first_missing() == "oc 0 oh 0 ow 0");
  for (int oc = 0; oc < 2; ++oc) run.output(oc, 0, 0, 10 + oc);
  run.output(0, 0, 1, 5);
  CHECK(run.missing() == 9);
  CHECK(run.first_missing() == "oc 1 oh 0 ow 1");
  CHECK(run.outputs().at(0, 0, 1) == 11);
}

TEST_CASE("session.layer_run.refuses_what_the_layer_has_not") {
  const op::Layer layer = layer_of(2, 3, 2);
  LayerRun run(layer, {});
  run.output(1, 1, 2, 0);
  CHECK_THROWS_WITH(run.output(1, 1, 2, 0), "adapter: conv: output oc 1 oh 1 ow 2 came twice");
  for (const auto& [oc, oh, ow] : {std::array{2, 0, 0}, {-1, 0, 0}, {0, 2, 0}, {0, 0, 3}, {0, -1, 0}}) {
    CHECK_THROWS(run.output(oc, oh, ow, 0));
  }
  CHECK(run.missing() == 11);
}

TEST_CASE("session.layer_run.zero_point_around_the_input") {
  op::Layer layer = layer_of(1, 1, 1);
  layer.zero_in = -5;
  op::Tensor map(2, 3, 2);
  map.at(1, 2, 1) = 9;
  const std::array<const op::Tensor*, 1> inputs{&map};
  const LayerRun run(layer, inputs);
  CHECK(run.padded(1, 2, 1) == 9);
  CHECK(run.padded(0, 0, 0) == 0);
  for (const auto& [y, x, c] : {std::array{-1, 0, 0}, {2, 0, 0}, {0, -1, 0}, {0, 3, 0}, {0, 0, 2}, {0, 0, -1}}) {
    CHECK(run.padded(y, x, c) == -5);
  }
}

/// Windows, weights and biases are those of the golden: their sums are its outputs.
TEST_CASE("session.layer_run.sums_of_windows_are_the_goldens") {
  for (const bool convolution : {true, false}) {
    op::Layer layer = convolution ? layer_of(3, 2, 4) : layer_of(1, 1, 4);
    layer.kind = convolution ? op::Kind::conv2d : op::Kind::fully_connected;
    layer.in_h = 5;
    layer.in_w = 4;
    layer.in_c = 3;
    layer.zero_in = 7;
    if (convolution) {
      layer.window = {
          .kernel_h = 3, .kernel_w = 2, .stride_h = 2, .stride_w = 1, .dilation_w = 3, .pad_top = 1, .pad_left = 0};
      layer.out_w = 3;
      layer.window.pad_left = 1;
    }
    const int taps = convolution ? 3 * 2 : 5 * 4;
    layer.weights.resize(4, Eigen::Index{taps} * 3);
    op::random_fill(layer.weights, {1, "test", "weights"}, -128, 127);
    layer.bias = op::Vector::LinSpaced(4, -3, 3);
    layer.out.raw = true;
    op::Tensor map(5, 4, 3);
    op::random_fill(map.data, {1, "test", "map"}, -128, 127);
    const std::array<const op::Tensor*, 1> inputs{&map};
    const op::Tensor golden = fast::run_layer(layer, inputs);
    const LayerRun run(layer, inputs);
    for (int pixel = 0; pixel < layer.out_h * layer.out_w; ++pixel) {
      for (int oc = 0; oc < layer.out_c; ++oc) {
        std::int32_t sum = run.bias(oc);
        for (int k = 0; k < taps * 3; ++k) sum += run.weight(oc, k / 3, k % 3) * (run.window(pixel, k) - layer.zero_in);
        CHECK(sum == golden.data(pixel, oc));
      }
    }
    CHECK(run.weight(4, 0, 0) == 0);
    CHECK(run.weight(0, 0, 3, 2) == 2);
    CHECK(run.bias(4) == 0);
  }
}

TEST_CASE("session.layer_run.channels_of_a_word") {
  const op::Layer layer = layer_of(2, 3, 5);
  LayerRun run(layer, {});
  run.channels(4, 4, std::uint32_t{0x807fff01}, 8, 4);  // one of four is the layer's
  CHECK(run.missing() == 29);
  CHECK(run.outputs().at(1, 1, 4) == 1);
  run.channels(0, 5, std::uint32_t{0x807fff01}, 8, 4);
  CHECK(run.missing() == 25);
  CHECK(run.outputs().at(1, 2, 3) == -128);
  CHECK(run.outputs().at(1, 2, 1) == -1);
}

TEST_CASE("session.adapter.one_for_all_channels_or_one_each") {
  CHECK(of_channel(std::vector<int>{7}, 3) == 7);
  CHECK(of_channel(std::vector<int>{7, 8, 9}, 2) == 9);
  CHECK(of_channel(std::vector<int>{7, 8, 9}, 3) == 0);
}

TEST_CASE("session.adapter.what_designs_ask_of_a_layer") {
  op::Layer layer = layer_of(1, 1, 1);
  CHECK(is_dense(layer.window));
  CHECK(is_signed(layer, 8));
  CHECK(is_symmetric(layer));
  CHECK(has_plain_sums(layer));
  layer.out = {.rule = fixed::Rounding::half_up, .multiply = false, .lshift = {0, 0}};
  CHECK(is_shifted(layer.out, fixed::Rounding::half_up));
  CHECK_FALSE(is_shifted(layer.out, fixed::Rounding::floor));
  layer.out.lshift[1] = 1;
  CHECK_FALSE(is_shifted(layer.out, fixed::Rounding::half_up));
  layer.window.dilation_w = 2;
  CHECK_FALSE(is_dense(layer.window));
  layer.wgt_bits = 4;
  CHECK_FALSE(is_signed(layer, 8));
  layer.out.zero_out = 1;
  CHECK_FALSE(is_symmetric(layer));
  layer.align = {0, 1};
  CHECK_FALSE(has_plain_sums(layer));
}

TEST_CASE("session.adapter.names_the_first_need_that_is_not_met") {
  CHECK(unmet({{true, "does a"}, {true, "does b"}}).empty());
  CHECK(unmet({{true, "does a"}, {false, "does b"}, {false, "does c"}}) == "this design does b");
}

}  // namespace
}  // namespace systole::session
