// SPDX-License-Identifier: Apache-2.0
#include "golden/format/pixels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "golden/op/validate.h"

namespace systole::model {

namespace {

std::string shape_text(int height, int width, int channels) {
  return fmt::format("{} x {} x {}", height, width, channels);
}

op::Tensor to_colour(const op::Tensor& grey, int channels) {
  op::Tensor result(grey.height, grey.width, channels);
  result.data = grey.data.replicate(1, channels);
  return result;
}

op::Tensor to_grey(const op::Tensor& colour) {
  for (Eigen::Index pixel = 0; pixel < colour.data.rows(); ++pixel) {
    if (colour.data.row(pixel).minCoeff() == colour.data.row(pixel).maxCoeff()) continue;
    throw std::invalid_argument(fmt::format("expected a grey image, found a colour at row {}, column {}",
                                            pixel / colour.width, pixel % colour.width));
  }
  op::Tensor result(colour.height, colour.width, 1);
  result.data = colour.data.col(0);
  return result;
}

/// The pixels with the channels of the input.
template <typename Wanted>
op::Tensor fit(const Wanted& input, const op::Tensor& pixels) {
  constexpr int kColours = 3;
  const bool grey = pixels.channels() == 1 && input.channels == kColours;
  const bool colour = pixels.channels() == kColours && input.channels == 1;
  if (pixels.height != input.height || pixels.width != input.width ||
      (!grey && !colour && pixels.channels() != input.channels)) {
    throw std::invalid_argument(fmt::format("expected an image of {}, found {}",
                                            shape_text(input.height, input.width, input.channels),
                                            shape_text(pixels.height, pixels.width, pixels.channels())));
  }
  if (pixels.data.minCoeff() < 0 || pixels.data.maxCoeff() > 255)
    throw std::invalid_argument("expected pixels in 0 .. 255");
  if (grey) return to_colour(pixels, kColours);
  return colour ? to_grey(pixels) : pixels;
}

}  // namespace

op::Tensor to_input(const Input& input, const op::Tensor& pixels) {
  const auto [low, high] = op::element_range(input.is_signed, input.bits);
  op::Tensor result = fit(input, pixels);
  for (std::int32_t& value : result.data.reshaped()) {
    value = std::clamp((value + input.pixel_offset) >> input.pixel_shift, low, high);
  }
  return result;
}

FloatTensor to_input(const FloatInput& input, const op::Tensor& pixels) {
  const op::Tensor fitted = fit(input, pixels);
  FloatTensor result(fitted.height, fitted.width, fitted.channels());
  result.data = (fitted.data.array() - input.pixel_zero).cast<float>().matrix() * input.pixel_scale;
  return result;
}

std::int32_t to_element(const Input& input, float x, std::int64_t channel) {
  const auto [low, high] = op::element_range(input.is_signed, input.bits);
  const TensorScale& real = input.real.value();
  const float steps = x / static_cast<float>(real.of(channel));
  if (std::isnan(steps)) throw std::invalid_argument("expected numbers, found NaN");
  return static_cast<std::int32_t>(
      std::clamp<double>(std::nearbyint(static_cast<double>(steps)) + real.zero, low, high));
}

std::string largest_text(const Network& network, const op::Tensor& output) {
  const int place = op::arg_max(output);
  const std::int32_t value = output.data.data()[place];
  if (!network.output) return fmt::to_string(value);
  return fmt::format("{} = {:.6g}", value, network.output->real(value, place % output.channels()));
}

}  // namespace systole::model
