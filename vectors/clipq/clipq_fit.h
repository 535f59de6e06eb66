// SPDX-License-Identifier: Apache-2.0
#pragma once
// ClipQ hex sets of any team: how they are packed, and which output stage their outputs came from.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "golden/op/layer.h"
#include "vectors/clipq/clipq_set.h"
#include "vectors/set/comparison.h"

namespace systole::vectors {

/// From sum to output: rule(sum, shift) saturated to low .. high. ReLU is low = 0.
struct ClipqStage {
  fixed::Rounding rule = fixed::Rounding::clipq;
  int shift = 5;
  std::int32_t low = -128, high = 127;
  bool operator==(const ClipqStage&) const = default;
};

/// "round_shift_clipq by 5 bits, ReLU".
[[nodiscard]] std::string to_string(const ClipqStage& stage);

/// True where the folder holds the activations or the weights of a ClipQ set.
[[nodiscard]] bool has_clipq_files(const std::filesystem::path& folder);

/// The packing by the digits of most words of In8.hex: eight are packed. Throws base::InputError where it cannot be
/// read.
[[nodiscard]] ClipqPacking clipq_packing(const std::filesystem::path& folder);

/// The output stage that the manifest of a set states. Throws base::InputError, also where it states other sizes than
/// the set has.
[[nodiscard]] ClipqStage read_clipq_stage(Manifest& manifest, const ClipqSet& set);

/// The layer `conv` of a set, as the accelerator and the golden run it.
[[nodiscard]] op::Layer clipq_layer(const ClipqSet& set, const ClipqStage& stage);

/// Outputs of the set in `folder`, if it has them, against `other`, which `name` names in the first difference: "output
/// oc 3 oh 4 ow 5: file -1 golden 0 (Out8.hex line 230)".
[[nodiscard]] Comparison compare_outputs(const std::filesystem::path& folder, const ClipqSet& set, ClipqPacking packing,
                                         const op::Tensor& other, std::string_view name);

/// A map read from `file` against `other`.
[[nodiscard]] Comparison compare_clipq_map(const std::filesystem::path& file, const op::Tensor& map,
                                           ClipqPacking packing, const op::Tensor& other, std::string_view name);

/// An output stage and how the golden compares under it.
struct ClipqFit {
  ClipqStage stage;
  Comparison comparison;
};

/// The stated stage; then round_shift_clipq and round_shift_trunc by 5 bits, each with ReLU and without, the one that
/// misses least first and of equals in this order. Throws fixed::OverflowError where a sum leaves 32 bits.
[[nodiscard]] std::vector<ClipqFit> fit_stages(const std::filesystem::path& folder, const ClipqSet& set,
                                               ClipqPacking packing, const std::optional<ClipqStage>& stated);

}  // namespace systole::vectors
