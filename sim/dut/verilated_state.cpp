// SPDX-License-Identifier: Apache-2.0
#include "sim/dut/verilated_state.h"

#include <fmt/format.h>
#include <verilated.h>
#include <verilated_syms.h>

#include <cstring>
#include <stdexcept>

#include "golden/fixed/counter_random.h"

namespace systole::dut {
namespace {

CellRegister find_cell_register(VerilatedContext& context, int rows, int cols, const char* name) {
  CellRegister result;
  for (int row = 0; row < rows; ++row) {
    for (int col = 0; col < cols; ++col) {
      const std::string scope = fmt::format("TOP.accel.u_array.g_row[{}].g_col[{}].u_c", row, col);
      const VerilatedVar& var = find_variable(context, scope, name);
      result.at.push_back(var.datap());
      result.bits = var.packed().elements();
      result.bytes = var.entSize();
    }
  }
  return result;
}

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

VerilatedVar& find_variable(VerilatedContext& context, const std::string& scope_name, const char* name) {
  const VerilatedScope* scope = context.scopeFind(scope_name.c_str());
  VerilatedVar* var = scope == nullptr ? nullptr : scope->varFind(name);
  if (var == nullptr) throw std::logic_error(fmt::format("{}.{} is not public in the model", scope_name, name));
  return *var;
}

Cells find_cells(VerilatedContext& context, int rows, int cols) {
  return {.weight = find_cell_register(context, rows, cols, "w_q"),
          .shadow = find_cell_register(context, rows, cols, "ws_q"),
          .act = find_cell_register(context, rows, cols, "d_q"),
          .psum = find_cell_register(context, rows, cols, "out_reg")};
}

void fill_state(VerilatedContext& context, std::uint64_t seed) {
  for (const auto& [scope_name, scope] : *context.scopeNameMap()) {
    if (scope->varsp() == nullptr) continue;
    for (auto& [name, var] : *scope->varsp()) {
      if (var.isParam() || var.isPublicRW() || var.vldir() != VLVD_NODIR) continue;
      fill_variable(var, fixed::CounterRandom(seed, "initial_state", fmt::format("{}.{}", scope_name, name)));
    }
  }
}

void require_port(std::string_view port, std::size_t bytes, std::size_t expected) {
  if (bytes != expected) {
    throw std::logic_error(fmt::format("accel.{}: port of {} bytes, the beat has {}", port, bytes, expected));
  }
}

}  // namespace systole::dut
