#pragma once
// Post-training quantization to int8: real = S (q - Z). The scheme of TFLite (Jacob et al., "Quantization and Training
// of Neural Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018): weights symmetric with one scale per
// output channel, activations asymmetric with one scale per tensor, rule requantize_double_rounding.
#include <span>

#include "golden/model/float_network.h"
#include "golden/model/network.h"
#include "golden/quant/conversion.h"

namespace systole::quant {

/// Scale and zero point of a tensor: real = scale * (q - zero), q in -128 .. 127.
struct AffineScale {
  double scale = 1.0;
  int zero = 0;
  bool operator==(const AffineScale&) const = default;
};

/// The int8 scale whose range holds low .. high and zero, which gets a code of its own (padding and ReLU need it
/// exact). Throws std::invalid_argument where low or high is not finite, low > high, or the range with zero is below
/// the smallest normal float32, an all-zero tensor above all.
AffineScale affine_scale(double low, double high);

/// The integer network that computes what `network` does. Activation ranges are the smallest and largest values over
/// the calibration images (8-bit pixels 0 .. 255, HWC, the network's input shape).
///
/// conv2d, depthwise, fully_connected: w = round(W / S_w[oc]), S_w[oc] = max |W[oc]| / 127 (half away), bias = round(B
/// / (S_in * S_w[oc])), M[oc] = S_in * S_w[oc] / S_out. A channel of zeros takes the layer's largest S_w. ReLU is
/// act_min = zero_out. max_pool and avg_pool keep their input's scale. add: both operands at 2^20 / (2 max(S_a, S_b))
/// as TFLite's ADD.
///
/// Throws model::InputError naming network and layer: no calibration image, an image of another shape, a value that is
/// not finite, a layer that is all zero (weights, or outputs on every image), a bias or multiplier that its integer
/// cannot hold, and concat, which has no integer layer.
model::Network quantize_affine(const model::FloatNetwork& network, std::span<const op::Tensor> calibration);

/// What shares one weight scale.
enum class WeightScale { channel, layer, network };

struct AffineOptions {
  int weight_bits = 8;  ///< 4, 8, 12 or 16; the accelerator's elements hold up to 8
  WeightScale weight_scale = WeightScale::channel;
  /// False: S_w = max |W| / (2^(bits-1) - 1). True: the range with the least squared error (best_alpha), which gives up
  /// outliers; the note of each layer says by how many dB the weights' error became smaller.
  bool optimal_range = false;
};

/// The same with a choice of the weights' width, range and what shares a scale; with default options the same network.
/// Throws as above, and for weight_bits other than 4, 8, 12 and 16.
Quantized quantize_affine(const model::FloatNetwork& network, std::span<const op::Tensor> calibration,
                          const AffineOptions& options);

}  // namespace systole::quant
