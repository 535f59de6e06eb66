// SPDX-License-Identifier: Apache-2.0
#pragma once
// The pins of the Verilated accelerator between four queues: one call is one clock cycle.
#include <cstdint>

#include "accel/dut/geometry.h"
#include "sim/dut/dut.h"
#include "sim/kernel/outcome.h"
#include "sim/kernel/run_loop.h"
#include "sim/kernel/stall.h"
#include "sim/kernel/trace_sink.h"
#include "sim/tlm/beat_fifo.h"

namespace systole::bus {

/// Looks at the design in every cycle and may end the run: after an answer other than `passed` it is not clocked again.
class CycleObserver {
 public:
  CycleObserver() = default;
  CycleObserver(const CycleObserver&) = delete;
  CycleObserver& operator=(const CycleObserver&) = delete;
  CycleObserver(CycleObserver&&) = delete;
  CycleObserver& operator=(CycleObserver&&) = delete;
  virtual ~CycleObserver() = default;
  /// The beat on the out pins leaves at the coming edge; `cycle` edges have passed since reset.
  virtual kernel::Outcome output_taken(std::uint64_t /*cycle*/) { return kernel::Outcome::passed; }
  /// Edge number `cycle` since reset has passed, with these handshake inputs; the clock is still high.
  virtual kernel::Outcome after_edge(std::uint64_t cycle, const port::Handshakes& in) = 0;
};

/// Depths of the queues in beats, 0 for as many as memory holds.
struct QueueDepths {
  std::size_t in = 0, out = 0;
};

class ClockedDut {
 public:
  /// Fills un-reset state from `seed` and resets the design, which must outlive this object.
  ClockedDut(dut::Dut& design, const QueueDepths& depths, std::uint64_t seed);

  void observe(CycleObserver* observer) { observer_ = observer; }
  void trace(kernel::TraceSink* sink) { trace_ = sink; }
  /// Cycles in which the bridge holds streams back although it could move them: `valid` of an input, `ready` of out.
  void stall(kernel::StallPattern* stalls) { stalls_ = stalls; }

  enum class Step {
    moved,  ///< a handshake, a weight popped or an activation beat issued
    held,   ///< nothing of it, but a stream was held back
    still   ///< nothing of it
  };
  /// One clock cycle: heads of the queues are offered, what is taken leaves, an output beat enters `out`. Nothing, and
  /// `still`, once the verdict is not `passed`.
  Step cycle();

  /// `passed` until an observer has ended the run.
  [[nodiscard]] kernel::Outcome verdict() const { return verdict_; }

  tlm::BeatFifo cfg, wgt, act;  ///< beats for the design
  tlm::BeatFifo out;            ///< beats from it; out_ready_i is 0 while it is full

  [[nodiscard]] std::uint64_t cycles() const { return loop_.cycle(); }
  [[nodiscard]] const dut::Dut& design() const { return design_; }
  /// In S_IDLE with nothing offered: another cycle changes no register.
  [[nodiscard]] bool at_rest() const {
    return accel::state_of(design_.pins()) == 0 && cfg.empty() && wgt.empty() && act.empty() &&
           *design_.pins().output.valid == 0;
  }
  /// Cycles `still` after which nothing but new input or room for output can make the design move: the rigid
  /// pipeline is D + 4 steps long, the walk through the control states 4 (docs/timing.md, sections 4 and 7).
  [[nodiscard]] std::uint64_t settling_cycles() const { return settling_; }

 private:
  struct Driver;
  struct Monitor;
  struct Trace;
  [[nodiscard]] std::uint64_t work_done() const;

  dut::Dut& design_;
  kernel::RunLoop loop_;
  CycleObserver* observer_ = nullptr;
  kernel::TraceSink* trace_ = nullptr;
  kernel::StallPattern* stalls_ = nullptr;
  kernel::Outcome verdict_ = kernel::Outcome::passed;
  std::uint64_t settling_;
  bool moved_ = false;  ///< a handshake happened in this cycle
};

}  // namespace systole::bus
