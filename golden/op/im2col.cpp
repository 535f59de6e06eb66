// SPDX-License-Identifier: Apache-2.0
#include "golden/op/im2col.h"

namespace systole::op {

Matrix im2col(const Tensor& image, const Window& window, int out_h, int out_w, std::int32_t pad_value) {
  const Eigen::Index pixels = Eigen::Index{out_h} * out_w;
  Matrix patches(pixels, Eigen::Index{window.kernel_h} * window.kernel_w * image.channels());
  im2col_rows(image.data.data(), image.height, image.width, image.channels(), window, out_w, 0, pixels, pad_value,
              patches.data());
  return patches;
}

}  // namespace systole::op
