// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "golden/fast/run_stats.h"
#include "golden/fast/workspace.h"
#include "golden/op/layer.h"

namespace systole::fast {

/// Sums over the taps of a window, every channel for itself: depthwise convolution, and average pooling as the
/// depthwise layer whose weights are 1. On the array each pass adds one product to a column, so both orders of
/// accumulation are the same: acc = clamp_psum(acc + round_shift_floor(clamp_psum(a * w), align[ic tile])).
class TapSum {
 public:
  /// `taps`: (kernel_h * kernel_w) x out_c weights, zero point removed. Output channel oc reads input channel oc /
  /// (out_c / in_c).
  TapSum(const op::Layer& layer, op::Matrix taps);

  /// acc[pixel][oc]; sets overflow flags, and widens `stats` (if any) after every tap of a saturating layer and gives
  /// stats->every the accumulator after every tap; a tap in the padding is a pass like any other, which adds 0.
  void run(const op::Tensor& input, std::int32_t* acc, Workspace& workspace, RunStats* stats) const;

 private:
  const std::int32_t* spread_image(const op::Tensor& input, Workspace& workspace) const;
  void add_tap(const std::int32_t* values, const std::int32_t* weights, std::int32_t* acc,
               std::int32_t* overflow) const;
  void see_columns(const std::int32_t* values, const std::int32_t* weights, Workspace& workspace,
                   PartialSums& every) const;

  const op::Layer& layer_;
  op::Matrix taps_;
  std::vector<std::int32_t> shift_;  ///< align of each output channel's ic tile
  std::int64_t low_, high_;
};

/// align[ic tile] of the input channel that each output channel reads, 0 where the layer has none.
[[nodiscard]] std::vector<std::int32_t> align_by_channel(const op::Layer& layer);

}  // namespace systole::fast
