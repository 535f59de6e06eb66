// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/shell_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace systole::trace {
namespace {

/// A level of the hierarchy; `name` may end in an index.
struct Scope {
  std::string name;
  std::vector<std::string> registers;  ///< their declarations
  std::vector<Scope> scopes;
  bool operator==(const Scope&) const = default;
};

Scope& child(Scope& parent, const std::string& name) {
  const auto found =
      std::find_if(parent.scopes.begin(), parent.scopes.end(), [&](const Scope& scope) { return scope.name == name; });
  if (found != parent.scopes.end()) return *found;
  return parent.scopes.emplace_back(Scope{name, {}, {}});
}

std::string declaration(const dut::TraceSignal& signal) {
  const std::string range = signal.bits == 1 ? "" : fmt::format("[{}:0] ", signal.bits - 1);
  return fmt::format("reg {}{} /*verilator public_flat_rw*/;", range, signal.name);
}

std::string base_of(const std::string& name) { return name.substr(0, name.find('[')); }

void write_body(const Scope& scope, int depth, std::string& text);

/// `count` scopes from `first`, named base[0] ..; one without an index is a loop of none.
void write_block(const std::vector<Scope>& scopes, std::size_t first, std::size_t count, int depth, std::string& text) {
  const std::string base = base_of(scopes[first].name);
  for (std::size_t i = 0; i < count; ++i) {
    Scope same = scopes[first];
    same.name = fmt::format("{}[{}]", base, i);
    if (scopes[first + i] != same) {
      throw std::logic_error(fmt::format("scope {}: expected {} with what {} holds", scopes[first + i].name, same.name,
                                         scopes[first].name));
    }
  }
  const std::string loop =
      count == 0 ? "if (1)" : fmt::format("for (genvar i{0} = 0; i{0} < {1}; i{0} = i{0} + 1)", depth, count);
  text += fmt::format("{:{}}{} begin : {}\n", "", 2 * depth, loop, base);
  write_body(scopes[first], depth + 1, text);
  text += fmt::format("{:{}}end\n", "", 2 * depth);
}

void write_body(const Scope& scope, int depth, std::string& text) {
  for (const std::string& one : scope.registers) text += fmt::format("{:{}}{}\n", "", 2 * depth, one);
  const std::vector<Scope>& scopes = scope.scopes;
  for (std::size_t i = 0; i < scopes.size();) {
    const std::string base = base_of(scopes[i].name);
    std::size_t count = 0;
    while (base != scopes[i].name && i + count < scopes.size() && base_of(scopes[i + count].name) == base) ++count;
    write_block(scopes, i, count, depth, text);
    i += std::max<std::size_t>(count, 1);
  }
}

}  // namespace

std::string shell_text(std::span<const dut::TraceSignal> signals) {
  Scope root;
  for (const dut::TraceSignal& signal : signals) {
    Scope* scope = &root;
    std::istringstream levels(signal.scope);
    for (std::string level; levels >> level;) scope = &child(*scope, level);
    scope->registers.push_back(declaration(signal));
  }
  std::string text;
  for (const Scope& top : root.scopes) {
    text += fmt::format("module {};\n", top.name);
    write_body(top, 1, text);
    text += "endmodule\n";
  }
  return text;
}

}  // namespace systole::trace
