// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>

#include "golden/fast/op.h"
#include "golden/fast/tap_sum.h"

namespace systole::fast {

/// acc[oh][ow][c] = sum over the window of act - zero_in; the division is the requantization: the layer's own (`out`),
/// or with exclude_padding that of average_multiplier(taps inside the map) and rule half_away, pixel by pixel.
class AvgPool final : public Op {
 public:
  explicit AvgPool(const op::Layer& layer);

 private:
  void accumulate(std::span<const op::Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                  RunStats* stats) const override {
    tap_sum_.run(*inputs[0], acc, workspace, stats);
  }
  void finish(const std::int32_t* acc, op::Tensor& out, Workspace& workspace, RunStats* stats) const override;
  [[nodiscard]] int taps_of(int oh, int ow) const;

  TapSum tap_sum_;
  std::map<int, OutputStage> stage_by_count_;  ///< exclude_padding: one divisor for each number of taps that occurs
};

}  // namespace systole::fast
