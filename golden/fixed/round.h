// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rounding and requantization (docs/numerics.md, sections 1 and 3). Integers only, no state, usable at compile time.
//
// The rule is part of the function's name. What tells the rules apart is the tie and the sign:
//
//   x / 2^s                  -2.5  -2.25  -2   2   2.25  2.5
//   round_shift_floor          -3     -3  -2   2      2    2
//   round_shift_half_up        -2     -2  -2   2      2    3
//   round_shift_half_away      -3     -2  -2   2      2    3
//   round_shift_clipq          -2     -2  -1   2      2    2    (one higher than trunc at negative multiples of 2^s)
//   round_shift_trunc          -2     -2  -2   2      2    2
//
// Range: every round_shift_* is exact for |x| < 2^62 and 0 <= s <= 62; a product of two 32-bit numbers other than
// -2^31 * -2^31 lies within.
#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "golden/fixed/saturate.h"

namespace systole::fixed {

/// The rule's code in configuration words and files.
enum class Rounding { floor = 0, half_up = 1, half_away = 2, double_rounding = 3, clipq = 4, trunc = 5 };

inline constexpr int kRoundingCount = 6;

/// Names of the rules by code, as docs/numerics.md, the RTL and the files spell them.
inline constexpr std::array<std::string_view, kRoundingCount> kRoundingNames{
    "round_shift_floor",          "round_shift_half_up", "round_shift_half_away",
    "requantize_double_rounding", "round_shift_clipq",   "round_shift_trunc"};

constexpr std::string_view to_string(Rounding rule) { return kRoundingNames[static_cast<std::size_t>(rule)]; }

/// The rule of that exact name, or nothing.
constexpr std::optional<Rounding> rounding_from_string(std::string_view name) {
  for (std::size_t code = 0; code < kRoundingNames.size(); ++code) {
    if (kRoundingNames[code] == name) return static_cast<Rounding>(code);
  }
  return std::nullopt;
}

// ---- Section 1: shift and round -----------------------------------------------------------------------------

/// floor(x / 2^s), the arithmetic shift right.
constexpr std::int64_t round_shift_floor(std::int64_t x, int s) {
  assert(s >= 0 && s <= 62);
  return x >> s;
}

/// floor((x + 2^(s-1)) / 2^s): to nearest, ties toward plus infinity. Written as floor((floor(2 x / 2^s) + 1) / 2), the
/// same value, which needs no exception for s = 0 and compiles to vector shifts.
constexpr std::int64_t round_shift_half_up(std::int64_t x, int s) {
  return round_shift_floor(round_shift_floor(2 * x, s) + 1, 1);
}

/// sign(x) * floor((abs(x) + 2^(s-1)) / 2^s): to nearest, ties away from zero.
constexpr std::int64_t round_shift_half_away(std::int64_t x, int s) {
  const std::int64_t magnitude = round_shift_half_up(x < 0 ? -x : x, s);
  return x < 0 ? -magnitude : magnitude;
}

/// floor(x / 2^s), plus one where x is negative. With s = 0 too: every negative x comes out one higher.
constexpr std::int64_t round_shift_clipq(std::int64_t x, int s) { return round_shift_floor(x, s) + (x < 0 ? 1 : 0); }

/// sign(x) * floor(abs(x) / 2^s): toward zero.
constexpr std::int64_t round_shift_trunc(std::int64_t x, int s) {
  const std::int64_t magnitude = round_shift_floor(x < 0 ? -x : x, s);
  return x < 0 ? -magnitude : magnitude;
}

/// The rule that is a shift alone, chosen by its code; double_rounding is not one (its second step is half_away).
constexpr std::int64_t round_shift(std::int64_t x, Rounding rule, int s) {
  switch (rule) {
    case Rounding::floor:
      return round_shift_floor(x, s);
    case Rounding::half_up:
      return round_shift_half_up(x, s);
    case Rounding::half_away:
      return round_shift_half_away(x, s);
    case Rounding::clipq:
      return round_shift_clipq(x, s);
    case Rounding::trunc:
      return round_shift_trunc(x, s);
    case Rounding::double_rounding:
      break;
  }
  throw std::invalid_argument("requantize_double_rounding is not a rounding shift: it needs a multiplier");
}

// ---- Section 3: requantize ----------------------------------------------------------------------------------

/// floor((a * b + 2^30) / 2^31): a * b / 2^31 to nearest, ties up; 2^31 - 1 for a = b = -2^31, the one result that
/// needs 33 bits. gemmlowp (fixedpoint.h) writes the same value as a truncating division of a nudged product.
constexpr std::int32_t saturating_rounding_doubling_high_mul(std::int32_t a, std::int32_t b) {
  const std::int64_t rounded = (std::int64_t{a} * b + (std::int64_t{1} << 30)) >> 31;
  return static_cast<std::int32_t>(rounded - (rounded > kInt32Max ? 1 : 0));  // beyond lies 2^31 alone
}

/// x * m0 / 2^(31 + n), rounded twice as gemmlowp and the TFLite reference kernels do, 0 <= n <= 31.
constexpr std::int64_t requantize_double_rounding(std::int32_t x, std::int32_t m0, int n) {
  return round_shift_half_away(saturating_rounding_doubling_high_mul(x, m0), n);
}

/// x / 2^s to nearest, ties to the even integer, 0 <= s <= 62. The second step of requantize_float32_half_even; no rule
/// of its own. Range: |x| <= 2^62.
constexpr std::int64_t round_shift_half_even(std::int64_t x, int s) {
  const std::int64_t down = round_shift_floor(x, s);
  const std::int64_t twice = 2 * (x - down * (std::int64_t{1} << s));  // of the remainder, less than 2^63
  const std::int64_t unit = std::int64_t{1} << s;
  return down + (twice > unit || (twice == unit && down % 2 != 0) ? 1 : 0);
}

/// What a float32 holds of an integer: x to nearest with 24 significant bits, ties to even. |x| <= 2^62.
constexpr std::int64_t round_float32(std::int64_t x) {
  constexpr int kSignificandBits = 24;
  const auto magnitude = static_cast<std::uint64_t>(x < 0 ? -x : x);
  const int dropped = std::max(0, static_cast<int>(std::bit_width(magnitude)) - kSignificandBits);
  return round_shift_half_even(x, dropped) * (std::int64_t{1} << dropped);
}

/// float32(x) * (m0 / 2^(31 + n)), the product rounded to a float32 and that to an integer, both to nearest with ties
/// to even. It is the machine's nearbyint(float(x) * scale) where m0 has 24 significant bits, so that scale = m0 /
/// 2^(31 + n) is a float32. Nothing can leave the range of one: |x| is 0 or 1 .. 2^31, scale at least 2^-62.
/// 0 <= m0 < 2^31, 0 <= n <= 31. |y| <= 2^31.
constexpr std::int64_t requantize_float32_half_even(std::int32_t x, std::int32_t m0, int n) {
  return round_shift_half_even(round_float32(round_float32(x) * m0), 31 + n);
}

/// The only path from psum to output: x1 = x * 2^lshift saturated to 32 bits, then rule(x1 * m0 / 2^(31 + n)), or
/// rule(x1 / 2^n) without `multiply`. 0 <= m0 < 2^31, 0 <= lshift <= 31, 0 <= n <= 31. The result fits 33 bits:
/// abs(y) <= abs(x1) + 1. Throws std::invalid_argument for double_rounding without a multiplier, which is not a mode.
constexpr std::int64_t requantize(std::int32_t x, Rounding rule, bool multiply, std::int32_t m0, int lshift, int n) {
  const std::int32_t x1 = saturating_shift_left(x, lshift);
  if (!multiply) return round_shift(x1, rule, n);
  if (rule == Rounding::double_rounding) return requantize_double_rounding(x1, m0, n);
  return round_shift(std::int64_t{x1} * m0, rule, 31 + n);
}

}  // namespace systole::fixed
