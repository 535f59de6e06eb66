// SPDX-License-Identifier: Apache-2.0
#include "golden/fixed/saturate.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>

namespace systole::fixed {
namespace {

TEST_CASE("fixed.saturate.exhaustive.width_6") {
  int wrong = 0;
  for (std::int64_t lo = -32; lo < 32; ++lo) {
    for (std::int64_t hi = lo; hi < 32; ++hi) {
      for (std::int64_t x = -40; x <= 40; ++x) {
        if (saturate(x, lo, hi) != std::min(std::max(x, lo), hi)) ++wrong;
      }
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("fixed.clamp_psum.exhaustive.b_0_to_8") {
  int wrong = 0;
  std::int64_t power = 1;  // 2^b
  for (int b = 0; b <= 8; ++b, power *= 2) {
    for (std::int64_t x = -1024; x <= 1024; ++x) {
      const bool inside = -power <= x && x <= power - 1;
      const std::int64_t expected = inside ? x : (x < 0 ? -power : power - 1);
      if (clamp_psum(x, b) != ClampedPsum{expected, !inside}) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("fixed.clamp_psum.saturates_low.b_31") {
  static_assert(clamp_psum(kInt32Min, 31) == ClampedPsum{kInt32Min, false});
  static_assert(clamp_psum(kInt32Min - 1, 31) == ClampedPsum{kInt32Min, true});
}

TEST_CASE("fixed.clamp_psum.saturates_high.b_31") {
  static_assert(clamp_psum(kInt32Max, 31) == ClampedPsum{kInt32Max, false});
  static_assert(clamp_psum(kInt32Max + 1, 31) == ClampedPsum{kInt32Max, true});
}

TEST_CASE("fixed.saturating_shift_left.saturates_low") {
  static_assert(saturating_shift_left(-3, 30) == INT32_MIN);
  static_assert(saturating_shift_left(-2, 30) == INT32_MIN);
  static_assert(saturating_shift_left(INT32_MIN, 31) == INT32_MIN);
}

TEST_CASE("fixed.saturating_shift_left.saturates_high") {
  static_assert(saturating_shift_left(1, 30) == 1 << 30);
  static_assert(saturating_shift_left(1, 31) == INT32_MAX);
  static_assert(saturating_shift_left(INT32_MAX, 31) == INT32_MAX);
  static_assert(saturating_shift_left(0, 31) == 0);
}

}  // namespace
}  // namespace systole::fixed
