// SPDX-License-Identifier: Apache-2.0
#pragma once
// Two sources of the same values side by side.
#include <bit>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "golden/op/tensor.h"

namespace systole::vectors {

struct Comparison {
  std::uint64_t compared = 0, differ = 0;
  std::uint64_t matched_bits = 0;    ///< significant_bits of the values that agree
  std::uint64_t missed_bits = 0;     ///< of those that differ, of both sides the larger
  std::uint64_t negative_zeros = 0;  ///< of those that differ, the sign bit alone where the other source has 0
  std::string first;  ///< "psum kij 4 nij 17 oc 3: file -12 golden 9 (psum_4.txt line 21)", empty where none differs

  void add(const Comparison& other) {
    if (differ == 0) first = other.first;
    compared += other.compared;
    differ += other.differ;
    matched_bits += other.matched_bits;
    missed_bits += other.missed_bits;
    negative_zeros += other.negative_zeros;
  }
};

/// Bits of a value that are neither leading zeros nor copies of the sign: what two sources that agree on it tell. 0 of
/// 0 and -1, 3 of 5 and -6, 0 .. 31.
[[nodiscard]] constexpr int significant_bits(std::int32_t value) {
  return static_cast<int>(std::bit_width(static_cast<std::uint32_t>(value < 0 ? ~value : value)));
}

/// What a message calls an element, and where the file has it.
struct ElementPlace {
  std::string coordinate, line;
};

/// Compares two matrices of one shape; `place(row, column)` is asked for the first difference alone, `name` is what the
/// other source is called. `sign_alone`: the value of the file's field whose sign bit alone is set.
Comparison compare(const op::Matrix& file, const op::Matrix& other, std::string_view name,
                   const std::function<ElementPlace(Eigen::Index, Eigen::Index)>& place,
                   std::optional<std::int64_t> sign_alone = std::nullopt);

/// "output oc 3 oh 4 ow 5": an element of a tensor of that width, row = pixel, column = channel.
std::string tensor_coordinate(std::string_view what, int width, Eigen::Index pixel, Eigen::Index channel);

}  // namespace systole::vectors
