// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every quantizer of this folder does the same way: walk the calibration images, copy a layer's geometry, refuse.
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "golden/model/float_execute.h"
#include "golden/model/float_network.h"
#include "golden/model/network.h"

namespace systole::quant {

using model::TensorScale;

constexpr int kPixelBits = 8, kPixelOffset = -128;  ///< int8 pixels: q = pixel - 128

/// An integer network with the meaning of its numbers.
struct Quantized {
  model::Network network;
  std::vector<TensorScale> tensors;  ///< 0 = the network's input, i + 1 = output of node i
  std::vector<std::string> notes;    ///< one line per node: levels, scales or exponents, for a report
};

/// The network together with what its numbers mean: input.real, scales and output.
[[nodiscard]] model::Network described(Quantized made);

/// Widths of single layers' weights in bits, by the layers' names.
using LayerBits = std::map<std::string, int, std::less<>>;

/// The width of a layer that is named there, otherwise `bits`.
[[nodiscard]] int bits_of(const LayerBits& layers, const std::string& layer, int bits);

/// Throws base::InputError naming network and layer: one without weights or that the network does not have, a width
/// outside lowest .. highest.
void check_layer_bits(const model::FloatNetwork& network, const LayerBits& layers, int lowest, int highest);

/// Throws base::InputError "network: layer 'name': problem".
[[noreturn]] void refuse(const model::FloatNetwork& network, const std::string& layer, const std::string& problem);

/// Runs the float network on all images and visits the outputs of all nodes; `before_relu` (if any) sees each node's
/// values first. Throws base::InputError where there is no
/// image, one has another shape than the network's input, or an output is not finite.
void for_each_calibration_image(
    const model::FloatNetwork& network, std::span<const op::Tensor> calibration,
    const std::function<void(const model::FloatTensor& input, const std::vector<model::FloatTensor>& outputs)>& visit,
    const model::BeforeRelu& before_relu = {});

/// The same function of pixels whose scale is a power of two, the nearest: all that block floating point and ClipQ can
/// read. The layers that read the image take what remains into their weights, rounded once to float32. Unchanged where
/// the scale is a power of two already, and where a layer without weights reads the image.
[[nodiscard]] model::FloatNetwork with_binary_pixels(model::FloatNetwork network);

/// Pooling computes within one scale: the largest of codes is the code of the largest.
[[nodiscard]] bool keeps_scale(op::Kind kind);

/// Name, kind, shapes and window of the integer layer.
[[nodiscard]] op::Layer geometry(const model::FloatLayer& from);

/// out = psum: no multiplier, no shift. Max pooling and the like; a zero point is restored by zero_out = zero_in.
void pass_through(op::Requantization& out);

/// Average pooling within one scale: one multiplier where every window lies inside the image (the rule is half away),
/// otherwise each pixel divided by its own number of taps.
void average(op::Layer& layer);

/// Mean over the images of the signal-to-quantization-noise ratio of each node's output, in dB: 10 log10(sum of real^2
/// / sum of (real - scale (q - zero))^2); +infinity where both agree exactly. Throws as for_each_calibration_image.
std::vector<double> layer_sqnr(const model::FloatNetwork& network, const Quantized& quantized,
                               std::span<const op::Tensor> images);

/// Bytes that the network's parameters take: weights at wgt_bits each, packed without gaps per layer, four levels of a
/// byte per codebook, four bytes per bias.
std::int64_t parameter_bytes(const model::Network& network);
/// The same of a float network whose weights take `weight_bits` each.
std::int64_t parameter_bytes(const model::FloatNetwork& network, int weight_bits = 32);

}  // namespace systole::quant
