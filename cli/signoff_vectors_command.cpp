// SPDX-License-Identifier: Apache-2.0
// `systole vectors --from signoff.json`: the stimulus of a sign-off for other benches.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/progress.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "cli/programs.h"
#include "cli/signoff_sheet.h"
#include "signoff/accel/vector_sets.h"
#include "sim/kernel/outcome.h"

namespace systole::cli {
namespace {

struct SignoffVectorsArguments {
  std::string from;
  SheetOptions sheet;  ///< folder and workers
};

/// A bar for each step.
class Steps {
 public:
  void operator()(const std::string& unit, std::size_t done, std::size_t total) {
    if (base::interrupted()) throw base::Interrupted();
    if (unit != unit_) {
      bar_.reset();
      bar_.emplace(unit, total);
      unit_ = unit;
    }
    bar_->set(done);
    if (done == total) bar_.reset();
    if (done == total) unit_.clear();
  }

 private:
  std::string unit_;
  std::optional<base::ProgressBar> bar_;
};

int signoff_vectors(const SignoffVectorsArguments& a) {
  const base::InterruptGuard guard;
  require_fresh_models(program_name());
  Steps steps;
  const signoff::VectorSets made = signoff::write_vector_sets(
      {.from = a.from, .output = a.sheet.folder, .workers = workers_of(a.sheet), .progress = std::ref(steps)});
  for (const std::string& line : made.beyond) fmt::print("  {}\n", base::terminal_text(line));
  for (const std::string& line : made.problems) fmt::print("  {}\n", base::terminal_text(line));
  fmt::print("{}: {} of {} programs, {} words of output; kills {} of {}, items of coverage {} of {}\n",
             made.problems.empty() ? a.sheet.folder : "nothing written", made.programs.reached, made.programs.of,
             made.words, made.kills.reached, made.kills.of, made.items.reached, made.items.of);
  return exit_code(made.problems.empty() ? kernel::Outcome::passed : kernel::Outcome::mismatch);
}

}  // namespace

Command add_signoff_vectors_command(CLI::App& program) {
  auto a = std::make_shared<SignoffVectorsArguments>();
  CLI::App* command = program.add_subcommand("vectors", std::string(description_of("vectors")));
  command
      ->add_option("--from", a->from,
                   "A signoff.json of this RTL: few of its programs that kill the same mutants and come by the same "
                   "items of coverage")
      ->required()
      ->check(CLI::ExistingFile);
  command
      ->add_option("-o,--output", a->sheet.folder,
                   "Folder to write; one that holds anything but such sets is never replaced")
      ->required();
  command->add_option("-j,--jobs", a->sheet.workers, "Processes at a time; 0: as many as there are cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->footer(
      "Example: systole signoff --level quick -o tonight && systole vectors --from tonight/signoff.json -o sets\n"
      "The vectors of a layer: systole vectors --help");
  return [a] { return signoff_vectors(*a); };
}

}  // namespace systole::cli
