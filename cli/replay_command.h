// SPDX-License-Identifier: Apache-2.0
#pragma once
// `systole replay`: vectors of any origin against the golden and the RTL.
#include <CLI/CLI.hpp>
#include <functional>

namespace systole::cli {

/// Adds the command's options to the program; what comes back runs it: recognises the set, compares files, golden and
/// RTL all three ways and prints what it found. Bad input leaves as base::InputError.
std::function<int()> add_replay_command(CLI::App& program);

}  // namespace systole::cli
