// SPDX-License-Identifier: Apache-2.0
#pragma once
// Damaged copies of a file.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "golden/fixed/counter_random.h"

namespace systole::test {

/// Calls judge(bytes) with the file cut at every `step`th length and with `flips` copies of which each has one bit
/// flipped.
template <typename Judge>
void for_each_damage(const std::vector<std::byte>& whole, std::size_t step, std::uint64_t flips,
                     const fixed::CounterRandom& random, Judge judge) {
  for (std::size_t length = 0; length < whole.size(); length += step) {
    judge(std::vector<std::byte>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
  }
  for (std::uint64_t flip = 0; flip < flips; ++flip) {
    std::vector<std::byte> bytes = whole;
    const std::uint64_t draw = random.bits64(flip);
    bytes[static_cast<std::size_t>((draw >> 3) % bytes.size())] ^= static_cast<std::byte>(1U << (draw & 7U));
    judge(bytes);
  }
}

}  // namespace systole::test
