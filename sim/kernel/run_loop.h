// SPDX-License-Identifier: Apache-2.0
#pragma once
// Clock, reset and the loop over cycles. What is sent, what is checked and what is dumped come in as parameters:
//
//   Driver   const std::uint32_t* front(i) of input stream i (null: nothing to send now); void pop(i)
//   Monitor  Outcome output_taken(cycle): the beat on the pins leaves at the coming edge
//            bool after_edge(cycle, Handshakes): false ends the run as a mismatch
//            bool done(): every expected output was taken
//   Trace    bool active(cycle); void dump(time): of trace_sink.h
//
// An own bus model or a recorder plugs in as a Driver or Trace; the loop allocates nothing.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/interrupt.h"
#include "sim/dut/dut.h"
#include "sim/kernel/outcome.h"
#include "sim/kernel/stall.h"
#include "sim/kernel/trace_sink.h"
#include "sim/kernel/watchdog.h"

namespace systole::kernel {

/// Dumps nothing.
struct NoTraceSink {
  static constexpr bool active(std::uint64_t /*cycle*/) { return false; }
  static constexpr void dump(std::uint64_t /*time*/) {}
};

/// One input stream's pins. A beat once offered stays until it is taken; between beats the data pins hold the
/// complement of the last one, so that a design that reads data without `valid` reads something wrong.
class InputPort {
 public:
  explicit InputPort(const port::InStream& stream);

  /// Sets the pins for the coming edge; whether valid is 1.
  bool drive(const std::uint32_t* beat, bool withheld) {
    if (pending_) return true;
    if (beat == nullptr || withheld) {
      if (*valid_ != 0) complement();
      *valid_ = 0;
      return false;
    }
    pending_ = true;
    *valid_ = 1;
    copy(beat);
    return true;
  }
  [[nodiscard]] bool ready() const { return *ready_ != 0; }
  void taken() { pending_ = false; }
  void reset();

 private:
  void copy(const std::uint32_t* beat) {
    auto* words = static_cast<std::uint32_t*>(data_.data);
    for (std::size_t i = 0; i < words_; ++i) words[i] = beat[i];
    if (words_ == 0) copy_short(beat);
  }
  void copy_short(const std::uint32_t* beat);
  void complement();

  std::uint8_t* valid_;
  const std::uint8_t* ready_;
  port::Storage data_;
  std::size_t words_;  ///< 0 where the storage is smaller than a word
  bool pending_ = false;
};

class RunLoop {
 public:
  /// Cycles after the last expected output in which the design must stay silent: more than the pipeline of
  /// docs/timing.md, section 7.
  static constexpr int kSilentCycles = 64;
  /// Cycles between looks at Ctrl-C and calls of `on_progress`.
  static constexpr std::uint64_t kPollCycles = 4096;

  explicit RunLoop(dut::Dut& dut);

  /// Seeded values into un-reset state, then reset: an edge of rst_ni and three clocks under it. Cycles count from 0
  /// again.
  void reset(std::uint64_t seed);
  /// Reset alone, in whatever state the design is.
  void reset();

  [[nodiscard]] std::uint64_t cycle() const { return cycle_; }
  [[nodiscard]] Watchdog& watchdog() { return watchdog_; }
  /// Called every kPollCycles with the cycle count.
  void on_progress(std::function<void(std::uint64_t)> call) { on_progress_ = std::move(call); }

  /// Runs until the monitor is done and the silent cycles have passed, or it ends otherwise; at most `max_cycles`
  /// edges, which end it as `unfinished`.
  template <class Driver, class Monitor, class Trace>
  Outcome run(Driver& driver, Monitor& monitor, Trace& trace, StallPattern& stalls,
              std::uint64_t max_cycles = ~std::uint64_t{0}) {
    int silent = kSilentCycles;
    for (std::uint64_t edges = 0; edges < max_cycles; ++edges) {
      if (edges % kPollCycles == 0 && poll()) return Outcome::interrupted;
      const unsigned withheld = stalls.withheld(cycle_);
      if (const Outcome outcome = edge(driver, monitor, trace, withheld); outcome != Outcome::passed) return outcome;
      if (monitor.done()) {
        if (--silent < 0) return nothing_left(driver) ? Outcome::passed : Outcome::input_left;
      } else if (watchdog_.tick(withheld != 0)) {
        return Outcome::timeout;
      }
    }
    return Outcome::unfinished;
  }

  /// One clock cycle alone, for a bus model that has a loop of its own; bit i of `withheld` holds stream i back.
  template <class Driver, class Monitor, class Trace>
  Outcome step(Driver& driver, Monitor& monitor, Trace& trace, unsigned withheld) {
    return edge(driver, monitor, trace, withheld);
  }

 private:
  bool poll();

  template <class Driver>
  bool nothing_left(Driver& driver) const {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (driver.front(i) != nullptr) return false;
    }
    return true;
  }

  /// Sets all inputs for the coming edge, and takes the beats that the design is ready for from the driver: what they
  /// set does not reach its ready pins before it is evaluated.
  template <class Driver>
  port::Handshakes drive(Driver& driver, unsigned withheld) {
    port::Handshakes in;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (!inputs_[i].drive(driver.front(i), (withheld >> i & 1U) != 0)) continue;
      in.valid |= std::uint32_t{1} << i;
      if (!inputs_[i].ready()) continue;
      driver.pop(i);
      inputs_[i].taken();
    }
    in.ready = (withheld >> inputs_.size() & 1U) == 0;
    *pins_.output.ready = static_cast<std::uint8_t>(in.ready);
    return in;
  }

  /// The streams that the bench alone keeps from moving.
  template <class Driver>
  std::uint32_t stalled(Driver& driver, const port::Handshakes& in, unsigned withheld) const {
    std::uint32_t waiting = *pins_.output.valid != 0 ? std::uint32_t{1} << inputs_.size() : 0;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const bool wanted = (in.valid >> i & 1U) == 0 && inputs_[i].ready() && driver.front(i) != nullptr;
      waiting |= std::uint32_t{wanted} << i;
    }
    return waiting & withheld;
  }

  /// One clock cycle. Ready pins are read before the edge: a beat is taken where both are 1.
  template <class Driver, class Monitor, class Trace>
  Outcome edge(Driver& driver, Monitor& monitor, Trace& trace, unsigned withheld) {
    port::Handshakes in = drive(driver, withheld);
    if (withheld != 0) in.stalled = stalled(driver, in, withheld);
    if (in.ready && *pins_.output.valid != 0) {
      if (const Outcome outcome = monitor.output_taken(cycle_); outcome != Outcome::passed) return outcome;
    }
    *pins_.clock = 1;
    dut_.eval();
    ++cycle_;
    const bool equal = monitor.after_edge(cycle_, in);  // first, so that a trace shows expected values of this edge
    if (trace.active(cycle_)) trace.dump(time_of_rising_edge(cycle_));
    *pins_.clock = 0;
    dut_.eval();
    if (trace.active(cycle_)) trace.dump(time_of_falling_edge(cycle_));
    return equal ? Outcome::passed : Outcome::mismatch;
  }

  dut::Dut& dut_;
  const port::PinMap& pins_;
  std::vector<InputPort> inputs_;
  Watchdog watchdog_;
  std::uint64_t cycle_ = 0;
  std::function<void(std::uint64_t)> on_progress_;
};

}  // namespace systole::kernel
