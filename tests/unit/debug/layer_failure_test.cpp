// SPDX-License-Identifier: Apache-2.0
#include "debug/layer_failure.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "golden/model/one_layer.h"
#include "tests/support/random_layer.h"

namespace systole::debug {
namespace {

FailingLayer some_layer(op::Kind kind, test::Draw& draw) {
  const op::Layer layer = test::random_layer(kind, draw, true, {.equal_inputs = true});
  const model::Network network = model::one_layer_network(layer);
  return failing_layer(network, test::random_inputs(layer, draw)[0], layer.name);
}

TEST_CASE("debug.layer_failure.two_goldens_that_agree_leave_no_doubt") {
  test::Draw draw(1, "layer_failure", "layers");
  for (const op::Kind kind : test::kEveryKind) CHECK(doubt_of_golden(some_layer(kind, draw)).empty());
}

TEST_CASE("debug.layer_failure.a_wrong_golden_is_suspect_where_it_is_wrong") {
  test::Draw draw(2, "layer_failure", "layers");
  for (const op::Kind kind : test::kEveryKind) {
    FailingLayer layer = some_layer(kind, draw);
    const int y = layer.golden.height - 1, x = layer.golden.width - 1, oc = layer.golden.channels() - 1;
    layer.golden.at(y, x, oc) ^= 1;
    const std::string doubt = doubt_of_golden(layer);
    CAPTURE(doubt);
    CHECK(doubt.starts_with("the reference is suspect: golden says "));
    CHECK(doubt.find(" for oc " + std::to_string(oc) + " oh " + std::to_string(y) + " ow " + std::to_string(x) +
                     " of ") != std::string::npos);
  }
}

}  // namespace
}  // namespace systole::debug
