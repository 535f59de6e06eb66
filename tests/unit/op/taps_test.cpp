// SPDX-License-Identifier: Apache-2.0
#include "golden/op/taps.h"

#include <doctest/doctest.h>

namespace systole::op {
namespace {

TEST_CASE("op.taps_inside.exhaustive") {
  int wrong = 0;
  for (int start = -12; start <= 12; ++start) {
    for (int dilation = 1; dilation <= 4; ++dilation) {
      for (int kernel = 1; kernel <= 5; ++kernel) {
        for (int size = 1; size <= 6; ++size) {
          const op::TapRange range = op::taps_inside(start, dilation, kernel, size);
          for (int k = 0; k < kernel; ++k) {
            const int at = start + k * dilation;
            if ((at >= 0 && at < size) != (k >= range.first && k < range.last)) ++wrong;
          }
        }
      }
    }
  }
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace systole::op
