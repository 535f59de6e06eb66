// SPDX-License-Identifier: Apache-2.0
// `systole signoff`: the gates of a level, each from evidence, and the sheet that says what they found.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/interrupt.h"
#include "base/quote.h"
#include "base/sha256.h"
#include "cli/commands.h"
#include "cli/configurations.h"
#include "cli/programs.h"
#include "cli/signoff_sheet.h"
#include "signoff/accel/gates.h"
#include "signoff/sheet/sheet.h"
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

int signoff(const SheetOptions& options) {
  const base::InterruptGuard guard;
  require_fresh_models(program_name());
  const auto lock = lock_sheet(options);
  const Frozen frozen =
      signoff::freeze(std::string(dut::build_place().source_folder), fs::path(options.folder) / "frozen");
  const std::vector<Gate> gates =
      signoff::gates_of(frozen, options.level, linted_configurations(), workers_of(options));
  std::vector<std::string> names;
  for (const Gate& gate : gates) names.push_back(gate.name);
  return sign_off(
      gates,
      {.design = kDesign,
       .level = options.level,
       .today = {},
       .gates = {},
       .numbers = {"mutation", "coverage", "reset"},
       .waivers = signoff::read_waivers(frozen.folder / "signoff/waivers.json", names, options.level),
       .sources = hashes_of(frozen)},
      options, fmt::format("systole signoff --level {} --output {}", options.level, base::shell_word(options.folder)));
}

}  // namespace

Command add_signoff_command(CLI::App& program) {
  auto a = std::make_shared<SheetOptions>();
  CLI::App* command = program.add_subcommand("signoff", std::string(description_of("signoff")));
  command->add_option("--level", a->level, "Which gates, of signoff/levels.json")->capture_default_str();
  add_sheet_options(*command, *a);
  command->footer(
      "Examples: systole signoff --level quick -o signoff-report && xdg-open signoff-report/signoff.html\n"
      "          systole signoff --level full -j 2 -o tonight --since yesterday/signoff.json");
  return [a] { return signoff(*a); };
}

}  // namespace systole::cli
