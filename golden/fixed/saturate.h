// SPDX-License-Identifier: Apache-2.0
#pragma once
// Saturation (docs/numerics.md, section 2). Integers only, no state, usable at compile time.
#include <cassert>
#include <cstdint>
#include <limits>
#include <stdexcept>

namespace systole::fixed {

inline constexpr std::int64_t kInt32Min = std::numeric_limits<std::int32_t>::min();
inline constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();

/// A sum left the width that was declared for it. The golden reports this and never wraps.
class OverflowError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// lo where x < lo, hi where x > hi, else x. Requires lo <= hi.
constexpr std::int64_t saturate(std::int64_t x, std::int64_t lo, std::int64_t hi) {
  assert(lo <= hi);
  return x < lo ? lo : (x > hi ? hi : x);
}

/// Range of a psum clamped at b bits besides the sign, 0 <= b <= 62.
constexpr std::int64_t psum_min(int b) { return -(std::int64_t{1} << b); }
constexpr std::int64_t psum_max(int b) { return (std::int64_t{1} << b) - 1; }

struct ClampedPsum {
  std::int64_t value = 0;
  bool overflow = false;  ///< the clamp changed the value

  constexpr bool operator==(const ClampedPsum&) const = default;
};

/// saturate(x, -2^b, 2^b - 1), 0 <= b <= 62, and whether that changed x.
constexpr ClampedPsum clamp_psum(std::int64_t x, int b) {
  assert(b >= 0 && b <= 62);
  const std::int64_t value = saturate(x, psum_min(b), psum_max(b));
  return {value, value != x};
}

/// saturate(x * 2^s, -2^31, 2^31 - 1), 0 <= s <= 31. |x * 2^31| <= 2^62, so the product is exact in 64 bits.
constexpr std::int32_t saturating_shift_left(std::int32_t x, int s) {
  assert(s >= 0 && s <= 31);
  return static_cast<std::int32_t>(saturate(std::int64_t{x} * (std::int64_t{1} << s), kInt32Min, kInt32Max));
}

}  // namespace systole::fixed
