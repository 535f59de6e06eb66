// SPDX-License-Identifier: Apache-2.0
#pragma once
// Monitor of the run loop: follows one image through all its commands, hands every cycle to the watch and every out
// beat to the checkers of outputs and tensors.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/beats.h"
#include "sim/check/output_checker.h"
#include "sim/check/watch.h"
#include "sim/cover/stalls.h"
#include "sim/dut/dut.h"
#include "sim/kernel/outcome.h"
#include "sim/kernel/watchdog.h"
#include "sim/session/cursor.h"
#include "sim/session/deadline.h"
#include "sim/session/findings.h"
#include "sim/session/plan.h"

namespace systole::session {

/// One layer, summed over its commands that ended, in all images.
struct LayerTotals {
  std::vector<std::uint64_t> counters;  ///< what the design said, order of PinMap::counters
  std::int64_t macs = 0;
  std::uint64_t images = 0;                    ///< in which the whole layer ended
  std::uint64_t compared = 0, mismatches = 0;  ///< also of a command that did not end
};

/// Cycles after a difference in which a run goes on: until it ends; until a pin, an out beat or a tensor differs.
inline constexpr std::uint64_t kToTheEnd = ~std::uint64_t{0}, kToAnOutput = kToTheEnd - 1;

class Monitor {
 public:
  /// `dut`, `plan` and `watchdog` must outlive the monitor. Throws base::InputError where the design has no reference
  /// for that level.
  Monitor(const dut::Dut& dut, const Plan& plan, check::CheckLevel level, kernel::Watchdog& watchdog);

  /// Starts an image, after a reset.
  void begin(const ImageWork& work);
  /// Goes on comparing for so many cycles after the first that differs, kToTheEnd or kToAnOutput instead of none. But
  /// for kToTheEnd, what differs later is not counted: it follows from the first.
  void keep_going(std::uint64_t cycles) { go_on_ = cycles; }
  void plant(check::Checker checker, const check::PlantedFault& fault);
  /// The same for the beats of outputs_read(), counted over the monitor's life.
  void plant_read(const check::PlantedFault& fault) { read_outputs_.plant(fault); }
  /// All streams share a bus of one beat a cycle, whose initiator leaves the design alone for up to `idle_cycles`: the
  /// watchdog allows for both from now on.
  void share_bus(std::uint64_t idle_cycles);

  kernel::Outcome output_taken(std::uint64_t cycle);

  bool after_edge(std::uint64_t cycle, const port::Handshakes& in) {
    if (watch_ && !watch_->after_edge(cycle, in)) [[unlikely]]
      report_cycle(cycle);
    if (in.stalled != 0) stalls_.add(cycle, in.stalled, pins_.inputs.size());
    if (command_ended_) end_command(cycle);
    return !findings_.any() || cycle < last_cycle_;
  }

  /// Compares the raw out beats of all commands as an initiator has read them from a bus with the golden, once the
  /// image is done; `cycle` is for the report. False ends the run as a mismatch; layer() is then the layer that
  /// differs.
  bool outputs_read(std::span<const base::Beats> outputs, std::uint64_t cycle);

  /// The image ended, whichever way: what was compared since the last layer's end belongs to the one under way, behind
  /// the last one to that.
  void end_image() { attribute(std::min(at_.layer(), totals_.size() - 1)); }

  [[nodiscard]] bool done() const { return at_.done(); }
  /// How much of the image is done, 0 .. 1: by the bounds of its commands and their out beats.
  [[nodiscard]] double done_part() const;
  /// Planned layer under way; layers.size() when all are done.
  [[nodiscard]] std::size_t layer() const { return at_.layer(); }
  [[nodiscard]] const Findings& findings() const { return findings_; }
  /// What the design is followed by; null below CheckLevel::pins.
  [[nodiscard]] const check::Watch* watch() const { return watch_.get(); }
  /// Values compared so far by each checker, in the order of check::Checker, and by all of them.
  [[nodiscard]] std::array<std::uint64_t, check::kCheckers> compared_by() const;
  [[nodiscard]] std::uint64_t compared() const;
  /// What `compared` must be after `cycles` edges and the images that were completed, counted from shapes alone.
  [[nodiscard]] std::uint64_t expected_compared(std::uint64_t cycles) const;
  [[nodiscard]] const std::vector<LayerTotals>& totals() const { return totals_; }
  /// How the bench made the design wait.
  [[nodiscard]] const cover::Stalls& stalls() const { return stalls_; }
  /// The RTL's output of planned layer i for the last image.
  [[nodiscard]] const op::Tensor& rtl_output(std::size_t i) const { return rtl_outputs_[i]; }

 private:
  void report(std::vector<check::Mismatch> found);
  void report_cycle(std::uint64_t cycle);
  void report_outputs(std::vector<check::Mismatch> found);
  void compare_read(const base::Beats& read, std::uint64_t cycle);
  void store_output();
  void end_command(std::uint64_t cycle);
  void end_layer(std::uint64_t cycle);
  /// Gives planned layer i what was compared since the last call.
  void attribute(std::size_t i) { totals_[i].compared += compared() - std::exchange(counted_, compared()); }
  [[nodiscard]] std::string coordinate(std::size_t beat, int lane) const;
  /// What the golden says of the beat at the cursor.
  [[nodiscard]] std::span<const std::int32_t> golden_lanes() const {
    return work_->layers[at_.layer()]->expected(at_.command()).subspan(at_.beat() * lanes_.size(), lanes_.size());
  }

  const port::PinMap& pins_;
  const Plan& plan_;
  check::CheckLevel level_;
  std::unique_ptr<check::Watch> watch_;  ///< null below CheckLevel::pins
  check::OutputChecker outputs_;         ///< where no watch sees the pins
  check::OutputChecker read_outputs_;
  check::TensorChecker tensors_;
  Findings findings_;
  Cursor at_;
  Deadline deadline_;
  cover::Stalls stalls_;

  const ImageWork* work_ = nullptr;
  bool command_ended_ = false;
  std::uint64_t go_on_ = 0, last_cycle_ = 0;  ///< after a difference; the last that is compared once there is one
  std::vector<std::int32_t> lanes_;
  std::vector<op::Tensor> rtl_outputs_;
  std::vector<LayerTotals> totals_;
  std::uint64_t counted_ = 0;                        ///< values that the totals hold
  std::uint64_t ended_bound_ = 0, image_bound_ = 0;  ///< of the commands that ended, of all of an image
  std::uint64_t beats_ = 0, beats_read_ = 0, tensors_done_ = 0;
  std::uint64_t expected_outputs_ = 0;  ///< lanes of completed commands, elements of completed tensors
};

}  // namespace systole::session
