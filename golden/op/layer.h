// SPDX-License-Identifier: Apache-2.0
#pragma once
// What one layer computes: geometry, arithmetic, parameters. The golden's ops, the tiler and the cycle model all read
// this one description; docs/numerics.md holds the formulas.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "golden/fixed/round.h"
#include "golden/op/tensor.h"

namespace systole::op {

enum class Kind { conv2d, depthwise, fully_connected, max_pool, avg_pool, add, concat };

/// The order of accumulation. `array`: ic tiles, then kh, kw; within a pass the rows of the tile, then the pass into
/// the accumulator. `channelwise` (the published partial-sum study): per input channel over kh then kw, then the
/// channels' sums; a fully connected layer adds its products one by one, channel by channel over rows then columns
/// (CHW). `channelwise_hwc`: the same, a fully connected layer pixel by pixel over the channels.
enum class PsumOrder { array, channelwise, channelwise_hwc };

constexpr std::array<const char*, 3> kPsumOrderNames{"array", "channelwise", "channelwise_hwc"};

/// Window geometry. Padding at the bottom and right follows from the output size.
struct Window {
  int kernel_h = 1, kernel_w = 1;      ///< 1 .. 15 taps
  int stride_h = 1, stride_w = 1;      ///< 1 .. 15 pixels
  int dilation_h = 1, dilation_w = 1;  ///< 1 .. 15 pixels
  int pad_top = 0, pad_left = 0;       ///< 0 .. 15 pixels
};

/// psum -> output value, numerics.md sections 3 and 4. `m0 lshift n` hold one entry per output channel, or one for all.
struct Requantization {
  bool raw = false;  ///< out_mode = raw: the biased psum leaves as it is
  fixed::Rounding rule = fixed::Rounding::floor;
  bool multiply = true;
  std::vector<std::int32_t> m0{std::int32_t{1} << 30};  ///< 0 .. 2^31 - 1
  std::vector<int> lshift{1};                           ///< 0 .. 31
  std::vector<int> n{0};                                ///< 0 .. 31
  std::int32_t zero_out = 0;
  std::int32_t act_min = -128, act_max = 127;
};

/// One operand's path into a residual add: requantize(value - zero, rule, 1, m0, lshift, n).
struct AddOperand {
  std::int32_t zero = 0;
  std::int32_t m0 = std::int32_t{1} << 30;
  int lshift = 1;
  int n = 0;
};

/// One input of a concatenation: its channels follow those of the inputs before it, each value becoming
/// round_shift_floor(value - zero, align).
struct ConcatInput {
  int channels = 1;
  std::int32_t zero = 0;
  int align = 0;  ///< 0 .. 31: brings the block's exponent to the common one
  bool operator==(const ConcatInput&) const = default;
};

/// One layer of a quantized network with all its parameters.
struct Layer {
  std::string name;
  Kind kind = Kind::conv2d;
  int in_h = 1, in_w = 1, in_c = 1;  ///< of the first input
  int out_h = 1, out_w = 1, out_c = 1;
  Window window;
  bool act_signed = true;  ///< element type of the input
  int act_bits = 8;        ///< element width of the input, 2 .. 16; a built RTL takes up to its ActWidth
  bool wgt_signed = true;
  int wgt_bits = 8;  ///< element width of the weights, 2 .. 16; of the codes (2) in codebook mode
  std::int32_t zero_in = 0,
               zero_wgt = 0;  ///< zero points, within the element's range; add and concat have one per operand instead
  std::vector<std::int32_t> codebook;  ///< empty, or four 8-bit levels indexed by the 2-bit code
  int psum_width = 32;                 ///< declared register width; without `saturate` leaving it is an OverflowError
  bool saturate = false;               ///< clamp_psum at psum_bits is part of the layer's meaning
  int psum_bits = 31;                  ///< b of clamp_psum, 0 .. psum_width - 1
  std::vector<int> align;              ///< right shift per ic tile (block floating point), 0 .. 31; empty = 0
  /// Channels per ic tile (array rows): part of the accumulation order. A fully connected layer's input counts as one
  /// pixel of in_h * in_w * in_c channels in HWC order, cut into tiles like any other pixel.
  int tile_channels = 8;
  /// avg_pool only. False: every pixel is requantized by `out`, padding counts as a zero. True (TFLite): each pixel is
  /// the sum of its taps inside the map over their number, rounded half away from zero; `out` gives only zero_out,
  /// act_min, act_max.
  bool exclude_padding = false;
  Requantization out;
  AddOperand add_a, add_b;          ///< kind add only
  std::vector<ConcatInput> concat;  ///< kind concat only, one per input; in_c is the first one's, out_c their sum

  /// conv2d: out_c x (kernel_h * kernel_w * in_c), column (kh * kernel_w + kw) * in_c + ic.  depthwise: out_c x
  /// (kernel_h * kernel_w), channel oc reads input channel oc / (out_c / in_c).  fully_connected: out_c x (in_h * in_w
  /// * in_c), HWC order.  Otherwise empty.
  Matrix weights;
  Vector bias;  ///< out_c values or empty (= 0)
};

}  // namespace systole::op
