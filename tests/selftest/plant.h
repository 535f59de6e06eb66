// SPDX-License-Identifier: Apache-2.0
#pragma once
// Plants the faults of faults.tsv into a copy of the RTL: one copy for all, in which a package variable,
// accel_fault_pkg::active, states which one is active. With 0 the copy computes what the original does.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/selftest/fault.h"

namespace systole::test {

/// The lines of the table; no fault has a problem yet. Throws std::runtime_error with table and line where a line has
/// another number of fields than eight, a name occurs twice or the mutated text has no @; also where the file cannot be
/// read or has no faults.
std::vector<Fault> read_faults(const std::filesystem::path& table);

using Modules = std::map<std::string, std::string>;  ///< module -> its text

/// Plants every fault that applies. Quotes are compared word by word with the original text, white space and comments
/// aside. A fault is left out, and its problem says why and what to do, where its module is missing, where its quote
/// does not occur exactly once or overlaps that of an earlier fault, or where its mutated text has a name that the
/// module has not.
void plant(Modules& modules, std::vector<Fault>& faults);

}  // namespace systole::test
