// SPDX-License-Identifier: Apache-2.0
#pragma once
// What kind of fault wrong values look like.
#include <string>
#include <vector>

#include "sim/check/mismatch.h"

namespace systole::debug {

/// In words, by the first of these that explains every value given, or empty:
///   columns    the values of one cycle are those of other columns
///   time       the register holds what it should have held a cycle before or after
///   saturation a bound is kept too early, or not
///   one bit    one bit stays at 0 or 1, or is inverted
///   rounding   one too high or too low; a count as well
///   constant   the register stays at a value
///   shift      twice, half, ... the value; the wrong sign
///   offset     always the same too much
/// `series`: differences of one register in several cycles, in order; `cycle`: those of several registers in one. Of a
/// state, a flag or a small count (fewer than kFewestBits) only what time and columns explain is said, of one bit
/// nothing.
struct Word {
  int bits = 32;  ///< 1 .. 64
  bool is_signed = true;
};
inline constexpr int kFewestBits = 8;
[[nodiscard]] std::string how_it_looks(const std::vector<check::Mismatch>& series,
                                       const std::vector<check::Mismatch>& cycle, const Word& word);

}  // namespace systole::debug
