// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "golden/op/op.h"

namespace systole::op {

/// acc[oh][ow][c] = max over the taps inside the map of round_shift_floor(clamp_psum(act - zero_in), align); -2^b of
/// the clamp where no tap is inside.
class MaxPool final : public Op {
 public:
  explicit MaxPool(const Layer& layer);

 private:
  void accumulate(std::span<const Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                  RunStats* stats) const override;
  [[nodiscard]] const std::int32_t* columns(const Tensor& input, Workspace& workspace) const;
  void flag(const std::int32_t* values, Workspace& workspace) const;

  std::vector<std::int32_t> shift_;
};

}  // namespace systole::op
