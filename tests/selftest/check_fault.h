// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace systole::test {

/// Runs the fault's program on the RTL with that fault: the outcome and the first signal must be those of its line in
/// faults.tsv. A fault that could not be planted fails, with what to do.
void check_fault(const std::string& name);

/// The same of a line of survivors.tsv, whose program is one of the sign-off's own; none of programs() sees it.
void check_survivor(const std::string& name);

}  // namespace systole::test
