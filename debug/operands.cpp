// SPDX-License-Identifier: Apache-2.0
#include "debug/operands.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace systole::debug {
namespace {

/// The least significant bit first.
std::string hexadecimal(const Bits& bits) {
  constexpr std::size_t kDigit = 4;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (std::size_t at = 0; at < bits.size(); at += kDigit) {
    std::size_t digit = 0;
    for (std::size_t i = at; i < std::min(at + kDigit, bits.size()); ++i) digit |= std::size_t{bits[i]} << (i - at);
    digits.insert(digits.begin(), kDigits[digit]);
  }
  return "0x" + digits;
}

/// The signal that a path names, or that it is a word or a part of: "bank[7]", "tail_q[63:32]".
std::optional<Netlist::Signal> signal_at(const Netlist& structure, std::string path) {
  std::optional<Netlist::Signal> signal = structure.find(path);
  while (!signal && path.ends_with(']')) {
    path.resize(path.rfind('['));
    signal = structure.find(path);
  }
  return signal;
}

class Reads {
 public:
  explicit Reads(Netlist& structure) : structure_(structure) {}

  void add_of(const Netlist::Signal& signal) {
    for (const Netlist::Driver& driver : structure_.drivers_of(signal)) {
      const bool wire = std::string_view(driver.expression.name()) == "port" && driver.reads.size() == 1;
      if (wire && ports_++ < kMostPorts) {
        add_of(driver.reads.front());
        continue;
      }
      is_register_ |= driver.is_register;
      for (const Netlist::Signal& read : driver.reads) {
        std::string path = structure_.path_of(read);
        if (std::ranges::find(paths_, path) == paths_.end()) paths_.push_back(std::move(path));
      }
    }
  }
  [[nodiscard]] bool of_register() const { return is_register_; }
  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }

 private:
  static constexpr int kMostPorts = 32;  ///< passed one after the other
  Netlist& structure_;
  std::vector<std::string> paths_;
  bool is_register_ = false;
  int ports_ = 0;
};

}  // namespace

std::vector<Operand> operands_of(Netlist& structure, const WordNetlist& words, const Steps& steps,
                                 const std::string& signal) {
  const std::optional<Netlist::Signal> start = signal_at(structure, signal);
  if (!start) return {};
  Reads reads(structure);
  reads.add_of(*start);
  const std::size_t before = reads.of_register() ? 2 : 1;
  if (steps.count() < before) return {};
  std::vector<Operand> operands;
  for (const std::string& path : reads.paths()) {
    const std::vector<int>* const nets = words.find(path);
    if (nets == nullptr || operands.size() == kMostOperands) continue;
    Bits bits;
    for (const int net : *nets) bits.push_back(steps.at(steps.count() - before, words.origin(net)));
    operands.push_back({.signal = path, .bits = static_cast<int>(bits.size()), .value = hexadecimal(bits)});
  }
  return operands;
}

}  // namespace systole::debug
