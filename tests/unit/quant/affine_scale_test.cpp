// SPDX-License-Identifier: Apache-2.0
#include "golden/quant/affine_scale.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using quant::affine_code;
using quant::affine_scale;
using quant::AffineCodes;
using quant::AffineScale;
using quant::Distribution;

constexpr std::array<int, 4> kBits{4, 8, 12, 16};

std::vector<float> random_values(int count, std::uint64_t first, double low, double high) {
  std::vector<float> values;
  for (int i = 0; i < count; ++i) {
    const double draw = test::float_draws.real(first + static_cast<std::uint64_t>(i));
    values.push_back(static_cast<float>(low + (high - low) * draw));
  }
  return values;
}

/// What squared_error says, written down once more.
double plain_error(const std::vector<float>& values, const AffineScale& scale, int low, int high) {
  double error = 0;
  for (const float value : values) {
    const double code =
        std::clamp<double>(std::round(static_cast<double>(value) / scale.scale) + scale.zero, low, high);
    error += std::pow(static_cast<double>(value) - scale.scale * (code - scale.zero), 2);
  }
  return error;
}

TEST_CASE("quant.affine_codes.range") {
  CHECK(AffineCodes{4, false}.low() == -8);
  CHECK(AffineCodes{4, true}.low() == -7);
  CHECK(AffineCodes{16, false}.high() == 32767);
  CHECK(AffineCodes{16, true}.low() == -32767);
}

TEST_CASE("quant.affine_code.ties_and_clamps") {
  const AffineScale scale{0.5, 3};
  CHECK(affine_code(0.0, scale, {4, false}) == 3);
  CHECK(affine_code(0.25, scale, {4, false}) == 4);  // half a step: away from zero
  CHECK(affine_code(-0.25, scale, {4, false}) == 2);
  CHECK(affine_code(100, scale, {4, false}) == 7);
  CHECK(affine_code(-100, scale, {4, false}) == -8);
}

TEST_CASE("quant.affine_scale.worked_bits") {
  CHECK(affine_scale(0, 1.5, {4, false}) == AffineScale{0.1, -8});
  CHECK(affine_scale(0, 409.5, {12, false}) == AffineScale{0.1, -2048});
  CHECK(affine_scale(0, 6553.5, {16, false}) == AffineScale{0.1, -32768});
  CHECK(affine_scale(-1.75, 0.5, {4, true}) == AffineScale{0.25, 0});
  CHECK(affine_scale(0.5, 31.75, {8, true}) == AffineScale{0.25, 0});
}

TEST_CASE("quant.affine_scale.covers_range.random") {
  for (const int bits : kBits) {
    for (const bool symmetric : {false, true}) {
      const AffineCodes codes{bits, symmetric};
      for (std::uint64_t i = 0; i < 500; ++i) {
        const double low = 20 * test::float_draws.real(2 * i) - 15,
                     high = low + 10 * test::float_draws.real(2 * i + 1) + 1e-3;
        const AffineScale scale = affine_scale(low, high, codes);
        for (const double value : {low, high, 0.0}) {
          const double found = scale.scale * (affine_code(value, scale, codes) - scale.zero);
          CHECK(std::abs(found - value) <= scale.scale * (0.5 + 1e-9));
        }
        CHECK(affine_code(0, scale, codes) == scale.zero);
        const double at_zero = quant::scale_at_zero(low, high, 0, codes);
        CHECK(affine_code(low, {at_zero, 0}, codes) >= codes.low());
        CHECK(std::abs(at_zero * affine_code(high, {at_zero, 0}, codes) - high) <= at_zero * (0.5 + 1e-9));
      }
    }
  }
}

TEST_CASE("quant.scale_at_zero.worked") {
  CHECK(quant::scale_at_zero(-7, 3.5, 0, {4, true}) == 1.0);
  CHECK(quant::scale_at_zero(-1, 3, 1, {4, false}) == 0.5);  // 3 above in 6 codes, 1 below in 9
  CHECK(quant::scale_at_zero(-9, 3, 1, {4, false}) == 1.0);
  CHECK(quant::scale_at_zero(0, 3, 1, {4, false}) == 0.5);
  CHECK(quant::scale_at_zero(0, 0, 1, {4, false}) == 0.0);
}

TEST_CASE("quant.squared_error.list.random") {
  const auto values = random_values(500, 0, -1.3, 0.9);
  for (const int bits : kBits) {
    for (const double scale : {0.3, 0.01, 1e-4}) {
      for (const int zero : {0, 2, -5}) {
        const AffineCodes codes{bits, false};
        CHECK(quant::squared_error(values, {scale, zero}, codes) ==
              doctest::Approx(plain_error(values, {scale, zero}, codes.low(), codes.high())).epsilon(1e-9));
      }
    }
  }
}

TEST_CASE("quant.squared_error.histogram_is_spread_over_its_bins") {
  // Two bins of width 1 from -0.5, and a million values in the same places.
  const std::vector<Distribution> bins{{-0.5, 1.5, {3, 1}}};
  for (const AffineScale& scale : {AffineScale{0.001, 0}, {0.07, 3}, {0.4, 0}, {1.0, 0}, {5.0, 0}, {0.05, 7}}) {
    for (const bool symmetric : {false, true}) {
      const AffineCodes codes{4, symmetric};
      double expected = 0;
      constexpr int kPoints = 20000;
      for (int i = 0; i < kPoints; ++i) {
        const double place = (i + 0.5) / kPoints;
        for (const auto& [low, count] : {std::pair{-0.5, 3}, {0.5, 1}}) {
          const double value = low + place;
          const double found = scale.scale * (affine_code(value, scale, codes) - scale.zero);
          expected += count * (value - found) * (value - found) / kPoints;
        }
      }
      CAPTURE(scale.scale);
      CHECK(quant::squared_error(bins, scale, codes) == doctest::Approx(expected).epsilon(1e-3));
    }
  }
  // 16-bit steps far below a bin's width: step^2 / 12 a value, which the middles of bins would not show.
  CHECK(quant::squared_error(bins, {1e-4, 0}, {16, false}) == doctest::Approx(4 * 1e-8 / 12).epsilon(1e-3));
  // A tensor that is constant has bins of no width.
  const std::vector<Distribution> constant{{0.3, 0.3, {5}}};
  CHECK(quant::squared_error(constant, {0.2, 0}, {8, false}) == doctest::Approx(5 * 0.01));
}

TEST_CASE("quant.clipped.counts_values_beyond_half_a_step") {
  const std::vector<float> values{-1.0F, -0.9F, 0.0F, 0.74F, 0.76F, 2.0F};
  const AffineScale scale{0.1, 0};  // -0.8 .. 0.7
  CHECK(quant::clipped(values, scale, {4, false}) == 4);
  CHECK(quant::clipped(values, scale, {8, false}) == 0);
  const std::vector<Distribution> bins{{0, 2, {4, 3, 2, 1}}};  // middles 0.25 0.75 1.25 1.75
  CHECK(quant::clipped(bins, scale, {4, false}) == 3);
}

/// No narrower range is better, tried by a finer search over both ends.
TEST_CASE("quant.optimal_scale.near_the_best_of_all_ranges") {
  for (const bool symmetric : {true, false}) {
    const AffineCodes codes{4, symmetric};
    auto values = random_values(2000, 5000, -1, 1);
    values.push_back(6.0F);
    values.push_back(-3.0F);
    const auto error = [&](const AffineScale& scale) { return quant::squared_error(values, scale, codes); };
    const AffineScale found = quant::optimal_scale(-3, 6, codes, error);
    double best = std::numeric_limits<double>::infinity();
    for (int low = 1; low <= 100; ++low) {
      for (int high = 1; high <= 100; ++high) {
        best = std::min(best, error(affine_scale(-3 * low / 100.0, 6 * high / 100.0, codes)));
      }
    }
    CAPTURE(symmetric);
    CHECK(error(found) <= 1.02 * best);
    CHECK(error(found) < 0.5 * error(affine_scale(-3, 6, codes)));
  }
}

TEST_CASE("quant.optimal_scale.keeps_the_full_range_where_that_is_best") {
  for (const int bits : kBits) {
    for (const bool symmetric : {true, false}) {
      const AffineCodes codes{bits, symmetric};
      // Every value at one of the ends: nothing may be clipped.
      const std::vector<float> values{-1.0F, 1.0F, 1.0F, -1.0F};
      const AffineScale full = affine_scale(-1, 1, codes);
      const AffineScale found = quant::optimal_scale(
          -1, 1, codes, [&](const AffineScale& scale) { return quant::squared_error(values, scale, codes); });
      CHECK(found.scale > 0.9 * full.scale);
      CHECK(quant::squared_error(values, found, codes) <= quant::squared_error(values, full, codes));
    }
  }
}

TEST_CASE("quant.range_gain.decibels_and_fraction") {
  quant::RangeGain gain{10, 1, 2, 50};
  CHECK(gain.decibels() == doctest::Approx(10));
  CHECK(gain.clipped_fraction() == doctest::Approx(0.04));
  gain += {90, 9, 1, 50};
  CHECK(gain.decibels() == doctest::Approx(10));
  CHECK(gain.clipped_fraction() == doctest::Approx(0.03));
  CHECK(quant::RangeGain{}.decibels() == 0);
  CHECK(quant::RangeGain{}.clipped_fraction() == 0);
}

}  // namespace
