// SPDX-License-Identifier: Apache-2.0
#include "accel/bus/session_bus.h"

#include "accel/bus/play.h"
#include "accel/lower/layer_commands.h"
#include "base/interrupt.h"
#include "sim/kernel/run_loop.h"
#include "sim/session/transport.h"

namespace systole::bus {
namespace {

using kernel::Outcome;

/// Hands every cycle to the monitor and ends the run where kernel::RunLoop would.
class BusObserver final : public CycleObserver {
 public:
  BusObserver(session::Monitor& monitor, kernel::Watchdog& watchdog, const session::TransportSettings& settings)
      : monitor_(monitor), watchdog_(watchdog), settings_(settings) {}

  Outcome output_taken(std::uint64_t cycle) override { return monitor_.output_taken(cycle); }

  Outcome after_edge(std::uint64_t cycle, const port::Handshakes& in) override {
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

  session::Monitor& monitor_;
  kernel::Watchdog& watchdog_;
  const session::TransportSettings& settings_;
};

class SessionBus final : public session::Transport {
 public:
  session::TransportResult run(dut::Dut& dut, const session::Plan& plan, const session::ImageWork& work,
                               session::Monitor& monitor, kernel::Watchdog& watchdog,
                               const session::TransportSettings& settings) const override {
    if (base::interrupted()) return {.outcome = Outcome::interrupted, .cycles = 0, .detail = {}};
    const TrafficSettings traffic;
    monitor.share_bus(traffic.burst_beats);
    BusObserver observer(monitor, watchdog, settings);
    const std::vector<accel::Job> jobs = jobs_of(plan, work);
    const PlayResult played = play(dut, jobs,
                                   {.traffic = traffic,
                                    .seed = settings.seed,
                                    .observer = &observer,
                                    .trace = settings.trace,
                                    .stalls = settings.stalls,
                                    .silent_cycles = kernel::RunLoop::kSilentCycles});
    session::TransportResult result{.outcome = played.outcome, .cycles = played.cycles, .detail = played.detail};
    if (result.outcome == Outcome::passed && !monitor.outputs_read(played.outputs, played.cycles)) {
      result.outcome = Outcome::mismatch;
    }
    return result;
  }
};

}  // namespace

std::vector<accel::Job> jobs_of(const session::Plan& plan, const session::ImageWork& work) {
  std::vector<accel::Job> jobs;
  for (std::size_t i = 0; i < plan.layers.size(); ++i) {
    const lower::LayerBeats& beats = lower::beats_of(*work.layers[i]);
    for (std::size_t c = 0; c < beats.size(); ++c) jobs.push_back(beats.job(c));
  }
  return jobs;
}

}  // namespace systole::bus

namespace systole::session {

const Transport* bus_transport() {
  static const bus::SessionBus bus;
  return &bus;
}

}  // namespace systole::session
