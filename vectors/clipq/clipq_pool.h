// SPDX-License-Identifier: Apache-2.0
#pragma once
// ClipQ hex sets of a pooling layer: In8.hex, param.hex and Out8.hex without weights (docs/vectors.md, "Replay").
#include <filesystem>
#include <string>
#include <vector>

#include "golden/op/layer.h"
#include "vectors/clipq/clipq_set.h"
#include "vectors/set/comparison.h"

namespace systole::vectors {

struct ClipqPoolSet {
  op::Tensor input;   ///< size x size x channels, int8
  op::Tensor output;  ///< smaller, square, of as many channels; empty in a set without outputs
};

/// True where the folder holds activations of a ClipQ set and neither weights nor biases.
[[nodiscard]] bool is_clipq_pool(const std::filesystem::path& folder);

/// Reads In8.hex, param.hex, of whose four words the first two are map size and channels, and Out8.hex, which may be
/// missing and gives its own size. Throws base::InputError naming file, line and what was expected.
[[nodiscard]] ClipqPoolSet read_clipq_pool_set(const std::filesystem::path& folder, ClipqPacking packing);

/// A pooling that makes a map of the output's size of the input, and how its golden compares.
struct ClipqPoolFit {
  op::Layer layer;
  Comparison comparison;
};

/// "maximum of 2x2, stride 2, padding 0", of averages the rounding too.
[[nodiscard]] std::string pool_text(const op::Layer& layer);

/// Windows of 2x2 and 3x3 at stride 2 with padding 0 and 1, and the whole map (up to 15x15); the maximum and averages
/// by each rule that ClipQ outputs use; the one whose agreeing values have most significant bits first. Without an
/// output the 2x2 maximum. Throws base::InputError where no window gives the output's size.
[[nodiscard]] std::vector<ClipqPoolFit> fit_pools(const std::filesystem::path& folder, const ClipqPoolSet& set,
                                                  ClipqPacking packing);

}  // namespace systole::vectors
