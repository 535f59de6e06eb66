// SPDX-License-Identifier: Apache-2.0
#include "models/dataset/glyphs.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace {

using namespace systole;
using dataset::draw_glyph;
using dataset::GlyphSplit;
using dataset::Image;

/// FNV-1a over pixels and labels: one number for many images.
std::uint64_t fingerprint(GlyphSplit split, std::int64_t first, std::int64_t count) {
  std::uint64_t hash = 14695981039346656037U;
  const auto mix = [&hash](std::int32_t value) { hash = (hash ^ static_cast<std::uint64_t>(value)) * 1099511628211U; };
  for (std::int64_t i = first; i < first + count; ++i) {
    const Image image = draw_glyph(split, i);
    for (Eigen::Index p = 0; p < image.pixels.data.size(); ++p) mix(image.pixels.data.data()[p]);
    mix(image.label);
  }
  return hash;
}

/// Mean over an image's pixels of |a - b|, 0 .. 255.
double difference(const Image& a, const Image& b) {
  return (a.pixels.data - b.pixels.data).cwiseAbs().cast<double>().mean();
}

// The stored networks were trained on these very pixels: a change here means that they have to be trained again.
TEST_CASE("dataset.glyphs.same_pixels_everywhere") {
  CHECK(fingerprint(GlyphSplit::train, 0, 100) == 13641022522482263354U);
  CHECK(fingerprint(GlyphSplit::calibration, 0, 100) == 11585319296137894725U);
  CHECK(fingerprint(GlyphSplit::test, 0, 100) == 5505118846032794009U);
  CHECK(fingerprint(GlyphSplit::test, dataset::kGlyphCount - 10, 10) == 14099788778332261312U);
}

TEST_CASE("dataset.glyphs.any_order") {
  const Image before = draw_glyph(GlyphSplit::test, 77);
  (void)draw_glyph(GlyphSplit::test, 78);
  CHECK(draw_glyph(GlyphSplit::test, 77).pixels == before.pixels);
}

TEST_CASE("dataset.glyphs.shape_range_balance") {
  std::array<int, dataset::kGlyphClasses> count{};
  for (std::int64_t i = 0; i < 500; ++i) {
    const Image image = draw_glyph(GlyphSplit::train, i);
    REQUIRE(image.pixels.height == 32);
    REQUIRE(image.pixels.width == 32);
    REQUIRE(image.pixels.channels() == 3);
    CHECK(image.pixels.data.minCoeff() >= 0);
    CHECK(image.pixels.data.maxCoeff() <= 255);
    ++count.at(static_cast<std::size_t>(image.label));
  }
  for (const int c : count) CHECK(c == 50);
}

TEST_CASE("dataset.glyphs.no_two_alike") {
  std::vector<Image> images;
  for (std::int64_t i = 0; i < 60; ++i) {
    for (const GlyphSplit split : {GlyphSplit::train, GlyphSplit::calibration, GlyphSplit::test}) {
      images.push_back(draw_glyph(split, i));
    }
  }
  for (std::size_t a = 0; a < images.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) CHECK(difference(images[a], images[b]) > 4.0);
  }
}

// Pixels of the digit stand out: their luminance is at least 48 from the ground's, before at most 48 of noise. The 5 %
// brightest and darkest pixels of an image are therefore well apart in every image.
TEST_CASE("dataset.glyphs.contrast") {
  for (std::int64_t i = 0; i < 300; ++i) {
    const Image image = draw_glyph(GlyphSplit::test, i);
    std::vector<int> luminance;
    for (Eigen::Index p = 0; p < image.pixels.data.rows(); ++p) {
      const auto pixel = image.pixels.data.row(p);
      luminance.push_back((77 * pixel(0) + 150 * pixel(1) + 29 * pixel(2)) / 256);
    }
    std::sort(luminance.begin(), luminance.end());
    CHECK(luminance[luminance.size() - luminance.size() / 50] - luminance[luminance.size() / 50] >= 32);
  }
}

TEST_CASE("dataset.glyphs.as_dataset") {
  const dataset::Glyphs glyphs(GlyphSplit::calibration);
  CHECK(glyphs.size() == dataset::kGlyphCount);
  CHECK(glyphs.at(5).pixels == draw_glyph(GlyphSplit::calibration, 5).pixels);
  CHECK_THROWS_AS((void)glyphs.at(-1), std::out_of_range);
  CHECK_THROWS_AS((void)glyphs.at(dataset::kGlyphCount), std::out_of_range);
}

}  // namespace
