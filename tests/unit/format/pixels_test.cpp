// SPDX-License-Identifier: Apache-2.0
#include "golden/format/pixels.h"

#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>
#include <string>

namespace {

using namespace systole;

TEST_CASE("format.pixels.offset_and_clamp") {
  op::Tensor pixels(1, 1, 3);
  pixels.data << 0, 128, 255;
  op::Matrix expected(1, 3);
  CHECK(model::to_input(model::Input{1, 1, 3, true, 8, -128}, pixels).data == (expected << -128, 0, 127).finished());
  CHECK(model::to_input(model::Input{1, 1, 3, false, 4, 0}, pixels).data == (expected << 0, 15, 15).finished());
  CHECK(model::to_input(model::Input{1, 1, 3, true, 8, 0}, pixels).data == (expected << 0, 127, 127).finished());
  const model::FloatMatrix real = model::to_input(model::FloatInput{1, 1, 3, 128, 0.5F}, pixels).data;
  CHECK(real == (model::FloatMatrix(1, 3) << -64, 0, 63.5F).finished());
}

/// Fewer bits than a pixel has: rounded half up to 16 pixels, and down.
TEST_CASE("format.pixels.shift") {
  op::Tensor pixels(1, 7, 1);
  pixels.data << 0, 7, 8, 119, 120, 247, 255;
  op::Matrix expected(7, 1);
  model::Input input{1, 7, 1, true, 4, -120};
  input.pixel_shift = 4;
  CHECK(model::to_input(input, pixels).data == (expected << -8, -8, -7, -1, 0, 7, 7).finished());
  input.is_signed = false;
  input.pixel_offset = 0;
  CHECK(model::to_input(input, pixels).data == (expected << 0, 0, 0, 7, 7, 15, 15).finished());
}

/// What a refusal of pixels says.
std::string pixel_refusal(const model::Input& input, const op::Tensor& pixels) {
  try {
    (void)model::to_input(input, pixels);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

TEST_CASE("format.pixels.grey_and_colour") {
  op::Tensor grey(1, 2, 1);
  grey.data << 3, 250;
  op::Matrix three(2, 3);
  CHECK(model::to_input(model::Input{1, 2, 3, true, 8, -128}, grey).data ==
        (three << -125, -125, -125, 122, 122, 122).finished());
  op::Tensor colour(1, 2, 3);
  colour.data << 3, 3, 3, 250, 250, 250;
  op::Matrix one(2, 1);
  CHECK(model::to_input(model::Input{1, 2, 1, true, 8, -128}, colour).data == (one << -125, 122).finished());
  CHECK(model::to_input(model::FloatInput{1, 2, 1, 0, 0.5F}, colour).data ==
        (model::FloatMatrix(2, 1) << 1.5F, 125).finished());
  colour.data(1, 2) = 251;
  CHECK(pixel_refusal({1, 2, 1, true, 8, -128}, colour) == "expected a grey image, found a colour at row 0, column 1");
  CHECK(pixel_refusal({1, 2, 2, true, 8, -128}, grey) == "expected an image of 1 x 2 x 2, found 1 x 2 x 1");
}

TEST_CASE("format.pixels.real_values") {
  model::Input input{1, 1, 2, true, 8, -128};
  input.real = model::TensorScale{.scale = {0.5, 0.25}, .zero = 3};
  CHECK(model::to_element(input, 0, 0) == 3);
  CHECK(model::to_element(input, 1.25F, 0) == 5);  // 2.5 steps: the even neighbour
  CHECK(model::to_element(input, 1.75F, 0) == 7);  // 3.5
  CHECK(model::to_element(input, 1, 1) == 7);
  CHECK(model::to_element(input, -1000, 0) == -128);
  CHECK(model::to_element(input, std::numeric_limits<float>::infinity(), 0) == 127);
  CHECK_THROWS_AS((void)model::to_element(input, std::numeric_limits<float>::quiet_NaN(), 0), std::invalid_argument);
  CHECK(input.real->real(5, 0) == 1);
  model::Network network;
  op::Tensor output(1, 1, 3);
  output.data << 4, 9, 9;
  CHECK(model::largest_text(network, output) == "9");
  network.output = model::TensorScale{.scale = {0.5}, .zero = -1};
  CHECK(model::largest_text(network, output) == "9 = 5");
}

TEST_CASE("format.pixels.refuses_wrong_shape_and_range") {
  op::Tensor pixels(1, 1, 3);
  CHECK_THROWS_AS((void)model::to_input(model::Input{1, 1, 4, true, 8, 0}, pixels), std::invalid_argument);
  pixels.data(0, 2) = 256;
  CHECK_THROWS_AS((void)model::to_input(model::Input{1, 1, 3, true, 8, 0}, pixels), std::invalid_argument);
}

}  // namespace
