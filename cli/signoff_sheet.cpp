// SPDX-License-Identifier: Apache-2.0
#include "cli/signoff_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/interrupted.h"
#include "base/progress.h"
#include "base/quote.h"
#include "base/table.h"
#include "base/utc.h"
#include "signoff/sheet/evidence_file.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;
using signoff::EvidenceFile;
using signoff::Gate;

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

EvidenceFile run(const Gate& gate, const std::string& command, const fs::path& folder) {
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
  evidence.command = command;
  signoff::write_evidence(folder, evidence);
  return signoff::read_evidence(folder, gate.name).value();
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
void compare(signoff::Sheet& sheet, const SheetOptions& a) {
  if (!a.since.empty()) return signoff::compare_with(sheet, a.since, false);
  const fs::path earlier = fs::path(a.folder) / "signoff.json";
  if (!fs::exists(earlier)) return;
  try {
    signoff::compare_with(sheet, earlier, true);
  } catch (const base::InputError& error) {
    fmt::print(stderr, "systole: {}; nothing is compared with it\n", error.what());
  }
}

}  // namespace

std::unique_ptr<base::FileLock> lock_sheet(const SheetOptions& options) {
  const fs::path folder = options.folder;
  std::error_code refused;
  fs::create_directories(folder / "evidence", refused);
  if (refused) throw base::InputError("--output", options.folder, refused.message());
  return std::make_unique<base::FileLock>(folder / "lock", [](const std::string& holder) {
    fmt::print(stderr, "another sign-off works in this folder: {}\n", holder);
  });
}

int sign_off(const std::vector<Gate>& gates, signoff::SheetRequest request, const SheetOptions& options,
             const std::string& command) {
  const fs::path folder = options.folder, evidence = folder / "evidence";
  for (const Gate& gate : gates) request.gates.push_back({.name = gate.name, .inputs = gate.inputs});
  std::vector<EvidenceFile> files;
  for (const Gate& gate : gates) {
    std::optional<EvidenceFile> file = kept(evidence, gate);
    files.push_back(file ? std::move(*file) : run(gate, command, evidence));
  }
  request.today = base::utc_now("%Y-%m-%d");  // after the last gate: midnight may have passed meanwhile
  signoff::Sheet sheet = signoff::make_sheet(request, files);
  compare(sheet, options);
  signoff::write_sheet(folder, sheet);
  const base::Table table = table_of(sheet);
  fmt::print("{}", base::terminal_table(table, 1));
  print_open(sheet);
  fmt::print("{}: {}\n", verdict_line(sheet), (folder / "signoff.html").string());
  options.files.write(table);
  return sheet.verdict == signoff::Verdict::pass ? 0 : 1;
}

}  // namespace systole::cli
