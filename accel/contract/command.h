// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the accelerator is given, as plain values: the built size, the header of a layer (docs/timing.md, section 2), a
// command with its streams and the operands behind them. The tiler fills these; cycle model and encoders read them.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/beats.h"
#include "sim/check/out_place.h"

namespace systole::accel {

/// Parameters of the built accelerator, docs/timing.md: rows, cols >= 4, 2 <= act_width, wgt_width <= 8, psum_width <=
/// 32, par_tiles a power of two; cols <= 32 here (one overflow word).
struct Geometry {
  int rows = 8, cols = 8;
  int act_width = 8, wgt_width = 8, psum_width = 32;  ///< bits of one element
  int act_depth = 4096;                               ///< pixels one activation bank holds
  int psum_depth = 4096;                              ///< output pixels the psum bank holds
  int par_tiles = 8;                                  ///< oc tiles the channel table holds

  bool operator==(const Geometry&) const = default;
};

/// Codes of the header field `accumulate`.
enum class Accumulate : std::uint8_t { add = 0, max = 1, add2 = 2 };

/// The three header beats, unpacked; names, ranges and bit positions are those of docs/timing.md, section 2.
struct Header {
  int in_h = 1, in_w = 1, out_h = 1, out_w = 1;  ///< 1 .. 255 pixels
  int kernel_h = 1, kernel_w = 1;                ///< 1 .. 15 taps
  int stride_h = 1, stride_w = 1;
  int dilation_h = 1, dilation_w = 1;
  int pad_top = 0, pad_left = 0;   ///< 0 .. 15 pixels
  int ic_tiles = 1, oc_tiles = 1;  ///< 1 .. 65535
  bool codebook = false;
  bool act_signed = true, wgt_signed = true;
  Accumulate accumulate = Accumulate::add;
  bool raw = false;
  bool multiply = true;
  int rule = 0;        ///< code of the rounding rule, 0 .. 5
  int psum_bits = 31;  ///< b of clamp_psum
  std::int32_t zero_in = 0, zero_wgt = 0, zero_b = 0, zero_out = 0;
  std::int32_t act_min = -128, act_max = 127;
  std::int32_t m_a = 0, m_b = 0;  ///< add2 only, like the four below
  int lshift_a = 0, n_a = 0, lshift_b = 0, n_b = 0;

  [[nodiscard]] constexpr int taps() const { return kernel_h * kernel_w; }
  [[nodiscard]] constexpr int in_pixels() const { return in_h * in_w; }
  [[nodiscard]] constexpr int out_pixels() const { return out_h * out_w; }
  [[nodiscard]] constexpr int passes_per_oc_tile() const { return ic_tiles * taps(); }
  [[nodiscard]] constexpr int passes() const { return oc_tiles * passes_per_oc_tile(); }
  bool operator==(const Header&) const = default;
};

/// One channel beat.
struct ChannelEntry {
  std::int32_t bias = 0;
  std::int32_t m0 = 0;    ///< 0 .. 2^31 - 1
  int lshift = 0, n = 0;  ///< 0 .. 31

  bool operator==(const ChannelEntry&) const = default;
};

/// One command: a layer, or a strip of a layer that fits the memories. Everything here depends on the layer alone.
struct Command {
  std::string layer;        ///< name of the layer
  int part = 0, parts = 1;  ///< which of the layer's commands this is
  Geometry geometry;
  Header header;
  std::vector<ChannelEntry> channels;  ///< [oc tile][col]
  base::Beats cfg;                     ///< header beats, then the channel beats
  base::Beats wgt;                     ///< codebook beat if any, then [pass][row]
  std::vector<std::int16_t> weights;   ///< w = level - zero_wgt, [pass][row][col], passes in stream order
  std::vector<std::uint8_t> align;     ///< [pass]

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

  std::int64_t macs = 0;     ///< taps (padding included) times channels times pixels: the useful products
  bool can_overflow = true;  ///< false: proved from the operands' ranges that no clamp changes a value

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
  /// The element of the layer's output in column `col` of (oc tile, pixel), 0 <= col < lanes.
  [[nodiscard]] check::OutPlace place(int oc_tile, int pixel, int col) const {
    return {out_first + oc_tile * lanes + col, out_top + pixel / header.out_w, out_left + pixel % header.out_w};
  }
  /// The same for a lane of out beat `beat`; nothing for a lane without a channel.
  [[nodiscard]] std::optional<check::OutPlace> place(std::size_t beat, int lane) const {
    const auto pixels = static_cast<std::size_t>(header.out_pixels());
    const int oc_tile = static_cast<int>(beat / pixels);
    if (lane >= used_lanes(oc_tile)) return std::nullopt;
    return place(oc_tile, static_cast<int>(beat % pixels), lane);
  }
};

/// What one image adds to a command.
struct Stimulus {
  base::Beats act;                     ///< [distinct group][in pixel], sent in the order of Command::group_order
  std::vector<std::int16_t> operands;  ///< a = act - zero, [distinct group][in pixel][row]
};

/// Beat i of the act stream, i < command.act_beats().
[[nodiscard]] inline const std::uint32_t* act_beat(const Command& command, const Stimulus& stimulus, std::size_t i) {
  const auto pixels = static_cast<std::size_t>(command.header.in_pixels());
  const auto group = static_cast<std::size_t>(command.group_order[i / pixels]);
  return stimulus.act[group * pixels + i % pixels];
}

/// A command on one image, and what must come back. The memory stays the caller's and must live until the command is
/// finished.
struct Job {
  const Command* command = nullptr;
  const Stimulus* stimulus = nullptr;
  const std::int32_t* expected =
      nullptr;  ///< values of the out beats, [oc tile][out pixel][col], unused lanes included
};

}  // namespace systole::accel
