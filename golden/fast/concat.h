// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/fast/op.h"

namespace systole::fast {

/// Concatenation of channels (docs/numerics.md, section 4): acc = round_shift_floor(clamp_psum(value - zero), align)
/// with each input's own zero point and shift, then the output stage with one entry per output channel.
class Concat final : public Op {
 public:
  explicit Concat(const op::Layer& layer) : Op(layer) {}

 private:
  void accumulate(std::span<const op::Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                  RunStats* stats) const override;
};

}  // namespace systole::fast
