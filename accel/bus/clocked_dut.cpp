// SPDX-License-Identifier: Apache-2.0
#include "accel/bus/clocked_dut.h"

#include <cstring>

namespace systole::bus {
namespace {

std::size_t words(const port::Storage& beat) { return static_cast<std::size_t>((beat.bits + 31) / 32); }

}  // namespace

// The three sides of kernel::RunLoop: what it sends, who looks at the result, who records it.
struct ClockedDut::Driver {
  ClockedDut& self;
  [[nodiscard]] tlm::BeatFifo& queue(std::size_t stream) const {
    tlm::BeatFifo* const queues[] = {&self.cfg, &self.wgt, &self.act};
    return *queues[stream];
  }
  [[nodiscard]] const std::uint32_t* front(std::size_t stream) const {
    const tlm::BeatFifo& beats = queue(stream);
    return beats.empty() ? nullptr : beats.front();
  }
  void pop(std::size_t stream) const {
    queue(stream).pop();
    self.moved_ = true;
  }
};

struct ClockedDut::Monitor {
  ClockedDut& self;
  [[nodiscard]] kernel::Outcome output_taken(std::uint64_t cycle) const {
    const port::Storage& data = self.design_.pins().output.data;
    std::memcpy(self.out.push(), data.data, data.bytes);
    self.moved_ = true;
    if (self.observer_ != nullptr) self.verdict_ = self.observer_->output_taken(cycle);
    return self.verdict_;
  }
  [[nodiscard]] bool after_edge(std::uint64_t cycle, const port::Handshakes& in) const {
    if (self.observer_ != nullptr) self.verdict_ = self.observer_->after_edge(cycle, in);
    return self.verdict_ == kernel::Outcome::passed;
  }
};

struct ClockedDut::Trace {
  kernel::TraceSink* sink;
  [[nodiscard]] bool active(std::uint64_t cycle) const { return sink != nullptr && sink->active(cycle); }
  void dump(std::uint64_t time) const { sink->dump(time); }
};

ClockedDut::ClockedDut(dut::Dut& design, const QueueDepths& depths, std::uint64_t seed)
    : cfg(words(design.pins().inputs[0].data), depths.in),
      wgt(words(design.pins().inputs[1].data), depths.in),
      act(words(design.pins().inputs[2].data), depths.in),
      out(words(design.pins().output.data), depths.out),
      design_(design),
      loop_(design) {
  const accel::Geometry geometry = accel::geometry_of(design);
  settling_ = static_cast<std::uint64_t>(geometry.rows + geometry.cols) + 4 + 4;
  loop_.reset(seed);
}

std::uint64_t ClockedDut::work_done() const {
  const std::vector<port::Counter>& counters = design_.pins().counters;
  return std::uint64_t{*counters[accel::kWeightLoad].value} + *counters[accel::kCompute].value;
}

ClockedDut::Step ClockedDut::cycle() {
  if (verdict_ != kernel::Outcome::passed) return Step::still;
  constexpr unsigned kWithholdOut = 1U << 3;
  const std::uint64_t work_before = work_done();
  moved_ = false;
  Driver driver{*this};
  Monitor monitor{*this};
  Trace sink{trace_};
  const unsigned held = stalls_ != nullptr ? stalls_->withheld(loop_.cycle()) : 0;
  loop_.step(driver, monitor, sink, held | (out.full() ? kWithholdOut : 0));  // its outcome is verdict_
  if (moved_ || work_done() != work_before) return Step::moved;
  return held != 0 ? Step::held : Step::still;
}

}  // namespace systole::bus
