// SPDX-License-Identifier: Apache-2.0
#include "sim/session/bus.h"

#include <vector>

#include "accel/bus/play.h"
#include "base/interrupt.h"
#include "sim/kernel/run_loop.h"

namespace systole::session {
namespace {

using kernel::Outcome;

/// Hands every cycle to the monitor and ends the run where kernel::RunLoop would.
class BusObserver final : public tlm::CycleObserver {
 public:
  BusObserver(Monitor& monitor, kernel::Watchdog& watchdog, const BusSettings& settings)
      : monitor_(monitor), watchdog_(watchdog), settings_(settings) {}

  Outcome output_taken(std::uint64_t cycle) override { return monitor_.output_taken(cycle); }

  Outcome after_edge(std::uint64_t cycle, const cycle::InPins& in) override {
    if (!monitor_.after_edge(cycle, in)) return Outcome::mismatch;
    if (cycle % kernel::RunLoop::kPollCycles == 0 && poll(cycle)) return Outcome::interrupted;
    if (cycle >= settings_.max_cycles) return Outcome::unfinished;
    if (monitor_.done()) return Outcome::passed;
    return watchdog_.tick(held_before(cycle)) ? Outcome::timeout : Outcome::passed;
  }

 private:
  [[nodiscard]] bool poll(std::uint64_t cycle) const {
    if (settings_.on_progress) settings_.on_progress(cycle);
    return base::interrupted();
  }
  [[nodiscard]] bool held_before(std::uint64_t edge) const {
    return settings_.stalls != nullptr && settings_.stalls->withheld(edge - 1) != 0;
  }

  Monitor& monitor_;
  kernel::Watchdog& watchdog_;
  const BusSettings& settings_;
};

}  // namespace

std::vector<bus::Job> jobs_of(const Plan& plan, const ImageWork& work) {
  std::vector<bus::Job> jobs;
  for (std::size_t i = 0; i < plan.layers.size(); ++i) {
    for (std::size_t c = 0; c < plan.layers[i].commands.size(); ++c) {
      jobs.push_back({&plan.layers[i].commands[c], &work.stimuli[i][c]});
    }
  }
  return jobs;
}

BusResult run_on_bus(dut::Dut& dut, const Plan& plan, const ImageWork& work, Monitor& monitor,
                     kernel::Watchdog& watchdog, const BusSettings& settings) {
  if (base::interrupted()) return {.outcome = Outcome::interrupted, .cycles = 0, .detail = {}};
  const bus::TrafficSettings traffic;
  monitor.share_bus(traffic.burst_beats);
  BusObserver observer(monitor, watchdog, settings);
  const std::vector<bus::Job> jobs = jobs_of(plan, work);
  const bus::PlayResult played = bus::play(dut, jobs,
                                           {.traffic = traffic,
                                            .seed = settings.seed,
                                            .observer = &observer,
                                            .trace = settings.trace,
                                            .stalls = settings.stalls,
                                            .silent_cycles = kernel::RunLoop::kSilentCycles});
  BusResult result{.outcome = played.outcome, .cycles = played.cycles, .detail = played.detail};
  if (result.outcome == Outcome::passed && !monitor.outputs_read(played.outputs, played.cycles)) {
    result.outcome = Outcome::mismatch;
  }
  return result;
}

}  // namespace systole::session
