// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the golden expects of the words of a design that an adapter drives. Which word holds which output is known once
// the adapter has handed the outputs over, so a layer that is dumped runs before, on another model: there each output
// is traced back to its word by the memory that the adapter took it from (sequence::Field, sequence::WordLog).
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "golden/op/tensor.h"
#include "sim/dut/dut.h"
#include "sim/sequence/bench.h"
#include "sim/session/adapter.h"
#include "sim/trace/word_scope.h"

namespace systole::session {

class ExpectedWords {
 public:
  /// Of the layer that `run` runs on `bench` next; what was known of another one is forgotten. `golden` and both others
  /// live until end().
  void follow(sequence::Bench& bench, LayerRun& run, const op::Tensor& golden);
  void end(sequence::Bench& bench);

  /// To be handed to Dut::open_trace.
  [[nodiscard]] std::span<const dut::TraceSignal> signals() const { return scope_.signals(); }
  /// Takes what the parts of `bench` show now; before each Dut::dump.
  void update(const sequence::Bench& bench, std::uint64_t time, std::size_t layer);
  /// Time of the first dump with a word that differs.
  [[nodiscard]] std::optional<std::uint64_t> first_difference() const { return first_difference_; }
  /// For the dump's view: a group for each stream that gave an output.
  [[nodiscard]] std::vector<trace::ViewGroup> groups() const;

 private:
  struct Output {
    int at, bits;  ///< in the word
    int oc, oh, ow;
    std::int32_t golden;
  };
  struct Stream {
    std::size_t part;  ///< its number on either bench
    trace::WordStream view;
    std::vector<std::vector<Output>> words;  ///< the lowest bits first
  };
  void add(const sequence::Bench& bench, const sequence::Field& field, const Output& output);
  Stream* stream_of(const sequence::Part& part);
  static void expect(const std::vector<Output>& outputs, trace::ExpectedWord& word);

  sequence::WordLog log_;
  std::vector<Stream> streams_;  ///< in the order in which they gave an output
  trace::WordScope scope_;
  std::array<trace::ExpectedWord, trace::kWordStreams> shown_;
  std::optional<std::uint64_t> first_difference_;
};

}  // namespace systole::session
