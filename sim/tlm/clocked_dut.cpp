// SPDX-License-Identifier: Apache-2.0
#include "sim/tlm/clocked_dut.h"

#include <cstring>

#include "accel/lower/command.h"

namespace systole::tlm {
namespace {

std::size_t words(int bits) { return static_cast<std::size_t>((bits + 31) / 32); }

}  // namespace

// The three sides of kernel::RunLoop: what it sends, who looks at the result, who records it.
struct ClockedDut::Driver {
  ClockedDut& self;
  [[nodiscard]] BeatFifo& queue(kernel::Stream stream) const {
    if (stream == kernel::Stream::cfg) return self.cfg;
    return stream == kernel::Stream::wgt ? self.wgt : self.act;
  }
  [[nodiscard]] const std::uint32_t* front(kernel::Stream stream) const {
    const BeatFifo& beats = queue(stream);
    return beats.empty() ? nullptr : beats.front();
  }
  void pop(kernel::Stream stream) const {
    queue(stream).pop();
    self.moved_ = true;
  }
};

struct ClockedDut::Monitor {
  ClockedDut& self;
  [[nodiscard]] kernel::Outcome output_taken(std::uint64_t cycle) const {
    const dut::WidePort& data = self.design_.ports().out_data;
    std::memcpy(self.out.push(), data.data, data.bytes);
    self.moved_ = true;
    if (self.observer_ != nullptr) self.verdict_ = self.observer_->output_taken(cycle);
    return self.verdict_;
  }
  [[nodiscard]] bool after_edge(std::uint64_t cycle, const cycle::InPins& in) const {
    if (self.observer_ != nullptr) self.verdict_ = self.observer_->after_edge(cycle, in);
    return self.verdict_ == kernel::Outcome::passed;
  }
};

struct ClockedDut::Trace {
  TraceSink* sink;
  [[nodiscard]] bool active(std::uint64_t cycle) const { return sink != nullptr && sink->active(cycle); }
  void dump(std::uint64_t time) const { sink->dump(time); }
};

ClockedDut::ClockedDut(dut::Dut& design, const QueueDepths& depths, std::uint64_t seed)
    : cfg(words(lower::kCfgBits), depths.in),
      wgt(words(lower::wgt_bits(design.geometry())), depths.in),
      act(words(lower::act_bits(design.geometry())), depths.in),
      out(words(lower::out_bits(design.geometry())), depths.out),
      design_(design),
      loop_(design),
      settling_(static_cast<std::uint64_t>(design.geometry().rows + design.geometry().cols) + 4 + 4) {
  loop_.reset(seed);
}

std::uint64_t ClockedDut::work_done() const {
  const auto& counters = design_.ports().counters;
  return std::uint64_t{*counters[cycle::kWeightLoad]} + *counters[cycle::kCompute];
}

ClockedDut::Step ClockedDut::cycle() {
  if (verdict_ != kernel::Outcome::passed) return Step::still;
  constexpr unsigned kWithholdOut = 1U << static_cast<unsigned>(kernel::Stream::out);
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

}  // namespace systole::tlm
