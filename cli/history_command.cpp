// SPDX-License-Identifier: Apache-2.0
// `systole history`: the runs of a folder of regressions, or what each said of some jobs.
#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "cli/commands.h"
#include "cli/programs.h"
#include "cli/table_files.h"
#include "report/history.h"
#include "report/index.h"

namespace systole::cli {
namespace {

struct HistoryArguments {
  std::string folder = "regress-report";
  report::Asked asked;
  std::size_t runs = 20;
  TableFiles files;
};

base::Table table_of(const HistoryArguments& a) {
  const report::Index index(a.folder);
  if (!a.asked.anything()) return report::history_table(index.runs(a.runs));
  base::Table table = report::said_table(index.said(a.asked, a.runs));
  if (table.rows.empty()) throw base::InputError(a.folder, "", "has no run with such a job");
  return table;
}

int history(const HistoryArguments& a) {
  const base::InterruptGuard guard;
  a.files.open();
  const base::Table table = table_of(a);
  a.files.write(table);
  constexpr int kDecimals = 1;
  fmt::print("{}", terminal_table(table, kDecimals));
  return 0;
}

}  // namespace

Command add_history_command(CLI::App& program) {
  auto a = std::make_shared<HistoryArguments>();
  CLI::App* command = program.add_subcommand("history", std::string(description_of("history")));
  command->add_option("-o,--output", a->folder, "Folder of all runs, as of `regress`")->capture_default_str();
  command->add_option("--network", a->asked.network, "What each run said of the jobs of a network or set of vectors");
  command->add_option("--design", a->asked.design, "Of the jobs of a design, as the plan names it");
  command->add_option("--job", a->asked.job, "Of one job: its name, or its key in summary.json");
  command->add_option("--token", a->asked.token, "Of the job that failed with this token");
  command->add_option("--runs", a->runs, "The newest so many")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  add_table_options(*command, a->files);
  command->footer(
      "Examples: systole history -o regress-report\n"
      "          systole history --network models/lenet --runs 5 --csv lenet.csv");
  return [a] { return history(*a); };
}

}  // namespace systole::cli
