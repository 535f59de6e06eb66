// SPDX-License-Identifier: Apache-2.0
#include "models/dataset/network_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "base/input_error.h"
#include "base/npy.h"
#include "golden/format/pixels.h"
#include "golden/format/samples.h"
#include "golden/op/validate.h"
#include "models/dataset/dataset.h"

namespace systole::dataset {
namespace {

void check_shape(const model::Input& input, const base::NpyArray& array, std::string_view what) {
  const model::Shape shape{.height = input.height, .width = input.width, .channels = input.channels};
  if (model::holds(array.shape, shape)) return;
  const std::vector<std::size_t> first{static_cast<std::size_t>(input.channels), static_cast<std::size_t>(input.height),
                                       static_cast<std::size_t>(input.width)};
  const bool channels_first =
      array.shape.size() >= first.size() && std::equal(first.rbegin(), first.rend(), array.shape.rbegin());
  throw std::invalid_argument(fmt::format("expected {} of shape {}, found [{}]{}", what, model::to_string(shape),
                                          fmt::join(array.shape, ", "),
                                          channels_first ? ": the channels come last here" : ""));
}

/// Integers are the elements themselves.
template <typename Integer>
op::Tensor elements(const model::Input& input, const base::NpyArray& array, const std::vector<Integer>& values) {
  check_shape(input, array, "elements");
  const op::ElementRange range = op::element_range(input.is_signed, input.bits);
  op::Tensor tensor(input.height, input.width, input.channels);
  std::copy(values.begin(), values.end(), tensor.data.data());
  if (tensor.data.minCoeff() < range.low || tensor.data.maxCoeff() > range.high) {
    throw std::invalid_argument(fmt::format("expected elements of {} .. {}, found {} .. {}", range.low, range.high,
                                            tensor.data.minCoeff(), tensor.data.maxCoeff()));
  }
  return tensor;
}

/// Real values become elements by the network's own scale.
op::Tensor real_values(const model::Input& input, const base::NpyArray& array, const std::vector<float>& values) {
  if (!input.real) {
    throw std::invalid_argument(
        "expected pixels (uint8) or elements (int8, int32), found float32: the network holds no scale of its input");
  }
  check_shape(input, array, "real values");
  op::Tensor tensor(input.height, input.width, input.channels);
  for (std::int64_t i = 0; i < tensor.data.size(); ++i) {
    tensor.data.data()[i] = model::to_element(input, values[static_cast<std::size_t>(i)], i % input.channels);
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
      if (const auto* values = std::get_if<std::vector<std::int32_t>>(&array.values)) {
        return elements(input, array, *values);
      }
      if (const auto* values = std::get_if<std::vector<float>>(&array.values)) {
        return real_values(input, array, *values);
      }
    }
    return model::to_input(input, read_image(file, {input.height, input.width, input.channels}));
  } catch (const std::invalid_argument& error) {
    throw base::InputError(file.string(), "", error.what());
  }
}

}  // namespace systole::dataset
