// SPDX-License-Identifier: Apache-2.0
#include "models/dataset/glyphs.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "golden/fixed/counter_random.h"

namespace systole::dataset {

namespace {

// Lengths are in 1/256 pixel; a design unit is 1/60 of the digit's height.
constexpr int kOne = 256;
constexpr int kDesignWidth = 40, kDesignHeight = 60;
constexpr std::size_t kPixels = std::size_t{kGlyphSize} * kGlyphSize;
constexpr std::uint64_t kSeed = 1;             // changing it changes every image, and with them the stored networks
constexpr std::uint64_t kDrawsPerImage = 128;  // more than any image takes
constexpr std::uint64_t kNoiseWords = kPixels * 3 / 8;  // eight noise bytes a word
constexpr int kContrast = 48;                           // luminance, of 255

struct Point {
  int x, y;
};
using Stroke = std::span<const Point>;

constexpr std::array<Point, 11> kZero{
    {{20, 0}, {32, 5}, {40, 18}, {40, 42}, {32, 55}, {20, 60}, {8, 55}, {0, 42}, {0, 18}, {8, 5}, {20, 0}}};
constexpr std::array<Point, 3> kOneDigit{{{8, 14}, {22, 0}, {22, 60}}};
constexpr std::array<Point, 8> kTwo{{{2, 14}, {8, 4}, {20, 0}, {32, 4}, {38, 15}, {34, 27}, {2, 60}, {40, 60}}};
constexpr std::array<Point, 13> kThree{{{3, 8},
                                        {12, 1},
                                        {24, 0},
                                        {35, 6},
                                        {37, 16},
                                        {31, 26},
                                        {16, 29},
                                        {33, 33},
                                        {40, 44},
                                        {35, 55},
                                        {22, 60},
                                        {10, 58},
                                        {1, 51}}};
constexpr std::array<Point, 4> kFour{{{30, 60}, {30, 0}, {0, 42}, {40, 42}}};
constexpr std::array<Point, 11> kFive{
    {{36, 0}, {6, 0}, {3, 27}, {14, 23}, {28, 25}, {38, 33}, {40, 43}, {35, 54}, {23, 60}, {10, 59}, {1, 52}}};
constexpr std::array<Point, 13> kSix{{{34, 4},
                                      {22, 0},
                                      {10, 8},
                                      {2, 24},
                                      {0, 42},
                                      {6, 55},
                                      {20, 60},
                                      {34, 55},
                                      {40, 42},
                                      {35, 30},
                                      {21, 25},
                                      {8, 30},
                                      {0, 42}}};
constexpr std::array<Point, 3> kSeven{{{0, 0}, {40, 0}, {16, 60}}};
constexpr std::array<Point, 17> kEight{{{20, 28},
                                        {8, 22},
                                        {4, 14},
                                        {9, 4},
                                        {20, 0},
                                        {31, 4},
                                        {36, 14},
                                        {32, 22},
                                        {20, 28},
                                        {6, 34},
                                        {0, 44},
                                        {6, 56},
                                        {20, 60},
                                        {34, 56},
                                        {40, 44},
                                        {34, 34},
                                        {20, 28}}};
constexpr std::array<Point, 13> kNine{{{6, 56},
                                       {18, 60},
                                       {30, 52},
                                       {38, 36},
                                       {40, 18},
                                       {34, 5},
                                       {20, 0},
                                       {6, 5},
                                       {0, 18},
                                       {5, 30},
                                       {19, 35},
                                       {32, 30},
                                       {40, 18}}};
constexpr std::array<Stroke, kGlyphClasses> kStrokes{kZero, kOneDigit, kTwo,   kThree, kFour,
                                                     kFive, kSix,      kSeven, kEight, kNine};

constexpr std::array<std::string_view, 3> kSplitNames{"train", "calibration", "test"};

/// The draws of one image, one after another.
class Draws {
 public:
  Draws(GlyphSplit split, std::int64_t index)
      : random_(kSeed, "glyphs", kSplitNames.at(static_cast<std::size_t>(split))),
        next_(static_cast<std::uint64_t>(index) * kDrawsPerImage) {}
  int between(int low, int high) { return random_.between(next_++, low, high); }
  Point point(int low, int high) {
    const int x = between(low, high);
    return {x, between(low, high)};
  }

 private:
  fixed::CounterRandom random_;
  std::uint64_t next_;
};

using Colour = std::array<int, 3>;
Colour draw_colour(Draws& draws) {
  Colour colour{};
  for (int& channel : colour) channel = draws.between(0, 255);
  return colour;
}
/// Rec. 601 luma in 8 bits.
int luminance(const Colour& c) { return (77 * c[0] + 150 * c[1] + 29 * c[2]) / 256; }

/// Stroke colour for a ground: drawn once, then moved toward black or white, whichever is further from the ground,
/// until the contrast is reached. White and black are 255 apart, so one of them always is at least 127 away.
Colour draw_contrasting(Draws& draws, const Colour& ground) {
  Colour colour = draw_colour(draws);
  const int target = luminance(ground) < 128 ? 255 : 0;
  while (std::abs(luminance(colour) - luminance(ground)) < kContrast) {
    for (int& channel : colour)
      channel += (target - channel) / 4 + (target > channel ? 1 : (target < channel ? -1 : 0));
  }
  return colour;
}

int square_root(int value) {
  int root = 0;
  for (int bit = 1 << 14; bit != 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= value) root += bit;
  }
  return root;
}

/// How much of each pixel a pen of some radius has covered, 0 .. 256, kept as the squared distance to the nearest
/// segment.
class Mask {
 public:
  /// `radius` at most 3 pixels, so that (radius + half a pixel)^2 fits 20 bits.
  explicit Mask(int radius) : reach_(radius + kOne / 2) { nearest_.fill(reach_ * reach_); }

  void segment(Point a, Point b) {
    const auto first = [this](int p, int q) { return std::max(0, (std::min(p, q) - reach_) / kOne); };
    const auto last = [this](int p, int q) { return std::min(kGlyphSize - 1, (std::max(p, q) + reach_) / kOne); };
    for (int row = first(a.y, b.y); row <= last(a.y, b.y); ++row) {
      for (int column = first(a.x, b.x); column <= last(a.x, b.x); ++column) {
        int& nearest = nearest_[static_cast<std::size_t>(row) * kGlyphSize + static_cast<std::size_t>(column)];
        nearest = std::min(nearest, squared_distance({column * kOne + kOne / 2, row * kOne + kOne / 2}, a, b));
      }
    }
  }
  [[nodiscard]] int coverage(std::size_t pixel) const {
    return nearest_[pixel] >= reach_ * reach_ ? 0 : std::min(kOne, reach_ - square_root(nearest_[pixel]));
  }

 private:
  /// To the segment a b. Coordinates stay below 2^15, so every product fits 32 bits but t * d, which takes 64.
  static int squared_distance(Point p, Point a, Point b) {
    const Point d{b.x - a.x, b.y - a.y}, v{p.x - a.x, p.y - a.y};
    const int length2 = std::max(1, d.x * d.x + d.y * d.y);
    const std::int64_t t = std::clamp(v.x * d.x + v.y * d.y, 0, length2);
    const int x = v.x - static_cast<int>(t * d.x / length2);
    const int y = v.y - static_cast<int>(t * d.y / length2);
    return x * x + y * y;
  }

  int reach_;
  std::array<int, kPixels> nearest_{};
};

void paint(op::Tensor& image, const Mask& mask, const Colour& colour) {
  for (std::size_t pixel = 0; pixel < kPixels; ++pixel) {
    const int coverage = mask.coverage(pixel);
    if (coverage == 0) continue;
    for (int c = 0; c < 3; ++c) {
      std::int32_t& value = image.data(static_cast<Eigen::Index>(pixel), c);
      value += (colour.at(static_cast<std::size_t>(c)) - value) * coverage / kOne;
    }
  }
}

/// A ground whose colour changes a little across the image.
void paint_ground(op::Tensor& image, const Colour& colour, Draws& draws) {
  const Point slope = draws.point(-kOne, kOne);  // colour steps per pixel, 1/256
  for (int y = 0; y < kGlyphSize; ++y) {
    for (int x = 0; x < kGlyphSize; ++x) {
      const int shade = ((x - kGlyphSize / 2) * slope.x + (y - kGlyphSize / 2) * slope.y) / kOne;
      for (int c = 0; c < 3; ++c)
        image.at(y, x, c) = std::clamp(colour.at(static_cast<std::size_t>(c)) + shade, 0, 255);
    }
  }
}

/// Short thin strokes anywhere, in a colour halfway between the ground and any other.
void paint_clutter(op::Tensor& image, const Colour& ground, Draws& draws) {
  const int count = draws.between(0, 5);
  for (int i = 0; i < count; ++i) {
    Colour colour = draw_colour(draws);
    for (std::size_t c = 0; c < 3; ++c) colour.at(c) = (colour.at(c) + ground.at(c)) / 2;
    const Point from = draws.point(0, kGlyphSize * kOne);
    const Point way = draws.point(-12 * kOne, 12 * kOne);
    Mask mask(draws.between(kOne / 3, kOne));
    mask.segment(from, {from.x + way.x, from.y + way.y});
    paint(image, mask, colour);
  }
}

/// Design units to 1/256 pixels: size, width, slant, tilt and place of one digit.
class Placement {
 public:
  explicit Placement(Draws& draws) {
    const int height = draws.between(14 * kOne, 25 * kOne);
    unit_y_ = height / kDesignHeight;
    unit_x_ = unit_y_ * draws.between(180, 310) / kOne;
    slant_ = draws.between(-110, 110);  // 1/256: up to 23 degrees
    tilt_ = draws.between(-64, 64);     // 1/256: up to 14 degrees
    const int room = (kGlyphSize * kOne - height) / 2;
    const Point shift = draws.point(-room, room);
    centre_ = {kGlyphSize * kOne / 2 + shift.x * 3 / 4, kGlyphSize * kOne / 2 + shift.y};
  }
  [[nodiscard]] Point operator()(Point design) const {
    const int x = (design.x - kDesignWidth / 2) * unit_x_;
    const int y = (design.y - kDesignHeight / 2) * unit_y_;
    return {centre_.x + x - y * slant_ / kOne, centre_.y + y + x * tilt_ / kOne};
  }

 private:
  int unit_x_ = 0, unit_y_ = 0, slant_ = 0, tilt_ = 0;
  Point centre_{};
};

void paint_digit(op::Tensor& image, int digit, const Colour& colour, Draws& draws) {
  const Placement place(draws);
  Mask mask(draws.between(kOne * 6 / 10, kOne * 19 / 10));
  const Stroke stroke = kStrokes.at(static_cast<std::size_t>(digit));
  Point from{};
  for (std::size_t i = 0; i < stroke.size(); ++i) {
    const Point wobble = draws.point(-3, 3);  // no two digits alike
    const Point to = place({stroke[i].x + wobble.x, stroke[i].y + wobble.y});
    if (i > 0) mask.segment(from, to);
    from = to;
  }
  paint(image, mask, colour);
}

/// Adds uniform noise in -amplitude .. amplitude to every value.
void add_noise(op::Tensor& image, GlyphSplit split, std::int64_t index, int amplitude) {
  const fixed::CounterRandom random(kSeed, "glyphs.noise", kSplitNames.at(static_cast<std::size_t>(split)));
  std::int32_t* value = image.data.data();
  for (std::uint64_t word = 0; word < kNoiseWords; ++word) {
    std::uint64_t bits = random.bits64(static_cast<std::uint64_t>(index) * kNoiseWords + word);
    for (int i = 0; i < 8; ++i, ++value, bits >>= 8) {
      const int noise = static_cast<int>(bits & 255U) * (2 * amplitude + 1) / 256 - amplitude;
      *value = std::clamp(*value + noise, 0, 255);
    }
  }
}

}  // namespace

Image draw_glyph(GlyphSplit split, std::int64_t index) {
  Draws draws(split, index);
  Image image{op::Tensor(kGlyphSize, kGlyphSize, 3), static_cast<int>(index % kGlyphClasses)};
  const Colour ground = draw_colour(draws);
  const Colour ink = draw_contrasting(draws, ground);
  paint_ground(image.pixels, ground, draws);
  paint_clutter(image.pixels, ground, draws);
  paint_digit(image.pixels, image.label, ink, draws);
  add_noise(image.pixels, split, index, draws.between(4, 48));
  return image;
}

}  // namespace systole::dataset
