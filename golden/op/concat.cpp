// SPDX-License-Identifier: Apache-2.0
#include "golden/fixed/round.h"
#include "golden/op/operators.h"

namespace systole::op {

std::int64_t concat(const Layer& l, std::span<const Tensor* const> inputs, const Place& at, Psum& psum) {
  std::size_t i = 0;
  int ic = at.oc;
  for (; ic >= l.concat[i].channels; ++i) ic -= l.concat[i].channels;
  const ConcatInput& from = l.concat[i];
  const std::int64_t column = psum.clamp(std::int64_t{inputs[i]->at(at.oh, at.ow, ic)} - from.zero);
  return psum.pass_ends(fixed::round_shift_floor(column, from.align));
}

}  // namespace systole::op
