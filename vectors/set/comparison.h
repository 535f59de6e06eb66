// SPDX-License-Identifier: Apache-2.0
#pragma once
// Two sources of the same values side by side.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "golden/op/tensor.h"

namespace systole::vectors {

struct Comparison {
  std::uint64_t compared = 0, differ = 0;
  std::string first;  ///< "psum kij 4 nij 17 oc 3: file -12 golden 9 (psum_4.txt line 21)", empty where none differs

  void add(const Comparison& other) {
    if (differ == 0) first = other.first;
    compared += other.compared;
    differ += other.differ;
  }
};

/// What a message calls an element, and where the file has it.
struct ElementPlace {
  std::string coordinate, line;
};

/// Compares two matrices of one shape; `place(row, column)` is asked for the first difference alone, `name` is what the
/// other source is called.
Comparison compare(const op::Matrix& file, const op::Matrix& other, std::string_view name,
                   const std::function<ElementPlace(Eigen::Index, Eigen::Index)>& place);

/// "output oc 3 oh 4 ow 5": an element of a tensor of that width, row = pixel, column = channel.
std::string tensor_coordinate(std::string_view what, int width, Eigen::Index pixel, Eigen::Index channel);

}  // namespace systole::vectors
