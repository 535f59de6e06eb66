// SPDX-License-Identifier: Apache-2.0
#pragma once
// The authors' static block floating point, docs/schemes.md, section 5, "As published", written down rule by rule on
// lists of values: slow, and apart from the quantizer.
#include <vector>

namespace systole::test {

enum class BfpPart { activations, linear_activations, weights, depthwise_weights, linear_weights };

/// floor(log2 |x|) within the exponent's bits.
int transcribe_published_exponent(double x, int exponent_bits);

/// A value with exponent e in mantissas of `bits` bits.
double transcribe_published_value(double x, int e, int bits);

/// The exponent of a block.
int transcribe_published_search(const std::vector<float>& block, BfpPart part, int bits, int exponent_bits);

}  // namespace systole::test
