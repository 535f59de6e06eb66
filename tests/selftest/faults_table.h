// SPDX-License-Identifier: Apache-2.0
#pragma once
// The planted faults, as tests read them.
#include <string>
#include <vector>

namespace systole::test {

/// A line of faults.tsv; fault number i + 1 is element i.
struct Fault {
  std::string name, module, program, check, outcome, signal;
};

/// Throws std::runtime_error where the table is missing, empty, or a line has another number of fields.
std::vector<Fault> read_faults();

}  // namespace systole::test
