// SPDX-License-Identifier: Apache-2.0
#include "accel/lower/tiler.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/as_size.h"
#include "base/input_error.h"
#include "golden/fast/op.h"
#include "tests/support/random_layer.h"
#include "tests/support/rounds.h"
#include "tests/support/stream_emulator.h"
#include "tests/support/tiled_layer.h"

using namespace systole;
using namespace systole::lower;
using accel::ChannelEntry;
using accel::Command;
using accel::Geometry;
using accel::Header;
using accel::Stimulus;
using op::Kind;
using test::Draw;
using test::TiledLayer;

namespace {

using systole::base::as_size;

Geometry sized(int rows, int cols, int act_depth, int psum_depth) {
  Geometry g;
  g.rows = rows;
  g.cols = cols;
  g.act_depth = act_depth;
  g.psum_depth = psum_depth;
  return g;
}

/// Roomy, small in one memory or the other, and with more rows than columns and fewer.
const Geometry kGeometries[] = {Geometry{},           sized(8, 8, 40, 4096),
                                sized(4, 4, 4096, 7), sized(16, 16, 60, 30),
                                sized(5, 9, 64, 11),  sized(9, 4, 4096, 4096)};

void check_sizes(const Command& command) {
  const Header& h = command.header;
  CHECK(std::max({h.in_h, h.in_w, h.out_h, h.out_w}) <= 255);
  CHECK(h.in_pixels() <= command.geometry.act_depth);
  CHECK(h.out_pixels() <= command.geometry.psum_depth);
  CHECK(command.cfg.size() == static_cast<std::size_t>(3 + h.oc_tiles * command.geometry.cols));
  CHECK(command.wgt.size() == static_cast<std::size_t>(h.passes() * command.geometry.rows + (h.codebook ? 1 : 0)));
}

/// The operands handed to the cycle model are what the packed beats mean.
void check_operands(const Command& command, const Stimulus& stimulus) {
  const Geometry& g = command.geometry;
  for (int group = 0; group < command.groups; ++group) {
    const bool second = command.header.accumulate == accel::Accumulate::add2 &&
                        command.group_input[static_cast<std::size_t>(group)] == 1;
    const std::int32_t zero = second ? command.header.zero_b : command.header.zero_in;
    for (int pixel = 0; pixel < command.header.in_pixels(); ++pixel) {
      const auto beat = as_size(group) * as_size(command.header.in_pixels()) + as_size(pixel);
      for (int row = 0; row < g.rows; ++row) {
        const std::uint32_t* words = stimulus.act[beat];
        const std::int32_t raw =
            command.header.act_signed
                ? base::get_signed_field(words, row * g.act_width, g.act_width)
                : static_cast<std::int32_t>(base::get_field(words, row * g.act_width, g.act_width));
        REQUIRE(raw - zero ==
                stimulus.operands[beat * static_cast<std::size_t>(g.rows) + static_cast<std::size_t>(row)]);
      }
    }
  }
}

void check_layer(const TiledLayer& tiled) {
  std::vector<std::vector<std::int32_t>> out;
  for (std::size_t i = 0; i < tiled.commands.size(); ++i) {
    check_sizes(tiled.commands[i]);
    check_operands(tiled.commands[i], tiled.stimuli[i]);
    const test::Emulated emulated = test::emulate(tiled.commands[i], tiled.stimuli[i]);
    CHECK(emulated.out == tiled.expected[i]);
    if (!tiled.commands[i].can_overflow) CHECK(emulated.overflow == 0U);
    out.push_back(emulated.out);
  }
  CHECK(tiled.assemble(out) == tiled.golden);
}

op::Layer small_conv() {
  op::Layer layer;
  layer.name = "conv1";
  layer.in_h = layer.in_w = 4;
  layer.in_c = 3;
  layer.out_h = layer.out_w = 2;
  layer.out_c = 5;
  layer.window.kernel_h = layer.window.kernel_w = 3;
  layer.weights = op::Matrix::Constant(5, 27, 1);
  return layer;
}

std::string refusal(const op::Layer& layer, const Geometry& geometry) {
  try {
    static_cast<void>(tile(layer, geometry));
  } catch (const base::InputError& error) {
    return error.what();
  }
  return "accepted";
}

/// Three shapes are refused: a window larger than an activation bank and shifts of several ic tiles in one diagonal
/// pass (by the tiler), and an exact maximum over no tap at all to which a negative bias is added (by the golden).
bool check_random_layer(const op::Layer& layer, const Geometry& geometry, Draw& draw) {
  const std::string text = refusal(layer, geometry);
  if (text != "accepted") {
    CAPTURE(text);
    const op::Window& w = layer.window;
    const int rows = (w.kernel_h - 1) * w.dilation_h + 1, columns = (w.kernel_w - 1) * w.dilation_w + 1;
    if (rows * columns > geometry.act_depth) {
      CHECK(text.find("window: one output pixel needs more than") != std::string::npos);
      return false;
    }
    CHECK(text.find("align: channels of different shifts share a pass") != std::string::npos);
    CHECK(std::min(geometry.rows, geometry.cols) != geometry.rows);
    return false;
  }
  try {
    check_layer(test::tile_random_image(layer, geometry, draw));
    return true;
  } catch (const fixed::OverflowError&) {
    CHECK(layer.kind == Kind::max_pool);
    CHECK_FALSE(layer.saturate);
    return false;
  }
}

}  // namespace

TEST_CASE("lower.tiler.commands.compute_the_golden.random") {
  int refused = 0;
  int run = 0;
  for (const Geometry& geometry : kGeometries) {
    for (const Kind kind : test::kEveryKind) {
      for (const bool saturating : {false, true}) {
        Draw draw(static_cast<std::uint64_t>(geometry.rows * 100 + geometry.cols), "tiler",
                  saturating ? "saturating" : "exact");
        for (int i = 0; i < test::rounds(25); ++i) {
          const op::Layer layer = test::random_layer_for(geometry, kind, draw, saturating);
          CAPTURE(geometry.rows);
          CAPTURE(static_cast<int>(kind));
          CAPTURE(i);
          ++(check_random_layer(layer, geometry, draw) ? run : refused);
        }
      }
    }
  }
  CHECK(refused * 20 < run);
}

TEST_CASE("lower.tiler.strips.sides_above_255") {
  Draw draw(2, "tiler", "long");
  op::Layer layer = small_conv();
  layer.in_h = 3;
  layer.in_w = 600;
  layer.out_h = 1;
  layer.out_w = 598;
  const TiledLayer tiled = test::tile_random_image(layer, Geometry{}, draw);
  CHECK(tiled.commands.size() == 3);  // 255 inputs serve 253 outputs
  check_layer(tiled);
}

TEST_CASE("lower.tiler.strips.rows_before_blocks") {
  op::Layer layer = small_conv();
  layer.in_h = layer.in_w = 20;
  layer.out_h = layer.out_w = 18;
  const std::vector<Command> commands = tile(layer, sized(8, 8, 100, 4096));
  // 100 pixels hold five rows of 20: three rows of output.
  REQUIRE(commands.size() == 6);
  CHECK(commands[1].out_top == 3);
  CHECK(commands[1].header.in_h == 5);
  CHECK(commands[1].header.out_w == 18);
  CHECK(commands[1].parts == 6);
  CHECK(tile(layer, sized(8, 8, 30, 4096)).size() > 18);  // 20 columns in three rows do not fit: blocks
}

TEST_CASE("lower.tiler.avg_pool.one_command_per_tap_count") {
  op::Layer layer;
  layer.name = "pool";
  layer.kind = Kind::avg_pool;
  layer.exclude_padding = true;
  layer.in_h = layer.in_w = layer.out_h = layer.out_w = 5;
  layer.in_c = layer.out_c = 9;
  layer.window = {3, 3, 1, 1, 1, 1, 1, 1};
  Draw draw(3, "tiler", "average");
  const TiledLayer tiled = test::tile_random_image(layer, Geometry{}, draw);
  CHECK(tiled.commands.size() == 9);  // corners, edges, middle
  check_layer(tiled);
}

TEST_CASE("lower.tiler.codebook.depthwise_without_a_zero_level") {
  op::Layer layer = small_conv();
  layer.kind = Kind::depthwise;
  layer.out_c = 3;
  layer.wgt_bits = 2;
  layer.codebook = {-5, -1, 3, 8};
  layer.weights = op::Matrix::Constant(3, 9, 2);
  Draw draw(4, "tiler", "codebook");
  const TiledLayer tiled = test::tile_random_image(layer, Geometry{}, draw);
  CHECK(tiled.commands.at(0).header.oc_tiles == 3);  // one channel a tile: nothing else counts as 0
  check_layer(tiled);
}

TEST_CASE("lower.tiler.figures.macs") {
  const Command command = tile(small_conv(), Geometry{}).at(0);
  CHECK(command.macs == 2 * 2 * 5 * 3 * 9);
}

TEST_CASE("lower.tiler.groups.sent_once_for_all_oc_tiles") {
  op::Layer layer = small_conv();
  layer.in_c = 20;
  layer.out_c = 17;
  layer.weights = op::Matrix::Constant(17, Eigen::Index{9} * 20, 1);
  const Command command = tile(layer, Geometry{}).at(0);
  CHECK(command.groups == 3);
  CHECK(command.group_order == std::vector<int>{0, 1, 2, 0, 1, 2, 0, 1, 2});
  CHECK(command.act_beats() == 9 * 16);
}

TEST_CASE("lower.tiler.stimulate.reuses_buffers") {
  Draw draw(5, "tiler", "reuse");
  TiledLayer tiled = test::tile_random_image(small_conv(), Geometry{}, draw);
  Stimulus& stimulus = tiled.stimuli.at(0);
  const std::uint32_t* act = stimulus.act.data();
  const std::int32_t* expected = tiled.expected.at(0).data();
  tiled.inputs.at(0) = test::random_input(tiled.layer, draw);
  tiled.golden = fast::run_layer(tiled.layer, tiled.input_pointers());
  stimulate(tiled.commands.at(0), tiled.layer, tiled.input_pointers(), stimulus);
  expect(tiled.commands.at(0), tiled.layer, tiled.golden, tiled.expected.at(0));
  CHECK(stimulus.act.data() == act);
  CHECK(tiled.expected.at(0).data() == expected);
  check_layer(tiled);
}

TEST_CASE("lower.tiler.refuses.names_layer_and_field") {
  op::Layer layer = small_conv();
  layer.window.stride_h = 16;
  CHECK(refusal(layer, Geometry{}) == "layer 'conv1': window.stride_h: 16 is above the accelerator's limit of 15");
  layer = small_conv();
  layer.window.kernel_w = 17;
  CHECK(refusal(layer, Geometry{}) == "layer 'conv1': window.kernel_w: 17 is above the accelerator's limit of 15");
  layer = small_conv();
  Geometry narrow;
  narrow.act_width = 4;
  CHECK(refusal(layer, narrow) == "layer 'conv1': act_bits: 8 is above the accelerator's limit of 4");
  narrow = Geometry{};
  narrow.wgt_width = 4;
  CHECK(refusal(layer, narrow) == "layer 'conv1': wgt_bits: 8 is above the accelerator's limit of 4");
  layer.out.act_max = 40000;
  CHECK(refusal(layer, Geometry{}) == "layer 'conv1': out.act_max: 40000 is outside the accelerator's -32768 .. 32767");
  layer = small_conv();
  layer.saturate = true;
  layer.tile_channels = 4;
  CHECK(refusal(layer, Geometry{}).find("layer 'conv1': tile_channels: ") == 0);
}

TEST_CASE("lower.tiler.refuses.psum_that_may_not_fit") {
  op::Layer layer = small_conv();  // 27 weights of 1 and activations of at most 128 in magnitude: 3456
  Geometry geometry;
  geometry.psum_width = 13;  // up to 4095
  CHECK(refusal(layer, geometry) == "accepted");
  geometry.psum_width = 12;
  CHECK(refusal(layer, geometry).find("layer 'conv1': psum_width: 32 bits are declared") == 0);
}

TEST_CASE("lower.tiler.refuses.empty_maximum_in_a_narrow_psum") {
  op::Layer layer;
  layer.name = "pool";
  layer.kind = Kind::max_pool;
  layer.in_h = layer.in_w = 4;
  layer.in_c = layer.out_c = 3;
  layer.out_h = 4;
  layer.out_w = 5;
  layer.window.pad_left = 1;  // column 0 of the output sees padding alone
  Geometry geometry;
  CHECK(refusal(layer, geometry) == "accepted");  // 32 bits hold -2^31
  geometry.psum_width = 16;
  CHECK(refusal(layer, geometry) ==
        "layer 'pool': window: an output without any tap is -2^31, which the accelerator's 16-bit psum does not hold");
  std::swap(layer.out_h, layer.out_w);
  std::swap(layer.window.pad_top, layer.window.pad_left);
  CHECK(refusal(layer, geometry).find("layer 'pool': window: an output without any tap") == 0);
  layer.window.kernel_h = 2;  // every output has a tap
  CHECK(refusal(layer, geometry) == "accepted");
  layer.window.kernel_h = 1;
  layer.saturate = true;
  layer.psum_bits = 15;  // -2^15 by the layer's own meaning
  CHECK(refusal(layer, geometry) == "accepted");
}

TEST_CASE("lower.tiler.refuses.window_beyond_the_bank") {
  CHECK(refusal(small_conv(), sized(8, 8, 8, 4096)).find("layer 'conv1': window: one output pixel needs") == 0);
}

TEST_CASE("lower.tiler.stimulate.refuses_wrong_tensors") {
  Draw draw(6, "tiler", "tensors");
  TiledLayer tiled = test::tile_random_image(small_conv(), Geometry{}, draw);
  tiled.inputs.at(0).at(1, 2, 0) = 128;
  CHECK_THROWS_WITH_AS(static_cast<void>(stimulate(tiled.commands.at(0), tiled.layer, tiled.input_pointers())),
                       "layer 'conv1': input: value 128 at row 1 column 2 channel 0 is outside -128 .. 127",
                       base::InputError);
  tiled.inputs.at(0) = op::Tensor(4, 5, 3);
  CHECK_THROWS_AS(static_cast<void>(stimulate(tiled.commands.at(0), tiled.layer, tiled.input_pointers())),
                  base::InputError);
}
