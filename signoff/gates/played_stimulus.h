// SPDX-License-Identifier: Apache-2.0
#pragma once
// Programs on mutants whose models this process holds.
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "signoff/gates/mutation.h"
#include "signoff/stimulus/programs.h"
#include "sim/dut/dut.h"

namespace systole::signoff {

/// Each program at CheckLevel::all; one that does not pass then says which levels below would have seen it. `make`: a
/// model with mutant n awake, 0: none.
[[nodiscard]] MutantStimulus played_stimulus(std::function<std::unique_ptr<dut::Dut>(std::size_t)> make,
                                             std::vector<Program> programs);

}  // namespace systole::signoff
