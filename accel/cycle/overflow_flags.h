// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which clamps of a beat change a value: the sticky overflow flags, column by column (docs/numerics.md, sections 2 and
// 4).
#include <cstddef>
#include <cstdint>
#include <vector>

#include "accel/contract/command.h"

namespace systole::cycle {

/// Bit c = column c.
struct BeatFlags {
  std::uint32_t bank = 0;  ///< clamps in the array or at the psum bank
  std::uint32_t bias = 0;  ///< clamp after the bias, beats of an oc tile's last pass only
};

/// add2: both operands requantized, added, saturated to 32 bits (docs/numerics.md, section 4).
std::int64_t residual_sum(const accel::Header& header, std::int32_t a, std::int32_t b);

/// Follows the psum bank of one command, beat by beat in the order of issue.
class OverflowFlags {
 public:
  explicit OverflowFlags(const accel::Geometry& geometry);

  /// Flags of the beat (pass, out pixel). `activations`: `rows` operands, null where the tap is padding. A padded beat
  /// of the last pass still biases what the passes before it have summed. `psums`, where it is not null, gets what
  /// the beat brings to the psum bank: `cols` psums as they leave the array, then the same aligned; `rows`, where it is
  /// not null, the flags of the array's rows 0 .. r, `rows` of them, 0 for padding.
  [[nodiscard]] BeatFlags beat(const accel::Command& command, int pass, int pixel, const std::int16_t* activations,
                               std::int32_t* psums = nullptr, std::uint32_t* rows = nullptr);
  /// The bank's word of an out pixel after its last beat, `cols` psums.
  [[nodiscard]] const std::int32_t* word(int pixel) const {
    return bank_.data() + static_cast<std::size_t>(pixel) * static_cast<std::size_t>(cols_);
  }

 private:
  /// Sum: a type that holds every unclamped sum. kCols: the columns, 0 where known at run time only.
  template <class Sum, int kCols>
  BeatFlags beat_as(const accel::Command& command, int pass, int pixel, const std::int16_t* activations,
                    std::int32_t* psums, std::uint32_t* rows);
  template <int kCols>
  [[nodiscard]] std::uint32_t bias_flags(const accel::Command& command, int oc_tile, const std::int32_t* acc) const;
  template <class Sum>
  [[nodiscard]] std::uint32_t add2_flags(const accel::Command& command, int oc_tile, const std::int32_t* a,
                                         const Sum* b) const;

  int rows_, cols_, psum_width_;
  std::vector<std::int32_t> bank_;  ///< [out pixel][col]
};

}  // namespace systole::cycle
