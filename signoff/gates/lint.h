// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gate: what three tools say of the RTL's text and of the design that it makes.
#include <string>
#include <vector>

#include "signoff/gates/gate.h"
#include "signoff/mutants/mutant.h"
#include "signoff/sheet/evidence.h"

namespace systole::signoff {

/// A configuration: a name and the parameters of the top ("Rows=4").
struct LintedConfiguration {
  std::string name;
  std::vector<std::string> parameters;
};

struct LintQuestion {
  MutatedDesign design;           ///< without parameters
  std::vector<std::string> vlts;  ///< configuration files of Verilator
  std::vector<LintedConfiguration> configurations;
  int workers = 1;
};

/// For each configuration: Verilator (-Wall), Icarus (-Wall), and Yosys on the elaborated and then flat design: no
/// latch, no loop of gates, no net with no driver or with several. What differs in nothing but the line number is one
/// finding: "lint verilator UNUSED ctrl.v Signal is not used: 'x'". A tool that is missing or stops is a finding, too.
[[nodiscard]] Evidence lint(const LintQuestion& question, const GateProgress& progress = {});

}  // namespace systole::signoff
