// SPDX-License-Identifier: Apache-2.0
#pragma once
// Array sets of any team: their values, compared with the golden, and which layout the files fit.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vectors/array/array_files.h"
#include "vectors/array/array_golden.h"
#include "vectors/array/array_layout.h"
#include "vectors/set/comparison.h"

namespace systole::vectors {

/// The values of the files; a file that is not there gives an empty matrix (and none of a kind an empty list).
[[nodiscard]] ArraySet decode(const ArrayFiles& files, const ArrayLayout& layout);

/// The psums of the files against those that `other` has, which `name` names in the first difference.
[[nodiscard]] Comparison compare_psums(const ArrayFiles& files, const ArraySet& set, const ArrayValues& other,
                                       std::string_view name);
/// The same for outputs.
[[nodiscard]] Comparison compare_outputs(const ArrayFiles& files, const ArraySet& set, const ArrayLayout& layout,
                                         const ArrayValues& other, std::string_view name);

/// A layout and how the files compare with what the golden, or without it the sum of the psums, says.
struct ArrayFit {
  ArrayLayout layout;
  Comparison psum, output;

  [[nodiscard]] std::uint64_t compared() const { return psum.compared + output.compared; }
  [[nodiscard]] std::uint64_t missed() const { return psum.differ + output.differ; }
  [[nodiscard]] std::uint64_t matched_bits() const { return psum.matched_bits + output.matched_bits; }
  [[nodiscard]] std::uint64_t missed_bits() const { return psum.missed_bits + output.missed_bits; }
};

/// Every layout tried, by evidence: the one whose agreeing values have most significant bits comes first (zeros and
/// copies of the sign agree by chance), of equals the one whose others have fewest, then the one that came first. An
/// array of other sizes than that of `layouts`' first, of which there must be one, must also explain more than half of
/// what the psums or the outputs say. `progress` counts layouts.
[[nodiscard]] std::vector<ArrayFit> fit_layouts(const ArrayFiles& files, const std::vector<ArrayLayout>& layouts,
                                                const ReadProgress& progress = {});

/// Of `fits`, those behind the first that read other numbers and for which nearly as much speaks: psums and outputs
/// each agree in at least 98 % of the bits in which they agree with the first, and what differs beyond it is less than
/// 2 %.
[[nodiscard]] std::vector<ArrayFit> near_ties(const ArrayFiles& files, const std::vector<ArrayFit>& fits);

/// What was taken of every file, a line for the files of a kind: "weight_k1.txt .. weight_k9.txt (9 files): weights,
/// kij 0 .. 8: 8 lines of 32 characters each, an output channel a line, 8 fields of 4 bits, signed, row 0 rightmost".
[[nodiscard]] std::vector<std::string> reading(const ArrayFiles& files, const ArrayLayout& layout);

}  // namespace systole::vectors
