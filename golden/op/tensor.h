// SPDX-License-Identifier: Apache-2.0
#pragma once
// Integer tensors of the golden: one image, height x width x channels.
#include <Eigen/Core>
#include <algorithm>
#include <cstdint>

namespace systole::op {

/// Row-major integer matrix; the element type of every golden operand, whatever its declared width.
using Matrix = Eigen::Matrix<std::int32_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::Matrix<std::int32_t, Eigen::Dynamic, 1>;

/// One image: row = pixel (row major over height, width), column = channel (HWC in memory).
struct Tensor {
  int height = 0;
  int width = 0;
  Matrix data;  ///< (height * width) x channels

  Tensor() = default;
  Tensor(int h, int w, int c) : height(h), width(w), data(Matrix::Zero(Eigen::Index{h} * w, c)) {}

  [[nodiscard]] int channels() const { return static_cast<int>(data.cols()); }
  [[nodiscard]] int pixels() const { return static_cast<int>(data.rows()); }
  [[nodiscard]] std::int32_t& at(int y, int x, int c) { return data(Eigen::Index{y} * width + x, c); }
  [[nodiscard]] std::int32_t at(int y, int x, int c) const { return data(Eigen::Index{y} * width + x, c); }
  bool operator==(const Tensor& o) const {
    return height == o.height && width == o.width && data.cols() == o.data.cols() && data == o.data;
  }
};

/// The class that an output names: the place of its largest value in HWC order, the first of equals.
[[nodiscard]] inline int arg_max(const Tensor& output) {
  const std::int32_t* begin = output.data.data();
  return static_cast<int>(std::max_element(begin, begin + output.data.size()) - begin);
}

}  // namespace systole::op
