// SPDX-License-Identifier: Apache-2.0
#include "golden/format/samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>
#include <type_traits>

#include "base/input_error.h"
#include "base/npy.h"
#include "golden/format/graph_check.h"

namespace systole::model {

namespace fs = std::filesystem;

namespace {

fs::path sample_file(const fs::path& folder, const char* role, std::size_t index) {
  return folder / kSamplesFolder / fmt::format("{}_{}.npy", role, index);
}

op::Tensor read_tensor(const fs::path& file, const Shape& shape) {
  const base::NpyArray array = base::read_npy(file);
  if (!holds(array.shape, shape)) {
    throw base::InputError(file.string(), "shape",
                           fmt::format("expected {}, found [{}]", to_string(shape), fmt::join(array.shape, ", ")));
  }
  op::Tensor tensor(shape.height, shape.width, shape.channels);
  std::visit(
      [&](const auto& values) {
        if constexpr (std::is_floating_point_v<std::decay_t<decltype(values[0])>>) {
          throw base::InputError(file.string(), "descr", "expected integers, found float32");
        } else {
          std::copy(values.begin(), values.end(), tensor.data.data());
        }
      },
      array.values);
  return tensor;
}

void check_range(const fs::path& file, const op::Tensor& tensor, int low, int high) {
  if (tensor.data.minCoeff() < low || tensor.data.maxCoeff() > high) {
    throw base::InputError(file.string(), "data",
                           fmt::format("expected values in {} .. {}, found {} .. {}", low, high, tensor.data.minCoeff(),
                                       tensor.data.maxCoeff()));
  }
}

template <typename Element>
bool fits(const op::Tensor& tensor) {
  return tensor.data.minCoeff() >= std::numeric_limits<Element>::min() &&
         tensor.data.maxCoeff() <= std::numeric_limits<Element>::max();
}

template <typename Element>
std::vector<Element> elements(const op::Tensor& tensor) {
  std::vector<Element> values;
  values.reserve(static_cast<std::size_t>(tensor.data.size()));
  for (const std::int32_t value : tensor.data.reshaped<Eigen::RowMajor>())
    values.push_back(static_cast<Element>(value));
  return values;
}

base::NpyArray to_array(const op::Tensor& tensor) {
  base::NpyArray array;
  for (const int extent : {tensor.height, tensor.width, tensor.channels()})
    array.shape.push_back(static_cast<std::size_t>(extent));
  if (fits<std::int8_t>(tensor)) {
    array.values = elements<std::int8_t>(tensor);
  } else if (fits<std::uint8_t>(tensor)) {
    array.values = elements<std::uint8_t>(tensor);
  } else {
    array.values = elements<std::int32_t>(tensor);
  }
  return array;
}

}  // namespace

bool holds(std::vector<std::size_t> extents, const Shape& shape) {
  const auto extent = [](int value) { return static_cast<std::size_t>(value); };
  const std::vector<std::size_t> whole{extent(shape.height), extent(shape.width), extent(shape.channels)};
  const auto is_tensor = [&](const std::vector<std::size_t>& found) {
    return found == whole || (shape.channels == 1 && found == std::vector{whole[0], whole[1]}) ||
           (shape.height == 1 && shape.width == 1 && found == std::vector{whole[2]});
  };
  if (is_tensor(extents)) return true;
  if (extents.empty() || extents.front() != 1) return false;
  extents.erase(extents.begin());
  return is_tensor(extents);
}

std::vector<Sample> load_samples(const Network& network, const fs::path& folder) {
  const Shape in = tensor_shape(network, 0);
  const Shape out = tensor_shape(network, static_cast<int>(network.nodes.size()));
  const int low = network.input.is_signed ? -(1 << (network.input.bits - 1)) : 0;
  std::vector<Sample> samples;
  for (;;) {
    const fs::path input = sample_file(folder, "input", samples.size());
    const fs::path expected = sample_file(folder, "expected", samples.size());
    if (!fs::exists(input)) {
      if (fs::exists(expected))
        throw base::InputError(expected.string(), "", fmt::format("expected {} beside it", input.filename().string()));
      return samples;
    }
    Sample sample{read_tensor(input, in), read_tensor(expected, out)};
    check_range(input, sample.input, low, low + (1 << network.input.bits) - 1);
    samples.push_back(std::move(sample));
  }
}

void save_samples(const std::vector<Sample>& samples, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder / kSamplesFolder, error);
  if (error)
    throw base::InputError((folder / kSamplesFolder).string(), "", fmt::format("cannot be made: {}", error.message()));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    base::write_npy(sample_file(folder, "input", i), to_array(samples[i].input));
    base::write_npy(sample_file(folder, "expected", i), to_array(samples[i].expected));
  }
}

}  // namespace systole::model
