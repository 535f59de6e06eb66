// SPDX-License-Identifier: Apache-2.0
#pragma once
// Weights and bias of ONNX into the order of a layer. Internal to this folder.
#include <vector>

#include "golden/import/onnx/value.h"

namespace systole::model::onnx {

/// Sets kind, weights, sign and zero point of a convolution's layer from [oc, c / group, kh, kw]: conv2d; depthwise
/// where each group is one channel. Groups between are a conv2d whose other weights are the zero point. layer.in_c,
/// out_c and window are set before.
void set_convolution_weights(const Call& call, op::Layer& layer, const Weights& weights);

/// The same of a matrix product: [k, n], or [n, k] where `transposed`. A fully connected layer reads its map in HWC
/// order; `channels_first` says that the source flattened it from CHW.
void set_matrix_weights(const Call& call, op::Layer& layer, const Weights& weights, bool transposed,
                        bool channels_first);

/// Bias as whole steps of the sums: round half even of real / step.
void set_real_bias(const Call& call, op::Layer& layer, const std::vector<double>& step,
                   const std::vector<double>& real);

/// Bias as it is stored, int32.
void set_integer_bias(op::Layer& layer, const Array& bias);

}  // namespace systole::model::onnx
