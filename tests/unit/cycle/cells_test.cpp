// SPDX-License-Identifier: Apache-2.0
// The registers of every cell against the closed form of docs/timing.md, section 7, which looks back in time instead of
// stepping.
#include "accel/cycle/cells.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/as_size.h"
#include "base/input_error.h"
#include "golden/fixed/saturate.h"
#include "tests/support/cycle_bench.h"
#include "tests/support/tiled_layer.h"

using namespace systole;
using op::Kind;
using test::CycleBench;
using test::Draw;
using test::TiledLayer;

namespace {

using systole::base::as_size;

/// Records from the counters alone what each step did, and says what each cell must then hold.
class ClosedForm {
 public:
  explicit ClosedForm(const accel::Job& job) : command_(*job.command), operands_(job.stimulus->operands) {}

  /// To be called after every edge.
  void record(const cycle::OutPins& pins) {
    const bool stalled = pins[accel::kStallOut] != stall_out_;
    stall_out_ = pins[accel::kStallOut];
    if (stalled) return;
    issued_.push_back(pins[accel::kCompute] != compute_ ? static_cast<int>(compute_) : -1);
    popped_.push_back(pins[accel::kWeightLoad] != loads_ ? static_cast<int>(loads_) : -1);
    compute_ = pins[accel::kCompute];
    loads_ = pins[accel::kWeightLoad];
  }

  /// Beat, counted from the layer's first, that cell (r, c) shows; -1 for a bubble.
  [[nodiscard]] int beat(int r, int c) const { return at(issued_, r + c + 1); }

  [[nodiscard]] std::int32_t act(int r, int c) const {
    const std::int16_t* operands = operands_of(beat(r, c));
    return operands == nullptr ? 0 : operands[r];
  }

  [[nodiscard]] std::int32_t psum(int r, int c) const {
    const int beat_now = beat(r, c);
    const std::int16_t* operands = operands_of(beat_now);
    std::int64_t sum = 0;
    for (int row = 0; operands != nullptr && row <= r; ++row) {
      sum =
          fixed::clamp_psum(sum + std::int64_t{operands[row]} * weight(beat_now / command_.header.out_pixels(), row, c),
                            command_.header.psum_bits)
              .value;
    }
    return static_cast<std::int32_t>(sum);
  }

  [[nodiscard]] std::int32_t active(int r, int c) const {
    for (int age = r + c; age < static_cast<int>(issued_.size()); ++age) {
      const int beat_then = at(issued_, age);
      if (beat_then >= 0 && beat_then % command_.header.out_pixels() == 0) {
        return weight(beat_then / command_.header.out_pixels(), r, c);
      }
    }
    return 0;
  }

  [[nodiscard]] std::int32_t shadow(int r, int c) const {
    for (int age = r + c; age < static_cast<int>(popped_.size()); ++age) {
      const int row_then = at(popped_, age);
      if (row_then >= 0 && row_then % g_.rows == r) return weight(row_then / g_.rows, r, c);
    }
    return 0;
  }

 private:
  /// The entry `age` steps before the last one.
  static int at(const std::vector<int>& steps, int age) {
    const auto back = static_cast<std::size_t>(age);
    return back < steps.size() ? steps[steps.size() - 1 - back] : -1;
  }

  [[nodiscard]] std::int32_t weight(int pass, int r, int c) const {
    return command_.weights[(as_size(pass) * as_size(g_.rows) + as_size(r)) * as_size(g_.cols) + as_size(c)];
  }

  [[nodiscard]] const std::int16_t* operands_of(int beat) const {
    if (beat < 0) return nullptr;
    const accel::Header& h = command_.header;
    const int pass = beat / h.out_pixels();
    const int pixel = beat % h.out_pixels();
    const int kh = pass % h.taps() / h.kernel_w;
    const int kw = pass % h.kernel_w;
    const int iy = pixel / h.out_w * h.stride_h + kh * h.dilation_h - h.pad_top;
    const int ix = pixel % h.out_w * h.stride_w + kw * h.dilation_w - h.pad_left;
    if (iy < 0 || iy >= h.in_h || ix < 0 || ix >= h.in_w) return nullptr;
    const int group = command_.group_order[static_cast<std::size_t>(pass / h.taps())];
    return operands_.data() + (as_size(group) * as_size(h.in_pixels()) + as_size(iy * h.in_w + ix)) * as_size(g_.rows);
  }

  const accel::Command& command_;
  const accel::Geometry& g_ = command_.geometry;
  const std::vector<std::int16_t>& operands_;
  std::uint32_t stall_out_ = 0, compute_ = 0, loads_ = 0;
  std::vector<int> issued_, popped_;  ///< by step
};

void check_cells(const cycle::Model& model, const ClosedForm& expected) {
  const accel::Geometry& g = model.geometry();
  for (int r = 0; r < g.rows; ++r) {
    for (int c = 0; c < g.cols; ++c) {
      const int cell = r * g.cols + c;
      CAPTURE(r);
      CAPTURE(c);
      REQUIRE(model.cell_shadow()[cell] == expected.shadow(r, c));
      REQUIRE(model.cell_weight()[cell] == expected.active(r, c));
      REQUIRE(model.cell_act()[cell] == expected.act(r, c));
      REQUIRE(model.cell_psum()[cell] == expected.psum(r, c));
      const cycle::BeatOrigin origin = model.origin_cell(r, c);
      REQUIRE(origin.valid == (expected.beat(r, c) >= 0));
    }
  }
}

void check_command(const TiledLayer& tiled, std::size_t i, Draw& draw) {
  CycleBench bench(tiled.commands[i].geometry, true);
  ClosedForm expected(tiled.job(i));
  bench.observe = [&] {
    expected.record(bench.model().pins());
    check_cells(bench.model(), expected);
  };
  bench.send(tiled.job(i));
  CHECK(bench.run(100000, test::random_stalls(draw, draw.between(2, 8))));
  CHECK(bench.out() == tiled.expected[i]);
}

void check_geometry(int rows, int cols) {
  accel::Geometry geometry;
  geometry.rows = rows;
  geometry.cols = cols;
  Draw draw(static_cast<std::uint64_t>(rows * 100 + cols), "cells", "layers");
  const test::LayerSizes small{4, 2 * std::max(rows, cols)};
  for (const Kind kind : {Kind::conv2d, Kind::depthwise, Kind::max_pool, Kind::add}) {
    for (int i = 0; i < 4;) {
      try {
        const op::Layer layer = test::random_layer_for(geometry, kind, draw, i % 2 == 1, small);
        const TiledLayer tiled = test::tile_random_image(layer, geometry, draw);
        ++i;
        check_command(tiled, 0, draw);
      } catch (const base::InputError&) {
      } catch (const fixed::OverflowError&) {
      }
    }
  }
}

}  // namespace

TEST_CASE("cycle.cells.closed_form.random.8x8") { check_geometry(8, 8); }
TEST_CASE("cycle.cells.closed_form.random.4x4") { check_geometry(4, 4); }
TEST_CASE("cycle.cells.closed_form.random.16x16") { check_geometry(16, 16); }
TEST_CASE("cycle.cells.closed_form.random.rows_lt_cols") { check_geometry(4, 11); }
TEST_CASE("cycle.cells.closed_form.random.rows_gt_cols") { check_geometry(7, 5); }
