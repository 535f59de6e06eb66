// SPDX-License-Identifier: Apache-2.0
#include "cli/signoff_options.h"

#include "base/cores.h"
#include "cli/programs.h"

namespace systole::cli {

void add_sheet_options(CLI::App& command, SheetOptions& options) {
  command.add_option("--levels", options.levels, "Gates of each level, with their bars (docs/signoff.md)")
      ->check(CLI::ExistingFile);
  command
      .add_option("-o,--output", options.folder,
                  "Folder of the page, the evidence and what was frozen; evidence in it "
                  "that is still of the same RTL and program is used again")
      ->capture_default_str();
  command
      .add_option("--since", options.since,
                  "A signoff.json: what changed since is on the first screen; otherwise that of the output folder")
      ->check(CLI::ExistingFile);
  command.add_option("-j,--jobs", options.workers, "Processes at a time; 0: as many as there are cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  add_table_options(command, options.files);
}

int workers_of(const SheetOptions& options) { return options.workers > 0 ? options.workers : base::cores(); }

void add_signoff_options(CLI::App& program, SignoffArguments& a) {
  CLI::App* command = program.add_subcommand("signoff", std::string(description_of("signoff")));
  command->add_option("--level", a.sheet.level, "Which gates, of signoff/levels.json")->capture_default_str();
  command
      ->add_option("--regressions", a.regressions,
                   "A folder of `systole regress`, whose runs on this RTL the gate of that name counts; without it the "
                   "gate runs signoff/regressions.json")
      ->check(CLI::ExistingDirectory);
  command
      ->add_option(
          "--pool", a.pool,
          "Files signoff.json of this design, whose mutants other seeds chose (SYSTOLE_MUTANT_SEED): no gate is "
          "run, their mutants are one sample with one score")
      ->check(CLI::ExistingFile);
  command
      ->add_option("--at-least", a.at_least,
                   "The percentage from which on the pooled score passes, with 95 % certainty")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  add_sheet_options(*command, a.sheet);
  command->footer(
      "Examples: systole signoff --level quick -o signoff-report && xdg-open signoff-report/signoff.html\n"
      "          systole signoff --level full -j 2 -o tonight --since yesterday/signoff.json\n"
      "          systole signoff --pool seed2/signoff.json seed3/signoff.json seed4/signoff.json");
}

}  // namespace systole::cli
