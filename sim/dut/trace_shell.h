// SPDX-License-Identifier: Apache-2.0
#pragma once
// The bench's own values in a design's dump: a second Verilated model (sim/trace/shell_text.h) whose registers the
// bench writes by name, traced into the same file. Only what Verilator documents is used, so any version and format
// will do.
#include <verilated.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "sim/dut/dut.h"
#include "sim/dut/verilated_state.h"

namespace systole::dut {

inline constexpr int kAllLevels = 99;  ///< hierarchy depth that Verilator's trace() takes as "everything"

/// Where a register of the shell keeps its value, and where the value comes from.
struct ShellRegister {
  void* to = nullptr;
  std::size_t bytes = 0;   ///< 1, 2 or whole words
  std::uint32_t mask = 0;  ///< of its last word's width, the golden's: that of the design is what RTL says today
  const std::uint32_t* from = nullptr;

  void take() const {
    const std::size_t words = bytes / sizeof(std::uint32_t);
    if (words > 1) std::memcpy(to, from, (words - 1) * sizeof(std::uint32_t));
    const std::size_t last = words > 1 ? words - 1 : 0;
    const std::uint32_t value = from[last] & mask;
    switch (bytes) {
      case 1:
        *static_cast<std::uint8_t*>(to) = static_cast<std::uint8_t>(value);
        return;
      case 2:
        *static_cast<std::uint16_t*>(to) = static_cast<std::uint16_t>(value);
        return;
      default:
        static_cast<std::uint32_t*>(to)[last] = value;
    }
  }
};

/// Throws std::logic_error where the shell has no register of that scope and name: it was made for other signals.
std::vector<ShellRegister> bind_registers(VerilatedContext& context, std::span<const TraceSignal> signals);

/// Each scope of `signals` once.
std::set<std::string> scopes_of(std::span<const TraceSignal> signals);

/// `Shell` is the Verilated class. It is made with the first dump that has signals and stays until the end: a context
/// of newer Verilators takes all its models into every later dump.
template <class Shell>
class TraceShell {
 public:
  /// The model and the scopes of `signals` into the writer's dump; before it is opened. The shell may have more
  /// registers than there are signals: what nobody computes is left out.
  template <class Model, class Writer>
  void connect(VerilatedContext& context, Model& model, Writer& writer, std::span<const TraceSignal> signals) {
    if (!shell_ && !signals.empty()) shell_ = std::make_unique<Shell>(&context, "");
    registers_ = bind_registers(context, signals);
    writer.dumpvars(kAllLevels, model.name());
    for (const std::string& scope : scopes_of(signals)) {
      writer.dumpvars(1, scope);
      writer.dumpvars(1, " " + scope);  // where Verilator puts the shell's own name, which is empty, before it
    }
    model.trace(&writer, kAllLevels);
    if (shell_) shell_->trace(&writer, kAllLevels);
  }
  /// Takes the signals' values; before each dump.
  void update() {
    if (registers_.empty()) return;
    for (const ShellRegister& one : registers_) one.take();
    shell_->eval();  // else Verilator takes them for unchanged
  }

 private:
  std::unique_ptr<Shell> shell_;
  std::vector<ShellRegister> registers_;
};

/// A model without a shell: dumps show the design alone.
struct NoShell {
  template <class Model, class Writer>
  void connect(VerilatedContext& /*context*/, Model& model, Writer& writer, std::span<const TraceSignal> /*signals*/) {
    model.trace(&writer, kAllLevels);
  }
  void update() {}
};

}  // namespace systole::dut
