// SPDX-License-Identifier: Apache-2.0
#pragma once
// Registers and memories of a Verilated model by hierarchical name: found through the symbol table that
// `public_flat_rd` fills, so that no generated (mangled) name appears in our code.
#include <cstddef>
#include <cstdint>
#include <string>

#include "sim/dut/dut.h"

class VerilatedContext;

namespace systole::dut {

/// The storage of a variable; `scope` is "TOP." and the instances down to it. Throws std::logic_error where the
/// design's .vlt does not make it public.
port::Storage find_variable(VerilatedContext& context, const std::string& scope, const std::string& name);

/// Seeded values into every public variable but ports, parameters and those that the bench may write (public_flat_rw):
/// Dut::fill_unreset_state.
void fill_state(VerilatedContext& context, std::uint64_t seed);

}  // namespace systole::dut
