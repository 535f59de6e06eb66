// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gets a waveform's samples: RunLoop's Trace where its type is chosen at run time. Ten units of time to a clock cycle,
// so that a viewer's time divided by ten is the cycle.
#include <cstdint>

namespace systole::kernel {

inline constexpr std::uint64_t kTimePerCycle = 10;
constexpr std::uint64_t time_of_rising_edge(std::uint64_t cycle) { return kTimePerCycle * cycle; }
constexpr std::uint64_t time_of_falling_edge(std::uint64_t cycle) { return kTimePerCycle * cycle + kTimePerCycle / 2; }

class TraceSink {
 public:
  TraceSink() = default;
  TraceSink(const TraceSink&) = delete;
  TraceSink& operator=(const TraceSink&) = delete;
  TraceSink(TraceSink&&) = delete;
  TraceSink& operator=(TraceSink&&) = delete;
  virtual ~TraceSink() = default;
  virtual bool active(std::uint64_t cycle) = 0;
  virtual void dump(std::uint64_t time) = 0;
};

/// Samples go to both.
class TwoSinks final : public TraceSink {
 public:
  TwoSinks(TraceSink& first, TraceSink& second) : first_(first), second_(second) {}
  bool active(std::uint64_t cycle) override {
    on_first_ = first_.active(cycle);
    on_second_ = second_.active(cycle);
    return on_first_ || on_second_;
  }
  void dump(std::uint64_t time) override {
    if (on_first_) first_.dump(time);
    if (on_second_) second_.dump(time);
  }

 private:
  TraceSink &first_, &second_;
  bool on_first_ = false, on_second_ = false;
};

}  // namespace systole::kernel
