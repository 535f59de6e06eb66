// SPDX-License-Identifier: Apache-2.0
// The commands of `systole-networks`: what makes networks and studies them. They need no RTL.
#include "cli/commands.h"
#include "cli/import_command.h"
#include "cli/quantize_command.h"
#include "cli/study_commands.h"

namespace systole::cli {

std::string_view program_name() { return "systole-networks"; }

std::vector<std::pair<std::string, Command>> add_commands(CLI::App& program) {
  return {{"import", add_import_command(program)},
          {"quantize", add_quantize_command(program)},
          {"export", add_export_command(program)},
          {"prune", add_prune_command(program)},
          {"study", add_study_command(program)}};
}

}  // namespace systole::cli
