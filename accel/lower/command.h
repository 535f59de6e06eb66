// SPDX-License-Identifier: Apache-2.0
#pragma once
// One command of `accel`: a layer, or a strip of a layer that fits its memories, as stream beats and as operands.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "accel/contract/program.h"
#include "base/beats.h"
#include "sim/check/watch.h"

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
/// The header in three packed beats.
[[nodiscard]] accel::Header unpack_header(const std::uint32_t* beats);
/// Writes one channel beat (4 words).
void pack(const accel::ChannelEntry& entry, std::uint32_t* beat);
[[nodiscard]] accel::ChannelEntry unpack_channel(const std::uint32_t* beat);

/// One command. Everything here depends on the layer alone; what depends on the image is in Stimulus.
struct Command {
  std::string layer;        ///< name of the layer
  int part = 0, parts = 1;  ///< which of the layer's commands this is
  accel::Geometry geometry;
  accel::Header header;
  std::vector<accel::ChannelEntry> channels;  ///< [oc tile][col]
  base::Beats cfg;                            ///< header beats, then the channel beats
  base::Beats wgt;                            ///< codebook beat if any, then [pass][row]
  std::vector<std::int16_t> weights;          ///< w = level - zero_wgt, [pass][row][col]
  std::vector<std::uint8_t> align;            ///< [pass]

  // The activation stream: distinct groups (one ic tile's map each) and the order in which they are sent.
  int groups = 0;                   ///< distinct ones
  std::vector<int> group_order;     ///< [oc tile][ic tile]
  std::vector<int> group_input;     ///< [group]: which of the layer's inputs it reads
  std::vector<int> group_channels;  ///< [group][row]: channel of that input, -1 where the row is unused
  std::vector<int> source_rows;     ///< [in_h]: row of the layer's input map
  std::vector<int> source_cols;     ///< [in_w]

  // The out stream: beat (oc tile, pixel), lane = column.
  int out_top = 0, out_left = 0;  ///< first pixel of this command in the layer's output map
  int out_first = 0;              ///< first channel of this command in the layer's output: a concat's slice
  int out_channels = 0;           ///< of the layer, or of the slice
  int lanes = 0;                  ///< columns of an oc tile that carry channels; the others repeat the last used one

  std::int64_t macs = 0;             ///< taps (padding included) times channels times pixels: the useful products
  std::int64_t roofline_cycles = 0;  ///< docs/timing.md, section 9
  bool can_overflow = true;          ///< false: proved from the operands' ranges that no clamp changes a value

  [[nodiscard]] std::size_t act_beats() const {
    return group_order.size() * static_cast<std::size_t>(header.in_pixels());
  }
  [[nodiscard]] std::size_t out_beats() const {
    return static_cast<std::size_t>(header.oc_tiles) * static_cast<std::size_t>(header.out_pixels());
  }
  /// Channels of oc tile `tile`, 1 .. lanes.
  [[nodiscard]] int used_lanes(int tile) const {
    const int left = out_channels - tile * lanes;
    return left < lanes ? left : lanes;
  }
  /// The tensor element in lane `lane` of out beat `beat`; nothing for a lane without a channel.
  [[nodiscard]] std::optional<check::OutPlace> coordinate(std::size_t beat, int lane) const;
};

/// What one image adds to a command.
struct Stimulus {
  base::Beats act;                     ///< [distinct group][in pixel], sent in the order of Command::group_order
  std::vector<std::int16_t> operands;  ///< a = act - zero, [distinct group][in pixel][row]
  std::vector<std::int32_t> expected;  ///< out beats, [oc tile][out pixel][col], unused lanes included
};

/// Beat i of the act stream, i < command.act_beats().
[[nodiscard]] inline const std::uint32_t* act_beat(const Command& command, const Stimulus& stimulus, std::size_t i) {
  const auto pixels = static_cast<std::size_t>(command.header.in_pixels());
  const auto group = static_cast<std::size_t>(command.group_order[i / pixels]);
  return stimulus.act[group * pixels + i % pixels];
}

/// Upper bound on the cycles of one command without stalls (docs/timing.md, section 9), from its header: 13 + the first
/// group's fill + sum over groups of max(taps * max(T, Rows), in_h * in_w) + D + 6, D = Rows + Cols; arrays wider than
/// 8 add their width, since the header then has more channel beats behind it.
[[nodiscard]] std::uint64_t cycle_bound(const accel::Header& header, const accel::Geometry& geometry);

/// The command as the cycle model reads it; both arguments must outlive the model's use of it.
[[nodiscard]] accel::CommandView view(const Command& command, const Stimulus& stimulus);

}  // namespace systole::lower
