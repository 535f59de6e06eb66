// SPDX-License-Identifier: Apache-2.0
#pragma once
// Stream beats as flat 32-bit words, least significant word first, and the packing of bit fields into them.
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace systole::base {

/// The low `width` bits set, 0 <= width <= 32.
constexpr std::uint32_t low_mask(int width) {
  assert(width >= 0 && width <= 32);
  return static_cast<std::uint32_t>((std::uint64_t{1} << width) - 1);
}

/// Bits [lsb +: width] of a beat, 1 <= width <= 32.
constexpr std::uint32_t get_field(const std::uint32_t* beat, int lsb, int width) {
  const int word = lsb / 32;
  const int shift = lsb % 32;
  std::uint64_t bits = beat[word] >> shift;
  if (shift + width > 32) bits |= std::uint64_t{beat[word + 1]} << (32 - shift);
  return static_cast<std::uint32_t>(bits) & low_mask(width);
}

/// The same bits as a two's complement number.
constexpr std::int32_t get_signed_field(const std::uint32_t* beat, int lsb, int width) {
  const std::uint32_t sign = std::uint32_t{1} << (width - 1);
  return static_cast<std::int32_t>((get_field(beat, lsb, width) ^ sign) - sign);
}

/// Bits [lsb +: width] := the low `width` bits of value, 1 <= width <= 32; the others stay.
constexpr void set_field(std::uint32_t* beat, int lsb, int width, std::uint32_t value) {
  const int word = lsb / 32;
  const int shift = lsb % 32;
  const std::uint64_t mask = std::uint64_t{low_mask(width)} << shift;
  const std::uint64_t bits = (std::uint64_t{value} << shift) & mask;
  beat[word] = (beat[word] & ~static_cast<std::uint32_t>(mask)) | static_cast<std::uint32_t>(bits);
  if (shift + width > 32) {
    beat[word + 1] =
        (beat[word + 1] & ~static_cast<std::uint32_t>(mask >> 32)) | static_cast<std::uint32_t>(bits >> 32);
  }
}

constexpr void set_field(std::uint32_t* beat, int lsb, int width, std::int32_t value) {
  set_field(beat, lsb, width, static_cast<std::uint32_t>(value));
}

/// Fills one beat from its least significant bit upwards; every word of the beat is written once, by `put` or `finish`.
class BeatWriter {
 public:
  explicit BeatWriter(std::uint32_t* beat) : word_(beat) {}

  /// Appends the low `width` bits of value, 1 <= width <= 32.
  void put(std::int32_t value, int width) {
    pending_ |= std::uint64_t{static_cast<std::uint32_t>(value) & low_mask(width)} << filled_;
    filled_ += width;
    if (filled_ < 32) return;
    *word_++ = static_cast<std::uint32_t>(pending_);
    pending_ >>= 32;
    filled_ -= 32;
  }

  /// Writes the last, partly filled word with zeros above.
  void finish() {
    if (filled_ > 0) *word_ = static_cast<std::uint32_t>(pending_);
  }

 private:
  std::uint32_t* word_;
  std::uint64_t pending_ = 0;
  int filled_ = 0;
};

/// A sequence of beats of equal width. Bits above the width are 0.
class Beats {
 public:
  Beats() = default;
  explicit Beats(int bits) : bits_(bits), words_(static_cast<std::size_t>((bits + 31) / 32)) {}

  /// Sets the number of beats; new beats are 0. Does not allocate where the size was reached before.
  void resize(std::size_t beats) { data_.resize(beats * words_); }

  [[nodiscard]] int bits() const { return bits_; }
  [[nodiscard]] std::size_t words_per_beat() const { return words_; }
  [[nodiscard]] std::size_t size() const { return words_ == 0 ? 0 : data_.size() / words_; }
  [[nodiscard]] std::uint32_t* operator[](std::size_t i) { return data_.data() + i * words_; }
  [[nodiscard]] const std::uint32_t* operator[](std::size_t i) const { return data_.data() + i * words_; }
  [[nodiscard]] const std::uint32_t* data() const { return data_.data(); }
  bool operator==(const Beats&) const = default;

 private:
  int bits_ = 0;
  std::size_t words_ = 0;
  std::vector<std::uint32_t> data_;
};

}  // namespace systole::base
