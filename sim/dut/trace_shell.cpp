// SPDX-License-Identifier: Apache-2.0
#include "sim/dut/trace_shell.h"

#include <algorithm>

namespace systole::dut {

std::vector<ShellRegister> bind_registers(VerilatedContext& context, std::span<const TraceSignal> signals) {
  std::vector<ShellRegister> registers;
  for (const TraceSignal& signal : signals) {
    std::string scope = signal.scope;
    std::replace(scope.begin(), scope.end(), ' ', '.');
    const port::Storage to = find_variable(context, scope, signal.name);
    const int last_bits = (to.bits - 1) % 32 + 1;
    registers.push_back({to.data, to.bytes, ~std::uint32_t{0} >> (32 - last_bits), signal.value});
  }
  return registers;
}

std::set<std::string> scopes_of(std::span<const TraceSignal> signals) {
  std::set<std::string> scopes;
  for (const TraceSignal& signal : signals) scopes.insert(signal.scope);
  return scopes;
}

}  // namespace systole::dut
