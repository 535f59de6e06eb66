// SPDX-License-Identifier: Apache-2.0
#pragma once
// Static block floating point (after Fan et al., "Static Block Floating-Point Quantization for Convolutional Neural
// Networks on FPGA", FPT 2019): the values of a block share one exponent, fixed before the run, and keep a short
// two's-complement mantissa each. docs/schemes.md, section 5.
#include <algorithm>
#include <span>

#include "golden/model/float_network.h"
#include "golden/model/network.h"
#include "golden/quant/conversion.h"
#include "golden/quant/distribution.h"

namespace systole::quant {

enum class BfpExponent {
  kl,      ///< smallest Kullback-Leibler divergence between the values' distribution and its quantized form
  maximum  ///< the smallest exponent that holds the largest value
};

struct BfpOptions {
  int mantissa_bits = 8;  ///< 5 .. 12, sign included; the accelerator's elements hold up to 8
  int group = 0;          ///< channels of an activation block: a multiple of `rows`, or 0: the whole tensor is a block
  int rows = 8;           ///< channels of an ic tile: rows of the array; blocks of fewer than 8 in the golden only
  BfpExponent exponent = BfpExponent::kl;  ///< of activations; weights and bias take the maximum's
  int exponent_bits = 8;                   ///< of a stored shared exponent, 2 .. 9: see ExponentRange
  LayerBits layer_bits{};                  ///< mantissas of single layers' weights, 5 .. 12, instead of mantissa_bits
};

/// Throws base::InputError naming the network unless mantissa_bits and exponent_bits are within their ranges and group
/// is not negative; as check_layer_bits.
void check_bfp_widths(const model::FloatNetwork& network, const BfpOptions& options);

/// Exponents e that a stored exponent can name. What is stored is E = e + mantissa_bits - 1, the binary logarithm of
/// where the block's range ends (values are within -2^E .. 2^E whatever the mantissa's width), in two's complement.
struct ExponentRange {
  int lowest = 0, highest = 0;

  [[nodiscard]] int clamp(int exponent) const { return std::clamp(exponent, lowest, highest); }
};

/// -2^(exponent_bits-1) - (mantissa_bits - 1) .. 2^(exponent_bits-1) - 1 - (mantissa_bits - 1).
ExponentRange exponent_range(int exponent_bits, int mantissa_bits);

/// e where value = mantissa * 2^e, mantissa of `bits` bits: the smallest that holds round(largest / 2^e) <= 2^(bits-1)
/// - 1, for largest > 0. -126 .. 127, otherwise std::invalid_argument (beyond float32's normal exponents).
int maximum_exponent(double largest, int bits);

/// The exponent with the smallest kl_divergence among the maximum's and the four below it; the larger one wins among
/// equals. Throws std::invalid_argument as maximum_exponent.
int kl_exponent(const Distribution& distribution, int bits);

/// KL divergence sum p log(p / q) over the bins that are not empty: p is the histogram; q spreads the mass that falls
/// on a mantissa, clipped values included, evenly over the mantissa's own bins that are not empty. Bins beyond the
/// range have the share of a bin out of one count in all. The bin that holds zero, which every exponent represents, is
/// left out. Never negative (0 where rounding leaves less).
double kl_divergence(const Distribution& distribution, int exponent, int bits);

/// The integer network. Weight block: one output channel. Activation block: `group` channels, or the whole tensor; the
/// network's outputs (their mantissas are compared) and a tensor that an add or a concat reads or that a fully
/// connected layer reads with more than one pixel is one block always, and so is a pool's input chain up to it.
///
/// conv2d and fully connected sum in units of 2^(E + e_w[oc]), E the largest exponent of the layer's input blocks; ic
/// tile t is aligned by align[t] = E - e_in[t] (round_shift_floor, at most 31). The bias is an integer of that unit.
/// Output: rule round_shift_half_up with the constant shift e_out - E - e_w[oc] (to the left where negative), saturated
/// to the mantissa. An exponent outside exponent_range is replaced by its nearer end: above it values saturate, below
/// it they lose bits. The image's and the accumulators' exponents are not stored and not bounded by it. A channel whose
/// sum could leave 32 bits, which takes wide mantissas and thousands of products, gets a larger weight exponent until
/// it cannot. add: both operands shifted (half up) to the larger exponent, summed, shifted to the output's. concat: the
/// output has the largest exponent of its inputs, each input shifted down to it (floor). Pools keep exponents. The
/// image keeps its 8-bit pixels, whose scale must be a power of two.
///
/// Throws base::InputError naming network and layer: options outside their ranges, an empty calibration set, numbers
/// that are not finite, all-zero weights or outputs, a pixel scale that is no power of two, a bias or a shift that 32
/// bits cannot hold.
Quantized quantize_bfp(const model::FloatNetwork& network, std::span<const op::Tensor> calibration,
                       const BfpOptions& options = {});

}  // namespace systole::quant
