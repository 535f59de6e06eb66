// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>

#include "golden/import/tflite/arithmetic.h"

namespace systole::model::tflite {
namespace {

TEST_CASE("import.quantize_multiplier.powers_of_two") {
  CHECK(quantize_multiplier(0.5) == op::Multiplier{1 << 30, 0, 0});
  CHECK(quantize_multiplier(0.25) == op::Multiplier{1 << 30, 0, 1});
  CHECK(quantize_multiplier(1.0) == op::Multiplier{1 << 30, 1, 0});
  CHECK(quantize_multiplier(6.0) == op::Multiplier{3 << 29, 3, 0});
}

TEST_CASE("import.quantize_multiplier.fraction_rounds_to_one") {
  // 1 - 2^-40 rounds to 2^31 / 2^31, which is written as 2^30 with one shift more.
  CHECK(quantize_multiplier(1.0 - 0x1p-40) == op::Multiplier{1 << 30, 1, 0});
}

TEST_CASE("import.quantize_multiplier.too_small_is_zero") {
  CHECK(quantize_multiplier(0x1p-32) == op::Multiplier{1 << 30, 0, 31});
  CHECK(quantize_multiplier(0x1p-33) == op::Multiplier{0, 0, 0});
  CHECK(quantize_multiplier(0.0) == op::Multiplier{0, 0, 0});
}

TEST_CASE("import.quantize_multiplier.refuses") {
  CHECK_THROWS_AS(static_cast<void>(quantize_multiplier(0x1p31)), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(quantize_multiplier(-1.0)), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(quantize_multiplier(std::numeric_limits<double>::quiet_NaN())),
                  std::invalid_argument);
}

TEST_CASE("import.fully_connected_scale.product_in_float") {
  // 0.1f * 0.3f is not a float: the two rules differ in the 25th bit.
  const float in = 0.1F;
  const float filter = 0.3F;
  CHECK(fully_connected_scale(in, filter, 1.0F) == static_cast<double>(in * filter));
  CHECK(convolution_scale(in, filter, 1.0F) == static_cast<double>(in) * static_cast<double>(filter));
  CHECK(fully_connected_scale(in, filter, 1.0F) != convolution_scale(in, filter, 1.0F));
}

TEST_CASE("import.add_scales.larger_operand_is_half") {
  const AddScales scales = add_scales(0.25F, 0.75F, 0.5F);
  CHECK(scales.b == 0.5);
  CHECK(scales.a == 0.25 / 1.5);
  CHECK(scales.out == 1.5 / (0.5 * 0x1p20));
}

TEST_CASE("import.activation_range.values") {
  const auto range = [](Activation activation, float scale, int zero) {
    const ActivationRange r = activation_range(activation, scale, zero);
    return std::pair(r.low, r.high);
  };
  CHECK(range(Activation::none, 0.1F, 5) == std::pair(-128, 127));
  CHECK(range(Activation::relu, 0.1F, -20) == std::pair(-20, 127));
  CHECK(range(Activation::relu6, 0.1F, -20) == std::pair(-20, 40));
  CHECK(range(Activation::relu6, 0.01F, -128) == std::pair(-128, 127));
  CHECK(range(Activation::relu_n1_to_1, 0.1F, 3) == std::pair(-7, 13));
  CHECK(range(Activation::relu6, 1e-38F, 0) == std::pair(0, 127));  // 6 / 1e-38 is beyond int32
  CHECK(range(Activation::relu6, 4.0F, 0) == std::pair(0, 2));      // 1.5 rounds away from zero
}

TEST_CASE("import.window_axis.values") {
  const auto axis = [](Padding padding, int in, int kernel, int stride, int dilation) {
    const Axis a = window_axis(padding, in, kernel, stride, dilation);
    return std::pair(a.out, a.pad);
  };
  CHECK(axis(Padding::same, 32, 3, 1, 1) == std::pair(32, 1));
  CHECK(axis(Padding::same, 32, 3, 2, 1) == std::pair(16, 0));  // one pixel is missing, it goes behind
  CHECK(axis(Padding::same, 33, 3, 2, 1) == std::pair(17, 1));
  CHECK(axis(Padding::same, 8, 3, 1, 3) == std::pair(8, 3));
  CHECK(axis(Padding::same, 5, 1, 3, 1) == std::pair(2, 0));
  CHECK(axis(Padding::valid, 32, 3, 1, 1) == std::pair(30, 0));
  CHECK(axis(Padding::valid, 8, 3, 2, 2) == std::pair(2, 0));
  CHECK(axis(Padding::valid, 2, 3, 1, 1) == std::pair(0, 0));
}

}  // namespace
}  // namespace systole::model::tflite
