// SPDX-License-Identifier: Apache-2.0
#pragma once
// Words of a design of which nobody knows the pins, and what the golden expects of them, as signals of the dump. The
// signals are the same for every design, so that one shell (shell_text.h) serves all: streams, words and values have
// numbers there, and names in the view.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/dut/dut.h"
#include "sim/trace/view.h"

namespace systole::trace {

inline constexpr std::size_t kWordStreams = 4, kWords = 4, kWordValues = 16;

/// What a stream shows and should show.
struct ExpectedWord {
  bool valid = false;    ///< the design shows a word
  bool expects = false;  ///< the golden's values of this word are known
  std::uint64_t number = 0;
  std::array<std::uint32_t, kWords> rtl{}, golden{};  ///< bits that hold no output are as in `rtl`
  struct Value {
    std::int32_t rtl = 0, golden = 0;
  };
  std::array<Value, kWordValues> values{};  ///< the word's outputs, the lowest bits first
  int oc = 0, oh = 0, ow = 0;               ///< place of the first
  [[nodiscard]] bool differs() const { return valid && expects && rtl != golden; }
};

/// The signals, without addresses. Scope `golden`: `cycle`, `layer`, `word_mismatch` (of any stream), and of each
/// stream in `golden.stream[i]` `expects`, `mismatch`, `number`, `oc`, `oh`, `ow`, `word_0` .. (32 bits each, least
/// significant first) and `value_0` ..; in `rtl.stream[i]` `valid`, `word_0` .. and `value_0` .. of the design.
std::vector<dut::TraceSignal> word_signals();

/// word_signals() with the values of a run.
class WordScope {
 public:
  WordScope();
  WordScope(const WordScope&) = delete;
  WordScope& operator=(const WordScope&) = delete;
  WordScope(WordScope&&) = delete;
  WordScope& operator=(WordScope&&) = delete;
  ~WordScope() = default;

  /// To be handed to Dut::open_trace.
  [[nodiscard]] std::span<const dut::TraceSignal> signals() const { return signals_; }
  /// At most kWordStreams of them.
  void update(std::uint64_t cycle, std::size_t layer, std::span<const ExpectedWord> streams);

 private:
  std::vector<std::uint32_t> values_;  ///< in the order of signals_
  std::vector<dut::TraceSignal> signals_;
};

/// A stream's name and what its words hold, for the view.
struct WordStream {
  std::string name;
  int bits = 0;    ///< of a word
  int values = 0;  ///< in a word, at most
};
/// "y, rtl against golden": flags, place, words and values of stream `i`.
ViewGroup word_group(std::size_t i, const WordStream& stream);

}  // namespace systole::trace
