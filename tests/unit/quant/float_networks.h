// SPDX-License-Identifier: Apache-2.0
#pragma once
// Float networks and images that the tests of several quantizers share.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "golden/fixed/counter_random.h"
#include "golden/model/float_network.h"

namespace systole::test {

inline const fixed::CounterRandom float_draws(11, "quant.float_networks", "values");

inline std::vector<op::Tensor> random_images(int count, int height, int width, int channels) {
  std::vector<op::Tensor> result;
  std::uint64_t draw = 1'000'000;
  for (int i = 0; i < count; ++i) {
    op::Tensor& image = result.emplace_back(height, width, channels);
    for (Eigen::Index p = 0; p < image.data.size(); ++p) image.data.data()[p] = float_draws.between(draw++, 0, 255);
  }
  return result;
}

/// Uniform in -bound .. bound.
inline model::FloatMatrix random_matrix(int rows, int columns, std::uint64_t first, double bound = 1) {
  model::FloatMatrix matrix(rows, columns);
  for (Eigen::Index i = 0; i < matrix.size(); ++i) {
    matrix.data()[i] = static_cast<float>(bound * (2 * float_draws.real(first + static_cast<std::uint64_t>(i)) - 1));
  }
  return matrix;
}

/// An image of one pixel.
inline op::Tensor pixel(const std::vector<int>& values) {
  op::Tensor tensor(1, 1, static_cast<int>(values.size()));
  std::copy(values.begin(), values.end(), tensor.data.data());
  return tensor;
}

/// Shapes are height, width, channels.
inline model::FloatLayer float_layer(const char* name, op::Kind kind, const std::vector<int>& in,
                                     const std::vector<int>& out, op::Window window = {}) {
  model::FloatLayer layer;
  layer.name = name;
  layer.kind = kind;
  layer.in_h = in[0];
  layer.in_w = in[1];
  layer.in_c = in[2];
  layer.out_h = out[0];
  layer.out_w = out[1];
  layer.out_c = out[2];
  layer.window = window;
  return layer;
}

inline constexpr op::Window kSame3x3{3, 3, 1, 1, 1, 1, 1, 1};
inline constexpr op::Window kHalve{2, 2, 2, 2, 1, 1, 0, 0};

}  // namespace systole::test
