// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rule of each operator: what the node at hand becomes in the network. Internal to this folder.
#include "golden/import/onnx/network_builder.h"

namespace systole::model::onnx::rule {

// rules_quantize.cpp: between integers and real values
void constant(Builder& b);
void dequantize(Builder& b);
void quantize(Builder& b);

// rules_shape.cpp: what has no work to do
void identity(Builder& b);
void reshape(Builder& b);
void softmax(Builder& b);
void transpose(Builder& b);

// rules_product.cpp: convolutions and matrix products
void conv(Builder& b);
void conv_integer(Builder& b);
void gemm(Builder& b);
void matmul(Builder& b);
void matmul_integer(Builder& b);
void qlinear_conv(Builder& b);
void qlinear_matmul(Builder& b);

// rules_join.cpp: sums and concatenations of several tensors, and a constant that is a product's bias
void add(Builder& b);
void concat(Builder& b);
void qlinear_add(Builder& b);

// rules_pool.cpp: poolings and activations
void activation(Builder& b);
void average_pool(Builder& b);
void max_pool(Builder& b);

}  // namespace systole::model::onnx::rule
