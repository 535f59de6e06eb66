// SPDX-License-Identifier: Apache-2.0
#include "vectors/array/array_format.h"

#include <fmt/format.h>

#include <cassert>

namespace systole::vectors {

std::string activation_file(int ic_tile) { return fmt::format("activation_tile{}.txt", ic_tile); }

std::string weight_file(int ic_tile, int oc_tile, int kij) {
  return fmt::format("weight_itile{}_otile{}_kij{}.txt", ic_tile, oc_tile, kij);
}

std::string psum_file(int ic_tile, int oc_tile, int kij) {
  return fmt::format("psum_itile{}_otile{}_kij{}.txt", ic_tile, oc_tile, kij);
}

std::string output_file(int oc_tile) { return fmt::format("output_otile{}.txt", oc_tile); }

std::string array_header(ArrayContent content, int fields) {
  const char* const line = content == ArrayContent::weight ? "col" : "time";
  const char* const field = content == ArrayContent::psum ? "col" : "row";
  const auto names = [&](int number) {
    return fmt::format("#{0}{1}{2}{3}[msb-lsb],{0}{1}{2}{4}[msb-lsb],...,{0}{1}{2}0[msb-lsb]#\n", line, number, field,
                       fields - 1, fields - 2);
  };
  return names(0) + names(1) + "#................#\n";
}

std::string array_word(const op::Matrix& values, Eigen::Index row, ArrayField field) {
  std::string word;
  for (Eigen::Index column = values.cols() - 1; column >= 0; --column) {
    const std::int64_t value = values(row, column);
    assert(value >= lowest(field) && value <= highest(field));
    for (int bit = field.bits - 1; bit >= 0; --bit) word += ((value >> bit) & 1) != 0 ? '1' : '0';
  }
  return word;
}

}  // namespace systole::vectors
