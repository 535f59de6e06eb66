// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/commands.h"

namespace systole::cli {

/// Adds a program's commands, by name (commands.h).
using AddCommands = std::function<std::vector<std::pair<std::string, Command>>(CLI::App&)>;

/// The whole of a program: reads the command line, runs what it names and returns the exit code (kernel::exit_code).
/// Every error ends here as one line.
int command_line(int argc, char** argv, std::string_view program_name, const AddCommands& add_commands);

}  // namespace systole::cli
