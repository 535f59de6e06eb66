// SPDX-License-Identifier: Apache-2.0
#pragma once
// The design with x: registers that nobody initialised.
#include <string>
#include <vector>

#include "accel/contract/command.h"
#include "signoff/stimulus/programs.h"

namespace systole::signoff {

/// Each program of one layer as memory images whose bench runs under Icarus, where a register that nothing has set is
/// x, with stalls. "PASS" where none has an x on an output or in a handshake after reset and all words are right, else
/// what the bench or iverilog says.
[[nodiscard]] std::string run_with_four_states(const std::vector<Program>& programs, const accel::Geometry& geometry,
                                               const std::vector<std::string>& sources);

}  // namespace systole::signoff
