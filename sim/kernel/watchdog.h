// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ends a run whose design hangs, and says who waits for whom.
#include <cstdint>
#include <string>

#include "sim/port/pin_map.h"

namespace systole::kernel {

/// Counts the cycles since the design last completed a command, cycles in which the bench itself withheld something
/// left out. The bound of a command is its lowering's (accel/lower/duration.h), a bus adds to it
/// (sim/session/deadline.h); designs with an adapter have Adapter::most_cycles instead.
class Watchdog {
 public:
  static constexpr std::uint64_t kMargin = 2;  ///< the contract's bench uses twice the bound

  /// Arms it for the next command, which takes at most `bound` cycles without stalls.
  void arm(std::uint64_t bound) {
    limit_ = kMargin * bound;
    waited_ = 0;
  }
  /// One cycle passed; true when the limit is exceeded.
  bool tick(bool bench_stalled) {
    waited_ += bench_stalled ? 0 : 1;
    return waited_ > limit_;
  }
  [[nodiscard]] std::uint64_t waited() const { return waited_; }
  [[nodiscard]] std::uint64_t limit() const { return limit_; }

 private:
  std::uint64_t limit_ = ~std::uint64_t{0};
  std::uint64_t waited_ = 0;
};

/// One phrase a stream on the pins of a hung design: whether bench or design holds it up.
std::string who_waits(const port::PinMap& map);

}  // namespace systole::kernel
