// SPDX-License-Identifier: Apache-2.0
#pragma once
// On which models accel is signed off, and with which programs.
#include <memory>
#include <vector>

#include "accel/contract/command.h"
#include "signoff/stimulus/programs.h"
#include "sim/dut/dut.h"

namespace systole::signoff {

/// Of all models of the sign-off: 4 x 4 cells, small memories.
[[nodiscard]] accel::Geometry signoff_geometry();

/// Directed layers and `random` random ones: of the latter, more find what fewer do not (docs/signoff.md).
[[nodiscard]] std::vector<Program> signoff_programs(int random);

[[nodiscard]] std::unique_ptr<dut::Dut> make_rtl();
[[nodiscard]] std::unique_ptr<dut::Dut> make_gates();  ///< what Yosys makes of it

}  // namespace systole::signoff
