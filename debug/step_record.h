// SPDX-License-Identifier: Apache-2.0
#pragma once
// The last cycles of a run up to the first difference: what a design's model showed, and what the golden expected last.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "sim/dut/dut.h"
#include "sim/kernel/trace_sink.h"
#include "sim/session/monitor.h"

namespace systole::debug {

/// A place in a cycle's values.
struct RecordedVariable {
  std::string path;  ///< below the top module
  int bits = 0;
  std::size_t at = 0;  ///< byte, of little-endian words
  bool input = false;  ///< of the design
};

struct RecordedMemory {
  std::string path;
  int bits = 0;
  std::size_t bytes = 0, words = 0;  ///< bytes of a word
};

/// What the golden says of one watched signal.
struct Expected {
  std::string path;
  int bits = 0;
  std::vector<std::uint32_t> words;
  bool memory = false;
  std::size_t address = 0;  ///< of a memory's word
};

struct StepRecord {
  std::vector<RecordedVariable> variables;
  std::vector<RecordedMemory> memories;
  struct Cycle {
    std::uint64_t number = 0;          ///< edges since reset
    std::vector<std::uint8_t> values;  ///< after the edge, inputs as they were at it
    std::vector<std::uint8_t> known;   ///< for each of `banks`, whether the golden expects something
  };
  std::deque<Cycle> cycles;                     ///< the last is that of the first difference
  std::vector<std::vector<std::string>> banks;  ///< paths of the registers of each
  /// Contents of the memories after the edge of cycles.front().
  std::vector<std::vector<std::uint8_t>> contents;
  /// After the last edge, where something is known; empty where the run has not come to a difference.
  std::vector<Expected> expected;
};

/// Signals of more than 64 bits are compared in parts, whose place is behind the name: "tail_q[63:32]".
struct SignalPart {
  std::string path;  ///< of the signal
  int first = 0;     ///< bit of it
  int last = -1;     ///< below `first`: all of it
};
[[nodiscard]] SignalPart part_of(const std::string& signal);

/// What a signal, or a part of one ("tail_q[63:32]"), held in the cycle before the last: up to 64 bits, those above
/// them undefined; nothing where that was not recorded.
[[nodiscard]] std::optional<std::int64_t> value_before(const StepRecord& record, const std::string& signal);

/// Keeps the last cycles of a run, at least `kLeast` once there are so many, until something differs. For a run that is
/// made again to find a cause: it costs some microseconds a cycle.
class StepRecorder final : public kernel::TraceSink {
 public:
  static constexpr std::size_t kLeast = 128;

  /// After the reset: the model as it stands is cycle 0. All must outlive it; the monitor has a watch.
  StepRecorder(const dut::Dut& dut, const session::Monitor& monitor, StepRecord& record);

  bool active(std::uint64_t /*cycle*/) override { return !complete_; }
  void dump(std::uint64_t time) override;

 private:
  /// In the model, and where it goes in a cycle's values.
  struct Source {
    const void* data;
    std::size_t at, bytes;
  };
  void add_variables();
  void keep(std::uint64_t cycle);
  void forget_older(std::uint64_t cycle);
  [[nodiscard]] std::vector<std::vector<std::uint8_t>> contents() const;
  void keep_expected_pins();
  void keep_expected_registers();

  const dut::Dut& dut_;
  const session::Monitor& monitor_;
  StepRecord& record_;
  std::vector<Source> sources_, memories_;
  std::vector<std::vector<std::uint8_t>> later_;  ///< contents after the edge of cycle later_cycle_
  std::uint64_t later_cycle_ = 0;
  bool complete_ = false;
};

}  // namespace systole::debug
