// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/fast/dot_products.h"
#include "golden/fast/op.h"

namespace systole::fast {

/// acc[oh][ow][oc] = sum over kh, kw, ic of (act[oh * stride_h - pad_top + kh * dilation_h][...][ic] - zero_in) *
/// (level - zero_wgt); padding reads the zero point (docs/numerics.md section 4).
class Conv2d final : public Op {
 public:
  explicit Conv2d(const op::Layer& layer, op::PsumOrder order = op::PsumOrder::array)
      : Op(layer), dot_products_(layer, layer.in_c, order) {}

 private:
  void accumulate(std::span<const op::Tensor* const> inputs, std::int32_t* acc, Workspace& workspace,
                  RunStats* stats) const override;
  template <class T>
  void accumulate_as(const op::Tensor& input, Scratch<T>& image_memory, Scratch<T>& patch_memory, std::int32_t* acc,
                     Workspace& workspace, RunStats* stats) const;

  DotProducts dot_products_;
};

}  // namespace systole::fast
