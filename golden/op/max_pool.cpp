// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "golden/fixed/round.h"
#include "golden/op/operands.h"
#include "golden/op/operators.h"

namespace systole::op {

/// Padding is no candidate; an output without a tap inside the map is the least psum.
std::int64_t max_pool(const Layer& l, const Tensor& input, const Place& at, Psum& psum) {
  std::int64_t acc = psum.lowest();
  for (int kh = 0; kh < l.window.kernel_h; ++kh) {
    for (int kw = 0; kw < l.window.kernel_w; ++kw) {
      const Tap from = tap(l, at, kh, kw);
      if (!from.inside) continue;
      const std::int64_t column = psum.clamp(activation(l, input, from, at.oc));
      acc = std::max(acc, fixed::round_shift_floor(column, alignment(l, at.oc)));
      psum.pass_ends(acc);
    }
  }
  return acc;
}

}  // namespace systole::op
