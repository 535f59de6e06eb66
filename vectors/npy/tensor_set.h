// SPDX-License-Identifier: Apache-2.0
#pragma once
// A layer's tensors as NumPy files (docs/vectors.md, `npy`).
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/npy.h"
#include "golden/op/layer.h"
#include "vectors/set/vector_set.h"

namespace systole::vectors {

inline constexpr std::string_view kTensorFormat = "npy";

/// Extents, outermost first.
using Shape = std::vector<std::size_t>;

/// Of the array `weights`: (oc, kh, kw, ic), without ic for a depthwise layer, (oc, h, w, c) for a fully connected one.
[[nodiscard]] Shape weight_shape(const op::Layer& layer);

/// File names without ".npy" and their arrays, in the order of the manifest.
struct TensorSet {
  std::vector<std::pair<std::string, base::NpyArray>> tensors;
};

/// input (input_0, input_1, ... where the layer has several), weights, codebook, bias, m0, lshift, n, psum and output;
/// what a layer does not have is not there. psum is the biased accumulator, what `out_mode = raw` would put out. The
/// element type is int8 or uint8 where all values fit it, otherwise int32. Throws std::invalid_argument where an input
/// is not the layer's.
[[nodiscard]] TensorSet make_tensor_set(const op::Layer& layer, std::span<const op::Tensor* const> inputs,
                                        const op::Tensor& output);

/// Writes the set into `target` (write_set); the layer gives the manifest its arithmetic.
void write_tensor_set(const TensorSet& set, const op::Layer& layer, const Origin& origin,
                      const std::filesystem::path& target, SetProgress progress = {});

/// Throws base::InputError naming file and what was expected; SHA-256 are checked unless `verify` is false.
[[nodiscard]] TensorSet read_tensor_set(const std::filesystem::path& folder, bool verify = true);

}  // namespace systole::vectors
