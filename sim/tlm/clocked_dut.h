#pragma once
// The pins of the Verilated accelerator between four queues: one call is one clock cycle.
#include <cstdint>

#include "golden/cycle/model.h"
#include "sim/dut/dut.h"
#include "sim/kernel/run_loop.h"
#include "sim/tlm/beat_fifo.h"

namespace systole::tlm {

/// Looks at the design after every edge.
class CycleObserver {
 public:
  CycleObserver() = default;
  CycleObserver(const CycleObserver&) = delete;
  CycleObserver& operator=(const CycleObserver&) = delete;
  CycleObserver(CycleObserver&&) = delete;
  CycleObserver& operator=(CycleObserver&&) = delete;
  virtual ~CycleObserver() = default;
  /// Edge number `cycle` since reset has passed, with these handshake inputs; the clock is still high.
  virtual void after_edge(std::uint64_t cycle, const cycle::InPins& in) = 0;
};

/// Gets the waveform's samples (kernel::RunLoop's Trace).
class TraceSink {
 public:
  TraceSink() = default;
  TraceSink(const TraceSink&) = delete;
  TraceSink& operator=(const TraceSink&) = delete;
  TraceSink(TraceSink&&) = delete;
  TraceSink& operator=(TraceSink&&) = delete;
  virtual ~TraceSink() = default;
  virtual bool active(std::uint64_t cycle) = 0;
  virtual void dump(std::uint64_t time) = 0;  ///< in half cycles
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
  void trace(TraceSink* sink) { trace_ = sink; }

  /// One clock cycle: heads of the queues are offered, what is taken leaves, an output beat enters `out`. Whether the
  /// design moved: a handshake, a weight popped or an activation beat issued.
  bool cycle();

  BeatFifo cfg, wgt, act;  ///< beats for the design
  BeatFifo out;            ///< beats from it; out_ready_i is 0 while it is full

  [[nodiscard]] std::uint64_t cycles() const { return loop_.cycle(); }
  [[nodiscard]] const dut::Dut& design() const { return design_; }
  /// In S_IDLE with nothing offered: another cycle changes no register.
  [[nodiscard]] bool at_rest() const {
    return *design_.ports().state == 0 && cfg.empty() && wgt.empty() && act.empty() && *design_.ports().out_valid == 0;
  }
  /// Cycles without a move after which nothing but new input or room for output can make the design move: the rigid
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
  TraceSink* trace_ = nullptr;
  std::uint64_t settling_;
  bool moved_ = false;  ///< a handshake happened in this cycle
};

}  // namespace systole::tlm
