// SPDX-License-Identifier: Apache-2.0
// `systole signoff` in a program of systole_add_dut: the gates that its design can have, on the jobs of a plan.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "base/input_error.h"
#include "base/interrupt.h"
#include "base/process.h"
#include "base/quote.h"
#include "base/sha256.h"
#include "cli/commands.h"
#include "cli/programs.h"
#include "cli/signoff_sheet.h"
#include "regress/freeze.h"
#include "regress/job.h"
#include "regress/plan.h"
#include "regress/regression.h"
#include "signoff/design/gates.h"
#include "signoff/sheet/waivers.h"
#include "sim/dut/registry.h"
#include "sim/dut/source_file.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;
using regress::Axis;
using signoff::DesignUnderSignoff;
using signoff::Gate;

struct DutSignoffArguments {
  SheetOptions sheet;
  std::string plan, waivers;
};

/// The text that a variant of the design has of itself.
std::string text_of_variant(const fs::path& program) {
  return base::run_process({program.string(), "--variant"}).output;
}

/// The jobs of the plan, all of them of this design, and what they depend on.
struct PlannedJobs {
  std::vector<regress::Job> jobs;
  std::vector<std::pair<std::string, std::string>> inputs;
};
PlannedJobs planned_jobs(const DutSignoffArguments& a, const regress::Plan& plan, const std::string& design) {
  PlannedJobs planned;
  regress::Surroundings surroundings{.designs = {{design, {}}}, .hashes = {}, .drawn_from = plan.text};
  for (const regress::Block& block : plan.blocks) {
    const std::vector<std::string>& designs = block.axes[Axis::design];
    if (!block.kind.empty() || std::ranges::any_of(designs, [&](const auto& one) { return one != design; }))
      throw base::InputError(a.plan, "designs, kind", "expected neither: the sign-off is of " + design);
    for (const Axis axis : {Axis::network, Axis::vectors}) {
      for (const std::string& folder : block.axes[axis]) surroundings.hashes[folder] = regress::folder_sha256(folder);
    }
  }
  planned.jobs = regress::jobs_of(plan, surroundings);
  planned.inputs = {{"plan", base::sha256_of(plan.text)}};
  for (const auto& [folder, hash] : surroundings.hashes) planned.inputs.emplace_back(folder, hash);
  return planned;
}

/// Builds what is needed and keeps programs and RTL below the folder.
DesignUnderSignoff freeze_design(const fs::path& folder, PlannedJobs planned, const regress::Limits& limits) {
  const fs::path program = program_of_own_design();
  const auto sources = rtl_files_of(program);
  const auto kept = [&](const fs::path& file) {
    return regress::freeze({.program = file, .as = file.filename(), .sources = sources}, folder);
  };
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  DesignUnderSignoff design{.program = kept(program),
                            .mutant_program = kept(variant_of_own_design("mutants")),
                            .gate_program = kept(variant_of_own_design("gates")),
                            .design = {},
                            .mutants = {},
                            .counted = {},
                            .runs = {std::move(planned.jobs), limits},
                            .inputs = std::move(planned.inputs)};
  const std::string text = text_of_variant(design.mutant_program);
  const std::size_t end = std::min(text.find("\n\n"), text.size());
  const std::string name = design.mutant_program.string();
  design.design = signoff::parse_design(text.substr(0, end), name);
  design.mutants = signoff::parse_mutants(text.substr(std::min(end + 2, text.size())), name);
  design.design.folder = fs::absolute(folder) / dut::kFrozenSources / design.design.folder.relative_path();
  std::string counted = text_of_variant(design.gate_program);
  counted.erase(std::min(counted.find('\n'), counted.size()));
  design.counted = folder / "gates.txt";
  fs::copy_file(counted, design.counted, fs::copy_options::overwrite_existing);
  std::string programs;
  for (const fs::path& one : {design.program, design.mutant_program, design.gate_program})
    programs += base::sha256_of_file(one);
  design.inputs.insert(design.inputs.begin(),
                       {{"rtl", std::string(dut::rtl_hash())}, {"programs", base::sha256_of(programs)}});
  return design;
}

signoff::SourceHashes hashes_of(const signoff::MutatedDesign& design) {
  signoff::SourceHashes hashes;
  for (const std::string& source : design.sources) hashes[source] = base::sha256_of_file(design.folder / source);
  return hashes;
}

base::JsonObject levels_of(const DutSignoffArguments& a) {
  constexpr std::uintmax_t kMaxBytes = 1 << 16;
  if (!a.sheet.levels.empty()) return base::JsonObject::read(a.sheet.levels, kMaxBytes);
  return base::JsonObject::parse(signoff::usual_design_levels(), "levels");
}

int signoff_dut(const DutSignoffArguments& a) {
  a.sheet.files.open();
  const base::InterruptGuard guard;
  const std::string name(dut::own_configuration());
  const std::string design = std::string(regress::kDut) + name;
  require_fresh_models(name);
  const regress::Plan plan = regress::read_plan(a.plan, design);
  regress::require_inputs(plan);
  PlannedJobs planned = planned_jobs(a, plan, design);
  const auto lock = lock_sheet(a.sheet);
  const DesignUnderSignoff under = freeze_design(fs::path(a.sheet.folder) / "frozen", std::move(planned), plan.limits);
  const std::vector<Gate> gates = signoff::design_gates(under, levels_of(a), a.sheet.level, workers_of(a.sheet));
  signoff::SheetRequest request{.design = name,
                                .level = a.sheet.level,
                                .today = {},
                                .gates = {},
                                .numbers = {"mutation", "reset", "netlist"},
                                .waivers = {},
                                .sources = hashes_of(under.design)};
  if (!a.waivers.empty()) request.waivers = signoff::read_waivers(a.waivers, signoff::kGateNames, a.sheet.level);
  std::string command = fmt::format("systole signoff --dut {} {} --level {} --output {}", name,
                                    base::shell_word(a.plan), a.sheet.level, base::shell_word(a.sheet.folder));
  if (!a.sheet.levels.empty()) command += " --levels " + base::shell_word(a.sheet.levels);
  if (!a.waivers.empty()) command += " --waivers " + base::shell_word(a.waivers);
  return sign_off(gates, std::move(request), a.sheet, command);
}

}  // namespace

Command add_signoff_dut_command(CLI::App& program) {
  auto a = std::make_shared<DutSignoffArguments>();
  CLI::App* command = program.add_subcommand("signoff", std::string(description_of("signoff")));
  command->add_option("PLAN", a->plan, "File with the jobs that its gates run (docs/regress.md)")->required();
  command->add_option("--level", a->sheet.level, "Which gates, of the file of the levels")->capture_default_str();
  command->add_option("--waivers", a->waivers, "Findings that somebody answers for (docs/signoff.md)")
      ->check(CLI::ExistingFile);
  add_sheet_options(*command, a->sheet);
  command->footer("Example: systole signoff --dut clipq_engine examples/clipq_engine/signoff.json -o signoff-report");
  return [a] { return signoff_dut(*a); };
}

}  // namespace systole::cli
