// SPDX-License-Identifier: Apache-2.0
#pragma once
// `systole quantize`: a float network becomes an integer one by one of the schemes of docs/schemes.md.
#include <CLI/CLI.hpp>
#include <functional>

namespace systole::cli {

/// Adds the command's options to the program; what comes back runs it: writes the integer network and prints accuracy,
/// size, and for each layer its parameters and signal-to-noise ratio. Bad input leaves as base::InputError.
std::function<int()> add_quantize_command(CLI::App& program);

}  // namespace systole::cli
