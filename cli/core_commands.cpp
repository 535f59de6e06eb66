// SPDX-License-Identifier: Apache-2.0
// The commands of `systole`: what every day needs.
#include "cli/commands.h"

namespace systole::cli {

std::string_view program_name() { return "systole"; }

NamedCommands add_commands(CLI::App& program) { return add_everyday_commands(program); }

}  // namespace systole::cli
