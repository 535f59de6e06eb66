// SPDX-License-Identifier: Apache-2.0
#pragma once
// Array sets of any team: their values, compared with the golden, and which layout the files fit.
#include <cstdint>
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
[[nodiscard]] Comparison compare_outputs(const ArrayFiles& files, const ArraySet& set, const ArrayValues& other,
                                         std::string_view name);

/// A layout and how many values of the files miss what the golden, or without it the sum of the psums, says.
struct ArrayFit {
  ArrayLayout layout;
  std::uint64_t compared = 0, missed = 0;
};

/// Every layout tried, the one that misses the smallest share of its values first; of equals the one that came first.
/// An array of other sizes than that of `layouts`' first, of which there must be one, must miss less than half as much.
/// `progress` counts layouts.
[[nodiscard]] std::vector<ArrayFit> fit_layouts(const ArrayFiles& files, const std::vector<ArrayLayout>& layouts,
                                                const ReadProgress& progress = {});

}  // namespace systole::vectors
