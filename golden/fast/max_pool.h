// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "golden/fast/op.h"

namespace systole::fast {

/// acc[oh][ow][c] = max over the taps inside the map of round_shift_floor(clamp_psum(act - zero_in), align); -2^b of
/// the clamp where no tap is inside.
class MaxPool final : public Op {
 public:
  explicit MaxPool(const op::Layer& layer);

 private:
  void accumulate(std::span<const op::Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                  RunStats* stats) const override;
  [[nodiscard]] const std::int32_t* columns(const op::Tensor& input, Workspace& workspace) const;
  void flag(const std::int32_t* values, Workspace& workspace) const;

  std::vector<std::int32_t> shift_;
};

}  // namespace systole::fast
