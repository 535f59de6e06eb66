// SPDX-License-Identifier: Apache-2.0
// The commands of `systole`: what every day needs.
#include "cli/commands.h"

namespace systole::cli {

std::string_view program_name() { return "systole"; }

NamedCommands add_commands(CLI::App& program) {
  NamedCommands commands = add_everyday_commands(program);
  commands.emplace_back("signoff", add_signoff_help(program));
  return commands;
}

}  // namespace systole::cli
