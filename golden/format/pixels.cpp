// SPDX-License-Identifier: Apache-2.0
#include "golden/format/pixels.h"

#include <fmt/format.h>

#include <stdexcept>

namespace systole::model {

namespace {

template <typename Wanted>
void check(const Wanted& input, const op::Tensor& pixels) {
  if (pixels.height != input.height || pixels.width != input.width || pixels.channels() != input.channels) {
    throw std::invalid_argument(fmt::format("expected an image of {} x {} x {}, found {} x {} x {}", input.height,
                                            input.width, input.channels, pixels.height, pixels.width,
                                            pixels.channels()));
  }
  if (pixels.data.minCoeff() < 0 || pixels.data.maxCoeff() > 255)
    throw std::invalid_argument("expected pixels in 0 .. 255");
}

}  // namespace

op::Tensor to_input(const Input& input, const op::Tensor& pixels) {
  check(input, pixels);
  const int low = input.is_signed ? -(1 << (input.bits - 1)) : 0;
  const int high = low + (1 << input.bits) - 1;
  op::Tensor result = pixels;
  result.data = (pixels.data.array() + input.pixel_offset).cwiseMax(low).cwiseMin(high).matrix();
  return result;
}

FloatTensor to_input(const FloatInput& input, const op::Tensor& pixels) {
  check(input, pixels);
  FloatTensor result(pixels.height, pixels.width, pixels.channels());
  result.data = (pixels.data.array() - input.pixel_zero).cast<float>().matrix() * input.pixel_scale;
  return result;
}

}  // namespace systole::model
