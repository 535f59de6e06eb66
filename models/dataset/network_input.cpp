// SPDX-License-Identifier: Apache-2.0
#include "models/dataset/network_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "base/input_error.h"
#include "base/npy.h"
#include "golden/format/pixels.h"
#include "golden/op/validate.h"
#include "models/dataset/dataset.h"

namespace systole::dataset {
namespace {

op::Tensor elements(const model::Input& input, const base::NpyArray& array, const std::vector<std::int8_t>& values) {
  const auto extent = [](int size) { return static_cast<std::size_t>(size); };
  if (array.shape != std::vector{extent(input.height), extent(input.width), extent(input.channels)}) {
    throw std::invalid_argument(fmt::format("expected elements of shape [{}, {}, {}], found [{}]", input.height,
                                            input.width, input.channels, fmt::join(array.shape, ", ")));
  }
  const op::ElementRange range = op::element_range(input.is_signed, input.bits);
  op::Tensor tensor(input.height, input.width, input.channels);
  std::copy(values.begin(), values.end(), tensor.data.data());
  if (tensor.data.minCoeff() < range.low || tensor.data.maxCoeff() > range.high) {
    throw std::invalid_argument(fmt::format("expected elements of {} .. {}, found {} .. {}", range.low, range.high,
                                            tensor.data.minCoeff(), tensor.data.maxCoeff()));
  }
  return tensor;
}

}  // namespace

op::Tensor read_input(const model::Input& input, const std::filesystem::path& file) {
  try {
    if (file.extension() == ".npy") {
      const base::NpyArray array = base::read_npy(file);
      if (const auto* values = std::get_if<std::vector<std::int8_t>>(&array.values)) {
        return elements(input, array, *values);
      }
    }
    return model::to_input(input, read_image(file));
  } catch (const std::invalid_argument& error) {
    throw base::InputError(file.string(), "", error.what());
  }
}

}  // namespace systole::dataset
