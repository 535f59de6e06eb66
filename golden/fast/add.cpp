// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/add.h"

namespace systole::fast {
namespace {

std::int64_t scaled(std::int32_t value, fixed::Rounding rule, const op::AddOperand& operand) {
  return fixed::requantize(value - operand.zero, rule, true, operand.m0, operand.lshift, operand.n);
}

}  // namespace

void Add::accumulate(std::span<const op::Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                     RunStats* /*stats*/) const {
  const op::Layer& l = layer();
  const std::int32_t* a = inputs[0]->data.data();
  const std::int32_t* b = inputs[1]->data.data();
  for (Eigen::Index i = 0; i < inputs[0]->data.size(); ++i) {
    const std::int64_t sum = scaled(a[i], l.out.rule, l.add_a) + scaled(b[i], l.out.rule, l.add_b);
    const std::int64_t saturated = fixed::saturate(sum, fixed::kInt32Min, fixed::kInt32Max);
    // A declared saturation at 32 bits is the layer's meaning and raises no flag; elsewhere it is an overflow to
    // report.
    if (saturated != sum && !l.saturate) workspace.overflow[static_cast<std::size_t>(i % l.out_c)] = 1;
    acc[i] = static_cast<std::int32_t>(saturated);
  }
}

}  // namespace systole::fast
