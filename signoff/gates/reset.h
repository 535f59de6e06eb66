// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gate: after reset the design does what it must from whatever state it was in.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "signoff/gates/gate.h"
#include "signoff/gates/state_dut.h"
#include "signoff/sheet/evidence.h"
#include "signoff/stimulus/programs.h"

namespace systole::signoff {

struct ResetQuestion {
  std::function<std::unique_ptr<StateDut>()> make;
  std::vector<Program> programs;
  std::uint64_t fills = 4;  ///< how many starts with other values in all state
  int workers = 1;
  /// A four-state simulation: "PASS ..." or what is wrong; empty: none.
  std::function<std::string()> four_state;
};

/// From each of `fills` random starts, every program must show each pin as the golden has it in every cycle; where one
/// does not, the register whose start value decides it is searched for and named. From reset in each state that the
/// design reports (Design::status) in the middle of the first program, the whole program again. Findings: "reset leak
/// NAME", "reset fill PROGRAM", "reset in STATE", "reset four-state".
[[nodiscard]] Evidence check_reset(const ResetQuestion& question, const GateProgress& progress = {});

}  // namespace systole::signoff
