// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rule of each float operator: what the node at hand becomes in a float network. Internal to this folder.
#include "golden/import/onnx/float_builder.h"

namespace systole::model::onnx::float_rule {

// float_rules_product.cpp: convolutions and matrix products
void conv(FloatBuilder& b);
void gemm(FloatBuilder& b);
void matmul(FloatBuilder& b);

// float_rules_affine.cpp: normalisation and arithmetic by constants; sums of two tensors
void add(FloatBuilder& b);
void batch_normalization(FloatBuilder& b);
void div(FloatBuilder& b);
void mul(FloatBuilder& b);
void sub(FloatBuilder& b);

// float_rules_map.cpp: poolings, activations, padding, concatenation
void activation(FloatBuilder& b);
void average_pool(FloatBuilder& b);
void concat(FloatBuilder& b);
void max_pool(FloatBuilder& b);
void pad(FloatBuilder& b);
void reduce_mean(FloatBuilder& b);

// float_rules_shape.cpp: what has no work to do
void cast(FloatBuilder& b);
void constant(FloatBuilder& b);
void host(FloatBuilder& b);
void identity(FloatBuilder& b);
void reshape(FloatBuilder& b);
void shape(FloatBuilder& b);
void shape_arithmetic(FloatBuilder& b);
void transpose(FloatBuilder& b);

}  // namespace systole::model::onnx::float_rule
