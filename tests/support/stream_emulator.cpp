// SPDX-License-Identifier: Apache-2.0
#include "tests/support/stream_emulator.h"

#include <algorithm>

#include "accel/lower/encoding.h"
#include "golden/fixed/round.h"

namespace systole::test {

namespace {

using accel::Command;
using accel::Stimulus;
using base::get_field;
using base::get_signed_field;

class Emulator {
 public:
  Emulator(const Command& command, const Stimulus& stimulus)
      : command_(command), stimulus_(stimulus), g_(command.geometry), h_(lower::unpack_header(command.cfg[0])) {}

  Emulated run() {
    if (h_.codebook) ++wgt_;
    for (int tile = 0; tile < h_.oc_tiles; ++tile) {
      acc_.assign(at(h_.out_pixels()) * at(g_.cols), 0);
      operand_a_.clear();
      for (int ic_tile = 0; ic_tile < h_.ic_tiles; ++ic_tile) group(ic_tile);
      for (int pixel = 0; pixel < h_.out_pixels(); ++pixel) {
        for (int col = 0; col < g_.cols; ++col) result_.out.push_back(output(tile, pixel, col));
      }
    }
    return result_;
  }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  std::int64_t saturate(std::int64_t x, std::int64_t lo, std::int64_t hi) const {
    return x < lo ? lo : x > hi ? hi : x;
  }

  std::int64_t clamp(std::int64_t x, int bits, int col) {
    const std::int64_t y = saturate(x, -(std::int64_t{1} << bits), (std::int64_t{1} << bits) - 1);
    if (y != x) result_.overflow |= std::uint32_t{1} << col;
    return y;
  }

  int element(const std::uint32_t* beat, int i, int width, bool is_signed) const {
    return is_signed ? get_signed_field(beat, i * width, width) : static_cast<int>(get_field(beat, i * width, width));
  }

  void group(int ic_tile) {
    const int zero = h_.accumulate == accel::Accumulate::add2 && ic_tile == 1 ? h_.zero_b : h_.zero_in;
    std::vector<std::int64_t> map;  // [pixel][row]
    for (int pixel = 0; pixel < h_.in_pixels(); ++pixel) {
      const std::uint32_t* beat = accel::act_beat(command_, stimulus_, act_++);
      for (int row = 0; row < g_.rows; ++row) map.push_back(element(beat, row, g_.act_width, h_.act_signed) - zero);
    }
    for (int kh = 0; kh < h_.kernel_h; ++kh) {
      for (int kw = 0; kw < h_.kernel_w; ++kw) pass(ic_tile, kh, kw, map);
    }
  }

  void pass(int ic_tile, int kh, int kw, const std::vector<std::int64_t>& map) {
    const std::size_t first_row = wgt_;
    wgt_ += at(g_.rows);
    const int align = static_cast<int>(get_field(command_.wgt[first_row], g_.cols * g_.wgt_width, 5));
    for (int oh = 0; oh < h_.out_h; ++oh) {
      for (int ow = 0; ow < h_.out_w; ++ow) {
        const int iy = oh * h_.stride_h + kh * h_.dilation_h - h_.pad_top;
        const int ix = ow * h_.stride_w + kw * h_.dilation_w - h_.pad_left;
        const bool inside = iy >= 0 && iy < h_.in_h && ix >= 0 && ix < h_.in_w;
        for (int col = 0; col < g_.cols; ++col) {
          std::int64_t sum = 0;
          for (int row = 0; inside && row < g_.rows; ++row) {
            sum = clamp(sum + map[at(iy * h_.in_w + ix) * at(g_.rows) + at(row)] * weight(first_row + at(row), col),
                        h_.psum_bits, col);
          }
          accumulate(ic_tile == 0 && kh == 0 && kw == 0, inside, at(oh * h_.out_w + ow) * at(g_.cols) + at(col), col,
                     sum >> align);
        }
      }
    }
  }

  std::int64_t weight(std::size_t beat, int col) const {
    int level = element(command_.wgt[beat], col, g_.wgt_width, h_.wgt_signed);
    if (h_.codebook) level = element(command_.wgt[0], level & 3, g_.wgt_width, h_.wgt_signed);
    return level - h_.zero_wgt;
  }

  void accumulate(bool first, bool inside, std::size_t i, int col, std::int64_t sum) {
    if (h_.accumulate == accel::Accumulate::max) {
      if (first) acc_[i] = -(std::int64_t{1} << h_.psum_bits);
      if (inside) acc_[i] = std::max(acc_[i], sum);
      return;
    }
    if (h_.accumulate == accel::Accumulate::add2 && first) {
      operand_a_.resize(acc_.size());
      operand_a_[i] = sum;
      return;
    }
    acc_[i] = h_.accumulate == accel::Accumulate::add2 ? sum : clamp(acc_[i] + sum, h_.psum_bits, col);
  }

  [[nodiscard]] std::int64_t requantize(std::int64_t x, bool multiply, std::int32_t m0, int lshift, int n) const {
    return fixed::requantize(static_cast<std::int32_t>(x), static_cast<fixed::Rounding>(h_.rule), multiply, m0, lshift,
                             n);
  }

  std::int32_t output(int tile, int pixel, int col) {
    const std::size_t i = at(pixel) * at(g_.cols) + at(col);
    const std::uint32_t* beat = command_.cfg[3 + at(tile) * at(g_.cols) + at(col)];
    const std::int64_t bias = get_signed_field(beat, 0, 32);
    std::int64_t biased = 0;
    if (h_.accumulate == accel::Accumulate::add2) {
      const std::int64_t sum = requantize(operand_a_[i], true, h_.m_a, h_.lshift_a, h_.n_a) +
                               requantize(acc_[i], true, h_.m_b, h_.lshift_b, h_.n_b);
      biased = clamp(saturate(sum, INT32_MIN, INT32_MAX) + bias, g_.psum_width - 1, col);
    } else {
      biased = clamp(acc_[i] + bias, h_.psum_bits, col);
    }
    if (h_.raw) return static_cast<std::int32_t>(biased);
    const std::int64_t y =
        requantize(biased, h_.multiply, static_cast<std::int32_t>(get_signed_field(beat, 32, 32)),
                   static_cast<int>(get_field(beat, 64, 5)), static_cast<int>(get_field(beat, 72, 5)));
    return static_cast<std::int32_t>(saturate(y + h_.zero_out, h_.act_min, h_.act_max));
  }

  const Command& command_;
  const Stimulus& stimulus_;
  const accel::Geometry g_;
  const accel::Header h_;
  std::size_t wgt_ = 0, act_ = 0;  ///< next beat
  std::vector<std::int64_t> acc_, operand_a_;
  Emulated result_;
};

}  // namespace

Emulated emulate(const Command& command, const Stimulus& stimulus) { return Emulator(command, stimulus).run(); }

}  // namespace systole::test
