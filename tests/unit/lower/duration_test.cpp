// SPDX-License-Identifier: Apache-2.0
#include "accel/lower/duration.h"

#include <doctest/doctest.h>

using namespace systole;
using lower::cycle_bound;
using lower::roofline_cycles;

TEST_CASE("lower.duration.roofline.passes_or_fill") {
  accel::Header header;
  header.in_h = header.in_w = 4;
  header.out_h = header.out_w = 2;
  header.kernel_h = header.kernel_w = 3;
  CHECK(roofline_cycles(header, {}) == 9 * 8);  // nine passes of four pixels, eight cycles each; the map's 16 hide
  header.kernel_h = header.kernel_w = 1;
  header.out_h = header.out_w = 4;
  CHECK(roofline_cycles(header, {}) == 16);
  header.out_h = header.out_w = 1;
  CHECK(roofline_cycles(header, {}) == 16);  // one pass of eight cycles behind a fill of 16
  header.ic_tiles = 2;
  header.oc_tiles = 3;
  CHECK(roofline_cycles(header, {}) == 6 * 16);
}

TEST_CASE("lower.duration.bound.grows_with_the_work") {
  // 13 + (3 + 8) + (8 + 1) + fill 16 + one group of max(1 * max(16, 8), 16) + D 16 + 6.
  accel::Header header;
  header.in_h = header.in_w = header.out_h = header.out_w = 4;
  const accel::Geometry geometry;
  CHECK(cycle_bound(header, geometry) == 13 + 11 + 9 + 16 + 16 + 16 + 6);
  header.oc_tiles = 3;
  CHECK(cycle_bound(header, geometry) == 13 + 11 + 9 + 16 + 3 * 16 + 16 + 6);
  header.kernel_h = 2;
  CHECK(cycle_bound(header, geometry) == 13 + 11 + 9 + 16 + 3 * 32 + 16 + 6);
  header.out_h = header.out_w = 1;  // a pass takes at least `rows` cycles, a group at least its fill
  CHECK(cycle_bound(header, geometry) == 13 + 11 + 9 + 16 + 3 * 16 + 16 + 6);
}
