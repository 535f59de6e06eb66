// SPDX-License-Identifier: Apache-2.0
#pragma once
// Four bits on the array: weights symmetric in -7 .. 7, activations unsigned in 0 .. 15 with PACT's clipping bound
// alpha (Choi et al., "PACT: Parameterized Clipping Activation for Quantized Neural Networks", 2018). docs/schemes.md,
// section 3.
#include <span>

#include "golden/model/float_network.h"
#include "golden/model/network.h"
#include "golden/quant/conversion.h"

namespace systole::quant {

/// w_int = round(w / w_delta) (half away) clamped to -7 .. 7, w_delta = alpha / 7. Throws std::invalid_argument for an
/// alpha whose w_delta is below the smallest normal float32.
op::Matrix pact4_weights(const model::FloatMatrix& weights, double alpha);

struct Pact4Options {
  int psum_width = 16;  ///< of the 4-bit layers, 8 .. 32; they saturate at it
  int input_bits = 8;   ///< of the image's elements: 8 or 4
  /// Of single layers' weights, 2 .. 8. Layers whose activations or weights are wider than 4 bits have 32-bit psums.
  LayerBits layer_bits{};
};

/// The integer network. alpha_w of a layer is best_alpha() of its weights: its largest magnitude where the weights lie
/// on a grid already, as training in the loop leaves them. alpha_a of an output is the layer's `clip`, or best_alpha()
/// of its values over the calibration images. Where some are negative, codes are 0 .. 15 with a zero point, over the
/// range of least squared error (optimal_scale). w_delta = alpha_w / 7, a_delta = alpha_a / 15; between layers
/// round_shift_half_up of psum * M, M = a_delta_in w_delta / a_delta_out; bias = round(b / (a_delta_in w_delta)).
///
/// Layers that read an image of 8 bits have int8 pixels and int8 weights (alpha_w / 127, largest magnitude) and 32-bit
/// psums; their output is 4 bit. An image of 4 bits is int4, round_half_up((pixel - pixel_zero) / 16) + zero where zero
/// = min(round_half_up(pixel_zero / 16), 15) - 8, and the layers that read it are as all others. The last layer, where
/// it has weights and no ReLU, leaves its psums raw. Pools keep their input's scale; add brings both operands to 2
/// max(a_delta) / 2^11 (2^20 where they have 8 bits), which 16-bit psums hold; concat requantizes each input by its own
/// M = a_delta_in / a_delta_out.
///
/// Throws base::InputError naming network and layer: an empty calibration set, numbers that are not finite, all-zero
/// weights or outputs, an add or concat of the image and another tensor, a bias that the psum cannot hold,
/// a multiplier outside 2^-32 .. 2^31, options outside their ranges.
Quantized quantize_pact4(const model::FloatNetwork& network, std::span<const op::Tensor> calibration,
                         const Pact4Options& options = {});

}  // namespace systole::quant
