// SPDX-License-Identifier: Apache-2.0
#include "signoff/design/gates.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "signoff/gates/level.h"
#include "signoff/gates/lint.h"
#include "signoff/gates/mutation.h"
#include "signoff/gates/netlist_size.h"
#include "signoff/gates/pieces.h"
#include "signoff/gates/tool_version.h"
#include "signoff/mutants/choice.h"
#include "signoff/mutants/equivalence.h"

namespace systole::signoff {
namespace {

namespace fs = std::filesystem;
using regress::Job;
using regress::JobResult;

/// Of processor time for one proof.
constexpr std::chrono::seconds kProofLimit{60};

/// What no adapter can have, and why.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNotApplicable{{
    {"coverage", "no items are declared for this design: functional coverage is of accel's contract"},
    {"code_coverage", "no model of this design counts lines: an adapter is compiled for models without counters"},
    {"leaves", "there are no formulas for the modules of this design"},
    {"properties", "there are no properties for the modules of this design"},
    {"simulators", "its test sequence is C++: no bench in Verilog can be written of it"},
}};

Evidence not_applicable(std::string_view gate, std::string_view why) {
  Evidence evidence;
  evidence.gate = gate;
  evidence.applicable = false;
  evidence.remark = why;
  return evidence;
}

std::string verdict_text(const JobResult& result) { return result.line.empty() ? result.outcome : result.line; }

/// Makes the gates of one run.
class DesignMaker {
 public:
  DesignMaker(const DesignUnderSignoff& design, int workers) : design_(design), workers_(workers) {}

  [[nodiscard]] std::vector<std::pair<std::string, MakeGate>> all() const {
    return {{"lint", [this](base::JsonObject&) { return lint(); }},
            {"reset", [this](base::JsonObject& o) { return reset(o.integer("fills", 1, 1000)); }},
            {"mutation",
             [this](base::JsonObject& o) {
               return mutation({.mutants = o.integer("mutants", 1, 100000),
                                .least = o.number("least_percent", 0, 100),
                                .least_of_module = o.number("least_percent_of_a_module", 0, 100)});
             }},
            {"netlist", [this](base::JsonObject&) { return netlist(); }}};
  }

 private:
  [[nodiscard]] const std::vector<Job>& jobs() const { return design_.runs.jobs(); }

  [[nodiscard]] Gate lint() const {
    return {.name = {},
            .inputs = {{"verilator", version_of("verilator", "--version")},
                       {"iverilog", version_of("iverilog", "-V")},
                       {"yosys", version_of("yosys", "-V")}},
            .run = [this](const GateProgress& progress) {
              return signoff::lint(
                  {.design = design_.design,
                   .vlts = {},
                   .configurations = {{.name = design_.design.top, .parameters = design_.design.parameters}},
                   .workers = workers_},
                  progress);
            }};
  }

  /// A finding where a job does not pass with that start; throws where it has no verdict.
  [[nodiscard]] Evidence start(std::size_t job, std::uint64_t seed) const {
    const JobResult result = design_.runs.run(job, design_.program, {.seed = seed});
    Evidence evidence;
    evidence.checked = result.compared;
    const bool passed = result.verdict == regress::Verdict::passed;
    const std::string name = jobs()[job].name;
    if (!passed) {
      const std::string id = fmt::format("reset {} start {}", name, seed);
      evidence.findings.push_back({.id = id, .text = fmt::format("{}: {}", id, verdict_text(result)), .waiver = {}});
    }
    evidence.tables.push_back({.name = "reset",
                               .columns = {"program", "start", "verdict"},
                               .rows = {{name, static_cast<std::int64_t>(seed), passed ? "as the golden" : "not"}}});
    return evidence;
  }

  [[nodiscard]] Gate reset(std::int64_t fills) const {
    return {
        .name = {}, .inputs = {{"fills", std::to_string(fills)}}, .run = [this, fills](const GateProgress& progress) {
          const auto count = static_cast<std::size_t>(fills);
          Pieces pieces{.names = {},
                        .find = [this, count](std::size_t i) { return start(i / count, i % count + 1); },
                        .workers = workers_,
                        .limit = kProgramLimit};
          for (const Job& job : jobs()) {
            for (std::size_t seed = 1; seed <= count; ++seed)
              pieces.names.push_back(fmt::format("{} start {}", job.name, seed));
          }
          Evidence evidence;
          evidence.gate = "reset";
          evidence.unit = "outputs compared";
          evidence.remark =
              "from random values in all registers and memories, and with random stalls of its own each; a reset in "
              "the middle of a layer is not tried";
          add_pieces(evidence, pieces, progress);
          const std::size_t right = rows_with(evidence, 2, "as the golden");
          evidence.figures = {{"starts as the golden", fmt::format("{} of {}", right, pieces.names.size())}};
          return evidence;
        }};
  }

  struct MutationOptions {
    std::int64_t mutants = 0;
    double least = 0, least_of_module = 0;  ///< percent
  };
  [[nodiscard]] MutantStimulus stimulus() const {
    MutantStimulus stimulus;
    for (const Job& job : jobs()) stimulus.programs.push_back(job.name);
    stimulus.levels = {"outputs"};
    stimulus.design = [this](std::size_t i) {
      const JobResult result = design_.runs.run(i, design_.mutant_program, {});
      if (result.verdict != regress::Verdict::passed) throw std::runtime_error(verdict_text(result));
      return ProgramRun{.cycles = result.cycles};
    };
    stimulus.kill = [this](std::size_t number, std::size_t i) -> std::optional<std::size_t> {
      const JobResult result = design_.runs.run(i, design_.mutant_program, {.mutant = number});
      if (result.verdict == regress::Verdict::passed) return std::nullopt;
      return 0;
    };
    return stimulus;
  }

  [[nodiscard]] Gate mutation(const MutationOptions& options) const {
    return {
        .name = {},
        .inputs = {{"mutants", std::to_string(options.mutants)},
                   {"least killed", fmt::format("{} %, {} % of each module", options.least, options.least_of_module)},
                   {"yosys", version_of("yosys", "-V")}},
        .run = [this, options](const GateProgress& progress) {
          const auto prove = [this](const Mutant& mutant) -> std::optional<std::string> {
            const auto proof = prove_equivalent(design_.design, mutant, kProofLimit);
            if (!proof) return std::nullopt;
            return fmt::format("{}, in {}", to_string(proof->method), source_name(proof->module));
          };
          return mutate({.mutants = design_.mutants,
                         .count = static_cast<std::size_t>(options.mutants),
                         .stimulus = stimulus(),
                         .refute = [](const Mutant&) { return std::nullopt; },
                         .prove = prove,
                         .least = options.least,
                         .least_of_module = options.least_of_module,
                         .workers = workers_},
                        design_.design.folder, progress);
        }};
  }

  [[nodiscard]] Evidence on_gates(std::size_t job) const {
    const JobResult result = design_.runs.run(job, design_.gate_program, {});
    Evidence evidence;
    evidence.checked = result.compared;
    const bool passed = result.verdict == regress::Verdict::passed;
    if (!passed) {
      const std::string id = "netlist " + jobs()[job].name;
      evidence.findings.push_back({.id = id, .text = fmt::format("{}: {}", id, verdict_text(result)), .waiver = {}});
    }
    evidence.tables.push_back({.name = "programs",
                               .columns = {"program", "verdict"},
                               .rows = {{jobs()[job].name, passed ? "equal" : "not"}}});
    return evidence;
  }

  [[nodiscard]] Gate netlist() const {
    return {.name = {}, .inputs = {{"yosys", version_of("yosys", "-V")}}, .run = [this](const GateProgress& progress) {
              Pieces pieces{.names = {},
                            .find = [this](std::size_t i) { return on_gates(i); },
                            .workers = workers_,
                            .limit = kProgramLimit};
              for (const Job& job : jobs()) pieces.names.push_back(job.name);
              Evidence evidence;
              evidence.gate = "netlist";
              evidence.unit = "outputs compared";
              add_pieces(evidence, pieces, progress);
              const std::size_t right = rows_with(evidence, 1, "equal");
              evidence.figures = {{"programs equal in all outputs", fmt::format("{} of {}", right, jobs().size())}};
              add_netlist_size(design_.counted, evidence);
              return evidence;
            }};
  }

  const DesignUnderSignoff& design_;
  int workers_;
};

}  // namespace

std::string usual_design_levels() {
  return R"({
    "quick": {"lint": {}, "reset": {"fills": 2}, "netlist": {},
              "mutation": {"mutants": 100, "least_percent": 90, "least_percent_of_a_module": 80}},
    "full": {"lint": {}, "reset": {"fills": 8}, "netlist": {},
             "mutation": {"mutants": 250, "least_percent": 95, "least_percent_of_a_module": 90}}
  })";
}

std::vector<Gate> design_gates(const DesignUnderSignoff& design, base::JsonObject levels, const std::string& level,
                               int workers) {
  const auto maker = std::make_shared<DesignMaker>(design, workers);
  std::vector<Gate> gates = gates_of_level({.levels = std::move(levels),
                                            .level = level,
                                            .file = "the file of the levels",
                                            .inputs = design.inputs,
                                            .owner = maker},
                                           maker->all());
  for (const auto& one : kNotApplicable) {
    gates.push_back({.name = std::string(one.first), .inputs = design.inputs, .run = [&one](const GateProgress&) {
                       return not_applicable(one.first, one.second);
                     }});
  }
  return gates;
}

}  // namespace systole::signoff
