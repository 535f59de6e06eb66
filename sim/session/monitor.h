// SPDX-License-Identifier: Apache-2.0
#pragma once
// Monitor of the run loop: follows one image through all its commands with the cycle model and the checkers.
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "accel/cycle/model.h"
#include "sim/check/cell_checker.h"
#include "sim/check/output_checker.h"
#include "sim/check/pin_checker.h"
#include "sim/dut/dut.h"
#include "sim/kernel/outcome.h"
#include "sim/kernel/watchdog.h"
#include "sim/session/plan.h"

namespace systole::session {

/// What is compared each cycle; outputs and tensors are compared in all of them.
enum class CheckLevel { none, pins, pe };

/// What the design said of one layer, summed over its commands and images.
struct LayerTotals {
  std::array<std::uint64_t, cycle::kCounters> counters{};  ///< order of cycle::Counter
  std::uint64_t compared = 0, mismatches = 0;
};

class Monitor {
 public:
  static constexpr std::size_t kMaxReported = 16;  ///< mismatches kept of one run; all are counted

  /// `dut`, `plan` and `watchdog` must outlive the monitor.
  Monitor(const dut::Dut& dut, const Plan& plan, CheckLevel level, kernel::Watchdog& watchdog);

  /// Starts an image, after a reset.
  void begin(const ImageWork& work);
  /// For canaries: compare the whole run instead of stopping at the first cycle that differs.
  void keep_going() { stop_at_mismatch_ = false; }
  void plant(check::Checker checker, const check::PlantedFault& fault);
  /// The same for the beats of outputs_read(), counted over the monitor's life.
  void plant_read(const check::PlantedFault& fault) { read_outputs_.plant(fault); }
  /// All streams share a bus of one beat a cycle, whose initiator leaves the design alone for up to `idle_cycles`: the
  /// watchdog allows for both from now on.
  void share_bus(std::uint64_t idle_cycles);

  kernel::Outcome output_taken(std::uint64_t cycle);

  bool after_edge(std::uint64_t cycle, const cycle::InPins& in) {
    if (level_ != CheckLevel::none) {
      model_.tick(in);
      if (!pins_.equal(cycle, model_.pins())) report(pins_.differences(cycle, model_.pins(), kMaxReported));
      if (level_ == CheckLevel::pe &&
          !cells_.equal(cycle, model_.cell_weight(), model_.cell_act(), model_.cell_psum())) {
        report_cells(cycle);
      }
    }
    if (command_ended_) end_command(cycle);
    return !failed_ || !stop_at_mismatch_;
  }

  /// Compares the raw out beats of all commands as an initiator has read them from a bus with the golden, once the
  /// image is done; `cycle` is for the report. False ends the run as a mismatch; layer() is then the layer that
  /// differs.
  bool outputs_read(std::span<const base::Beats> outputs, std::uint64_t cycle);

  [[nodiscard]] bool done() const { return layer_ == plan_.layers.size(); }
  /// Planned layer under way; layers.size() when all are done.
  [[nodiscard]] std::size_t layer() const { return layer_; }
  [[nodiscard]] const std::vector<check::Mismatch>& mismatches() const { return mismatches_; }
  [[nodiscard]] const cycle::Model& model() const { return model_; }
  [[nodiscard]] std::uint64_t mismatch_count(check::Checker checker) const {
    return mismatch_counts_[static_cast<std::size_t>(checker)];
  }
  [[nodiscard]] std::uint64_t mismatch_count() const;
  /// Values compared so far by all checkers.
  [[nodiscard]] std::uint64_t compared() const;
  /// What `compared` must be after `cycles` edges and the images that were completed, counted from shapes alone.
  [[nodiscard]] std::uint64_t expected_compared(std::uint64_t cycles) const;
  [[nodiscard]] const std::vector<LayerTotals>& totals() const { return totals_; }
  /// The RTL's output of planned layer i for the last image.
  [[nodiscard]] const op::Tensor& rtl_output(std::size_t i) const { return rtl_outputs_[i]; }

 private:
  void report(std::vector<check::Mismatch> found);
  void report_cells(std::uint64_t cycle);
  void report_outputs(std::vector<check::Mismatch> found);
  void compare_read(const base::Beats& read, std::uint64_t cycle);
  void store_output(std::span<const std::int32_t> lanes);
  void end_command(std::uint64_t cycle);
  void end_layer(std::uint64_t cycle);
  void arm_watchdog();
  [[nodiscard]] const lower::Command& command() const { return plan_.layers[layer_].commands[command_]; }
  /// What the golden says of beat `beat_` of the command.
  [[nodiscard]] std::span<const std::int32_t> golden_lanes() const {
    return {stimulus().expected.data() + beat_ * lanes_.size(), lanes_.size()};
  }
  [[nodiscard]] const lower::Stimulus& stimulus() const { return work_->stimuli[layer_][command_]; }

  const dut::Dut& dut_;
  const Plan& plan_;
  CheckLevel level_;
  kernel::Watchdog& watchdog_;
  cycle::Model model_;
  check::PinChecker pins_;
  check::CellChecker cells_;
  check::OutputChecker outputs_, read_outputs_;
  check::TensorChecker tensors_;

  const ImageWork* work_ = nullptr;
  std::size_t layer_ = 0, command_ = 0, beat_ = 0;  ///< next output: beat of command of layer
  bool command_ended_ = false;
  bool failed_ = false, stop_at_mismatch_ = true;
  std::vector<op::Tensor> rtl_outputs_;
  std::vector<std::int32_t> lanes_;
  std::vector<check::Mismatch> mismatches_;
  std::array<std::uint64_t, check::kCheckers> mismatch_counts_{};
  std::vector<LayerTotals> totals_;
  std::uint64_t counted_ = 0;  ///< values that the totals hold
  std::uint64_t beats_ = 0, beats_read_ = 0, tensors_done_ = 0;
  std::optional<std::uint64_t> bus_idle_;    ///< of share_bus()
  std::uint64_t out_beats_of_previous_ = 0;  ///< that the bus may still have to carry
  std::uint64_t expected_outputs_ = 0;       ///< lanes of completed commands, elements of completed tensors
};

}  // namespace systole::session
