// SPDX-License-Identifier: Apache-2.0
#pragma once
// The stall items of a run, from the cycles in which the bench withheld what the design waited for.
#include <cstdint>

#include "sim/cover/cover.h"

namespace systole::cover {

class Stalls {
 public:
  /// A wait as long as this cannot come from streams that are withheld cycle by cycle.
  static constexpr std::uint64_t kBurst = 16;

  /// In `cycle`, later than that of the last call: bit i of `stalled` is input stream i, bit `inputs` the output.
  void add(std::uint64_t cycle, std::uint32_t stalled, std::size_t inputs) {
    const bool out = (stalled >> inputs & 1U) != 0;
    const bool in = (stalled & ~(std::uint32_t{1} << inputs)) != 0;
    cover_.saw(Item::stall_in, in ? 1 : 0);
    cover_.saw(Item::stall_out, out ? 1 : 0);
    cover_.saw(Item::stall_both, in && out ? 1 : 0);
    length_ = cycle == last_ + 1 ? length_ + 1 : 1;
    last_ = cycle;
    cover_.saw(Item::stall_burst, length_ == kBurst ? 1 : 0);
  }
  [[nodiscard]] const Cover& cover() const { return cover_; }

 private:
  Cover cover_;
  std::uint64_t last_ = 0, length_ = 0;
};

}  // namespace systole::cover
