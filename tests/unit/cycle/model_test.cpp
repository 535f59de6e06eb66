// SPDX-License-Identifier: Apache-2.0
// What holds of the cycle model for any layer and any stalls.
#include "accel/cycle/model.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <utility>

#include "accel/lower/duration.h"
#include "base/input_error.h"
#include "golden/fixed/saturate.h"
#include "tests/support/cycle_bench.h"
#include "tests/support/rounds.h"
#include "tests/support/stream_emulator.h"
#include "tests/support/tiled_layer.h"

using namespace systole;
using accel::State;
using lower::roofline_cycles;
using op::Kind;
using test::CycleBench;
using test::Draw;
using test::TiledLayer;

namespace {

accel::Geometry sized(int rows, int cols, int par_tiles) {
  accel::Geometry g;
  g.rows = rows;
  g.cols = cols;
  g.par_tiles = par_tiles;
  g.act_depth = g.psum_depth = 50;
  return g;
}

const accel::Geometry kGeometries[] = {accel::Geometry{}, sized(4, 4, 1), sized(5, 9, 2), sized(16, 16, 8)};

/// Visits random tiled layers of every kind; combinations the tiler or the golden refuse are drawn again.
template <class Visit>
void for_random_layers(const accel::Geometry& geometry, std::string_view test, int per_kind, Visit&& visit) {
  Draw draw(1, test, "layers");
  for (const Kind kind : test::kEveryKind) {
    for (int i = 0; i < test::rounds(per_kind);) {
      try {
        const op::Layer layer = test::random_layer_for(geometry, kind, draw, i % 2 == 1);
        const TiledLayer tiled = test::tile_random_image(layer, geometry, draw);
        ++i;
        visit(tiled, draw);
      } catch (const base::InputError&) {
      } catch (const fixed::OverflowError&) {
      }
    }
  }
}

std::size_t plenty(const accel::Command& command) {
  return 4 * (200 + static_cast<std::size_t>(roofline_cycles(command.header, command.geometry)) + command.act_beats() +
              command.wgt.size() + command.cfg.size() + command.out_beats());
}

void check_counters(const accel::Command& command, const cycle::OutPins& pins) {
  const auto passes = static_cast<std::uint32_t>(command.header.passes());
  CHECK(pins[accel::kCompute] == passes * static_cast<std::uint32_t>(command.header.out_pixels()));
  CHECK(pins[accel::kWeightLoad] == passes * static_cast<std::uint32_t>(command.geometry.rows));
}

using Edge = std::pair<State, State>;

const std::set<Edge> kEdges{{State::S_IDLE, State::S_READ_PARAM},  {State::S_READ_PARAM, State::S_READ_W8},
                            {State::S_READ_W8, State::S_READ_W2},  {State::S_READ_W2, State::S_READ_INPUT},
                            {State::S_READ_INPUT, State::S_EMPTY}, {State::S_EMPTY, State::S_INPUT_CH},
                            {State::S_INPUT_CH, State::S_READ_W2}, {State::S_INPUT_CH, State::S_FINISH},
                            {State::S_FINISH, State::S_IDLE}};

}  // namespace

TEST_CASE("cycle.model.outputs_and_flags.stall_both.random") {
  for (const accel::Geometry& geometry : kGeometries) {
    for_random_layers(geometry, "outputs", 6, [&](const TiledLayer& tiled, Draw& draw) {
      const int stall = draw.between(2, 6);
      for (std::size_t i = 0; i < tiled.commands.size(); ++i) {
        CycleBench bench(geometry, false);
        bench.send(tiled.job(i));
        REQUIRE(bench.run(10 * plenty(tiled.commands[i]), test::random_stalls(draw, stall)));
        CHECK(bench.out() == tiled.expected[i]);
        CHECK(std::count(bench.last().begin(), bench.last().end(), 1) == 1);
        CHECK(bench.last().back() == 1);
        CHECK(bench.model().pins()[accel::kOverflow] == test::emulate(tiled.commands[i], tiled.stimuli[i]).overflow);
        check_counters(tiled.commands[i], bench.model().pins());
      }
    });
  }
}

TEST_CASE("cycle.model.busy_is_the_sum_of_its_parts.random") {
  const accel::Geometry geometry = sized(4, 4, 2);
  for_random_layers(geometry, "busy", 3, [&](const TiledLayer& tiled, Draw& draw) {
    CycleBench bench(geometry, false);
    std::uint32_t header = 0;
    State before = State::S_IDLE;
    bench.observe = [&] {
      if (before == State::S_READ_PARAM) ++header;
      before = bench.model().state();
      const cycle::OutPins& cnt = bench.model().pins();
      REQUIRE(cnt[accel::kBusy] ==
              header + cnt[accel::kStallOut] + cnt[accel::kCompute] + cnt[accel::kDrain] + cnt[accel::kStallIn]);
    };
    bench.send(tiled.job(0));
    CHECK(bench.run(10 * plenty(tiled.commands[0]), test::random_stalls(draw, 3)));
  });
}

TEST_CASE("cycle.model.states.only_listed_edges.random") {
  std::set<Edge> seen;
  for (const accel::Geometry& geometry : kGeometries) {
    for_random_layers(geometry, "edges", 2, [&](const TiledLayer& tiled, Draw& draw) {
      CycleBench bench(geometry, false);
      State before = State::S_IDLE;
      bench.observe = [&] {
        if (bench.model().state() != before) seen.emplace(before, bench.model().state());
        before = bench.model().state();
      };
      bench.send(tiled.job(0));
      CHECK(bench.run(10 * plenty(tiled.commands[0]), test::random_stalls(draw, 4)));
    });
  }
  CHECK(seen == kEdges);
}

TEST_CASE("cycle.model.bound_without_stalls.random") {
  const accel::Geometry geometry;
  for_random_layers(geometry, "bound", 8, [&](const TiledLayer& tiled, Draw&) {
    for (std::size_t i = 0; i < tiled.commands.size(); ++i) {
      const accel::Command& command = tiled.commands[i];
      CycleBench bench(geometry, false);
      bench.send(tiled.job(i));
      REQUIRE(bench.run(plenty(command)));
      const std::int64_t roofline = roofline_cycles(command.header, geometry);
      const std::int64_t bound = 13 + command.header.in_pixels() + roofline + 16 + 6;
      CHECK(bench.model().pins()[accel::kBusy] <= bound);
      CHECK(bench.model().pins()[accel::kBusy] > roofline);
    }
  });
}

TEST_CASE("cycle.model.valid_waits_for_ready.random") {
  const accel::Geometry geometry = sized(4, 4, 1);
  for_random_layers(geometry, "valid", 2, [&](const TiledLayer& tiled, Draw& draw) {
    CycleBench bench(geometry, false);
    bench.send(tiled.job(0));
    bool held = false;
    std::vector<std::int32_t> data;
    const test::StallPattern pattern = [&] {
      const cycle::InPins in{true, true, true, draw.one_in(4)};
      const cycle::OutPins& pins = bench.model().pins();
      held = pins[accel::kOutValid] != 0 && !in.out_ready;
      data.assign(pins.out_data, pins.out_data + geometry.cols);
      return in;
    };
    bench.observe = [&] {
      if (!held) return;
      CHECK(bench.model().pins()[accel::kOutValid] == 1);
      CHECK(std::equal(data.begin(), data.end(), bench.model().pins().out_data));
    };
    CHECK(bench.run(20 * plenty(tiled.commands[0]), pattern));
  });
}

TEST_CASE("cycle.model.back_to_back.next_weights_wait_in_the_fifo") {
  const accel::Geometry geometry;
  Draw draw(3, "cycle", "back_to_back");
  const TiledLayer one =
      test::tile_random_image(test::random_layer_for(geometry, Kind::conv2d, draw, false), geometry, draw);
  CycleBench bench(geometry, true);
  bench.send(one.job(0));
  bench.send(one.job(0));
  while (bench.model().state() != State::S_FINISH) bench.cycle();
  for (int i = 0; i < 3; ++i) bench.cycle();
  CHECK(bench.model().pins()[accel::kWgtReady] == 0);  // two beats of the next command
  const std::uint32_t loaded = bench.model().pins()[accel::kWeightLoad];
  CHECK(loaded == static_cast<std::uint32_t>(one.commands.at(0).header.passes() * geometry.rows));
  while (bench.model().state() != State::S_IDLE) bench.cycle();
  CHECK(bench.model().pins()[accel::kWeightLoad] == loaded);  // which nobody pops
  CHECK_FALSE(bench.model().idle());
  const auto first = static_cast<std::ptrdiff_t>(bench.out().size());
  REQUIRE(bench.run(plenty(one.commands.at(0))));
  CHECK(std::equal(bench.out().begin(), bench.out().begin() + first, one.expected.at(0).begin()));
  CHECK(std::equal(bench.out().begin() + first, bench.out().end(), one.expected.at(0).begin()));
}

TEST_CASE("cycle.model.reset_midstream.random") {
  const accel::Geometry geometry = sized(4, 4, 2);
  for_random_layers(geometry, "reset", 3, [&](const TiledLayer& tiled, Draw& draw) {
    CycleBench bench(geometry, true);
    const std::int32_t* weights = bench.model().cell_weight();
    bench.send(tiled.job(0));
    bench.run(static_cast<std::size_t>(draw.between(1, 400)), test::random_stalls(draw, 3));
    bench.reset();
    CHECK(bench.model().idle());
    CHECK(bench.model().cell_weight() == weights);
    CHECK(std::all_of(weights, weights + 16, [](std::int32_t w) { return w == 0; }));
    CHECK(bench.model().pins()[accel::kBusy] == 0U);
    CycleBench fresh(geometry, true);
    for (CycleBench* each : {&bench, &fresh}) each->send(tiled.job(0));
    for (std::size_t i = 0; i < plenty(tiled.commands[0]) && !fresh.model().idle(); ++i) {
      bench.cycle();
      fresh.cycle();
      const cycle::OutPins& a = bench.model().pins();
      const cycle::OutPins& b = fresh.model().pins();
      REQUIRE(a.value == b.value);
      REQUIRE(std::equal(a.out_data, a.out_data + geometry.cols, b.out_data));
    }
    CHECK(bench.out() == tiled.expected[0]);
  });
}

TEST_CASE("cycle.model.start.needs_a_command") {
  cycle::Model model({}, cycle::Follow::pins);
  CHECK_THROWS_AS(model.tick({true, false, false, false}), std::logic_error);
}
