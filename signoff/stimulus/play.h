// SPDX-License-Identifier: Apache-2.0
#pragma once
// A program on a model: one layer or a small network, checked in every cycle.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "signoff/stimulus/programs.h"
#include "sim/check/mismatch.h"
#include "sim/cover/cover.h"
#include "sim/dut/dut.h"
#include "sim/kernel/run_loop.h"
#include "sim/kernel/stall.h"
#include "sim/session/cycle_shares.h"
#include "sim/session/monitor.h"
#include "sim/session/plan.h"

namespace systole::signoff {

struct PlayOptions {
  check::CheckLevel check = check::CheckLevel::all;
  std::optional<kernel::Stall> stall = {};    ///< empty: the program's
  std::optional<unsigned> stall_of_256 = {};  ///< empty: the program's
  std::uint64_t seed = 9;
  std::uint64_t max_cycles = 4000000;  ///< several times the longest program
  std::uint64_t after_failure = 0;     ///< cycles after the first difference in which it goes on
  /// Makes what records the run, after the reset; empty: nothing does.
  std::function<std::unique_ptr<kernel::TraceSink>(const dut::Dut&, const session::Monitor&)> record = {};
};

struct Played {
  kernel::Outcome outcome = kernel::Outcome::passed;
  std::uint64_t cycles = 0, compared = 0, expected_compared = 0;
  std::vector<check::Mismatch> mismatches;
  std::vector<check::Mismatch>
      series;  ///< of the origin's signal, cycle by cycle; its cycle alone with no after_failure
  cover::Cover exercised;
  /// Of all layers that ended: the counters of session::kShareCounters, and cycles with every cell at work.
  session::ShareCounters counters{};
  double ideal_cycles = 0;
};

/// Adds what the layers of a run took. `macs_per_cycle`: of all cells.
void add_cycles(Played& played, const dut::Dut& dut, const session::Monitor& monitor, double macs_per_cycle);

/// What the run loop asks of who sends the beats of `work`; it starts from reset. `key`: of the random stalls.
template <class Driver>
Played play(dut::Dut& dut, const session::Plan& plan, const session::ImageWork& work, Driver& driver,
            const std::string& key, const PlayOptions& how) {
  kernel::RunLoop loop(dut);
  session::Monitor monitor(dut, plan, how.check, loop.watchdog());
  kernel::StallPattern stalls(how.stall.value_or(kernel::Stall::both), how.seed, key, kernel::stream_names(dut.pins()),
                              how.stall_of_256.value_or(kernel::StallPattern::kDefaultProbability));
  loop.reset(how.seed);
  monitor.begin(work);
  monitor.keep_going(how.after_failure);
  Played played;
  if (how.record) {
    const std::unique_ptr<kernel::TraceSink> record = how.record(dut, monitor);
    played.outcome = loop.run(driver, monitor, *record, stalls, how.max_cycles);
  } else {
    kernel::NoTraceSink none;
    played.outcome = loop.run(driver, monitor, none, stalls, how.max_cycles);
  }
  played.cycles = loop.cycle();
  played.compared = monitor.compared();
  played.expected_compared = monitor.expected_compared(played.cycles);
  played.mismatches = monitor.findings().kept();
  played.series = monitor.findings().series();
  played.exercised = session::exercised_by(plan, work);
  played.exercised.merge(monitor.stalls().cover());
  add_cycles(played, dut, monitor, plan.macs_per_cycle);
  return played;
}

/// The program as it is. Throws base::InputError where the design cannot run it.
Played play(dut::Dut& dut, const Program& program, const PlayOptions& how = {});

/// It ended, nothing differs, and all was compared that must be.
[[nodiscard]] bool passed(const Played& played);
/// Of one that did not: the first value that differs, or how it ended.
[[nodiscard]] std::string problem_of(const Played& played);

}  // namespace systole::signoff
