// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/op/op.h"

namespace systole::op {

/// Concatenation of channels (docs/numerics.md, section 4): acc = round_shift_floor(clamp_psum(value - zero), align)
/// with each input's own zero point and shift, then the output stage with one entry per output channel.
class Concat final : public Op {
 public:
  explicit Concat(const Layer& layer) : Op(layer) {}

 private:
  void accumulate(std::span<const Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                  RunStats* stats) const override;
};

/// The depthwise layer with weight 1 that carries input `input` of a concatenation into its slice of the output; what
/// an array runs. Bias and per-channel parameters are the slice's. `layer` must be a valid concat.
[[nodiscard]] Layer concat_part(const Layer& layer, std::size_t input);

}  // namespace systole::op
