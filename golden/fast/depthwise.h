// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/fast/dot_products.h"
#include "golden/fast/op.h"
#include "golden/fast/tap_sum.h"

namespace systole::fast {

/// acc[oh][ow][oc] = sum over kh, kw of (act[...][oc / (out_c / in_c)] - zero_in) * (level[oc][kh][kw] - zero_wgt). The
/// loop is TapSum, which average pooling has too.
class Depthwise final : public Op {
 public:
  explicit Depthwise(const op::Layer& layer) : Op(layer), tap_sum_(layer, centred_levels(layer).transpose()) {}

 private:
  void accumulate(std::span<const op::Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                  RunStats* stats) const override {
    tap_sum_.run(*inputs[0], acc, workspace, stats);
  }

  TapSum tap_sum_;
};

}  // namespace systole::fast
