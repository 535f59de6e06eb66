// SPDX-License-Identifier: Apache-2.0
#pragma once
// Watches the pins and cells of a design under TLM: every value, every cycle, against the cycle model.
#include <cstdint>
#include <vector>

#include "accel/bus/clocked_dut.h"
#include "accel/cycle/reference.h"

namespace systole::bus {

class GoldenMonitor final : public CycleObserver {
 public:
  /// The design must outlive the monitor and not have been clocked since reset. CheckLevel::pe looks at every c_unit
  /// too; what is below CheckLevel::pins compares nothing here.
  GoldenMonitor(const dut::Dut& design, check::CheckLevel level);

  /// What the initiator will send, in this order.
  void expect(const accel::Job& job) { watch_.reference().model().enqueue(job); }

  /// Flips an expected bit of a pin (see PlantedFault).
  void plant(const check::PlantedFault& fault) { watch_.plant(check::Checker::pins, fault); }

  /// Always `passed`: a mismatch ends the comparing, not the run.
  kernel::Outcome after_edge(std::uint64_t cycle, const port::Handshakes& in) override;

  /// The first cycle with mismatches, all of them up to kMaxMismatches; empty while everything agreed. After it nothing
  /// more is compared: what follows an error says nothing.
  [[nodiscard]] const std::vector<check::Mismatch>& mismatches() const { return mismatches_; }
  [[nodiscard]] std::uint64_t compared() const { return watch_.compared(); }
  /// What the design is followed by, for dumps.
  [[nodiscard]] const check::Watch& watch() const { return watch_; }

 private:
  static constexpr std::size_t kMaxMismatches = 8;

  bool on_;
  check::WatchOf<cycle::Reference> watch_;
  std::vector<check::Mismatch> mismatches_;
};

}  // namespace systole::bus
