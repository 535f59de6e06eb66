// SPDX-License-Identifier: Apache-2.0
#pragma once
// The weights of an affine network for other tools: a folder of .npy arrays, one per layer, and a manifest with scales
// and zero points (docs/schemes.md, section 2).
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
  TensorScale scale;               ///< one scale, or one per output channel
  op::Vector bias;                 ///< empty where the layer has none
  AffineScale input, output;       ///< of the activations
  bool operator==(const WeightLayer& other) const;
};

struct WeightFile {
  std::string network;
  std::vector<WeightLayer> layers;
  bool operator==(const WeightFile&) const = default;
};

/// The layers with weights, in order.
WeightFile exported_weights(const AffineNetwork& network);

/// Writes weights.json and NN_layer.npy (and NN_layer.bias.npy), int8 up to 8 bits and int32 above, as one step: the
/// files go into a folder beside `folder` that takes its place. Throws base::InputError where `folder` holds anything
/// but such an export, or on a failed write.
void save_weights(const WeightFile& weights, const std::filesystem::path& folder);

/// Reads what save_weights wrote; equal to it. Throws base::InputError naming file, place and what was expected.
WeightFile load_weights(const std::filesystem::path& folder);

}  // namespace systole::quant
