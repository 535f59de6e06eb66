// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/op.h"

#include <algorithm>

#include "golden/fast/add.h"
#include "golden/fast/avg_pool.h"
#include "golden/fast/concat.h"
#include "golden/fast/conv2d.h"
#include "golden/fast/depthwise.h"
#include "golden/fast/fully_connected.h"
#include "golden/fast/max_pool.h"
#include "golden/op/psum.h"
#include "golden/op/validate.h"

namespace systole::fast {
void Op::report_overflow(const Workspace& workspace, RunStats* stats) const {
  const auto first = workspace.overflow.begin();
  const auto last = first + layer_.out_c;
  const auto flagged = std::find(first, last, 1);
  if (flagged != last && !layer_.saturate) op::report_overflow(layer_, flagged - first);
  if (stats == nullptr) return;
  stats->overflow.resize(static_cast<std::size_t>(layer_.out_c), 0);
  std::transform(
      first, last, stats->overflow.begin(), stats->overflow.begin(),
      [](std::int32_t now, std::uint8_t before) { return static_cast<std::uint8_t>(now != 0 || before != 0); });
}

void Op::run(std::span<const op::Tensor* const> inputs, op::Tensor& out, Workspace& workspace, RunStats* stats) const {
  // The float path is exact for operands of the declared type only, so every image is checked.
  op::check_inputs(layer_, inputs);
  const std::int64_t pixels = std::int64_t{layer_.out_h} * layer_.out_w;
  out.height = layer_.out_h;
  out.width = layer_.out_w;
  out.data.resize(pixels, layer_.out_c);
  workspace.overflow.assign(static_cast<std::size_t>(layer_.out_c), 0);
  std::int32_t* acc = workspace.psum.get(pixels * layer_.out_c);
  accumulate(inputs, acc, workspace, stats);
  finish(acc, out, workspace, stats);
  report_overflow(workspace, stats);
}

void Op::finish(const std::int32_t* acc, op::Tensor& out, Workspace& workspace, RunStats* stats) const {
  output_stage_.apply(acc, out.data.rows(), out.data.data(), workspace.overflow, stats);
}

std::unique_ptr<Op> make_op(const op::Layer& layer, op::PsumOrder order) {
  op::validate(layer);
  op::check_order(layer, order);
  switch (layer.kind) {
    case op::Kind::conv2d:
      return std::make_unique<Conv2d>(layer, order);
    case op::Kind::depthwise:
      return std::make_unique<Depthwise>(layer);
    case op::Kind::fully_connected:
      return std::make_unique<FullyConnected>(layer, order);
    case op::Kind::max_pool:
      return std::make_unique<MaxPool>(layer);
    case op::Kind::avg_pool:
      return std::make_unique<AvgPool>(layer);
    case op::Kind::add:
      return std::make_unique<Add>(layer);
    case op::Kind::concat:
      break;
  }
  return std::make_unique<Concat>(layer);
}

op::Tensor run_layer(const op::Layer& layer, std::span<const op::Tensor* const> inputs, RunStats* stats,
                     op::PsumOrder order) {
  Workspace workspace;
  op::Tensor out;
  make_op(layer, order)->run(inputs, out, workspace, stats);
  return out;
}

}  // namespace systole::fast
