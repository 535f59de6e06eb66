// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cassert>

namespace systole::fixed {

/// The smallest integer that is not below a / b, a >= 0, b >= 1: the groups of b that hold a things.
template <class T>
constexpr T ceil_div(T a, T b) {
  assert(a >= 0 && b >= 1);
  return (a + b - 1) / b;
}

}  // namespace systole::fixed
