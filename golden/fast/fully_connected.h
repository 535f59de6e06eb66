// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/fast/dot_products.h"
#include "golden/fast/op.h"
#include "golden/op/validate.h"

namespace systole::fast {

/// acc[oc] = sum over i of (act[i] - zero_in) * (level[oc][i] - zero_wgt), i running over the input in HWC order. For
/// the order of accumulation the input is one pixel of in_h * in_w * in_c channels, and in channelwise order in_h *
/// in_w taps of in_c channels.
class FullyConnected final : public Op {
 public:
  explicit FullyConnected(const op::Layer& layer, op::PsumOrder order = op::PsumOrder::array)
      : Op(layer),
        dot_products_(layer, order == op::PsumOrder::channelwise ? layer.in_c : op::tiled_channels(layer), order) {}

 private:
  void accumulate(std::span<const op::Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                  RunStats* stats) const override;

  DotProducts dot_products_;
};

}  // namespace systole::fast
