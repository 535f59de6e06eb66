// SPDX-License-Identifier: Apache-2.0
#pragma once
// Proofs that a mutant cannot be told from its design: no test kills it, so that it is no hole of the tests.
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "signoff/mutants/mutant.h"
#include "signoff/mutants/mutated_text.h"

namespace systole::signoff {

enum class ProofMethod : std::uint8_t {
  /// From every state that the design reaches after reset, the mutant takes the same step with the same outputs. So its
  /// registers hold the same for ever.
  same_steps,
  /// Outputs are the same for ever, registers may differ.
  same_outputs,
};

std::string_view to_string(ProofMethod method);

struct Proof {
  ProofMethod method = ProofMethod::same_steps;
  std::string module;  ///< that holds every instance of the mutated module, or is it: its inputs are free
  double seconds = 0;  ///< of processor time
};

/// A proof for all inputs, states and times, or nothing: where the mutant differs, where the limit is over, and where
/// the design has what this cannot model (two clocks, a falling edge, latches). Tried are the module of the mutant and
/// then, one by one, those that hold it, up to the top: what a parent ties or never asks for is then known; the steps
/// of all first, then the outputs. The limit is one of processor time; each
/// question may take half of what is left. In a proof
///   - registers start from their reset values and their reset stays an input;
///   - a register without reset, a memory and a product are the same on both sides as long as both are given the same
///     in every cycle, which is part of what is proved;
///   - a register's clock is the same input on both sides, which is part of it too;
///   - an undefined value is 0.
/// `observed` are variables that are watched, and so outputs as well. Memory and time grow with the module;
/// yosys-abc, which comes with Yosys, decides. Throws base::InputError where either is missing or refuses the design.
[[nodiscard]] std::optional<Proof> prove_equivalent(const MutatedDesign& design, const Mutant& mutant,
                                                    std::chrono::seconds limit,
                                                    std::span<const KeptVariable> observed = {});

/// Modules that every path from `top` to `module` passes, the innermost first: `module` itself to `top`. `netlist`:
/// RTLIL text, whose names they are.
[[nodiscard]] std::vector<std::string> modules_around(const std::string& netlist, const std::string& module,
                                                      const std::string& top);

}  // namespace systole::signoff
