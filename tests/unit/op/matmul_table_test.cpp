// SPDX-License-Identifier: Apache-2.0
// Only rounding down gives the published product's table.
#include "tests/support/matmul_table.h"

#include <doctest/doctest.h>

#include "golden/op/run_layer.h"

namespace systole::op {
namespace {

int entries_that_differ(fixed::Rounding rule) {
  const Tensor a = test::matmul_input();
  const std::array<const Tensor*, 1> inputs{&a};
  const Layer layer = test::matmul_layer(rule);
  return test::entries_that_differ(run_layer(layer, inputs));
}

TEST_CASE("op.matmul.published_table.floor_is_exact") { CHECK(entries_that_differ(fixed::Rounding::floor) == 0); }
TEST_CASE("op.matmul.published_table.half_up_differs") { CHECK(entries_that_differ(fixed::Rounding::half_up) == 9); }
TEST_CASE("op.matmul.published_table.double_rounding_differs") {
  CHECK(entries_that_differ(fixed::Rounding::double_rounding) == 9);
}

}  // namespace
}  // namespace systole::op
