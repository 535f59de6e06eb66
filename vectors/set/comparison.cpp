// SPDX-License-Identifier: Apache-2.0
#include "vectors/set/comparison.h"

#include <fmt/format.h>

namespace systole::vectors {

Comparison compare(const op::Matrix& file, const op::Matrix& other, std::string_view name,
                   const std::function<ElementPlace(Eigen::Index, Eigen::Index)>& place) {
  Comparison result{.compared = static_cast<std::uint64_t>(file.size()), .differ = 0, .first = {}};
  for (Eigen::Index row = 0; row < file.rows(); ++row) {
    for (Eigen::Index col = 0; col < file.cols(); ++col) {
      if (file(row, col) == other(row, col) || ++result.differ > 1) continue;
      const ElementPlace at = place(row, col);
      result.first =
          fmt::format("{}: file {} {} {} ({})", at.coordinate, file(row, col), name, other(row, col), at.line);
    }
  }
  return result;
}

std::string tensor_coordinate(std::string_view what, int width, Eigen::Index pixel, Eigen::Index channel) {
  return fmt::format("{} oc {} oh {} ow {}", what, channel, pixel / width, pixel % width);
}

}  // namespace systole::vectors
