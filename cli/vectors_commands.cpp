// SPDX-License-Identifier: Apache-2.0
// The commands of `systole-vectors`: vector sets out, and back through the RTL; reproducers.
#include "cli/commands.h"
#include "cli/programs.h"
#include "cli/replay_command.h"
#include "cli/vectors_command.h"

namespace systole::cli {

std::string_view program_name() { return kVectors; }

std::vector<std::pair<std::string, Command>> add_commands(CLI::App& program) {
  return {{"replay", add_replay_command(program)},
          {"shrink", add_shrink_command(program)},
          {"vectors", add_vectors_command(program)}};
}

}  // namespace systole::cli
