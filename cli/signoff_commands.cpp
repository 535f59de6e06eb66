// SPDX-License-Identifier: Apache-2.0
// The commands of `systole-signoff`.
#include "cli/commands.h"
#include "cli/programs.h"

namespace systole::cli {

std::string_view program_name() { return "systole-signoff"; }

std::vector<std::pair<std::string, Command>> add_commands(CLI::App& program) {
  return {{"signoff", add_signoff_command(program)}, {"vectors", add_signoff_vectors_command(program)}};
}

}  // namespace systole::cli
