// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>

#include "sim/dut/dut.h"

namespace systole::trace {

/// Verilog of modules without ports or logic, one for each outermost scope of the signals ("golden"), whose registers
/// have the signals' scopes, names and widths: Verilated beside a design, it shows in the design's dump what the bench
/// writes into it (docs/adr/0010-golden-values-in-dumps.md). Scopes that end in an index, NAME[0] .. NAME[n-1], become
/// a loop. Throws std::logic_error where those of one name do not count from 0 or hold different signals.
std::string shell_text(std::span<const dut::TraceSignal> signals);

}  // namespace systole::trace
