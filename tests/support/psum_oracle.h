// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every partial sum of a layer as plain loops, straight from the partial-sum study's own description: no code shared
// with golden/op.
#include <cstdint>
#include <vector>

#include "golden/op/layer.h"

namespace systole::test {

struct PsumWalk {
  std::vector<std::int64_t> sums;      ///< the result of every accumulation, clamped; in no particular order
  std::vector<std::int64_t> products;  ///< of layers whose clamp sees products by themselves
  std::vector<bool> overflow;          ///< sticky, per output channel
};

/// A layer with weights or an average pool. At each accumulation the sum is clamped to [-2^bits, 2^bits - 1] and a flag
/// remembers that it was. Channelwise: per input channel over the kernel's first axis, then its second, each product in
/// turn; then the channels' sums one after another; then the bias (if there is one). A fully connected layer adds one
/// product after another. Array: per ic tile and tap the products of the tile's channels, then the tile's sum.
PsumWalk psum_oracle(const op::Layer& layer, const op::Tensor& input, bool channelwise, int bits);

}  // namespace systole::test
