// SPDX-License-Identifier: Apache-2.0
#include "vectors/set/comparison.h"

#include <fmt/format.h>

#include <algorithm>

namespace systole::vectors {

Comparison compare(const op::Matrix& file, const op::Matrix& other, std::string_view name,
                   const std::function<ElementPlace(Eigen::Index, Eigen::Index)>& place,
                   std::optional<std::int64_t> sign_alone) {
  Comparison result{.compared = static_cast<std::uint64_t>(file.size()), .first = {}};
  for (Eigen::Index row = 0; row < file.rows(); ++row) {
    for (Eigen::Index col = 0; col < file.cols(); ++col) {
      const std::int32_t found = file(row, col), expected = other(row, col);
      const int bits = std::max(significant_bits(found), significant_bits(expected));
      (found == expected ? result.matched_bits : result.missed_bits) += static_cast<std::uint64_t>(bits);
      if (found == expected) continue;
      if (expected == 0 && found == sign_alone) ++result.negative_zeros;
      if (++result.differ > 1) continue;
      const ElementPlace at = place(row, col);
      result.first = fmt::format("{}: file {} {} {} ({})", at.coordinate, found, name, expected, at.line);
    }
  }
  return result;
}

std::string tensor_coordinate(std::string_view what, int width, Eigen::Index pixel, Eigen::Index channel) {
  return fmt::format("{} oc {} oh {} ow {}", what, channel, pixel / width, pixel % width);
}

}  // namespace systole::vectors
