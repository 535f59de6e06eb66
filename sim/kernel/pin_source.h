// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where the checkers of sim/check find the values of a design: its ports and cells as their sources.
#include "sim/check/cell_checker.h"
#include "sim/check/pin_checker.h"
#include "sim/dut/dut.h"

namespace systole::kernel {

/// The output pins of `design`, which must outlive the source.
check::PinSource pin_source(const dut::Dut& design);

/// One register of every cell.
check::CellSource cell_source(const dut::CellRegister& reg);

/// Checker of the weight, activation and psum registers of all cells.
check::CellChecker cell_checker(const dut::Dut& design);

}  // namespace systole::kernel
