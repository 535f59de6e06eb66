// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gate: the netlist that Yosys makes of the RTL does in every cycle on every pin what the RTL must.
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "signoff/gates/gate.h"
#include "signoff/sheet/evidence.h"
#include "signoff/stimulus/programs.h"
#include "sim/dut/dut.h"

namespace systole::signoff {

struct NetlistQuestion {
  std::function<std::unique_ptr<dut::Dut>()> make;  ///< of the netlist
  std::vector<Program> programs;
  std::filesystem::path statistics;  ///< what Yosys' `stat` says of it
  int workers = 1;
};

/// Findings: "netlist PROGRAM" with the first pin that differs; "netlist statistics" where there are none.
[[nodiscard]] Evidence check_netlist(const NetlistQuestion& question, const GateProgress& progress = {});

}  // namespace systole::signoff
