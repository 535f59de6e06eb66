// SPDX-License-Identifier: Apache-2.0
#pragma once
// The mutants of which this program holds models. CMake makes the definitions (SYSTOLE_MUTANTS, SYSTOLE_MUTANT_SEED).
#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "signoff/mutants/mutant.h"
#include "sim/dut/dut.h"

namespace systole::signoff {

/// The design that they are of, in a folder that holds its sources: the root of the project or a copy of it.
[[nodiscard]] MutatedDesign mutated_design(const std::filesystem::path& folder);
[[nodiscard]] const std::vector<Mutant>& mutants();
/// With which Yosys chose them.
[[nodiscard]] unsigned mutant_seed();

/// A model of the netlist in which mutant `number` of mutants() is awake, from 1; 0: none.
[[nodiscard]] std::unique_ptr<dut::Dut> make_mutant(std::size_t number);

}  // namespace systole::signoff
