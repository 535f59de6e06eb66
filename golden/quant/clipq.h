// SPDX-License-Identifier: Apache-2.0
#pragma once
// ClipQ (Tung and Mori, "CLIP-Q: Deep Network Compression Learning by In-Parallel Pruning-Quantization", CVPR 2018)
// with 2-bit weights: the smallest weights become zero, the others one of three levels. docs/schemes.md, section 1.
#include <array>
#include <cstdint>

#include "golden/model/float_network.h"
#include "golden/model/network.h"
#include "golden/quant/conversion.h"

namespace systole::quant {

inline constexpr double kClipqFraction = 0.4;  ///< of the weights of each sign that become zero
inline constexpr int kClipqFractionBits = 5;   ///< Q3.5: activations, levels

/// Codes of a 2-bit weight; the codebook is indexed by them.
enum ClipqCode : std::int32_t { kClipqNegative2 = 0, kClipqNegative1 = 1, kClipqZero = 2, kClipqPositive = 3 };

/// The 2-bit form of one layer's weights.
struct ClipqWeights {
  std::array<double, 4> mean{};         ///< level by code before it becomes Q3.5; 0 for the zero code
  std::array<std::int32_t, 4> level{};  ///< level by code in Q3.5, -128 .. 127
  op::Matrix codes;                     ///< same shape as the weights, 0 .. 3
  std::int64_t left_out = 0;            ///< as published: extreme weights that the authors' float32 leaves unquantized
};

/// How a bin's level is computed.
enum class ClipqMean {
  exact,     ///< over all its values, in double
  published  ///< as the authors: float32, equal extremes count once
};

struct ClipqOptions {
  double fraction = kClipqFraction;  ///< 0 <= fraction < 1
  /// Rule of the output stage: clipq (the accelerator's bits [12:5] plus one where negative) or trunc (the authors'
  /// integer reference).
  fixed::Rounding rule = fixed::Rounding::clipq;
  ClipqMean mean = ClipqMean::exact;
};

/// Quantizes one layer's weights; of the options, fraction and mean count here. Of the n values of a sign the
/// ceil(fraction * n) nearest to zero become zero (equal values in the order of storage); the largest of these is the
/// threshold (0 where none is). The rest is cut into bins of equal width between threshold and extreme, one for
/// positive and two for negative values; a level is sum / (count + 1e-7) over its bin, cut toward zero to a multiple of
/// 1/32 and clipped to [-4, 4 - 1/32]. The extreme value is in the last bin, and so is everything where the width is 0.
/// As published the sum is rounded to float32, so is the mean, bins are compared in float32, and of several equal
/// extremes one counts. Throws std::invalid_argument for a fraction outside its range and for weights that are not
/// finite.
ClipqWeights clipq_weights(const model::FloatMatrix& weights, const ClipqOptions& options = {});

/// The integer network: weights 2-bit codes with a codebook of Q3.5 levels, activations int8 Q3.5, psum 32 bits, bias
/// with the fraction bits of the products (10 behind Q3.5 activations; to nearest, ties away), output = rule(sum, 5)
/// saturated to int8, ReLU where the layer has one. Pooling, add and concatenation work on Q3.5.
///
/// An input with pixel_scale 2^-f is read with f fraction bits, f = 0 .. 15: 5 is Q3.5 itself; otherwise the layers
/// that read it shift by f. Needs no calibration. Throws base::InputError naming network and layer: numbers that are
/// not finite, a pixel scale that is no power of two, a layer whose levels all become zero, a bias beyond 32 bits, an
/// add, concatenation or pool that reads an input of other than 5 fraction bits, a rule that is neither clipq nor
/// trunc.
Quantized quantize_clipq(const model::FloatNetwork& network, const ClipqOptions& options = {});

}  // namespace systole::quant
