// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/reference.h"

#include <fmt/format.h>

#include <utility>

#include "golden/format/network_folder.h"
#include "golden/import/onnx/shape_math.h"

namespace systole::model::onnx::reference {

Array make(Type type, std::vector<std::int64_t> shape, const Call& call) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 0 || extent > kMaxElements || (count *= extent) > kMaxElements) {
      call.fail(fmt::format("expected at most {} values of output", kMaxElements));
    }
  }
  return {.type = type, .shape = std::move(shape), .values = std::vector<double>(static_cast<std::size_t>(count))};
}

Array map_input(const Call& call, std::size_t i, std::initializer_list<Type> types) {
  Array array = call.input(i, types);
  array.shape = as_map(std::move(array.shape));
  if (array.shape.size() != 4) {
    call.fail(fmt::format("input {}: expected 3 or 4 extents, found [{}]", i, fmt::join(array.shape, ", ")));
  }
  return array;
}

Array like_input(const Call& call, Array map) {
  if (call.input(0).shape.size() + 1 == map.shape.size()) map.shape.erase(map.shape.begin() + 2);
  return map;
}

std::int64_t channel_of(const Array& array, std::size_t axis, std::size_t i) {
  std::int64_t inner = 1;
  for (std::size_t k = axis + 1; k < array.shape.size(); ++k) inner *= array.shape[k];
  return static_cast<std::int64_t>(i) / inner % array.shape[axis];
}

}  // namespace systole::model::onnx::reference
