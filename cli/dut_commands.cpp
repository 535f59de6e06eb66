// SPDX-License-Identifier: Apache-2.0
// The commands of a program that systole_add_dut makes: what every day needs, vector sets, and its own sign-off.
#include "cli/commands.h"
#include "cli/programs.h"
#include "cli/replay_command.h"
#include "cli/vectors_command.h"

namespace systole::cli {

std::string_view program_name() { return kCore; }

NamedCommands add_commands(CLI::App& program) {
  NamedCommands commands = add_everyday_commands(program);
  commands.emplace_back("replay", add_replay_command(program));
  commands.emplace_back("vectors", add_vectors_command(program));
  commands.emplace_back("shrink", add_shrink_command(program));
  commands.emplace_back("signoff", add_signoff_dut_command(program));
  return commands;
}

}  // namespace systole::cli
