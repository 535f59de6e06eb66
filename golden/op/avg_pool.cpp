// SPDX-License-Identifier: Apache-2.0
#include "golden/fixed/round.h"
#include "golden/op/operands.h"
#include "golden/op/operators.h"

namespace systole::op {

/// A depthwise layer of weight 1; the division is the output stage's.
std::int64_t avg_pool(const Layer& l, const Tensor& input, const Place& at, Psum& psum) {
  std::int64_t acc = 0;
  for (int kh = 0; kh < l.window.kernel_h; ++kh) {
    for (int kw = 0; kw < l.window.kernel_w; ++kw) {
      const std::int64_t column = psum.lone_product(activation(l, input, tap(l, at, kh, kw), at.oc));
      acc = psum.accumulate(acc + fixed::round_shift_floor(column, alignment(l, at.oc)));
      psum.pass_ends(acc);
    }
  }
  return acc;
}

}  // namespace systole::op
