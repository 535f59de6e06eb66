// SPDX-License-Identifier: Apache-2.0
#pragma once
// The recorded steps of a run as the netlist of its design computes them.
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "debug/step_record.h"
#include "debug/word_netlist.h"

namespace systole::debug {

using Bits = std::vector<std::uint8_t>;  ///< one byte a bit, 0 or 1, the least significant first

constexpr std::size_t index(int net) { return static_cast<std::size_t>(net); }
[[nodiscard]] std::size_t address_of(std::span<const std::uint8_t> bits);

/// The recorded steps as the netlist computes them. Step i is the state after the edge of cycles[i], with the inputs of
/// the next edge.
class Steps {
 public:
  static constexpr std::uint8_t kUnknown = 2;

  /// Both must outlive it.
  Steps(const WordNetlist& netlist, const StepRecord& record);

  [[nodiscard]] std::size_t count() const { return values_.size(); }
  [[nodiscard]] std::uint8_t at(std::size_t step, int net) const { return values_[step][index(net)]; }
  [[nodiscard]] bool anchored(int net) const { return anchored_[index(net)] != 0; }
  /// What the golden expects of a net after the last edge: 0, 1, or kUnknown.
  [[nodiscard]] std::uint8_t expected(int net) const { return expected_[index(net)]; }
  /// Whether the golden knows something of the net after the edge before that step.
  [[nodiscard]] bool observed(std::size_t step, int net) const {
    const int bank = bank_[index(net)];
    if (bank == kNobody) return false;
    return bank == kAlways || record_.cycles[step].known[static_cast<std::size_t>(bank)] != 0;
  }
  /// At the edge that ends a step.
  struct Write {
    std::size_t step;
    std::size_t address;
    Bits word;
  };
  [[nodiscard]] const std::vector<Write>& writes(int memory) const { return writes_[index(memory)]; }
  /// The memory's word before the edge that ends `step`.
  [[nodiscard]] Bits word(int memory, std::size_t address, std::size_t step) const;
  [[nodiscard]] bool watched_memory(int memory) const { return watched_memory_[index(memory)]; }
  /// A word of a watched memory after the last edge.
  struct ExpectedWord {
    int memory;
    std::size_t address;
    Bits word;
  };
  [[nodiscard]] const std::vector<ExpectedWord>& expected_words() const { return expected_words_; }
  /// Watched signals of which a bit is a constant, and the golden expects another value.
  [[nodiscard]] const std::vector<std::vector<int>>& wrong_constants() const { return wrong_constants_; }

  /// Recorded signals that the netlist computes otherwise, so that it is not what ran. The first steps are left out, in
  /// which registers that nobody shows are not yet known.
  [[nodiscard]] const std::vector<std::string>& unlike() const { return unlike_; }

 private:
  static constexpr int kNobody = -1, kAlways = -2;
  /// Nets of a signal, its ports of instances passed.
  struct Place {
    std::vector<int> nets;
    const RecordedVariable* variable;
  };
  [[nodiscard]] std::uint8_t recorded(std::size_t step, const Place& place, std::size_t bit) const;
  [[nodiscard]] std::vector<int> find(const std::string& path) const;
  void find_memories();
  void find_variables();
  void find_expected();
  void set_state(std::size_t step);
  void set_inputs(std::size_t step);
  void compute(std::size_t step);
  void add_writes(std::size_t step);
  void compare(std::size_t step);

  const WordNetlist& netlist_;
  const StepRecord& record_;
  std::vector<Bits> values_;
  Bits anchored_;
  Bits expected_;
  std::vector<int> bank_;
  std::vector<std::vector<Write>> writes_;
  std::vector<const std::vector<std::uint8_t>*> contents_;
  std::vector<std::size_t> bytes_;
  std::vector<bool> watched_memory_;
  std::vector<ExpectedWord> expected_words_;
  std::vector<std::vector<int>> wrong_constants_;
  std::map<std::string, int> memory_at_;
  std::vector<Place> places_, inputs_;
  std::vector<std::string> unlike_;
};

}  // namespace systole::debug
