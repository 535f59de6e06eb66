// SPDX-License-Identifier: Apache-2.0
#pragma once
// The rules of docs/schemes.md, section 5, written down one by one: slow, and apart from the quantizer.
#include <vector>

#include "golden/quant/distribution.h"

namespace systole::test {

/// A block of values: value = mantissa * 2^exponent.
struct BfpBlock {
  int exponent = 0;
  std::vector<int> mantissas;
};

/// The block of mantissas of `bits` bits whose exponent is the smallest that holds the largest magnitude; `largest` is
/// what an all-zero block takes its exponent from.
BfpBlock transcribe_bfp(const std::vector<double>& values, int bits, double largest);

/// The exponent, of the maximum's and the four below, whose quantized form is nearest to the histogram by KL
/// divergence, the larger of equals.
int transcribe_kl_exponent(const quant::Distribution& histogram, int bits);

}  // namespace systole::test
