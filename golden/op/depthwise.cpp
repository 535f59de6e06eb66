// SPDX-License-Identifier: Apache-2.0
#include "golden/fixed/round.h"
#include "golden/op/operands.h"
#include "golden/op/operators.h"

namespace systole::op {

/// One pass per tap, whose column holds one product.
std::int64_t depthwise(const Layer& l, const Tensor& input, const Place& at, Psum& psum) {
  const int ic = at.oc / (l.out_c / l.in_c);
  std::int64_t acc = 0;
  for (int kh = 0; kh < l.window.kernel_h; ++kh) {
    for (int kw = 0; kw < l.window.kernel_w; ++kw) {
      const std::int64_t a = activation(l, input, tap(l, at, kh, kw), ic);
      const std::int64_t column = psum.lone_product(a * weight(l, at.oc, kh * l.window.kernel_w + kw));
      acc = psum.accumulate(acc + fixed::round_shift_floor(column, alignment(l, ic)));
      psum.pass_ends(acc);
    }
  }
  return acc;
}

}  // namespace systole::op
