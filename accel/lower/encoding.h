// SPDX-License-Identifier: Apache-2.0
#pragma once
// How header and channel entries lie in beats of `cfg`, and how wide the beats of each stream are.
#include <array>
#include <cstdint>

#include "accel/contract/command.h"

namespace systole::lower {

inline constexpr int kCfgBits = 128;
inline constexpr int kAlignBits = 5;
inline constexpr int kHeaderBeats = 3;

/// Bits of a `wgt` beat: Cols elements and the alignment shift on top.
constexpr int wgt_bits(const accel::Geometry& g) { return g.cols * g.wgt_width + kAlignBits; }
constexpr int act_bits(const accel::Geometry& g) { return g.rows * g.act_width; }
constexpr int out_bits(const accel::Geometry& g) { return g.cols * g.psum_width; }

/// Writes the three header beats (12 words) of docs/timing.md, section 2. Every field must be in its range.
void pack(const accel::Header& header, std::uint32_t* beats);
/// Ones in the bits of those words that no field has: reserved, they may have any value.
[[nodiscard]] std::array<std::uint32_t, kHeaderBeats * kCfgBits / 32> reserved_header_bits();
/// The header in three packed beats.
[[nodiscard]] accel::Header unpack_header(const std::uint32_t* beats);
/// Writes one channel beat (4 words).
void pack(const accel::ChannelEntry& entry, std::uint32_t* beat);
[[nodiscard]] accel::ChannelEntry unpack_channel(const std::uint32_t* beat);

}  // namespace systole::lower
