// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gate: the stimulus comes by every corner that sim/cover lists, and every comparison on the way is right.
#include <functional>
#include <memory>
#include <vector>

#include "signoff/gates/gate.h"
#include "signoff/sheet/evidence.h"
#include "signoff/stimulus/programs.h"
#include "sim/dut/dut.h"

namespace systole::signoff {

struct CoverageQuestion {
  std::function<std::unique_ptr<dut::Dut>()> make;
  std::vector<Program> programs;
  std::vector<std::string> checkers;  ///< that must be seen red, as session::Canaries names them
  int workers = 1;
};

/// Each program at CheckLevel::all, without stalls and with each kind; before them the canaries, each of which must be
/// seen red. Findings: "coverage GROUP: ITEM" for what no program came by, "coverage PROGRAM STALL" for one that does
/// not pass, "coverage canaries", "coverage checker NAME".
[[nodiscard]] Evidence cover(const CoverageQuestion& question, const GateProgress& progress = {});

}  // namespace systole::signoff
