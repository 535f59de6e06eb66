// SPDX-License-Identifier: Apache-2.0
#pragma once
// Integer multipliers of real scale factors (docs/numerics.md, section 3). The one place of golden/op that sees a
// double.
#include <cstdint>

namespace systole::op {

/// A factor of m0 * 2^(lshift - n - 31), 2^30 <= m0 < 2^31, lshift or n zero.
struct Multiplier {
  std::int32_t m0 = std::int32_t{1} << 30;
  int lshift = 1;
  int n = 0;

  bool operator==(const Multiplier&) const = default;
};

/// The multiplier nearest to `real`, 2^-32 <= real < 2^31 (relative error at most 2^-31). Throws std::invalid_argument
/// outside that range.
[[nodiscard]] Multiplier quantize_multiplier(double real);

/// The multiplier of an average over `count` values, 1 <= count <= 225: m0 = ceil(2^(31 + n) / count), so that rule
/// half_away equals rounding sum / count half away from zero for |sum| <= 2^29. Throws std::invalid_argument outside
/// that range.
[[nodiscard]] Multiplier average_multiplier(int count);

}  // namespace systole::op
