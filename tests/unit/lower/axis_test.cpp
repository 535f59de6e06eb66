// SPDX-License-Identifier: Apache-2.0
#include "accel/lower/axis.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/random_layer.h"

using namespace systole::lower;
using systole::test::Draw;

namespace {

int needed(const AxisWindow& w, Range range) {
  std::vector<bool> read(static_cast<std::size_t>(w.in));
  for (int o = range.first; o < range.first + range.count; ++o) {
    for (int k = 0; k < w.kernel; ++k) {
      const int i = o * w.stride + k * w.dilation - w.pad;
      if (i >= 0 && i < w.in) read[static_cast<std::size_t>(i)] = true;
    }
  }
  return static_cast<int>(std::count(read.begin(), read.end(), true));
}

/// The coordinate that a tap of the planned window reads, -1 for padding.
int read_by_plan(const Axis& axis, int o, int k) {
  const int i = o * axis.stride + k * axis.dilation - axis.pad;
  if (i < 0 || i >= static_cast<int>(axis.source.size())) return -1;
  return axis.source[static_cast<std::size_t>(i)];
}

}  // namespace

TEST_CASE("lower.axis.plan.reads_the_same_coordinates.random") {
  Draw draw(1, "axis", "plan");
  for (int i = 0; i < 5000; ++i) {
    const AxisWindow w{draw.between(1, 40), draw.between(1, 30), draw.between(1, 7),
                       draw.between(1, 15), draw.between(1, 15), draw.between(0, 15)};
    const int first = draw.between(0, w.out - 1);
    const Range range{first, draw.between(1, w.out - first)};
    const Axis axis = plan_axis(w, range);
    CHECK(axis.stride >= 1);
    CHECK(axis.stride <= 15);
    CHECK(axis.dilation >= 1);
    CHECK(axis.dilation <= 15);
    REQUIRE_FALSE(axis.source.empty());
    CHECK(axis.pad >= 0);
    if (needed(w, range) != 0) CHECK(axis.pad <= w.pad);
    for (int o = 0; o < range.count; ++o) {
      for (int k = 0; k < w.kernel; ++k) {
        const int original = (range.first + o) * w.stride + k * w.dilation - w.pad;
        const int expected = original < 0 || original >= w.in ? -1 : original;
        REQUIRE(read_by_plan(axis, o, k) == expected);
      }
    }
  }
}

TEST_CASE("lower.axis.plan.k_eq_1_stride_gt_1.sends_only_what_is_read") {
  const Axis axis = plan_axis({14, 7, 1, 2, 1, 0}, {0, 7});
  CHECK(axis.source == std::vector<int>{0, 2, 4, 6, 8, 10, 12});
  CHECK(axis.stride == 1);
}

TEST_CASE("lower.axis.plan.k_lt_stride.sends_only_what_is_read") {
  const Axis axis = plan_axis({12, 3, 2, 4, 1, 1}, {0, 3});  // reads -1 0 | 3 4 | 7 8
  CHECK(axis.source == std::vector<int>{0, 3, 4, 7, 8});
  CHECK(axis.pad == 1);
  CHECK(axis.stride == 2);
}

TEST_CASE("lower.axis.plan.stride_and_dilation_share_a_divisor") {
  const Axis axis = plan_axis({11, 4, 3, 2, 2, 2}, {0, 4});  // reads -2 .. 8, even ones only
  CHECK(axis.source == std::vector<int>{0, 2, 4, 6, 8});
  CHECK(axis.pad == 1);
  CHECK(axis.stride == 1);
  CHECK(axis.dilation == 1);
}

TEST_CASE("lower.axis.runs.equal_taps") {
  // Kernel 3, stride 1, padding 1 over five inputs: 2 3 3 3 2 taps.
  CHECK(equal_tap_runs({5, 5, 3, 1, 1, 1}) == std::vector<Range>{{0, 1}, {1, 3}, {4, 1}});
}

TEST_CASE("lower.axis.cut.even") { CHECK(cut_evenly({3, 7}, 3) == std::vector<Range>{{3, 2}, {5, 2}, {7, 3}}); }
