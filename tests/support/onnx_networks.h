// SPDX-License-Identifier: Apache-2.0
#pragma once
// ONNX graphs of the kinds that quantizers write, with drawn weights and scales that use the range of int8.
#include <cstdint>

#include "tests/support/onnx_graph.h"

namespace systole::test {

/// QLinearConv, MaxPool, Flatten, QLinearMatMul: uint8 [N, 3, 32, 32] to ten int8 values, per-channel weights, biases.
OnnxGraph qlinear_lenet();

/// float32 [1, 3, 8, 8]: Conv, Relu, a residual Add, depthwise Conv with Clip, pools and Gemm between QuantizeLinear
/// and DequantizeLinear; ends in a DequantizeLinear.
OnnxGraph qdq_residual();

/// int8 [1, 4, 9, 7]: branches of several scales that Concat joins, an average over padded windows, a QLinearAdd.
OnnxGraph concat_branches();

/// uint8 [1, 3, 6, 5] to the int32 sums of a ConvInteger.
OnnxGraph conv_integer();

/// One operator, or one between QuantizeLinear and DequantizeLinear, all of its parameters drawn.
OnnxGraph random_operator(std::uint64_t seed);

}  // namespace systole::test
