// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run saw of its partial sums, for head-room and width studies.
#include <cstdint>
#include <limits>
#include <vector>

#include "golden/fast/partial_sums.h"

namespace systole::fast {

/// What the rounding and the bounds of an output stage did, value by value.
struct OutputFacts {
  std::uint64_t values = 0;  ///< requantized
  /// Those that the rule's nearest relative rounds otherwise: trunc of floor and clipq, clipq of trunc, half_away of
  /// half_up and double, half_up of half_away.
  std::uint64_t unlike_relative = 0;
  std::uint64_t ties = 0;  ///< halfway between two integers, by a rule that rounds to nearest
  std::uint64_t left_shift_saturates = 0;
  std::uint64_t below_act_min = 0, above_act_max = 0;
};

/// Each run of a layer widens the range and adds to the flags; a default-constructed object starts over.
struct RunStats {
  /// Range of the accumulator. A layer that declares `saturate` shows it after every pass of every output and after the
  /// bias; other layers show at least the biased sum of every output.
  std::int64_t psum_min = std::numeric_limits<std::int64_t>::max();
  std::int64_t psum_max = std::numeric_limits<std::int64_t>::min();
  std::vector<std::uint8_t> overflow;  ///< per output channel: 1 where a clamp changed a value (sticky)
  /// Where given, gets every partial sum of a layer that adds up products or taps: the layer then runs in its declared
  /// order.
  PartialSums* every = nullptr;
  bool count_output = false;  ///< asks for `output`
  OutputFacts output;

  /// Widens the range by `count` >= 0 values.
  void observe(const std::int32_t* values, std::int64_t count) {
    std::int32_t low = std::numeric_limits<std::int32_t>::max();
    std::int32_t high = std::numeric_limits<std::int32_t>::min();
    for (std::int64_t i = 0; i < count; ++i) {
      low = values[i] < low ? values[i] : low;
      high = values[i] > high ? values[i] : high;
    }
    if (count > 0 && low < psum_min) psum_min = low;
    if (count > 0 && high > psum_max) psum_max = high;
  }
};

}  // namespace systole::fast
