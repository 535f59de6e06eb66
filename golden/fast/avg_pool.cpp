// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/avg_pool.h"

#include "golden/fast/reach.h"
#include "golden/op/multiplier.h"

namespace systole::fast {
namespace {

OutputStage average_stage(const op::Layer& layer, int count) {
  const op::Multiplier multiplier = op::average_multiplier(count);
  op::Layer average = layer;
  average.out.rule = fixed::Rounding::half_away;
  average.out.multiply = true;
  average.out.m0 = {multiplier.m0};
  average.out.lshift = {multiplier.lshift};
  average.out.n = {multiplier.n};
  return OutputStage(average);
}

}  // namespace

AvgPool::AvgPool(const op::Layer& layer)
    : Op(layer),
      tap_sum_(layer, op::Matrix::Ones(Eigen::Index{layer.window.kernel_h} * layer.window.kernel_w, layer.out_c)) {
  if (!layer.exclude_padding) return;
  for (int oh = 0; oh < layer.out_h; ++oh) {
    for (int ow = 0; ow < layer.out_w; ++ow) {
      const int count = taps_of(oh, ow);
      if (!stage_by_count_.contains(count)) stage_by_count_.emplace(count, average_stage(layer, count));
    }
  }
}

int AvgPool::taps_of(int oh, int ow) const { return reach_of(layer(), oh, ow).taps(); }

void AvgPool::finish(const std::int32_t* acc, op::Tensor& out, Workspace& workspace, RunStats* stats) const {
  if (!layer().exclude_padding) {
    Op::finish(acc, out, workspace, stats);
    return;
  }
  for (int oh = 0; oh < out.height; ++oh) {
    for (int ow = 0; ow < out.width; ++ow) {
      const std::int64_t first = (std::int64_t{oh} * out.width + ow) * out.channels();
      stage_by_count_.at(taps_of(oh, ow)).apply(acc + first, 1, out.data.data() + first, workspace.overflow, stats);
    }
  }
}

}  // namespace systole::fast
