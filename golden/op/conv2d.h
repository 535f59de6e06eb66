// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/op/dot_products.h"
#include "golden/op/op.h"

namespace systole::op {

/// acc[oh][ow][oc] = sum over kh, kw, ic of (act[oh * stride_h - pad_top + kh * dilation_h][...][ic] - zero_in) *
/// (level - zero_wgt); padding reads the zero point (docs/numerics.md section 4).
class Conv2d final : public Op {
 public:
  explicit Conv2d(const Layer& layer, PsumOrder order = PsumOrder::array)
      : Op(layer), dot_products_(layer, layer.in_c, order) {}

 private:
  void accumulate(std::span<const Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                  RunStats* stats) const override;
  template <class T>
  void accumulate_as(const Tensor& input, Scratch<T>& image_memory, Scratch<T>& patch_memory, std::int32_t* acc,
                     Workspace& workspace, RunStats* stats) const;

  DotProducts dot_products_;
};

}  // namespace systole::op
