// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run of the accelerator is told, as plain values: the built size, the header of a layer (docs/timing.md,
// section 2) and the operands behind its streams. The tiler fills these, the cycle model and the encoders read them.
#include <cstdint>

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

/// One layer (or strip of a layer) as the cycle model reads it. Pointers stay the caller's and must live until the
/// command is finished.
struct CommandView {
  Header header;
  const ChannelEntry* channels = nullptr;     ///< [oc tile][col]
  const std::int16_t* weights = nullptr;      ///< w = level - zero_wgt, [pass][row][col], passes in stream order
  const std::uint8_t* align = nullptr;        ///< [pass]
  const std::int16_t* activations = nullptr;  ///< a = act - zero, [distinct group][in pixel][row]
  const int* group_order = nullptr;           ///< [oc tile][ic tile]: the distinct group whose map is sent
  const std::int32_t* expected = nullptr;     ///< values of the out beats, [oc tile][out pixel][col]
  bool can_overflow = true;                   ///< false: proved that no clamp_psum of this command changes a value
  int out_top = 0, out_left = 0;              ///< first pixel of the command in the layer's output map
  int out_first = 0;                          ///< its first channel there
  int lanes = 0;                              ///< columns of an oc tile that carry channels; 0: all
};

}  // namespace systole::accel
