// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

#include "base/interrupt.h"
#include "base/output_file.h"
#include "base/progress.h"
#include "cli/bench/bench.h"
#include "cli/commands.h"
#include "cli/programs.h"
#include "cli/table_files.h"

namespace systole::cli {
namespace {

struct BenchArguments {
  std::string report;
  int rounds = 15;
  TableFiles files;
};

int bench(const BenchArguments& a) {
  if (!a.report.empty()) base::require_place_for(a.report);
  a.files.open();
  const base::InterruptGuard guard;
  require_fresh_models(program_name());
  const bench::BenchResult result = [&a] {
    std::optional<base::ProgressBar> bar;
    return bench::run_bench(a.rounds, [&bar](std::uint64_t done, std::uint64_t total) {
      if (!bar) bar.emplace("measurements", total);
      bar->set(done);
    });
  }();
  fmt::print("{}", bench::bench_text(result));
  a.files.write(bench::bench_table(result));
  if (!a.report.empty()) base::write_file_at_once(a.report, bench::bench_json(result));
  return 0;
}

}  // namespace

Command add_bench_command(CLI::App& program) {
  auto a = std::make_shared<BenchArguments>();
  CLI::App* command = program.add_subcommand("bench", std::string(description_of("bench")));
  command->add_option("--report", a->report, "Write a JSON report");
  command->add_option("--rounds", a->rounds, "Alternating repetitions")
      ->check(CLI::Range(1, 1000000000))
      ->capture_default_str();
  add_table_options(*command, a->files);
  command->footer("Example: systole bench --rounds 31 --report bench.json");
  return [a] { return bench(*a); };
}

}  // namespace systole::cli
