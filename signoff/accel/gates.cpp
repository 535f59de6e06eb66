// SPDX-License-Identifier: Apache-2.0
#include "signoff/accel/gates.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "base/input_error.h"
#include "base/json_object.h"
#include "base/quote.h"
#include "base/sha256.h"
#include "base/text_lines.h"
#include "signoff/accel/models.h"
#include "signoff/gates/code_coverage.h"
#include "signoff/gates/coverage.h"
#include "signoff/gates/four_state.h"
#include "signoff/gates/leaves.h"
#include "signoff/gates/level.h"
#include "signoff/gates/mutation.h"
#include "signoff/gates/netlist.h"
#include "signoff/gates/played_stimulus.h"
#include "signoff/gates/properties.h"
#include "signoff/gates/regressions.h"
#include "signoff/gates/reset.h"
#include "signoff/gates/simulators.h"
#include "signoff/gates/tool_version.h"
#include "signoff/mutants/equivalence.h"
#include "signoff/mutants/models.h"
#include "sim/dut/registry.h"

namespace systole::signoff {

std::unique_ptr<StateDut> make_state_model();
CountedModel make_counted_model();

namespace {

namespace fs = std::filesystem;

constexpr const char* kLevels = "signoff/levels.json";
constexpr const char *kCheckers = "signoff/checkers.txt", *kRegressions = "signoff/regressions.json";
constexpr std::chrono::seconds kProofLimit{90};
constexpr int kFewRandom = 28;  // four of each kind, where each is run many times

void copy(const fs::path& from, const std::string& name, const fs::path& to) {
  if (!fs::exists(from / name)) {
    throw base::InputError((from / name).string(), "", "is not there; a sign-off needs the source tree");
  }
  fs::create_directories((to / name).parent_path());
  fs::copy(from / name, to / name, fs::copy_options::recursive);
}

/// Of its Verilog files.
std::string sha256_of_folder(const fs::path& folder) { return base::sha256_of_files(verilog_files(folder)); }

/// A name a line, lines with # at their start left out.
std::vector<std::string> read_checkers(const fs::path& file) {
  constexpr std::size_t kMaxBytes = 1 << 16;
  std::vector<std::string> checkers;
  base::TextLines lines(file, kMaxBytes);
  while (lines.next()) {
    if (!lines.text().starts_with('#') && !lines.text().empty()) checkers.emplace_back(lines.text());
  }
  return checkers;
}

/// Makes the gates of one run.
class Maker {
 public:
  Maker(const Frozen& frozen, std::vector<LintedConfiguration> configurations, RegressionRuns regressions, int workers)
      : frozen_(frozen),
        configurations_(std::move(configurations)),
        regressions_(std::move(regressions)),
        workers_(workers) {}

  /// By the names that levels.json has.
  std::vector<std::pair<std::string, MakeGate>> all() {
    return {{"lint", [this](base::JsonObject&) { return lint(); }},
            {"reset", [this](base::JsonObject& o) { return reset(o.integer("fills", 1, 1000)); }},
            {"coverage", [this](base::JsonObject&) { return coverage(); }},
            {"code_coverage", [this](base::JsonObject& o) { return code_coverage(o.boolean("toggle")); }},
            {"mutation",
             [this](base::JsonObject& o) {
               return mutation({.mutants = o.integer("mutants", 1, 100000),
                                .random_layers = o.integer("random_layers", 0, 100000),
                                .least = o.number("least_percent", 0, 100),
                                .least_of_module = o.number("least_percent_of_a_module", 0, 100)});
             }},
            {"leaves", [this](base::JsonObject& o) { return leaves(o.boolean("full")); }},
            {"properties", [this](base::JsonObject& o) { return properties(o.boolean("full")); }},
            {"netlist", [this](base::JsonObject&) { return netlist(); }},
            {"simulators", [this](base::JsonObject& o) { return simulators(o.boolean("all_programs")); }},
            {"regressions", [this](base::JsonObject& o) { return regressions(o.integer("jobs", 1, 1000000)); }}};
  }

 private:
  [[nodiscard]] MutatedDesign design() const {
    return {.folder = frozen_.folder, .sources = frozen_.sources, .top = "accel", .parameters = {}};
  }
  [[nodiscard]] std::vector<std::string> source_files() const {
    std::vector<std::string> files;
    for (const std::string& source : frozen_.sources) files.push_back(fs::absolute(frozen_.folder / source).string());
    return files;
  }

  [[nodiscard]] Gate lint() const {
    return {.name = {},
            .inputs = {{"verilator", version_of("verilator", "--version")},
                       {"iverilog", version_of("iverilog", "-V")},
                       {"yosys", version_of("yosys", "-V")}},
            .run = [this](const GateProgress& progress) {
              return signoff::lint({.design = design(),
                                    .vlts = {"accel/dut/dut.vlt"},
                                    .configurations = configurations_,
                                    .workers = workers_},
                                   progress);
            }};
  }

  [[nodiscard]] Gate reset(std::int64_t fills) const {
    return {.name = {},
            .inputs = {{"fills", std::to_string(fills)}, {"iverilog", version_of("iverilog", "-V")}},
            .run = [this, fills](const GateProgress& progress) {
              const std::vector<Program> programs = signoff_programs(kFewRandom);
              return check_reset(
                  {.make = make_state_model,
                   .programs = programs,
                   .fills = static_cast<std::uint64_t>(fills),
                   .workers = workers_,
                   .four_state = [&] { return run_with_four_states(programs, signoff_geometry(), source_files()); }},
                  progress);
            }};
  }

  [[nodiscard]] Gate coverage() const {
    const fs::path checkers = frozen_.folder / kCheckers;
    return {.name = {},
            .inputs = {{"checkers", base::sha256_of_file(checkers)}},
            .run = [this, checkers](const GateProgress& progress) {
              return cover({.make = make_rtl,
                            .programs = signoff_programs(kFewRandom),
                            .checkers = read_checkers(checkers),
                            .workers = workers_},
                           progress);
            }};
  }

  [[nodiscard]] Gate code_coverage(bool toggle) const {
    return {
        .name = {}, .inputs = {{"toggle", toggle ? "yes" : "no"}}, .run = [this, toggle](const GateProgress& progress) {
          return cover_code({.make = make_counted_model,
                             .programs = signoff_programs(kFewRandom),
                             .folder = frozen_.folder,
                             .sources = frozen_.sources,
                             .toggle = toggle,
                             .workers = workers_},
                            progress);
        }};
  }

  struct MutationOptions {
    std::int64_t mutants = 0, random_layers = 0;
    double least = 0, least_of_module = 0;  ///< percent
  };
  [[nodiscard]] Gate mutation(const MutationOptions& options) const {
    return {
        .name = {},
        .inputs = {{"mutants", std::to_string(options.mutants)},
                   {"least killed", fmt::format("{} %, {} % of each module", options.least, options.least_of_module)},
                   {"seed", std::to_string(mutant_seed())},
                   {"random layers", std::to_string(options.random_layers)},
                   {"formulas", sha256_of_folder(frozen_.folder / "formal")},
                   {"properties", sha256_of_folder(frozen_.folder / "formal/properties")},
                   {"yosys", version_of("yosys", "-V")}},
        .run = [this, options](const GateProgress& progress) {
          const MutatedDesign mutated = mutated_design(frozen_.folder);
          const auto prove = [&mutated](const Mutant& mutant) -> std::optional<std::string> {
            const auto proof = prove_equivalent(mutated, mutant, kProofLimit);
            if (!proof) return std::nullopt;
            return fmt::format("{}, in {}", to_string(proof->method), source_name(proof->module));
          };
          const PropertiesQuestion properties = properties_question(false);
          const LeavesQuestion formulas = leaves_question(false);
          const auto refute = [&](const Mutant& mutant) {
            auto broken = broken_property(properties, mutated, mutant);
            return broken ? broken : broken_leaf(formulas, mutated, mutant);
          };
          return mutate(
              {.mutants = mutants(),
               .count = static_cast<std::size_t>(options.mutants),
               .stimulus = played_stimulus(make_mutant, signoff_programs(static_cast<int>(options.random_layers))),
               .refute = refute,
               .prove = prove,
               .least = options.least,
               .least_of_module = options.least_of_module,
               .workers = workers_},
              frozen_.folder, progress);
        }};
  }

  [[nodiscard]] Gate leaves(bool full) const {
    return {
        .name = {},
        .inputs = {{"formulas", sha256_of_folder(frozen_.folder / "formal")},
                   {"full", full ? "yes" : "no"},
                   {"yosys", version_of("yosys", "-V")}},
        .run = [this, full](const GateProgress& progress) { return prove_leaves(leaves_question(full), progress); }};
  }

  [[nodiscard]] Gate properties(bool full) const {
    return {.name = {},
            .inputs = {{"properties", sha256_of_folder(frozen_.folder / "formal/properties")},
                       {"full", full ? "yes" : "no"},
                       {"yosys", version_of("yosys", "-V")}},
            .run = [this, full](const GateProgress& progress) {
              return prove_properties(properties_question(full), progress);
            }};
  }

  [[nodiscard]] LeavesQuestion leaves_question(bool full) const {
    return {.rtl = frozen_.folder / "rtl",
            .formal = frozen_.folder / "formal",
            .leaves = {"c_unit", "clamp_add", "pool", "requantize_mul", "requantize_round", "residual_add",
                       "round_shift", "stream_fifo"},
            .full = full,
            .workers = workers_};
  }

  [[nodiscard]] PropertiesQuestion properties_question(bool full) const {
    return {.rtl = frozen_.folder / "rtl",
            .properties = frozen_.folder / "formal/properties",
            .modules = {"accel", "act_buffer", "cfg_loader", "channel_table", "codebook", "ctrl", "delay_line",
                        "im2col", "output_stage", "skew", "weight_loader"},
            .full = full,
            .workers = workers_};
  }

  [[nodiscard]] Gate netlist() const {
    return {.name = {}, .inputs = {{"yosys", version_of("yosys", "-V")}}, .run = [this](const GateProgress& progress) {
              return check_netlist(
                  {.make = make_gates,
                   .programs = signoff_programs(kFewRandom),
                   .statistics = fs::path(dut::build_place().build_folder) / "signoff/netlist/gates.txt",
                   .workers = workers_},
                  progress);
            }};
  }

  [[nodiscard]] Gate simulators(bool all_programs) const {
    return {.name = {},
            .inputs = {{"all programs", all_programs ? "yes" : "no"},
                       {"verilator", version_of("verilator", "--version")},
                       {"iverilog", version_of("iverilog", "-V")}},
            .run = [this, all_programs](const GateProgress& progress) {
              std::vector<Program> programs = signoff_programs(kFewRandom);
              if (!all_programs) programs = one_of_each_kind(programs);
              std::erase_if(programs, [](const Program& program) { return program.network.nodes.size() != 1; });
              return compare_simulators({.simulators = signoff::simulators(source_files()),
                                         .programs = std::move(programs),
                                         .geometry = signoff_geometry(),
                                         .workers = workers_},
                                        progress);
            }};
  }

  [[nodiscard]] Gate regressions(std::int64_t jobs) const {
    const fs::path plan = frozen_.folder / kRegressions;
    const std::string on = regressions_.run ? base::sha256_of_file(plan) : regressions_sha256(regressions_.folder);
    return {.name = {},
            .inputs = {{"jobs", std::to_string(jobs)}, {regressions_.run ? "plan" : "runs", on}},
            .run = [this, plan, jobs](const GateProgress& progress) {
              RegressionsQuestion question{.folder = regressions_.folder,
                                           .rtl_sha256 = frozen_.rtl_sha256,
                                           .least = static_cast<std::uint64_t>(jobs),
                                           .run = {}};
              if (regressions_.run) question.run = [this, plan] { regressions_.run(plan); };
              return check_regressions(question, progress);
            }};
  }

  const Frozen& frozen_;
  std::vector<LintedConfiguration> configurations_;
  RegressionRuns regressions_;
  int workers_;
};

}  // namespace

Frozen freeze(const fs::path& sources, const fs::path& to) {
  fs::remove_all(to);
  for (const char* name :
       {"rtl", "formal", "accel/dut/dut.vlt", kLevels, kCheckers, kRegressions, "signoff/waivers.json"})
    copy(sources, name, to);
  Frozen frozen{.folder = to, .sources = {}, .rtl_sha256 = {}, .program_sha256 = {}};
  const std::vector<fs::path> files = verilog_files(to / "rtl");
  for (const fs::path& file : files) frozen.sources.push_back("rtl/" + file.filename().string());
  frozen.rtl_sha256 = base::sha256_of_files(files);
  frozen.program_sha256 = base::sha256_of_file("/proc/self/exe");
  if (frozen.rtl_sha256 == dut::rtl_hash()) return frozen;
  throw base::InputError("rtl", "",
                         "is not what systole-signoff was built from; build it again: cmake --build " +
                             base::shell_word(std::string(dut::build_place().build_folder)) +
                             " --target systole-signoff");
}

std::vector<Gate> gates_of(const Frozen& frozen, const std::string& levels, const std::string& level,
                           const std::vector<LintedConfiguration>& configurations, const RegressionRuns& regressions,
                           int workers) {
  constexpr std::uintmax_t kMaxBytes = 1 << 16;
  const auto maker = std::make_shared<Maker>(frozen, configurations, regressions, workers);
  return gates_of_level(
      {.levels = base::JsonObject::read(levels.empty() ? frozen.folder / kLevels : fs::path(levels), kMaxBytes),
       .level = level,
       .file = levels.empty() ? kLevels : levels,
       .inputs = {{"rtl", frozen.rtl_sha256}, {"program", frozen.program_sha256}},
       .owner = maker},
      maker->all());
}

}  // namespace systole::signoff
