// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <array>

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

TEST_CASE("session.adapter.names_the_first_need_that_is_not_met") {
  CHECK(unmet({{true, "does a"}, {true, "does b"}}).empty());
  CHECK(unmet({{true, "does a"}, {false, "does b"}, {false, "does c"}}) == "this design does b");
}

}  // namespace
}  // namespace systole::session
