// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gate: the stimulus runs every line of the RTL and takes every branch.
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "signoff/gates/gate.h"
#include "signoff/sheet/evidence.h"
#include "signoff/stimulus/programs.h"
#include "sim/dut/dut.h"

namespace systole::signoff {

/// A model that Verilator counts lines, branches and toggles in.
struct CountedModel {
  std::unique_ptr<dut::Dut> dut;
  /// Text of Verilator's file of counts, of what `dut` has done so far.
  std::function<std::string()> counts;
};

struct CodeCoverageQuestion {
  std::function<CountedModel()> make;
  std::vector<Program> programs;
  std::filesystem::path folder;      ///< that the sources are relative to
  std::vector<std::string> sources;  ///< "rtl/ctrl.v", as the model was made from them
  bool toggle = false;               ///< bits that changed are counted too; they are no findings
  int workers = 1;
};

/// Each program with random stalls and with bursts, at CheckLevel::all; counts of all runs and instances are summed.
/// Branches are those of `if`. Findings: "code_coverage line FILE 'TEXT'" and "code_coverage branch FILE if of 'TEXT'"
/// or else, with the text of the source line and no number of it, " (2)" behind the second of a name; "code_coverage
/// run PROGRAM STALL" for one that does not pass. Tables: modules, and each source with the counts of its lines.
[[nodiscard]] Evidence cover_code(const CodeCoverageQuestion& question, const GateProgress& progress = {});

}  // namespace systole::signoff
