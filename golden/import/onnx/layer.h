// SPDX-License-Identifier: Apache-2.0
#pragma once
// Layers of sums, and the rounding that gives a sum its output. Internal to this folder.
#include <cstdint>
#include <string>
#include <vector>

#include "golden/import/onnx/network_builder.h"
#include "golden/op/multiplier.h"

namespace systole::model::onnx {

/// "conv2d '01_conv'": what a step became.
std::string called(const op::Layer& layer);

/// Codes that are their own real values: scale 1, zero point 0.
Quantization plain(Type type);

/// A scale and a zero point among the inputs, for data of a type.
Quantization quantization(const Call& call, std::size_t scale, std::size_t zero, Type type);

/// m0, lshift and n of a real factor of at least 0; none where it is 2^31 or above.
std::optional<op::Multiplier> to_multiplier(double real);

/// A layer of the node at hand that reads one tensor of a type and leaves its shape.
op::Layer start(const Builder& builder, op::Kind kind, int tensor, Type type);

/// A sum of such a layer over the tensor, its zero point subtracted.
Sum sum_over(const Builder& builder, op::Kind kind, int tensor, const Quantization& q, std::vector<double> step);

/// A layer of one tap that clamps or rescales a tensor.
Sum identity(const Builder& builder, int tensor, const Quantization& q);

/// Shape of the layer's output in the source.
std::vector<std::int64_t> map_shape(const op::Layer& layer);

/// Adds the layer of a sum with its output rounded to `q`.
Codes round(Builder& builder, Sum sum, const Quantization& q, bool rows);

/// The sum that a value is.
inline Sum& sum_of(Value& value) { return std::get<Sum>(value.what); }

/// Ends a quantized operator, which has its output's scale with it: its layer is added.
void finish(Builder& builder, Value value, const Quantization& q);

/// Ends a float operator: a QuantizeLinear behind it will round the sum.
void finish_real(Builder& builder, Value value);

/// Ends an operator that leaves int32 sums.
void finish_integer(Builder& builder, Value value);

}  // namespace systole::model::onnx
