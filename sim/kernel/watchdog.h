// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ends a run whose design hangs, and says who waits for whom.
#include <cstdint>
#include <string>

#include "accel/contract/program.h"
#include "sim/dut/dut.h"

namespace systole::kernel {

/// Upper bound on the cycles of one command without stalls (docs/timing.md, section 9), from its header: 13 + the first
/// group's fill + sum over groups of max(taps * max(T, Rows), in_h * in_w) + D + 6, D = Rows + Cols; arrays wider than
/// 8 add their width, since the header then has more channel beats behind it.
std::uint64_t cycle_bound(const accel::Header& header, const accel::Geometry& geometry);

/// Counts the cycles since the design last completed a command, cycles in which the bench itself withheld something
/// left out.
class Watchdog {
 public:
  static constexpr std::uint64_t kMargin = 2;  ///< the contract's bench uses twice the bound

  /// Arms it for the next command, `bound` from cycle_bound().
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

/// The eight state names by code (docs/timing.md, section 4).
std::string_view state_name(unsigned code);

/// One line on the pins of a hung design: the FSM state, and for each stream whether bench or design holds it up.
std::string who_waits(const dut::Ports& ports);

}  // namespace systole::kernel
