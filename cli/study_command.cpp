// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/programs.h"
#include "cli/study_commands.h"
#include "sim/kernel/outcome.h"

namespace systole::cli {

Command add_study_command(CLI::App& program) {
  CLI::App* study = program.add_subcommand("study", std::string(description_of("study")));
  study->require_subcommand(1);
  study->footer("Example: systole study bfp models/resnet-float -o study");
  const std::vector<std::pair<std::string, Command>> studies{{"bfp", add_study_bfp_command(*study)},
                                                             {"bits", add_study_bits_command(*study)},
                                                             {"mixed", add_study_mixed_command(*study)},
                                                             {"prune", add_study_prune_command(*study)},
                                                             {"psum", add_study_psum_command(*study)}};
  study->add_subcommand("headroom", std::string(description_of("study headroom")));
  return [study, studies] {
    for (const auto& [name, command] : studies) {
      if (study->got_subcommand(name)) return command();
    }
    return exit_code(kernel::Outcome::bad_input);
  };
}

}  // namespace systole::cli
