// SPDX-License-Identifier: Apache-2.0
#pragma once
// The smallest model for an accuracy: by pruning filters, by narrower weights, by both. docs/studies.md.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "golden/model/float_network.h"
#include "golden/model/network.h"
#include "golden/quant/affine.h"
#include "golden/quant/prune.h"
#include "golden/study/parallel.h"

namespace systole::study {

using FloatAccuracy = std::function<double(const model::FloatNetwork&)>;  ///< 0 .. 1; several threads call at once
using IntegerAccuracy = std::function<double(const model::Network&)>;     ///< likewise

/// Smaller and smaller networks, the whole one first. Each step takes a sixteenth (rounded up) of what one layer may
/// lose, those with the smallest norms: of the layer that loses least accuracy for the bytes it saves. The path ends
/// behind the first network below `lowest`, or where only required units are left. Progress counts measurements. Throws
/// what `accuracy` and `progress` throw.
std::vector<model::FloatNetwork> prune_path(const model::FloatNetwork& network, quant::PruneBy by, double lowest,
                                            const FloatAccuracy& accuracy, const Progress& progress = {});

inline constexpr int kFloatBits = 32;
/// kFloatBits, then the widths of the affine quantizer, wide to narrow.
inline constexpr int kWeightBits[] = {kFloatBits, 16, 12, 8, 4};

/// int8 activations, a scale per channel; 4-bit weights take the range of least squared error, wider ones the full one.
quant::AffineOptions affine_options(int weight_bits);

/// One network of a path with weights of one width.
struct PrunedNetwork {
  std::size_t step = 0;          ///< in the path; 0: nothing pruned
  int weight_bits = kFloatBits;  ///< of kWeightBits
  std::int64_t bytes = 0;        ///< of parameters
  double accuracy = 0;
};

/// Every network of the path at every width, step by step in the order of kWeightBits. Progress counts models. Throws
/// what quantize_affine, the accuracies and `progress` throw.
std::vector<PrunedNetwork> measure_networks(std::span<const model::FloatNetwork> path,
                                            std::span<const op::Tensor> calibration,
                                            const FloatAccuracy& float_accuracy, const IntegerAccuracy& accuracy,
                                            const Progress& progress = {});

/// What may be done to make a model small; nothing done is among each.
enum class Means { pruning, quantization, both };

/// The model of fewest bytes with at least this accuracy; the more accurate of equals. None where no model has it.
std::optional<PrunedNetwork> smallest_network(std::span<const PrunedNetwork> models, double accuracy, Means means);

}  // namespace systole::study
