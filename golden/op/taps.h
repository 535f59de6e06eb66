// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which taps of a window fall inside the map.
#include <algorithm>

#include "golden/fixed/ceil_div.h"

namespace systole::op {

/// The taps 0 <= first <= k < last of one axis that fall inside the map: 0 <= start + k * dilation < size.
struct TapRange {
  int first = 0;
  int last = 0;  ///< one past the last tap; equal to or below `first` where none is inside
  [[nodiscard]] int count() const { return std::max(0, last - first); }
  [[nodiscard]] bool contains(int tap) const { return tap >= first && tap < last; }
};

[[nodiscard]] constexpr TapRange taps_inside(int start, int dilation, int kernel, int size) {
  const int first = start >= 0 ? 0 : fixed::ceil_div(-start, dilation);
  const int last = start >= size ? 0 : (size - 1 - start) / dilation + 1;
  return {first, last < kernel ? last : kernel};
}

}  // namespace systole::op
