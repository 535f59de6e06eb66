// SPDX-License-Identifier: Apache-2.0
#pragma once
// The weights of an integer network for other tools: a folder of .npy arrays, one per layer, and a manifest with scales
// and zero points (docs/schemes.md, section 7).
#include <filesystem>
#include <string>
#include <vector>

#include "golden/quant/affine.h"

namespace systole::quant {

/// One layer with weights. real weight = weights.scale.of(oc) * (code - weights.scale.zero); real bias = input.scale *
/// weights.scale.of(oc) * bias.
struct WeightLayer {
  std::string name, kind;          ///< of the layer; kind as in docs/network-format.md
  int bits = 8;                    ///< of a code, which is signed
  std::vector<std::size_t> shape;  ///< of the array: [oc][kh][kw][ic], depthwise [oc][kh][kw], fully connected
                                   ///< [output][row][column][channel]
  op::Matrix codes;                ///< the array with a row per output channel
  TensorScale scale;               ///< one scale, or one per output channel; none where it is not known
  op::Vector bias;                 ///< empty where the layer has none
  AffineScale input, output;       ///< of the activations; a scale of 0 is not known
  bool operator==(const WeightLayer& other) const;
};

struct WeightFile {
  std::string network;
  std::vector<WeightLayer> layers;
  bool operator==(const WeightFile&) const = default;
};

/// The layers with weights, in order, with the scales that the quantizer chose.
WeightFile exported_weights(const AffineNetwork& network);

/// The same of any network, with the scales that its multipliers say where it says what its tensors mean: M S_out /
/// S_in, M = m0 2^(lshift - n - 31). Codes of a codebook become its 8-bit levels, unsigned weights signed ones
/// (2^(bits-1) less, the zero point too). Throws base::InputError naming network and layer: not valid, a tensor around
/// a layer with weights that has several scales (of a raw output each is its channel's).
WeightFile exported_weights(const model::Network& network);

/// Writes weights.json and NN_layer.npy (and NN_layer.bias.npy), int8 up to 8 bits and int32 above, as one step: the
/// files go into a folder beside `folder` that takes its place. Throws base::InputError where `folder` holds anything
/// but such an export, or on a failed write.
void save_weights(const WeightFile& weights, const std::filesystem::path& folder);

/// Reads what save_weights wrote; equal to it. Throws base::InputError naming file, place and what was expected.
WeightFile load_weights(const std::filesystem::path& folder);

}  // namespace systole::quant
