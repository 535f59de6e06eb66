// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/weights.h"

#include <algorithm>

#include "golden/import/onnx/geometry.h"
#include "golden/import/onnx/ops.h"

namespace systole::model::onnx {

namespace {

/// A layer has one zero point for its weights.
void set_element(const Call& call, op::Layer& layer, const Weights& weights) {
  const std::vector<double>& zeros = weights.zero.values;
  if (std::any_of(zeros.begin(), zeros.end(), [&](double zero) { return zero != zeros[0]; })) {
    call.fail("expected weights with one zero point for all channels");
  }
  layer.wgt_signed = weights.codes->type == Type::int8;
  layer.zero_wgt = static_cast<std::int32_t>(zeros[0]);
}

std::int32_t weight(const Weights& weights, std::int64_t index) {
  return static_cast<std::int32_t>(weights.codes->values[at(index)]);
}

}  // namespace

void set_convolution_weights(const Call& call, op::Layer& layer, const Weights& weights) {
  set_element(call, layer, weights);
  const std::int64_t channels = weights.codes->shape[1];  // of one group
  layer.kind = convolution_kind(layer, channels);
  const std::int64_t taps = std::int64_t{layer.window.kernel_h} * layer.window.kernel_w;
  const std::int64_t columns = taps * (layer.kind == op::Kind::depthwise ? 1 : layer.in_c);
  layer.weights = op::Matrix::Constant(layer.out_c, columns, layer.zero_wgt);
  for_each_convolution_weight(layer, channels, [&](auto row, auto column, auto, auto index) {
    layer.weights(row, column) = weight(weights, index);
  });
}

void set_matrix_weights(const Call& call, op::Layer& layer, const Weights& weights, bool transposed,
                        bool channels_first) {
  set_element(call, layer, weights);
  const std::int64_t depth = weights.codes->shape[transposed ? 1 : 0];
  layer.weights.resize(layer.out_c, depth);
  for_each_matrix_weight(layer, depth, transposed, channels_first, [&](auto row, auto column, auto index) {
    layer.weights(row, column) = weight(weights, index);
  });
}

void set_real_bias(const Call& call, op::Layer& layer, const std::vector<double>& step,
                   const std::vector<double>& real) {
  const Range range = range_of(Type::int32);
  layer.bias.resize(layer.out_c);
  for (int oc = 0; oc < layer.out_c; ++oc) {
    const auto channel = static_cast<std::size_t>(oc);
    const double steps = round_half_even(real[real.size() == 1 ? 0 : channel] / step[step.size() == 1 ? 0 : channel]);
    if (!(steps >= range.low && steps <= range.high)) call.fail("expected a bias that fits int32 in steps of the sums");
    layer.bias[oc] = static_cast<std::int32_t>(steps);
  }
}

void set_integer_bias(op::Layer& layer, const Array& bias) {
  layer.bias.resize(layer.out_c);
  for (int oc = 0; oc < layer.out_c; ++oc) {
    layer.bias[oc] = static_cast<std::int32_t>(bias.values[static_cast<std::size_t>(oc)]);
  }
}

}  // namespace systole::model::onnx
