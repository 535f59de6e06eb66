// SPDX-License-Identifier: Apache-2.0
#pragma once
// Synthetic digits: ten classes drawn from strokes, 32 x 32 RGB. A stand-in for a photographed data set that needs no
// files, has no end and no licence, and is the same on every machine: integers only, every draw from the counter-based
// generator.
#include <cstdint>

#include "models/dataset/dataset.h"

namespace systole::dataset {

inline constexpr int kGlyphSize = 32;
inline constexpr int kGlyphClasses = 10;
inline constexpr std::int64_t kGlyphCount = std::int64_t{1} << 32;  ///< images per split

/// Splits never share an image: each is a stream of its own.
enum class GlyphSplit { train, calibration, test };

/// Image `index` (0 .. kGlyphCount - 1) of a split. Its label is index % 10; shape, slant, thickness, place, size,
/// colours (luminance of stroke and ground at least 48 of 255 apart), clutter and noise are random.
Image draw_glyph(GlyphSplit split, std::int64_t index);

/// The split as a data set.
class Glyphs : public Dataset {
 public:
  explicit Glyphs(GlyphSplit split) : split_(split) {}
  [[nodiscard]] std::int64_t size() const override { return kGlyphCount; }

 private:
  [[nodiscard]] Image image(std::int64_t index) const override { return draw_glyph(split_, index); }
  GlyphSplit split_;
};

}  // namespace systole::dataset
