// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "base/input_error.h"
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

/// Data and byte enables in one beat: the data has the outputs.
TEST_CASE("session.layer_run.channels_of_pins_are_in_the_first") {
  const op::Layer layer = layer_of(1, 1, 2);
  LayerRun run(layer, {});
  const std::tuple<std::uint16_t, std::uint8_t> beat{0x05fe, 3};
  run.channels(0, 0, beat, 8, 2);
  CHECK(run.outputs().at(0, 0, 0) == -2);
  CHECK(run.outputs().at(0, 0, 1) == 5);
  CHECK(sequence::signed_field(beat, 8, 1).word == &beat);
  CHECK_THROWS_AS((void)sequence::signed_field(beat, 8, 2), base::InputError);
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

TEST_CASE("session.layer_run.tiles_have_each_output_once") {
  const op::Layer layer = layer_of(2, 3, 5);
  const LayerRun run(layer, {});
  std::vector<int> times(2 * 3 * 5);
  int before = 0;
  for (const Tile& tile : run.tiles(2, 4)) {
    CHECK(tile.oc >= before);  // the pixels of a group of channels first
    before = tile.oc;
    CHECK(tile.channels <= 2);
    CHECK(tile.pixels <= 4);
    for (int oc = tile.oc; oc < tile.oc + tile.channels; ++oc) {
      for (int pixel = tile.pixel; pixel < tile.pixel + tile.pixels; ++pixel)
        ++times[static_cast<std::size_t>(pixel * 5 + oc)];
    }
  }
  CHECK(std::ranges::count(times, 1) == 30);
  CHECK(run.tiles(2).size() == 3);
  CHECK(run.tiles(8).front().pixels == 6);
}

/// Words are what the functions of one value give, field by field.
TEST_CASE("session.layer_run.words_hold_the_values_of_a_layer") {
  op::Layer layer = layer_of(2, 3, 3);
  layer.kind = op::Kind::conv2d;
  layer.in_h = 3;
  layer.in_w = 4;
  layer.in_c = 2;
  layer.zero_in = 5;
  layer.window = {
      .kernel_h = 2, .kernel_w = 2, .stride_h = 2, .stride_w = 1, .dilation_h = 2, .pad_top = 1, .pad_left = 0};
  layer.weights.resize(3, 2 * 2 * 2);
  op::random_fill(layer.weights, {1, "test", "weights"}, -128, 127);
  layer.bias = op::Vector::LinSpaced(3, -1, 1);
  op::Tensor map(3, 4, 2);
  op::random_fill(map.data, {1, "test", "map"}, -128, 127);
  const std::array<const op::Tensor*, 1> inputs{&map};
  const LayerRun run(layer, inputs);
  CHECK(run.padded_height() == 5);  // of two rows a stride of 2 apart, taps two rows apart
  CHECK(run.padded_width() == 4);
  const auto frame = run.frame<std::uint32_t>(1, 8, 3);
  REQUIRE(frame.size() == 20);
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 4; ++x) {
      CHECK(frame[static_cast<std::size_t>(y * 4 + x)] == run.acts<std::uint32_t>(y - 1, x, 1, 8, 3));
      for (int c = 0; c < 3; ++c)
        CHECK(sequence::signed_field(frame[static_cast<std::size_t>(y * 4 + x)], 8, c) == run.padded(y - 1, x, 1 + c));
    }
  }
  const auto windows = run.window_columns<std::uint32_t>(2, 8, 3), weights = run.weight_columns<std::uint32_t>(1, 8, 3);
  REQUIRE(windows.size() == 8);
  REQUIRE(weights.size() == 8);
  for (int k = 0; k < 8; ++k) {
    for (int i = 0; i < 3; ++i) {
      CHECK(sequence::signed_field(windows[static_cast<std::size_t>(k)], 8, i) == run.window(2 + i, k));
      CHECK(sequence::signed_field(weights[static_cast<std::size_t>(k)], 8, i) == run.weight(1 + i, k / 2, k % 2));
    }
  }
  for (int i = 0; i < 3; ++i)
    CHECK(sequence::signed_field(run.weights<std::uint32_t>(1, 3, 0, 8, 3), 8, i) == run.weight(1, 3, i));
  CHECK(run.biases(1, 3) == std::vector<std::uint32_t>{0, 1, 0});
  CHECK(of_channels(std::vector<int>{7, 8}, 1, 2) == std::vector<std::uint32_t>{8, 0});
  CHECK(of_channels(std::vector<int>{7}, 1, 2) == std::vector<std::uint32_t>{7, 7});
}

/// What the layer does not have is an adapter's mistake: one line, and nothing is read beyond.
TEST_CASE("session.layer_run.refuses_to_read_what_the_layer_has_not") {
  op::Layer layer = layer_of(2, 3, 3);
  layer.kind = op::Kind::conv2d;
  layer.in_h = layer.in_w = 4;
  layer.in_c = 2;
  layer.window = {.kernel_h = 2, .kernel_w = 2};
  layer.weights.setZero(3, 8);
  const op::Tensor map(4, 4, 2);
  const std::array<const op::Tensor*, 1> inputs{&map};
  const LayerRun run(layer, inputs);
  CHECK(run.weight(0, 3, 1) == 0);
  for (const auto& [oc, tap, ic] : {std::array{-1, 0, 0}, {0, -1, 0}, {0, 4, 0}, {0, 100000, 0}, {0, 0, -1}})
    CHECK_THROWS_AS((void)run.weight(oc, tap, ic), base::InputError);
  CHECK_THROWS_AS((void)run.window(0, 8), base::InputError);
  CHECK_THROWS_AS((void)run.window(-1, 0), base::InputError);
  CHECK_THROWS_WITH((void)run.input(1), "adapter: conv: input 1: the layer has 1");
  CHECK(run.bias(-1) == 0);
  CHECK_THROWS_WITH((void)run.tiles(0, 4), "adapter: conv: tiles of 0 channels and 4 pixels");
  CHECK_THROWS_AS((void)run.tiles(4, -1), base::InputError);
  layer.kind = op::Kind::depthwise;
  layer.weights.setZero(3, 4);
  CHECK_THROWS_WITH((void)run.weight(0, 0, 0), "adapter: conv: a weight: expected a conv2d or fully connected layer");
  CHECK_THROWS_AS((void)run.weight_columns<std::uint32_t>(0, 8, 3), base::InputError);
}

TEST_CASE("session.layer_run.a_fully_connected_layer_sees_its_whole_map") {
  op::Layer layer = layer_of(1, 1, 4);
  layer.kind = op::Kind::fully_connected;
  layer.in_h = 5;
  layer.in_w = 4;
  layer.in_c = 2;
  op::Tensor map(5, 4, 2);
  op::random_fill(map.data, {1, "test", "map"}, -128, 127);
  const std::array<const op::Tensor*, 1> inputs{&map};
  const LayerRun run(layer, inputs);
  const auto frame = run.frame<std::uint32_t>(0, 8, 2);
  REQUIRE(frame.size() == 20);
  CHECK(sequence::signed_field(frame[19], 8, 1) == map.at(4, 3, 1));
}

TEST_CASE("session.adapter.fields_fit_their_word") {
  const auto one = [](int /*i*/) { return 1; };
  CHECK(sequence::packed<std::uint32_t>(16, 2, one) == 0x00010001);
  CHECK(sequence::packed<std::array<std::uint32_t, 3>>(32, 3, one)[2] == 1);
  CHECK_THROWS_WITH((void)sequence::packed<std::uint32_t>(8, 8, one),
                    "adapter: 8 fields of 8 bits: expected fields of 1 .. 32 bits that fit a word of 32");
  CHECK_THROWS_AS((void)(sequence::packed<std::array<std::uint32_t, 3>>(8, 400, one)), base::InputError);
  for (const int bits : {-8, 0, 33, 64})
    CHECK_THROWS_AS((void)sequence::packed<std::uint64_t>(bits, 1, one), base::InputError);
  const std::uint32_t word = 5;
  CHECK(sequence::signed_field(word, 16, 0) == 5);
  CHECK_THROWS_AS((void)sequence::signed_field(word, 16, 2), base::InputError);
  CHECK_THROWS_AS((void)sequence::signed_field(word, 16, -1), base::InputError);
}

TEST_CASE("session.adapter.one_for_all_channels_or_one_each") {
  CHECK(of_channel(std::vector<int>{7}, 3) == 7);
  CHECK(of_channel(std::vector<int>{7, 8, 9}, 2) == 9);
  CHECK(of_channel(std::vector<int>{7, 8, 9}, 3) == 0);
}

TEST_CASE("session.adapter.what_designs_ask_of_a_layer") {
  op::Layer layer = layer_of(1, 1, 1);
  layer.kind = op::Kind::conv2d;
  layer.window = {.kernel_h = 3, .kernel_w = 3};
  const auto met = [&layer] {
    return std::vector<bool>{is_conv2d(layer).met,          is_product(layer).met,
                             has_kernel(layer, {1, 3}).met, is_dense(layer).met,
                             is_signed(layer, 8).met,       is_symmetric(layer).met,
                             has_plain_sums(layer).met,     is_shifted(layer, fixed::Rounding::half_up).met};
  };
  layer.out = {.rule = fixed::Rounding::half_up, .multiply = false, .lshift = {0, 0}};
  CHECK(met() == std::vector<bool>(8, true));
  CHECK_FALSE(is_shifted(layer, fixed::Rounding::floor).met);
  CHECK_FALSE(is_signed(layer, 4).met);
  const op::Layer good = layer;
  layer.kind = op::Kind::fully_connected;
  CHECK_FALSE(is_conv2d(layer).met);
  CHECK(is_product(layer).met);
  layer.kind = op::Kind::depthwise;
  CHECK_FALSE(is_product(layer).met);
  layer = good;
  layer.window.kernel_w = 1;
  CHECK_FALSE(has_kernel(layer, {1, 3}).met);
  layer.window = {.kernel_h = 3, .kernel_w = 3, .dilation_w = 2};
  CHECK_FALSE(is_dense(layer).met);
  layer = good;
  layer.wgt_bits = 4;
  CHECK_FALSE(is_signed(layer, 8).met);
  layer.out.zero_out = 1;
  CHECK_FALSE(is_symmetric(layer).met);
  layer.align = {0, 1};
  CHECK_FALSE(has_plain_sums(layer).met);
  layer.out.lshift[1] = 1;
  CHECK_FALSE(is_shifted(layer, fixed::Rounding::half_up).met);
}

TEST_CASE("session.adapter.needs_say_what_the_design_does") {
  const op::Layer layer = layer_of(1, 1, 1);
  CHECK(has_kernel(layer, {1, 3}).text == "does 1x1 and 3x3");
  CHECK(is_signed(layer, 4).text == "takes int4 values");
  CHECK(unmet({at_most(8, 8, "channels"), at_most(9, 8, "channels")}) == "this design takes up to 8 channels");
  CHECK(is_shifted(layer, fixed::Rounding::half_up).text == "shifts and rounds by round_shift_half_up");
}

TEST_CASE("session.adapter.names_the_first_need_that_is_not_met") {
  CHECK(unmet({{true, "does a"}, {true, "does b"}}).empty());
  CHECK(unmet({{true, "does a"}, {false, "does b"}, {false, "does c"}}) == "this design does b");
}

}  // namespace
}  // namespace systole::session
