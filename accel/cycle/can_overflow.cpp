// SPDX-License-Identifier: Apache-2.0
#include "accel/cycle/can_overflow.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include "base/as_size.h"
#include "golden/fixed/round.h"

namespace systole::cycle {

namespace {

/// Sum over rows and passes of abs(w) of one column of an oc tile.
std::int64_t absolute_weights(const accel::Command& command, int tile, int col) {
  const accel::Geometry& g = command.geometry;
  const auto cells = static_cast<std::size_t>(g.rows) * static_cast<std::size_t>(g.cols);
  const auto passes = static_cast<std::size_t>(command.header.passes_per_oc_tile());
  const std::int16_t* first = command.weights.data() + static_cast<std::size_t>(tile) * passes * cells;
  const std::int16_t* end = first + passes * cells;
  std::int64_t sum = 0;
  for (const std::int16_t* weight = first + col; weight < end; weight += g.cols) sum += std::abs(*weight);
  return sum;
}

/// Largest magnitude of an operand of an add after its own requantization, which is monotonic.
std::int64_t largest_operand(const accel::Header& h, std::int32_t largest, std::int32_t m0, int lshift, int n) {
  const auto rule = static_cast<fixed::Rounding>(h.rule);
  return std::max(std::abs(fixed::requantize(largest, rule, true, m0, lshift, n)),
                  std::abs(fixed::requantize(-largest, rule, true, m0, lshift, n)));
}

}  // namespace

bool can_overflow(const accel::Command& command, int largest_activation) {
  const accel::Geometry& geometry = command.geometry;
  const accel::Header& h = command.header;
  const std::int64_t psum_limit = fixed::psum_max(h.psum_bits);
  std::int64_t operands = 0;
  if (h.accumulate == accel::Accumulate::add2) {
    operands = largest_operand(h, largest_activation, h.m_a, h.lshift_a, h.n_a) +
               largest_operand(h, largest_activation, h.m_b, h.lshift_b, h.n_b);
  }
  for (int tile = 0; tile < h.oc_tiles; ++tile) {
    for (int col = 0; col < geometry.cols; ++col) {
      const accel::ChannelEntry& entry =
          command.channels[base::as_size(tile) * base::as_size(geometry.cols) + base::as_size(col)];
      const std::int64_t bias = std::abs(std::int64_t{entry.bias});
      const std::int64_t products = absolute_weights(command, tile, col) * largest_activation;
      // A maximum over no tap at all stands at the lower limit, where any negative bias leaves the range.
      if (h.accumulate == accel::Accumulate::max && bias != 0) return true;
      if (h.accumulate == accel::Accumulate::add2) {
        if (products > psum_limit || operands + bias > fixed::psum_max(geometry.psum_width - 1)) return true;
      } else if (products + bias > psum_limit) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace systole::cycle
