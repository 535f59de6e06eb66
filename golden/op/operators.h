// SPDX-License-Identifier: Apache-2.0
#pragma once
// The specification of the operators (docs/numerics.md, section 4): for each kind of layer the accumulator of one
// output value before the bias, as plain loops in the declared order. For reading and for tests; golden/fast computes
// the same values quickly. `layer` is valid (validate()) and the inputs are its own (check_inputs()).
#include <cstdint>
#include <span>

#include "golden/op/layer.h"
#include "golden/op/psum.h"

namespace systole::op {

/// An output value: row, column, channel.
struct Place {
  int oh = 0, ow = 0, oc = 0;
};

/// Sum over kh, kw, ic of activation * weight.
std::int64_t conv2d(const Layer& layer, const Tensor& input, const Place& at, PsumOrder order, Psum& psum);

/// Sum over all inputs, in HWC order, of activation * weight.
std::int64_t fully_connected(const Layer& layer, const Tensor& input, const Place& at, PsumOrder order, Psum& psum);

/// Sum over kh, kw of activation * weight of one input channel. Both orders are one.
std::int64_t depthwise(const Layer& layer, const Tensor& input, const Place& at, Psum& psum);

/// Sum over kh, kw of the activations of one channel.
std::int64_t avg_pool(const Layer& layer, const Tensor& input, const Place& at, Psum& psum);

/// Largest activation of one channel over the taps inside the map.
std::int64_t max_pool(const Layer& layer, const Tensor& input, const Place& at, Psum& psum);

/// Sum of two values, each brought to the common scale.
std::int64_t add(const Layer& layer, const Tensor& a, const Tensor& b, const Place& at, Psum& psum);

/// The value of the input that holds channel at.oc, brought to the common exponent.
std::int64_t concat(const Layer& layer, std::span<const Tensor* const> inputs, const Place& at, Psum& psum);

/// Accumulator to output value: bias, requantization, zero point, activation bounds.
std::int32_t output_stage(const Layer& layer, std::int64_t acc, const Place& at, Psum& psum);

}  // namespace systole::op
