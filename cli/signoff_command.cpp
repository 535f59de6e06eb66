// SPDX-License-Identifier: Apache-2.0
// `systole signoff`: the gates of a level, each from evidence, and the sheet that says what they found.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/file_lock.h"
#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/progress.h"
#include "base/quote.h"
#include "base/sha256.h"
#include "base/table.h"
#include "base/utc.h"
#include "cli/commands.h"
#include "cli/configurations.h"
#include "cli/programs.h"
#include "signoff/accel/gates.h"
#include "signoff/sheet/evidence_file.h"
#include "signoff/sheet/sheet.h"
#include "signoff/sheet/waivers.h"
#include "sim/dut/registry.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;
using signoff::EvidenceFile;
using signoff::Frozen;
using signoff::Gate;

constexpr const char* kDesign = "accel";

struct SignoffArguments {
  std::string level = "quick", folder = "signoff-report", since;
  int workers = 0;
};

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

/// Evidence that is there already and of the same things; nothing where the gate must run. One that cannot be read is
/// none: what it said is said again.
std::optional<EvidenceFile> kept(const fs::path& folder, const Gate& gate) {
  try {
    std::optional<EvidenceFile> file = signoff::read_evidence(folder, gate.name);
    if (file && std::ranges::is_permutation(file->evidence.inputs, gate.inputs)) return file;
  } catch (const base::InputError& error) {
    fmt::print(stderr, "systole: {}; the gate runs again\n", error.what());
  }
  return std::nullopt;
}

EvidenceFile run(const Gate& gate, const SignoffArguments& a, const fs::path& folder) {
  const std::string started = base::utc_now();
  const auto begin = std::chrono::steady_clock::now();
  signoff::Evidence evidence = [&gate] {
    constexpr std::uint64_t kParts = 1000;
    base::ProgressBar bar(fmt::format("per mille of {}", gate.name), kParts);
    return gate.run([&bar](double done) {
      if (base::interrupted()) throw base::Interrupted();
      bar.set(done * static_cast<double>(kParts));
    });
  }();
  evidence.inputs = gate.inputs;
  evidence.started = started;
  evidence.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  evidence.command = fmt::format("systole signoff --level {} --output {}", a.level, base::shell_word(a.folder));
  signoff::write_evidence(folder, evidence);
  return signoff::read_evidence(folder, gate.name).value();
}

signoff::SourceHashes hashes_of(const Frozen& frozen) {
  signoff::SourceHashes hashes;
  for (const std::string& source : frozen.sources) hashes[source] = base::sha256_of_file(frozen.folder / source);
  return hashes;
}

/// A row a gate, with its first figure.
base::Table table_of(const signoff::Sheet& sheet) {
  base::Table table{.name = "signoff", .columns = {"gate", "verdict", "found", "s"}};
  for (const signoff::SheetGate& gate : sheet.gates) {
    const signoff::Evidence* evidence = gate.file ? &gate.file->evidence : nullptr;
    const std::string figure =
        evidence == nullptr || evidence->figures.empty()
            ? gate.why
            : fmt::format("{}: {}", evidence->figures.front().name, evidence->figures.front().value);
    table.rows.push_back({gate.name, std::string(to_string(gate.verdict)), figure,
                          evidence == nullptr ? base::Cell() : base::Cell(evidence->seconds)});
  }
  return table;
}

/// The findings that nobody answers for, as many as a terminal shows.
void print_open(const signoff::Sheet& sheet) {
  constexpr int kMost = 12;
  int open = 0;
  for (const signoff::SheetGate& gate : sheet.gates) {
    if (!gate.file) continue;
    for (const signoff::Finding& finding : gate.file->evidence.findings) {
      if (!finding.waiver.empty()) continue;
      if (++open <= kMost) fmt::print("  {}\n", base::terminal_text(finding.text));
    }
  }
  if (open > kMost) fmt::print("  and {} more in the page\n", open - kMost);
}

/// With --since, or else with the sign-off that the folder has. One that cannot be read is none.
void compare(signoff::Sheet& sheet, const SignoffArguments& a) {
  if (!a.since.empty()) return signoff::compare_with(sheet, a.since, false);
  const fs::path earlier = fs::path(a.folder) / "signoff.json";
  if (!fs::exists(earlier)) return;
  try {
    signoff::compare_with(sheet, earlier, true);
  } catch (const base::InputError& error) {
    fmt::print(stderr, "systole: {}; nothing is compared with it\n", error.what());
  }
}

int signoff(const SignoffArguments& a) {
  const base::InterruptGuard guard;
  require_fresh_models(program_name());
  const fs::path folder = a.folder, evidence = folder / "evidence";
  std::error_code refused;
  fs::create_directories(evidence, refused);
  if (refused) throw base::InputError("--output", a.folder, refused.message());
  const base::FileLock lock(folder / "lock", [] { fmt::print(stderr, "another sign-off works in this folder\n"); });
  const Frozen frozen = signoff::freeze(std::string(dut::build_place().source_folder), folder / "frozen");
  const int workers = a.workers > 0 ? a.workers : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const std::vector<Gate> gates = signoff::gates_of(frozen, a.level, linted_configurations(), workers);

  signoff::SheetRequest request{.design = kDesign,
                                .level = a.level,
                                .today = {},
                                .gates = {},
                                .numbers = {"mutation", "coverage", "reset"},
                                .waivers = {},
                                .sources = hashes_of(frozen)};
  std::vector<std::string> names;
  for (const Gate& gate : gates) {
    request.gates.push_back({.name = gate.name, .inputs = gate.inputs});
    names.push_back(gate.name);
  }
  request.waivers = signoff::read_waivers(frozen.folder / "signoff/waivers.json", names, a.level);
  std::vector<EvidenceFile> files;
  for (const Gate& gate : gates) {
    std::optional<EvidenceFile> file = kept(evidence, gate);
    files.push_back(file ? std::move(*file) : run(gate, a, evidence));
  }
  request.today = base::utc_now("%Y-%m-%d");  // after the last gate: midnight may have passed meanwhile
  signoff::Sheet sheet = signoff::make_sheet(request, files);
  compare(sheet, a);
  signoff::write_sheet(folder, sheet);
  fmt::print("{}", base::terminal_table(table_of(sheet), 1));
  print_open(sheet);
  fmt::print("{}: {}\n", verdict_line(sheet), (folder / "signoff.html").string());
  return sheet.verdict == signoff::Verdict::pass ? 0 : 1;
}

}  // namespace

Command add_signoff_command(CLI::App& program) {
  auto a = std::make_shared<SignoffArguments>();
  CLI::App* command = program.add_subcommand("signoff", std::string(description_of("signoff")));
  command->add_option("--level", a->level, "Which gates, of signoff/levels.json")->capture_default_str();
  command
      ->add_option("-o,--output", a->folder,
                   "Folder of the page, the evidence and what was frozen; evidence in it "
                   "that is still of the same RTL and program is used again")
      ->capture_default_str();
  command
      ->add_option("--since", a->since,
                   "A signoff.json: what changed since is on the first screen; otherwise that of the output folder")
      ->check(CLI::ExistingFile);
  command->add_option("-j,--jobs", a->workers, "Processes at a time; 0: as many as there are cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->footer(
      "Examples: systole signoff --level quick -o signoff-report && xdg-open signoff-report/signoff.html\n"
      "          systole signoff --level full -j 2 -o tonight --since yesterday/signoff.json");
  return [a] { return signoff(*a); };
}

}  // namespace systole::cli
