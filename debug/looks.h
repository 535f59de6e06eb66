// SPDX-License-Identifier: Apache-2.0
#pragma once
// What kind of fault wrong values look like.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/check/mismatch.h"
#include "sim/port/pin_map.h"

namespace systole::debug {

/// What a register or wire holds.
struct Word {
  int bits = 32;  ///< 1 .. 64
  bool is_signed = true;
  int lane_bits = 0;  ///< of the signed numbers that it holds side by side, or 0
  int first_bit = 0;  ///< of the part of it that was compared
};
inline constexpr int kFewestBits = 8;

/// In words, by the first of these that explains every value given, or empty:
///   padding    wrong in the padding alone
///   reset      one wrong value from the first cycle on
///   columns    the values of one cycle are those of other columns
///   time       the register holds what it should have held a cycle before or after
///   saturation a bound is kept too early, or not; not cleared where 0 is expected
///   one bit    one bit stays at 0 or 1, or is inverted
///   rounding   one too high or too low; a count as well
///   constant   the register stays at a value
///   shift      twice, half, ... the value, rounded or not; the wrong sign
///   offset     always the same too much
///   step       the register kept its value, or changed, where it should not have
/// `series`: differences of one register in several cycles, in order; `cycle`: those of several registers in one;
/// `before`: the register's value in the cycle before the first of them, which was right, where it is known. Where
/// nothing explains all cycles, what explains the first eight is said to be so "at first". Of a state, a flag or a
/// small count (fewer than kFewestBits) only what padding, reset, columns, time and step explain is said.
[[nodiscard]] std::string how_it_looks(const std::vector<check::Mismatch>& series,
                                       const std::vector<check::Mismatch>& cycle, const Word& word,
                                       std::optional<std::int64_t> before = {});

/// What a watched signal holds. Wide ones are compared in parts, whose place is behind the name: "tail_q[63:32]".
[[nodiscard]] Word word_of(const port::PinMap& pins, const std::string& signal);

}  // namespace systole::debug
