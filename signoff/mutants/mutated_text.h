// SPDX-License-Identifier: Apache-2.0
#pragma once
// Verilog of a design that holds many mutants, one of which its input `mutsel` wakes.
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "signoff/mutants/mutant.h"

namespace systole::signoff {

/// A variable of a module that stays as it is: both as the source names them.
using KeptVariable = std::pair<std::string, std::string>;

struct MutatedText {
  std::string verilog;
  /// Of `keep`, those that the netlist has.
  std::vector<KeptVariable> kept;
};

/// The design and its mutants: `mutsel` is 0 for the design itself, n for mutant n of `mutants`, from 1. Every vector
/// is taken apart, since a mutated bit may depend on others of its vector, in which Verilator sees a loop; those of
/// `keep` are put together again. Throws base::InputError where Yosys refuses.
[[nodiscard]] MutatedText mutated_text(const MutatedDesign& design, std::span<const Mutant> mutants,
                                       std::span<const KeptVariable> keep);

/// The variables that a configuration file of Verilator makes public ("public_flat_rd -module "m" -var "v").
[[nodiscard]] std::vector<KeptVariable> public_variables(const std::string& vlt);

/// The same for modules of a netlist, whose names hold parameters.
[[nodiscard]] std::string vlt_text(std::span<const KeptVariable> variables);

}  // namespace systole::signoff
