// SPDX-License-Identifier: Apache-2.0
#pragma once
// Watches the pins and cells of a design under TLM: every value, every cycle, against the cycle model.
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/check/cell_checker.h"
#include "sim/check/pin_checker.h"
#include "sim/tlm/clocked_dut.h"

namespace systole::bus {

enum class CheckLevel { none, pins, cells };

class GoldenMonitor final : public tlm::CycleObserver {
 public:
  /// The design must outlive the monitor and not have been clocked since reset. `cells` looks at every c_unit too.
  GoldenMonitor(const dut::Dut& design, CheckLevel level);

  /// The commands that the initiator will send, in this order; their memory must live until they are done.
  void expect(const accel::CommandView& command) { model_.enqueue(command); }

  /// Flips an expected bit (see PlantedFault::cycle).
  void plant(const check::PlantedFault& fault) { pins_.plant(fault); }

  /// Always `passed`: a mismatch ends the comparing, not the run.
  kernel::Outcome after_edge(std::uint64_t cycle, const cycle::InPins& in) override;

  /// The first cycle with mismatches, all of them up to kMaxMismatches; empty while everything agreed. After it nothing
  /// more is compared: what follows an error says nothing.
  [[nodiscard]] const std::vector<check::Mismatch>& mismatches() const { return mismatches_; }
  [[nodiscard]] std::uint64_t compared() const { return pins_.compared() + (cells_ ? cells_->compared() : 0); }
  [[nodiscard]] const cycle::Model& model() const { return model_; }

 private:
  static constexpr std::size_t kMaxMismatches = 8;
  void record(std::uint64_t cycle);

  CheckLevel level_;
  cycle::Model model_;
  check::PinChecker pins_;
  std::optional<check::CellChecker> cells_;
  std::vector<check::Mismatch> mismatches_;
};

}  // namespace systole::bus
