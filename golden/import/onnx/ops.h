// SPDX-License-Identifier: Apache-2.0
#pragma once
// The quantized operators as ONNX defines them: real scales, rounding half to even. What an integer network that was
// imported, or an accelerator's integer multiplier, is measured against.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "golden/import/onnx/graph.h"

namespace systole::model::onnx {

/// The operators that evaluate() knows, sorted.
std::vector<std::string_view> operator_names();

/// Every value of the graph by name (constants, inputs, outputs of all nodes). Windows are two-dimensional, tensors
/// NCHW. Throws base::InputError naming node and problem: an operator outside of operator_names(), with their list; a
/// type, shape or attribute that ONNX does not allow or that no quantized network has; an input that is missing.
///
/// - QuantizeLinear: saturate(round_half_even(x / scale) + zero), the quotient in float32.
/// - QLinearConv, QLinearMatMul: the sum of (x - x_zero) * (w - w_zero), plus the int32 bias, exact;
///   saturate(round_half_even(sum * (x_scale * w_scale / y_scale)) + y_zero), the factor and the product in float32.
/// - QLinearAdd (com.microsoft): the operands' real values, their sum and its quotient by the output's scale in
/// float32.
/// - ConvInteger, MatMulInteger: the exact sum as int32, which it must fit.
/// - Float operators sum in double and round once to float32.
/// - Softmax and LogSoftmax are left to the host: their outputs are not among the values.
std::map<std::string, Array> evaluate(const Graph& graph, std::map<std::string, Array> inputs);

/// The output of one node from the values of its inputs. Throws as evaluate() does.
Array evaluate_node(const Graph& graph, std::size_t index, const std::map<std::string, Array>& values);

/// Throws the base::InputError of a node whose input nothing in front of it gives: out of order (a cycle) or missing.
[[noreturn]] void refuse_missing(const Graph& graph, std::size_t index, std::size_t input);

/// Nearest integer, ties to the even one: 0.5 -> 0, 1.5 -> 2, -2.5 -> -2.
double round_half_even(double x);

}  // namespace systole::model::onnx
