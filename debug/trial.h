// SPDX-License-Identifier: Apache-2.0
#pragma once
// A small change of a design tried on recorded steps.
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "debug/steps.h"
#include "debug/word_netlist.h"

namespace systole::debug {

/// `take_a`, `take_b`: the operand in place of the result. hold: a register keeps its value. connect: an input
/// comes from where the bits beside it come from. operand: it comes from any other signal of the module. term: a
/// condition with one more. other_op with `bit`: signed operands, 1 the left, 2 the right.
enum class Change : std::uint8_t {
  flip,
  set0,
  set1,
  zeros,
  ones,
  plus,
  minus,
  other_op,
  take_a,
  take_b,
  hold,
  swap,
  connect,
  operand,
  term
};

/// A bit of a cell's input that comes from another net.
struct Link {
  int cell = 0, port = 0, bit = 0, source = 0;
};

/// Of one cell in all instances of its module.
struct Repair {
  std::size_t kind = 0;
  Change change = Change::flip;
  int port = 0;  ///< kA, kB, kS, or kPorts for the output
  int bit = 0;
  Op op = Op::buffer;            ///< of other_op
  std::vector<Link> links = {};  ///< of connect, operand and term
  std::vector<int> only = {};    ///< instances, where it is not of all of them
  std::size_t broken = 0;        ///< steps that were right and are wrong with it
  std::size_t right = 0;         ///< wrong bits that are right with it
  std::size_t spoilt = 0;        ///< right bits that are wrong with it
  double fixed = 0;  ///< share of the wrong bits that are right with it, less those that are wrong only then
  [[nodiscard]] bool explains() const { return fixed > 0.999; }
};

/// A condition with one term more: `form` 0 and, 1 or; 2 and 3 the same with the term inverted.
[[nodiscard]] std::uint8_t with_term(std::uint8_t value, std::uint8_t term, int form);

/// Runs the steps with one cell changed; only what differs is computed.
class RepairTrial {
 public:
  /// Both must outlive it.
  RepairTrial(const WordNetlist& netlist, const Steps& steps);

  // What is wrong after the last edge.
  [[nodiscard]] std::size_t wrong() const {
    return wrong_registers_.size() + wrong_wires_.size() + wrong_words_.size();
  }
  [[nodiscard]] const std::set<int>& wrong_registers() const { return wrong_registers_; }
  [[nodiscard]] const std::set<int>& wrong_wires() const { return wrong_wires_; }
  [[nodiscard]] const std::set<std::size_t>& wrong_words() const { return wrong_words_; }

  /// From step `first` on; fills what Repair says of its effect. A change whose values would not settle fixes nothing.
  void run(Repair& repair, std::size_t first);

 private:
  [[nodiscard]] std::uint8_t now(std::size_t step, int net) const {
    return stamp_[index(net)] == current_ ? value_[index(net)] : steps_.at(step, net);
  }
  void set(std::size_t step, int net, std::uint8_t value);
  void queue(int cell) {
    if (queued_[index(cell)] != 0) return;
    queued_[index(cell)] = 1;
    heap_.push(cell);
  }
  /// Of one step, and of all of them.
  struct Effect {
    bool broken = false;
    std::size_t right = 0, spoilt = 0;
  };
  [[nodiscard]] bool is_changed(const Repair& repair, int number) const;
  void begin_step(std::size_t step, const Repair& repair);
  bool settle(std::size_t step, const Repair& repair);
  void judge_registers(std::size_t step, Effect& effect);
  void judge_wires(std::size_t step, Effect& effect) const;
  void evaluate_cell(std::size_t step, int cell, const Repair& repair, bool changed);
  Bits word(int memory, std::size_t address, std::size_t step) const;
  void write(std::size_t step, const Cell& cell);

  const WordNetlist& netlist_;
  const Steps& steps_;
  std::vector<std::uint32_t> stamp_;
  Bits value_;
  Bits queued_;
  std::uint32_t current_ = 0;
  std::priority_queue<int, std::vector<int>, std::greater<>> heap_;
  std::vector<int> touched_;                           ///< nets that were set in this step
  std::vector<std::pair<int, std::uint8_t>> next_;     ///< what registers take otherwise
  std::map<std::pair<int, std::size_t>, Bits> words_;  ///< of memories, that differ
  std::map<int, std::uint8_t> carried_;                ///< of registers that nobody watches, that differ
  std::set<int> wrong_registers_, wrong_wires_;
  std::set<std::size_t> wrong_words_;
  bool word_changed_ = false;
  const std::vector<Link>* links_ = nullptr;
  std::array<std::array<std::uint8_t, WordNetlist::kMostBits>, kPorts> in_{};
  std::array<std::uint8_t, WordNetlist::kMostBits> y_{};
};

}  // namespace systole::debug
