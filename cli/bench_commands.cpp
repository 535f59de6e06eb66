// SPDX-License-Identifier: Apache-2.0
// The command of `systole-bench`.
#include "cli/commands.h"

namespace systole::cli {

std::string_view program_name() { return "systole-bench"; }

std::vector<std::pair<std::string, Command>> add_commands(CLI::App& program) {
  return {{"bench", add_bench_command(program)}};
}

}  // namespace systole::cli
