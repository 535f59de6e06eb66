#include "golden/cycle/overflow_flags.h"

#include <algorithm>
#include <array>

#include "golden/fixed/round.h"

namespace systole::cycle {

namespace {

constexpr std::size_t kMaxCols = 32;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

std::uint32_t flag(bool set, int col) { return std::uint32_t{set} << col; }

/// sums[col] = psum over all rows, clamped after every product; returns the columns where a clamp changed it.
template <class Sum>
std::uint32_t column_sums(const std::int16_t* activations, const std::int16_t* weights, int rows, int cols,
                          int psum_bits, std::int64_t* sums) {
  std::array<Sum, kMaxCols> col{};
  std::array<Sum, kMaxCols> changed{};
  const Sum low = static_cast<Sum>(fixed::psum_min(psum_bits));
  const Sum high = static_cast<Sum>(fixed::psum_max(psum_bits));
  for (int r = 0; r < rows; ++r) {
    const Sum a = activations[r];
    const std::int16_t* w = weights + r * cols;
    for (std::size_t c = 0; c < index(cols); ++c) {
      const Sum sum = col[c] + a * w[c];
      col[c] = std::min(std::max(sum, low), high);
      changed[c] |= col[c] ^ sum;
    }
  }
  std::uint32_t flags = 0;
  for (int c = 0; c < cols; ++c) {
    flags |= flag(changed[index(c)] != 0, c);
    sums[c] = col[index(c)];
  }
  return flags;
}

}  // namespace

OverflowFlags::OverflowFlags(const Geometry& geometry)
    : rows_(geometry.rows),
      cols_(geometry.cols),
      psum_width_(geometry.psum_width),
      bank_(index(geometry.psum_depth) * index(geometry.cols)) {}

BeatFlags OverflowFlags::beat(const CommandView& command, int pass, int pixel, const std::int16_t* activations) {
  constexpr int kNarrowBits = 30;  // up to here psum + product fits 32 bits
  return command.header.psum_bits <= kNarrowBits ? beat_as<std::int32_t>(command, pass, pixel, activations)
                                                 : beat_as<std::int64_t>(command, pass, pixel, activations);
}

template <class Sum>
BeatFlags OverflowFlags::beat_as(const CommandView& command, int pass, int pixel, const std::int16_t* activations) {
  const Header& h = command.header;
  const int passes = h.passes_per_oc_tile();
  const int oc_tile = pass / passes;
  const bool first = pass % passes == 0;
  const bool last = pass % passes == passes - 1;
  std::int32_t* acc = bank_.data() + index(pixel) * index(cols_);
  std::array<std::int64_t, kMaxCols> sums{};
  BeatFlags flags;
  if (activations != nullptr) {
    const std::int16_t* weights = command.weights + index(pass) * index(rows_ * cols_);
    flags.bank = column_sums<Sum>(activations, weights, rows_, cols_, h.psum_bits, sums.data());
    for (std::int64_t& sum : sums) sum = fixed::round_shift_floor(sum, command.align[pass]);
  }
  if (h.accumulate == Accumulate::add2 && last && !first) {
    flags.bias = add2_flags(command, oc_tile, acc, sums.data());
    return flags;
  }
  if (h.accumulate == Accumulate::max) {
    accumulate_max(command, first, activations == nullptr, sums.data(), acc);
  } else {
    accumulate_add(command, first, sums.data(), acc, flags.bank);
  }
  if (last) flags.bias = bias_flags(command, oc_tile, acc);
  return flags;
}

void OverflowFlags::accumulate_add(const CommandView& command, bool first, const std::int64_t* sums, std::int32_t* acc,
                                   std::uint32_t& flags) const {
  for (int c = 0; c < cols_; ++c) {
    const fixed::ClampedPsum sum = fixed::clamp_psum((first ? 0 : acc[c]) + sums[c], command.header.psum_bits);
    acc[c] = static_cast<std::int32_t>(sum.value);
    flags |= flag(sum.overflow, c);
  }
}

void OverflowFlags::accumulate_max(const CommandView& command, bool first, bool padding, const std::int64_t* sums,
                                   std::int32_t* acc) const {
  const std::int64_t lowest = fixed::psum_min(command.header.psum_bits);
  for (int c = 0; c < cols_; ++c) {
    const std::int64_t before = first ? lowest : acc[c];
    acc[c] = static_cast<std::int32_t>(padding ? before : std::max(before, sums[c]));
  }
}

std::uint32_t OverflowFlags::bias_flags(const CommandView& command, int oc_tile, const std::int32_t* acc) const {
  const ChannelEntry* channels = command.channels + index(oc_tile) * index(cols_);
  std::uint32_t flags = 0;
  for (int c = 0; c < cols_; ++c) {
    const std::int64_t biased = std::int64_t{acc[c]} + channels[c].bias;
    flags |= flag(fixed::clamp_psum(biased, command.header.psum_bits).overflow, c);
  }
  return flags;
}

std::uint32_t OverflowFlags::add2_flags(const CommandView& command, int oc_tile, const std::int32_t* a,
                                        const std::int64_t* b) const {
  const Header& h = command.header;
  const auto rule = static_cast<fixed::Rounding>(h.rule);
  const ChannelEntry* channels = command.channels + index(oc_tile) * index(cols_);
  std::uint32_t flags = 0;
  for (int c = 0; c < cols_; ++c) {
    const std::int64_t s_a = fixed::requantize(a[c], rule, true, h.m_a, h.lshift_a, h.n_a);
    const std::int64_t s_b = fixed::requantize(static_cast<std::int32_t>(b[c]), rule, true, h.m_b, h.lshift_b, h.n_b);
    const std::int64_t sum = fixed::saturate(s_a + s_b, fixed::kInt32Min, fixed::kInt32Max) + channels[c].bias;
    flags |= flag(fixed::clamp_psum(sum, psum_width_ - 1).overflow, c);
  }
  return flags;
}

}  // namespace systole::cycle
