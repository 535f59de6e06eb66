// SPDX-License-Identifier: Apache-2.0
#include "golden/op/op.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "golden/op/add.h"
#include "golden/op/avg_pool.h"
#include "golden/op/concat.h"
#include "golden/op/conv2d.h"
#include "golden/op/depthwise.h"
#include "golden/op/fully_connected.h"
#include "golden/op/max_pool.h"
#include "golden/op/validate.h"

namespace systole::op {
namespace {

std::string shape(int height, int width, int channels) {
  return std::to_string(height) + 'x' + std::to_string(width) + 'x' + std::to_string(channels);
}

}  // namespace

void Op::check(std::span<const Tensor* const> inputs) const {
  const std::string where = "layer '" + layer_.name + "': ";
  const std::size_t expected = input_count(layer_);
  if (inputs.size() != expected) {
    throw std::invalid_argument(where + std::to_string(inputs.size()) + " inputs, expected " +
                                std::to_string(expected));
  }
  const ElementRange range = element_range(layer_.act_signed, layer_.act_bits);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Tensor* input = inputs[i];
    const int channels = input_channels(layer_, i);
    const bool fits = input->height == layer_.in_h && input->width == layer_.in_w && input->channels() == channels &&
                      input->pixels() == input->height * input->width;
    if (!fits) {
      throw std::invalid_argument(where + "input is " + shape(input->height, input->width, input->channels()) +
                                  ", expected " + shape(layer_.in_h, layer_.in_w, channels));
    }
    // The float path is exact for operands of the declared type only, so this is checked for every image.
    const std::int32_t low = input->data.minCoeff();
    const std::int32_t high = input->data.maxCoeff();
    if (low < range.low || high > range.high) {
      throw std::invalid_argument(where + "input value " + std::to_string(low < range.low ? low : high) +
                                  ", expected " + std::to_string(range.low) + " .. " + std::to_string(range.high));
    }
  }
}

void Op::report_overflow(const Workspace& workspace, RunStats* stats) const {
  const auto first = workspace.overflow.begin();
  const auto last = first + layer_.out_c;
  const auto flagged = std::find(first, last, 1);
  if (flagged != last && !layer_.saturate) {
    throw fixed::OverflowError("layer '" + layer_.name + "', output channel " + std::to_string(flagged - first) +
                               ": a partial sum leaves psum_width = " + std::to_string(layer_.psum_width) + " bits");
  }
  if (stats == nullptr) return;
  stats->overflow.resize(static_cast<std::size_t>(layer_.out_c), 0);
  std::transform(
      first, last, stats->overflow.begin(), stats->overflow.begin(),
      [](std::int32_t now, std::uint8_t before) { return static_cast<std::uint8_t>(now != 0 || before != 0); });
}

void Op::run(std::span<const Tensor* const> inputs, Tensor& out, Workspace& workspace, RunStats* stats) const {
  check(inputs);
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

void Op::finish(const std::int32_t* acc, Tensor& out, Workspace& workspace, RunStats* stats) const {
  output_stage_.apply(acc, out.data.rows(), out.data.data(), workspace.overflow, stats);
}

std::unique_ptr<Op> make_op(const Layer& layer, PsumOrder order) {
  validate(layer);
  switch (layer.kind) {
    case Kind::conv2d:
      return std::make_unique<Conv2d>(layer, order);
    case Kind::depthwise:
      return std::make_unique<Depthwise>(layer);
    case Kind::fully_connected:
      return std::make_unique<FullyConnected>(layer, order);
    case Kind::max_pool:
      return std::make_unique<MaxPool>(layer);
    case Kind::avg_pool:
      return std::make_unique<AvgPool>(layer);
    case Kind::add:
      return std::make_unique<Add>(layer);
    case Kind::concat:
      break;
  }
  return std::make_unique<Concat>(layer);
}

Tensor run_layer(const Layer& layer, std::span<const Tensor* const> inputs, RunStats* stats, PsumOrder order) {
  Workspace workspace;
  Tensor out;
  make_op(layer, order)->run(inputs, out, workspace, stats);
  return out;
}

}  // namespace systole::op
