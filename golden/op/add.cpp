// SPDX-License-Identifier: Apache-2.0
#include "golden/fixed/round.h"
#include "golden/op/operators.h"

namespace systole::op {
namespace {

std::int64_t scaled(std::int32_t value, fixed::Rounding rule, const AddOperand& operand) {
  return fixed::requantize(value - operand.zero, rule, true, operand.m0, operand.lshift, operand.n);
}

}  // namespace

/// A declared saturation at 32 bits is the layer's meaning and no overflow; elsewhere it is one.
std::int64_t add(const Layer& l, const Tensor& a, const Tensor& b, const Place& at, Psum& psum) {
  const std::int64_t sum =
      scaled(a.at(at.oh, at.ow, at.oc), l.out.rule, l.add_a) + scaled(b.at(at.oh, at.ow, at.oc), l.out.rule, l.add_b);
  const std::int64_t saturated = fixed::saturate(sum, fixed::kInt32Min, fixed::kInt32Max);
  if (saturated != sum && !l.saturate) psum.overflows();
  return saturated;
}

}  // namespace systole::op
