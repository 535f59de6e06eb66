// SPDX-License-Identifier: Apache-2.0
#pragma once
// Post-training quantization to integers with real = S (q - Z). With default options the scheme of TFLite (Jacob et
// al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", CVPR 2018):
// weights symmetric with one scale per output channel, activations asymmetric with one scale per tensor, rule
// requantize_double_rounding. docs/schemes.md, section 2.
#include <span>
#include <string>
#include <vector>

#include "golden/fixed/round.h"
#include "golden/model/float_network.h"
#include "golden/model/network.h"
#include "golden/quant/affine_scale.h"
#include "golden/quant/conversion.h"

namespace systole::quant {

/// What shares one scale. Activations have one per tensor at least: `channel` is `layer` for them.
enum class ScaleShare { channel, layer, network };

struct AffineOptions {
  int weight_bits = 8;      ///< 4, 8, 12 or 16; the accelerator's elements hold up to 8
  int activation_bits = 8;  ///< likewise; the image keeps its 8-bit pixels and their scale
  bool symmetric_weights = true;
  bool symmetric_activations = false;
  ScaleShare scale = ScaleShare::channel;
  bool optimal_weights = false;      ///< the range of least squared error, not the one that holds every weight
  bool optimal_activations = false;  ///< likewise, over the calibration images
  /// Of every requantization but average pooling's: floor, half_up, half_away or double_rounding.
  fixed::Rounding rule = fixed::Rounding::double_rounding;
  LayerBits layer_bits{};   ///< 2 .. 16 of single layers instead of weight_bits; not with ScaleShare::network
  double percentile = 100;  ///< of activations, 50 < percentile <= 100: PercentileRange over the calibration images
};

/// The integers of one layer's weights: real = scale.of(oc) * (code - scale.zero), one scale or one per output channel.
struct AffineWeights {
  op::Matrix codes;  ///< of the weights' shape; empty where the layer has none
  TensorScale scale;
  RangeGain range;
};

/// What the numbers of an affine network mean besides its tensors; by node.
struct AffineNetwork : Quantized {
  std::vector<AffineWeights> weights;
  std::vector<RangeGain> outputs;  ///< of the tensors that have a scale of their own
  /// Bits of a register, sign included, that could hold every sum of products at the scales that the options ask for.
  /// Above 32 the weights' scales were made coarser until 32 bits hold every sum whatever the input; 0: no weights.
  std::vector<int> sum_bits;
  std::vector<double> bits_given_up;  ///< log2 of that coarsening, the largest of the layer's channels; 0 where none
};

/// The codes of a layer's weights.
[[nodiscard]] AffineCodes weight_codes(const AffineOptions& options, const std::string& layer);

/// Throws base::InputError naming the option: widths other than 4, 8, 12 and 16, a rule outside the list above, widths
/// of layers as check_layer_bits or beside one scale for all, a percentile outside its range or beside
/// optimal_activations.
void check_affine_options(const model::FloatNetwork& network, const AffineOptions& options);

/// affine_code of every weight, each row (output channel) by its scale.
op::Matrix affine_codes(const model::FloatMatrix& weights, const TensorScale& scale, const AffineCodes& codes);

/// The weights of every node in codes, as quantize_affine chooses them where sums are no concern. Per channel and
/// layer, range lowest .. highest: S = (highest - lowest, zero included) / (2^bits - 1), or symmetric max |W| /
/// (2^(bits-1) - 1). An integer layer has one weight zero point: with a scale per channel it is the layer's (with a
/// code on either side where the weights have both signs), and a channel's scale the smallest that holds its weights
/// then. A channel of zeros takes the layer's largest scale. Throws base::InputError: options outside their ranges, a
/// layer whose weights are all zero or not finite.
std::vector<AffineWeights> affine_weights(const model::FloatNetwork& network, const AffineOptions& options);

/// The float network with every weight replaced by what its code means: "weights only" quantization.
model::FloatNetwork with_affine_weights(const model::FloatNetwork& network, const std::vector<AffineWeights>& weights);

/// What the values of every tensor are over the calibration images (8-bit pixels 0 .. 255, HWC, the network's input
/// shape); tensor 0 is the input. Throws base::InputError: no image, one of another shape, an output that is not
/// finite.
std::vector<Distribution> affine_calibration(const model::FloatNetwork& network,
                                             std::span<const op::Tensor> calibration);

/// The integer network that computes what `network` does; `calibration` is affine_calibration's.
///
/// conv2d, depthwise, fully_connected: affine_weights, bias = round(B / (S_in * S_w[oc])), M[oc] = S_in * S_w[oc] /
/// S_out. Where max|q_in - Z_in| * sum|q_w - Z_w| + |bias| of a channel exceeds 2^31 - 1, the scales that it shares
/// become coarser until it does not (as TFLite does for large biases), so no sum can leave 32 bits. ReLU is act_min =
/// zero_out. max_pool and avg_pool keep their input's scale. add: both operands at 2^k / (2 max(S_a, S_b)) as TFLite's
/// ADD, k = min(20, 31 - bits). concat: each input requantized by its own M = S_i / S_out.
///
/// Throws base::InputError naming network and layer: options outside their ranges, weights that are all zero or not
/// finite, outputs that are all zero on every image, a bias so large that no weight beside it is left in 32 bits, a
/// multiplier outside 2^-32 .. 2^31.
AffineNetwork quantize_affine(const model::FloatNetwork& network, const std::vector<Distribution>& calibration,
                              const AffineOptions& options = {});

/// The same from the calibration images themselves.
AffineNetwork quantize_affine(const model::FloatNetwork& network, std::span<const op::Tensor> calibration,
                              const AffineOptions& options = {});

}  // namespace systole::quant
