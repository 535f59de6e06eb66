// SPDX-License-Identifier: Apache-2.0
#include "golden/fixed/round.h"
#include "golden/op/operands.h"
#include "golden/op/operators.h"

namespace systole::op {
namespace {

/// Entry `oc` of a list that has one entry per output channel, or one for all.
template <class T>
std::int32_t entry(const std::vector<T>& values, int oc) {
  return values[values.size() == 1 ? 0 : static_cast<std::size_t>(oc)];
}

/// sum / count to nearest, ties away from zero.
std::int64_t average(std::int64_t sum, std::int64_t count) {
  const std::int64_t magnitude = ((sum < 0 ? -2 * sum : 2 * sum) + count) / (2 * count);
  return sum < 0 ? -magnitude : magnitude;
}

int taps_inside_map(const Layer& l, const Place& at) {
  int count = 0;
  for (int kh = 0; kh < l.window.kernel_h; ++kh) {
    for (int kw = 0; kw < l.window.kernel_w; ++kw) count += tap(l, at, kh, kw).inside ? 1 : 0;
  }
  return count;
}

}  // namespace

std::int32_t output_stage(const Layer& l, std::int64_t acc, const Place& at, Psum& psum) {
  const Requantization& q = l.out;
  const std::int64_t biased = l.bias.size() == 0 ? psum.clamp(acc) : psum.accumulate(acc + l.bias(at.oc));
  psum.pass_ends(biased);
  const auto x = static_cast<std::int32_t>(biased);
  if (q.raw) return x;
  const std::int64_t y = l.exclude_padding ? average(x, taps_inside_map(l, at))
                                           : fixed::requantize(x, q.rule, q.multiply, entry(q.m0, at.oc),
                                                               entry(q.lshift, at.oc), entry(q.n, at.oc));
  return static_cast<std::int32_t>(fixed::saturate(y + q.zero_out, q.act_min, q.act_max));
}

}  // namespace systole::op
