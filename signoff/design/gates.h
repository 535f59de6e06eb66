// SPDX-License-Identifier: Apache-2.0
#pragma once
// The sign-off of a design with an adapter: the gates that need nothing but its RTL and its programs.
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/json_object.h"
#include "signoff/design/design_runs.h"
#include "signoff/gates/gate.h"
#include "signoff/mutants/mutant.h"

namespace systole::signoff {

/// The design as it was when the run began: an edit meanwhile changes nothing.
struct DesignUnderSignoff {
  std::filesystem::path program, mutant_program, gate_program;
  MutatedDesign design;           ///< its folder is the copy
  std::vector<Mutant> mutants;    ///< of mutant_program
  std::filesystem::path counted;  ///< what Yosys counted of the gates
  DesignRuns runs;                ///< of the plan
  /// All that every gate depends on: "rtl", "program", "plan", networks.
  std::vector<std::pair<std::string, std::string>> inputs;
};

/// The levels where nobody gives a file: the text of one.
[[nodiscard]] std::string usual_design_levels();

/// The gates of a level, in their order, then those of accel that no adapter can have, each with its reason.
/// `levels`: as signoff/levels.json, with the gates lint, reset, mutation and netlist. `design` must outlive them.
/// Throws base::InputError for a level that there is none of.
[[nodiscard]] std::vector<Gate> design_gates(const DesignUnderSignoff& design, base::JsonObject levels,
                                             const std::string& level, int workers);

}  // namespace systole::signoff
