// SPDX-License-Identifier: Apache-2.0
#include "golden/op/multiplier.h"

#include <bit>
#include <cmath>
#include <stdexcept>
#include <string>

#include "golden/fixed/ceil_div.h"

namespace systole::op {

Multiplier quantize_multiplier(double real) {
  if (!(real >= 0x1p-32 && real < 0x1p31)) {
    throw std::invalid_argument("multiplier " + std::to_string(real) +
                                " has no (m0, lshift, n): expected 2^-32 <= M < 2^31");
  }
  int exponent = 0;  // real = fraction * 2^exponent, 0.5 <= fraction < 1
  const double fraction = std::frexp(real, &exponent);
  auto m0 = static_cast<std::int64_t>(std::round(fraction * 0x1p31));
  if (m0 == std::int64_t{1} << 31) {
    m0 >>= 1;
    ++exponent;
  }
  if (exponent > 31) throw std::invalid_argument("multiplier rounds to 2^31: expected 2^-32 <= M < 2^31");
  return {static_cast<std::int32_t>(m0), exponent > 0 ? exponent : 0, exponent < 0 ? -exponent : 0};
}

Multiplier average_multiplier(int count) {
  constexpr int kMaxCount = 225;  // 15 x 15 taps, the largest window
  if (count < 1 || count > kMaxCount) {
    throw std::invalid_argument("average over " + std::to_string(count) + " values: expected 1 .. 225");
  }
  if (count == 1) return {std::int32_t{1} << 30, 1, 0};
  const int n = static_cast<int>(std::bit_width(static_cast<unsigned>(count - 1))) - 1;  // 0.5 <= 2^n / count < 1
  const std::int64_t numerator = std::int64_t{1} << (31 + n);
  return {static_cast<std::int32_t>(fixed::ceil_div(numerator, std::int64_t{count})), 0, n};
}

}  // namespace systole::op
