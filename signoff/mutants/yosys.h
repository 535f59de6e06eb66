// SPDX-License-Identifier: Apache-2.0
#pragma once
// Yosys as the mutants need it.
#include <filesystem>
#include <string>

#include "signoff/mutants/mutant.h"

namespace systole::signoff {

/// Lines of a script that reads the design and makes cells of its statements. The hierarchy stays.
[[nodiscard]] std::string elaborate(const MutatedDesign& design);

/// Runs a script in that folder. Throws base::InputError with Yosys' first line of error.
void run_yosys(const std::filesystem::path& folder, const std::string& script);

}  // namespace systole::signoff
