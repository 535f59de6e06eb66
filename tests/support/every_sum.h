// SPDX-License-Identifier: Apache-2.0
#pragma once
// A ClipQ network whose output stage sees every sum of a range once.
#include "golden/model/network.h"
#include "golden/quant/clipq.h"

namespace systole::test {

/// A fully connected layer of one input with as many outputs as there are sums: weights are zero, the bias of output i
/// is lowest + i. Rule `rule` with a shift of 5, saturated to int8.
inline model::Network every_sum(fixed::Rounding rule, int lowest, int highest, bool relu = false) {
  const int outputs = highest - lowest + 1;
  model::FloatNetwork network{"every_sum", {1, 1, 1, 128, 1.0F / 32}, {}, {}};
  model::FloatLayer fc;
  fc.name = "fc";
  fc.kind = op::Kind::fully_connected;
  fc.out_c = outputs;
  fc.relu = relu;
  fc.weights = model::FloatMatrix::Zero(outputs, 1);
  fc.weights(0) = 1;  // a layer without any weight is refused; the input is zero
  fc.bias = model::FloatVector::LinSpaced(outputs, static_cast<float>(lowest), static_cast<float>(highest)) / 1024;
  network.nodes.push_back({fc, {0}});
  return quant::quantize_clipq(network, {.fraction = 0, .rule = rule}).network;
}

}  // namespace systole::test
