// SPDX-License-Identifier: Apache-2.0
#include "golden/op/validate.h"

#include <doctest/doctest.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/random_layer.h"
#include "tests/support/rounds.h"

namespace systole::op {
namespace {

Layer valid_conv() {
  Layer layer;
  layer.name = "conv1";
  layer.in_h = layer.in_w = 8;
  layer.in_c = 3;
  layer.out_h = layer.out_w = 6;
  layer.out_c = 4;
  layer.window.kernel_h = layer.window.kernel_w = 3;
  layer.weights = Matrix::Zero(4, 27);
  layer.bias = Vector::Zero(4);
  return layer;
}

std::string message_of(const Layer& layer) {
  try {
    validate(layer);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "valid";
}

struct Fault {
  std::function<void(Layer&)> plant;
  std::string message;
};

TEST_CASE("op.validate.names_layer_field_and_expectation") {
  const std::vector<Fault> faults{
      {[](Layer& l) { l.in_c = 0; }, "in_c is 0, expected 1 .. 65535"},
      {[](Layer& l) { l.window.kernel_h = 16; }, "window.kernel_h is 16, expected 1 .. 15"},
      {[](Layer& l) { l.window.pad_left = -1; }, "window.pad_left is -1, expected 0 .. 15"},
      {[](Layer& l) { l.out_h = 9; }, "out_h is 9, expected 1 .. 8"},
      {[](Layer& l) { l.act_bits = 1; }, "act_bits is 1, expected 2 .. 16"},
      {[](Layer& l) { l.zero_in = 128; }, "zero_in is 128, expected -128 .. 127"},
      {[](Layer& l) { l.act_signed = false, l.zero_in = -1; }, "zero_in is -1, expected 0 .. 255"},
      {[](Layer& l) { l.zero_wgt = -129; }, "zero_wgt is -129, expected -128 .. 127"},
      {[](Layer& l) {
         l.codebook = {1, 2, 3}, l.wgt_bits = 2;
       },
       "length of codebook is 3, expected 4 (one level per 2-bit code)"},
      {[](Layer& l) {
         l.codebook = {1, 2, 3, 128}, l.wgt_bits = 2;
       },
       "codebook[3] is 128, expected -128 .. 127"},
      {[](Layer& l) {
         l.codebook = {1, 2, 3, 4};
       },
       "wgt_bits is 8, expected 2 (codes of a codebook)"},
      {[](Layer& l) { l.weights(3, 26) = 128; }, "weights[107] is 128, expected -128 .. 127"},
      {[](Layer& l) { l.weights.resize(4, 26); }, "weights.cols is 26, expected 27 (weights of one output channel)"},
      {[](Layer& l) { l.bias.resize(3); }, "length of bias is 3, expected 4 (out_c, or empty)"},
      {[](Layer& l) { l.psum_width = 33; }, "psum_width is 33, expected 2 .. 32"},
      {[](Layer& l) { l.psum_width = 16, l.saturate = true, l.psum_bits = 16; }, "psum_bits is 16, expected 0 .. 15"},
      {[](Layer& l) {
         l.align = {0, 1};
       },
       "length of align is 2, expected 1 (one shift per ic tile, or empty)"},
      {[](Layer& l) { l.align = {32}; }, "align[0] is 32, expected 0 .. 31"},
      {[](Layer& l) { l.tile_channels = 0; }, "tile_channels is 0, expected 1 .. 65535"},
      {[](Layer& l) {
         l.out.m0 = {1, 2};
       },
       "length of out.m0 is 2, expected 1 or out_c = 4"},
      {[](Layer& l) { l.out.m0 = {-1}; }, "out.m0[0] is -1, expected 0 .. 2147483647"},
      {[](Layer& l) {
         l.out.n = {0, 0, 0, 32};
       },
       "out.n[3] is 32, expected 0 .. 31"},
      {[](Layer& l) { l.out.act_min = 5, l.out.act_max = 4; }, "out.act_max is 4, expected 5 .. 2147483647"},
      {[](Layer& l) { l.out.rule = fixed::Rounding::double_rounding, l.out.multiply = false; },
       "out.multiply is false, expected true with requantize_double_rounding"},
      {[](Layer& l) { l.kind = Kind::max_pool; }, "out_c is 4, expected 3 (in_c of a pooling layer)"},
      {[](Layer& l) { l.kind = Kind::depthwise; }, "out_c modulo in_c is 1, expected 0 (a whole channel multiplier)"},
      {[](Layer& l) { l.kind = Kind::add; }, "out_h is 6, expected 8 (in_h of an add)"},
      {[](Layer& l) { l.kind = Kind::fully_connected; },
       "out_h is 6, expected 1 (a fully connected layer has one pixel)"},
      {[](Layer& l) { l.exclude_padding = true; },
       "exclude_padding is true, expected false of a layer that is not a quantized avg_pool"},
  };
  CHECK(message_of(valid_conv()) == "valid");
  for (const Fault& fault : faults) {
    Layer layer = valid_conv();
    fault.plant(layer);
    CHECK(message_of(layer) == "layer 'conv1': " + fault.message);
  }
}

TEST_CASE("op.validate.average_without_a_tap") {
  Layer layer;
  layer.name = "pool";
  layer.kind = Kind::avg_pool;
  layer.in_h = layer.out_h = 1;
  layer.window.pad_top = 2;
  layer.out_h = 3;
  CHECK(message_of(layer) == "valid");
  layer.exclude_padding = true;
  CHECK(message_of(layer) ==
        "layer 'pool': exclude_padding is true, expected a tap inside the map in every output row");
}

TEST_CASE("op.validate.random_layers_are_valid") {
  for (const Kind kind :
       {Kind::conv2d, Kind::depthwise, Kind::fully_connected, Kind::max_pool, Kind::avg_pool, Kind::add}) {
    for (std::uint64_t i = 0; i < test::rounds(50U); ++i) {
      test::Draw draw(i, "op.validate", "layers");
      CHECK(message_of(test::random_layer(kind, draw, draw.one_in(2))) == "valid");
    }
  }
}

}  // namespace
}  // namespace systole::op
