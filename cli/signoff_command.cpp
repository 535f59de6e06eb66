// SPDX-License-Identifier: Apache-2.0
// `systole signoff`: the gates of a level, each from evidence, and the sheet that says what they found.
#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/process.h"
#include "base/quote.h"
#include "base/sha256.h"
#include "base/table.h"
#include "cli/commands.h"
#include "cli/configurations.h"
#include "cli/programs.h"
#include "cli/signoff_sheet.h"
#include "signoff/accel/gates.h"
#include "signoff/gates/mutation.h"
#include "signoff/gates/pooled_mutants.h"
#include "signoff/sheet/sheet.h"
#include "signoff/sheet/signed_off.h"
#include "signoff/sheet/waivers.h"
#include "sim/dut/registry.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;
using signoff::Frozen;
using signoff::Gate;

constexpr const char* kDesign = "accel";

std::vector<signoff::LintedConfiguration> linted_configurations() {
  std::vector<signoff::LintedConfiguration> configurations;
  for (const Configuration& one : known_configurations()) {
    const accel::Geometry& g = one.geometry;
    configurations.push_back(
        {.name = one.name,
         .parameters = {fmt::format("Rows={}", g.rows), fmt::format("Cols={}", g.cols),
                        fmt::format("ActWidth={}", g.act_width), fmt::format("WgtWidth={}", g.wgt_width),
                        fmt::format("PsumWidth={}", g.psum_width), fmt::format("ActDepth={}", g.act_depth),
                        fmt::format("PsumDepth={}", g.psum_depth), fmt::format("ParTiles={}", g.par_tiles)}});
  }
  return configurations;
}

signoff::SourceHashes hashes_of(const Frozen& frozen) {
  signoff::SourceHashes hashes;
  for (const std::string& source : frozen.sources) hashes[source] = base::sha256_of_file(frozen.folder / source);
  return hashes;
}

/// Those that somebody names; otherwise a run of the project's own plan, in the folder of the sign-off.
signoff::RegressionRuns regression_runs(const SignoffArguments& a) {
  if (!a.regressions.empty()) return {.folder = a.regressions, .run = {}};
  const fs::path folder = fs::absolute(a.sheet.folder) / "regressions";
  const int workers = workers_of(a.sheet);
  return {.folder = folder, .run = [folder, workers](const fs::path& plan) {
            const std::vector<std::string> command{
                core_program().string(), "regress", fs::absolute(plan).string(), "-o",
                folder.string(),         "-j",      std::to_string(workers),     "--quiet"};
            const fs::path from(dut::build_place().source_folder);
            const base::ProcessResult said = base::run_process(command, {.folder = from, .errors_too = true});
            // Jobs that fail are the gate's to find.
            if (!said.succeeded && !fs::exists(folder / "latest"))
              throw base::InputError(plan.string(), "", said.output.substr(0, said.output.find('\n')));
          }};
}

std::vector<base::Cell> pool_row(const std::string& file, const std::string& seed, const signoff::MutantCounts& of) {
  const auto count = [](std::size_t value) { return static_cast<std::int64_t>(value); };
  const auto [low, high] = signoff::wilson_95(of.killed, of.different());
  const double share =
      of.different() == 0 ? 0.0 : 100.0 * static_cast<double>(of.killed) / static_cast<double>(of.different());
  return {file, seed, count(of.mutants), count(of.killed), count(of.proved), share, low, high};
}

/// The score of several samples of mutants.
int pool(const SignoffArguments& a) {
  a.sheet.files.open();
  std::vector<signoff::SignedOff> signed_off;
  for (const std::string& file : a.pool) signed_off.push_back(signoff::read_signed_off(file));
  const signoff::PooledMutants pooled = signoff::pool_mutants(signed_off);
  base::Table table{
      .name = "pool",
      .columns = {"sign-off", "seed", "mutants", "killed", "proved equivalent", "killed %", "95 % from", "to"}};
  for (const auto& [file, seed, counts] : pooled.samples) table.rows.push_back(pool_row(file, seed, counts));
  table.rows.push_back(pool_row("together", "", pooled.together));
  fmt::print("{}", base::terminal_table(table, 1));
  for (const std::string& name : pooled.open) fmt::print("  no program sees {}\n", base::terminal_text(name));
  const double low = signoff::wilson_95(pooled.together.killed, pooled.together.different()).first;
  const bool passes = low >= a.at_least;
  fmt::print("{}: with 95 % certainty at least {:.1f} % of those not proved equivalent are killed, expected {} %\n",
             passes ? "pass" : "fail", low, a.at_least);
  a.sheet.files.write(table);
  return passes ? 0 : 1;
}

int signoff(const SignoffArguments& a) {
  if (!a.pool.empty()) return pool(a);
  const SheetOptions& options = a.sheet;
  options.files.open();
  const base::InterruptGuard guard;
  require_fresh_models(program_name());
  const auto lock = lock_sheet(options);
  const Frozen frozen =
      signoff::freeze(std::string(dut::build_place().source_folder), fs::path(options.folder) / "frozen");
  const std::vector<Gate> gates = signoff::gates_of(frozen, options.levels, options.level, linted_configurations(),
                                                    regression_runs(a), workers_of(options));
  std::string command =
      fmt::format("systole signoff --level {} --output {}", options.level, base::shell_word(options.folder));
  if (!options.levels.empty()) command += " --levels " + base::shell_word(options.levels);
  return sign_off(
      gates,
      {.design = kDesign,
       .level = options.level,
       .today = {},
       .gates = {},
       .numbers = {"mutation", "coverage", "reset"},
       .waivers = signoff::read_waivers(frozen.folder / "signoff/waivers.json", signoff::kGateNames, options.level),
       .sources = hashes_of(frozen)},
      options, command);
}

}  // namespace

Command add_signoff_command(CLI::App& program) {
  auto a = std::make_shared<SignoffArguments>();
  add_signoff_options(program, *a);
  return [a] { return signoff(*a); };
}

}  // namespace systole::cli
