// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/fast/op.h"

namespace systole::fast {

/// Residual add of two tensors of one shape and element type: acc = saturate32(s_a + s_b), s = requantize(value - zero,
/// out.rule, 1, m0, lshift, n) with each operand's own parameters. The bias is clamped at the whole psum_width.
class Add final : public Op {
 public:
  explicit Add(const op::Layer& layer) : Op(layer) {}

 private:
  void accumulate(std::span<const op::Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                  RunStats* stats) const override;
};

}  // namespace systole::fast
