// SPDX-License-Identifier: Apache-2.0
#pragma once
// ONNX graphs of float operators, as frameworks export them, with drawn weights.
#include <cstdint>

#include "tests/support/onnx_graph.h"

namespace systole::test {

/// [N, 1, 28, 28] to ten values: normalisation of the input, three convolutions with BatchNormalization, a residual
/// Add, MaxPool and GlobalAveragePool, Gemm, and Softmax where it is asked for.
OnnxGraph float_residual(bool softmax = true);

/// A network of three to eight operators of docs/import.md's table, all of their parameters drawn.
OnnxGraph random_float_network(std::uint64_t seed);

}  // namespace systole::test
