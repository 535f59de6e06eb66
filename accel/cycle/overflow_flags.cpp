// SPDX-License-Identifier: Apache-2.0
#include "accel/cycle/overflow_flags.h"

#include <algorithm>
#include <array>

#include "base/as_size.h"
#include "golden/fixed/round.h"

namespace systole::cycle {

namespace {

using base::as_size;

constexpr std::size_t kMaxCols = 32;

std::uint32_t flag(bool set, std::size_t col) { return static_cast<std::uint32_t>(set) << col; }

/// One value per column. The loops run over a constant number of columns where the type knows it, so they become vector
/// code.
template <class Sum, int kCols>
class Columns {
 public:
  Columns(int cols, int psum_bits)
      : cols_(kCols != 0 ? as_size(kCols) : as_size(cols)),
        low_(static_cast<Sum>(fixed::psum_min(psum_bits))),
        high_(static_cast<Sum>(fixed::psum_max(psum_bits))) {}

  /// value = clamp_psum(value + a * w)
  void multiply_add(Sum a, const std::int16_t* w) {
    for (std::size_t c = 0; c < cols_; ++c) clamp(c, value_[c] + a * w[c]);
  }

  /// value = round_shift_floor(value, shift)
  void shift(int shift) {
    for (std::size_t c = 0; c < cols_; ++c) value_[c] >>= shift;
  }

  /// acc = value, clamp_psum(acc + value) unless this is the first pass
  void accumulate(bool first, std::int32_t* acc) {
    for (std::size_t c = 0; c < cols_; ++c) {
      clamp(c, first ? value_[c] : acc[c] + value_[c]);
      acc[c] = static_cast<std::int32_t>(value_[c]);
    }
  }

  /// acc = max(acc, value); from the lower limit in the first pass; padding does not take part
  void maximum(bool first, bool padding, std::int32_t* acc) const {
    for (std::size_t c = 0; c < cols_; ++c) {
      const Sum before = first ? low_ : Sum{acc[c]};
      acc[c] = static_cast<std::int32_t>(padding ? before : std::max(before, value_[c]));
    }
  }

  void copy(std::int32_t* values) const {
    for (std::size_t c = 0; c < cols_; ++c) values[c] = static_cast<std::int32_t>(value_[c]);
  }

  [[nodiscard]] const Sum* values() const { return value_.data(); }

  /// The columns in which a clamp has changed a value.
  [[nodiscard]] std::uint32_t flags() const {
    Sum any{};
    for (std::size_t c = 0; c < cols_; ++c) any |= changed_[c];
    std::uint32_t flags = 0;
    for (std::size_t c = 0; any != 0 && c < cols_; ++c) flags |= flag(changed_[c] != 0, c);
    return flags;
  }

 private:
  void clamp(std::size_t c, Sum sum) {
    value_[c] = std::min(std::max(sum, low_), high_);
    changed_[c] |= value_[c] ^ sum;
  }

  std::size_t cols_;
  Sum low_, high_;
  std::array<Sum, kCols != 0 ? kCols : kMaxCols> value_{}, changed_{};
};

}  // namespace

std::int64_t residual_sum(const accel::Header& h, std::int32_t a, std::int32_t b) {
  const auto rule = static_cast<fixed::Rounding>(h.rule);
  return fixed::saturate(fixed::requantize(a, rule, true, h.m_a, h.lshift_a, h.n_a) +
                             fixed::requantize(b, rule, true, h.m_b, h.lshift_b, h.n_b),
                         fixed::kInt32Min, fixed::kInt32Max);
}

OverflowFlags::OverflowFlags(const accel::Geometry& geometry)
    : rows_(geometry.rows),
      cols_(geometry.cols),
      psum_width_(geometry.psum_width),
      bank_(as_size(geometry.psum_depth) * as_size(geometry.cols)) {}

BeatFlags OverflowFlags::beat(const accel::Command& command, int pass, int pixel, const std::int16_t* activations,
                              std::int32_t* psums, std::uint32_t* rows) {
  // Up to here psum + product and psum + psum fit 32 bits: -2^31 at least, 2^31 - 2 at most; and so they do where no
  // sum leaves the range of the psums.
  constexpr int kNarrowBits = 30;
  if (command.header.psum_bits > kNarrowBits && command.can_overflow)
    return beat_as<std::int64_t, 0>(command, pass, pixel, activations, psums, rows);
  switch (cols_) {
    case 4:
      return beat_as<std::int32_t, 4>(command, pass, pixel, activations, psums, rows);
    case 8:
      return beat_as<std::int32_t, 8>(command, pass, pixel, activations, psums, rows);
    case 16:
      return beat_as<std::int32_t, 16>(command, pass, pixel, activations, psums, rows);
    default:
      return beat_as<std::int32_t, 0>(command, pass, pixel, activations, psums, rows);
  }
}

template <class Sum, int kCols>
BeatFlags OverflowFlags::beat_as(const accel::Command& command, int pass, int pixel, const std::int16_t* activations,
                                 std::int32_t* psums, std::uint32_t* rows) {
  const accel::Header& h = command.header;
  const int passes = h.passes_per_oc_tile();
  const int oc_tile = pass / passes;
  const bool first = pass % passes == 0;
  const bool last = pass % passes == passes - 1;
  const bool padding = activations == nullptr;
  std::int32_t* acc = bank_.data() + as_size(pixel) * as_size(cols_);
  Columns<Sum, kCols> columns(cols_, h.psum_bits);
  if (!padding) {
    const std::int16_t* weights = command.weights.data() + as_size(pass) * as_size(rows_ * cols_);
    for (int r = 0; r < rows_; ++r) {
      columns.multiply_add(activations[r], weights + as_size(r) * as_size(cols_));
      if (rows != nullptr) rows[r] = columns.flags();
    }
  }
  if (padding && rows != nullptr) std::fill_n(rows, rows_, 0U);
  if (psums != nullptr) columns.copy(psums);
  if (!padding) columns.shift(command.align[as_size(pass)]);
  if (psums != nullptr) columns.copy(psums + cols_);
  if (h.accumulate == accel::Accumulate::add2 && last) {
    return {columns.flags(), add2_flags(command, oc_tile, acc, columns.values())};
  }
  if (h.accumulate == accel::Accumulate::max) {
    columns.maximum(first, padding, acc);
  } else {
    columns.accumulate(first, acc);
  }
  return {columns.flags(), last ? bias_flags<kCols>(command, oc_tile, acc) : 0U};
}

template <int kCols>
std::uint32_t OverflowFlags::bias_flags(const accel::Command& command, int oc_tile, const std::int32_t* acc) const {
  const std::size_t cols = kCols != 0 ? as_size(kCols) : as_size(cols_);
  const accel::ChannelEntry* channels = command.channels.data() + as_size(oc_tile) * cols;
  const std::int64_t low = fixed::psum_min(command.header.psum_bits);
  const std::int64_t high = fixed::psum_max(command.header.psum_bits);
  std::uint32_t flags = 0;
  for (std::size_t c = 0; c < cols; ++c) {
    const std::int64_t sum = std::int64_t{acc[c]} + channels[c].bias;
    flags |= flag(sum < low || sum > high, c);
  }
  return flags;
}

template <class Sum>
std::uint32_t OverflowFlags::add2_flags(const accel::Command& command, int oc_tile, const std::int32_t* a,
                                        const Sum* b) const {
  const accel::Header& h = command.header;
  const accel::ChannelEntry* channels = command.channels.data() + as_size(oc_tile) * as_size(cols_);
  std::uint32_t flags = 0;
  for (std::size_t c = 0; c < as_size(cols_); ++c) {
    // Only the clamp counts, the saturation of the 32-bit sum before it does not (docs/numerics.md, section 4).
    const std::int64_t sum = residual_sum(h, a[c], static_cast<std::int32_t>(b[c])) + channels[c].bias;
    flags |= flag(fixed::clamp_psum(sum, psum_width_ - 1).overflow, c);
  }
  return flags;
}

}  // namespace systole::cycle
