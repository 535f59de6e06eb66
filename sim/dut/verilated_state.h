// SPDX-License-Identifier: Apache-2.0
#pragma once
// Registers and memories of a Verilated model by hierarchical name: found through the symbol table that
// `public_flat_rd` fills, so that no generated (mangled) name appears in our code.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/dut/dut.h"

class VerilatedContext;
class VerilatedVar;

namespace systole::dut {

/// A variable that the model makes public, in its scope ("TOP.accel.u_ctrl"). Throws std::logic_error naming it where
/// there is none.
VerilatedVar& find_variable(VerilatedContext& context, const std::string& scope, const char* name);

/// The cell registers, row major. Throws std::logic_error naming the register that dut.vlt does not make public.
Cells find_cells(VerilatedContext& context, int rows, int cols);

/// Seeded values into every public variable but ports, parameters and those that the bench may write (public_flat_rw):
/// Dut::fill_unreset_state.
void fill_state(VerilatedContext& context, std::uint64_t seed);

/// Throws std::logic_error unless the port's storage is as wide as its beat.
void require_port(std::string_view port, std::size_t bytes, std::size_t expected);

}  // namespace systole::dut
