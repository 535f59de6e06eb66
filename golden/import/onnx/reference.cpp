// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/reference.h"

#include <fmt/format.h>

#include <utility>

#include "golden/format/network_folder.h"

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

std::int64_t channel_of(const Array& array, std::size_t axis, std::size_t i) {
  std::int64_t inner = 1;
  for (std::size_t k = axis + 1; k < array.shape.size(); ++k) inner *= array.shape[k];
  return static_cast<std::int64_t>(i) / inner % array.shape[axis];
}

}  // namespace systole::model::onnx::reference
