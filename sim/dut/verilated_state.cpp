// SPDX-License-Identifier: Apache-2.0
#include "sim/dut/verilated_state.h"

#include <fmt/format.h>
#include <verilated.h>
#include <verilated_syms.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "golden/fixed/counter_random.h"

namespace systole::dut {
namespace {

/// Elements of the variable, its unpacked dimensions multiplied out.
std::size_t element_count(const VerilatedVar& var) {
  std::size_t count = 1;
  for (int dim = 1; dim <= var.udims(); ++dim) count *= static_cast<std::size_t>(var.elements(dim));
  return count;
}

/// Random bits into one variable; bits above its width stay 0, as Verilator's generated code relies on.
void fill_variable(VerilatedVar& var, const fixed::CounterRandom& random) {
  const std::size_t bytes = var.entSize();
  const auto bits = static_cast<std::size_t>(var.packed().elements());
  auto* data = static_cast<unsigned char*>(var.datap());
  std::uint64_t draw = 0;
  for (std::size_t element = 0, count = element_count(var); element < count; ++element, data += bytes) {
    for (std::size_t place = 0; place < bytes; place += sizeof(std::uint64_t), ++draw) {
      const std::size_t left = bits - place * 8;  // place * 8 < bits: storage has no whole unused word
      const std::uint64_t mask = left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
      const std::uint64_t value = random.bits64(draw) & mask;
      std::memcpy(data + place, &value, std::min(sizeof value, bytes - place));
    }
  }
}

}  // namespace

namespace {

const VerilatedVar* variable(VerilatedContext& context, const std::string& scope, const std::string& name) {
  const VerilatedScope* found = context.scopeFind(scope.c_str());
  return found == nullptr ? nullptr : found->varFind(name.c_str());
}

}  // namespace

bool has_variable(VerilatedContext& context, const std::string& scope, const std::string& name) {
  return variable(context, scope, name) != nullptr;
}

port::Storage find_variable(VerilatedContext& context, const std::string& scope, const std::string& name) {
  const VerilatedVar* var = variable(context, scope, name);
  if (var == nullptr) throw std::logic_error(fmt::format("{}.{} is not public in the model", scope, name));
  return {.data = var->datap(), .bytes = var->entSize(), .bits = var->packed().elements()};
}

void Variable::fill(std::uint64_t seed) const {
  if (seed != kZeros) return fill_variable(*var, fixed::CounterRandom(seed, "initial_state", name));
  std::memset(var->datap(), 0, var->entSize() * element_count(*var));
}

std::vector<Variable> every_variable(VerilatedContext& context) {
  std::vector<Variable> variables;
  for (const auto& [scope_name, scope] : *context.scopeNameMap()) {
    if (scope->varsp() == nullptr || std::string_view(scope_name) == "TOP") continue;
    for (auto& [name, var] : *scope->varsp()) {
      if (!var.isParam()) variables.push_back({fmt::format("{}.{}", scope_name, name), &var});
    }
  }
  std::ranges::sort(variables, {}, &Variable::name);
  return variables;
}

std::vector<PublicVariable> public_variables(VerilatedContext& context) {
  std::vector<PublicVariable> variables;
  for (const Variable& variable : every_variable(context)) {
    const std::size_t top_end = variable.name.find('.', variable.name.find('.') + 1);
    if (top_end == std::string::npos) continue;
    VerilatedVar& var = *variable.var;
    variables.push_back({.path = variable.name.substr(top_end + 1),
                         .at = {.data = var.datap(), .bytes = var.entSize(), .bits = var.packed().elements()},
                         .words = element_count(var)});
  }
  return variables;
}

void StateFill::fill(VerilatedContext& context, std::uint64_t seed) {
  if (seed_ != seed) return draw(context, seed);
  for (const Part& part : parts_) std::memcpy(part.to, values_.data() + part.first, part.bytes);
}

void StateFill::draw(VerilatedContext& context, std::uint64_t seed) {
  seed_ = seed;
  parts_.clear();
  values_.clear();
  for (const auto& [scope_name, scope] : *context.scopeNameMap()) {
    if (scope->varsp() == nullptr) continue;
    for (auto& [name, var] : *scope->varsp()) {
      if (var.isParam() || var.isPublicRW() || var.vldir() != VLVD_NODIR) continue;
      fill_variable(var, fixed::CounterRandom(seed, "initial_state", fmt::format("{}.{}", scope_name, name)));
      auto* const data = static_cast<unsigned char*>(var.datap());
      parts_.push_back({.to = data, .first = values_.size(), .bytes = var.entSize() * element_count(var)});
      values_.insert(values_.end(), data, data + parts_.back().bytes);
    }
  }
}

}  // namespace systole::dut
