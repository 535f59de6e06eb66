// SPDX-License-Identifier: Apache-2.0
#pragma once
// The files that `systole new-dut` writes.
#include <string>

#include "cli/scaffold/guess.h"
#include "cli/scaffold/ports.h"

namespace systole::scaffold {

/// An adapter that compiles at once and outputs nothing yet; `guess` has a clock.
std::string adapter_text(const Design& design, const Guess& guess);
/// A project of its own with the program `name`; sources as `design` has them.
std::string project_text(const std::string& name, const Design& design);
/// What was guessed and what is left, a line each.
std::string guess_text(const Guess& guess);

}  // namespace systole::scaffold
