// SPDX-License-Identifier: Apache-2.0
#include "golden/format/pixels.h"

#include <doctest/doctest.h>

#include <stdexcept>

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

TEST_CASE("format.pixels.refuses_wrong_shape_and_range") {
  op::Tensor pixels(1, 1, 3);
  CHECK_THROWS_AS((void)model::to_input(model::Input{1, 1, 1, true, 8, 0}, pixels), std::invalid_argument);
  pixels.data(0, 2) = 256;
  CHECK_THROWS_AS((void)model::to_input(model::Input{1, 1, 3, true, 8, 0}, pixels), std::invalid_argument);
}

}  // namespace
