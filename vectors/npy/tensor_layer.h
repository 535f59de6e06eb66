// SPDX-License-Identifier: Apache-2.0
#pragma once
// An npy set (docs/vectors.md, `npy`) as the layer and the tensors it says.
#include <filesystem>
#include <optional>
#include <vector>

#include "golden/op/layer.h"
#include "vectors/npy/tensor_set.h"

namespace systole::vectors {

struct TensorLayer {
  op::Layer layer;
  std::vector<op::Tensor> inputs;
  std::optional<op::Tensor> psum, output;  ///< what a partial set leaves out of files and manifest is not there
};

/// The layer that the manifest describes with the weights, bias and tensors of the set. Throws base::InputError naming
/// the file: a tensor that is missing, of another shape than the layer's or of floating point; codebook, m0, lshift or
/// n that are not the manifest's; values outside the layer's types.
[[nodiscard]] TensorLayer layer_of(const std::filesystem::path& folder, Manifest& manifest, const TensorSet& set);

}  // namespace systole::vectors
