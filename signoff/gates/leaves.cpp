// SPDX-License-Identifier: Apache-2.0
#include "signoff/gates/leaves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include "base/input_error.h"
#include "base/output_file.h"
#include "base/temporary_folder.h"
#include "signoff/gates/pieces.h"
#include "signoff/mutants/choice.h"
#include "signoff/mutants/cut.h"
#include "signoff/mutants/decide.h"
#include "signoff/mutants/mutant.h"
#include "signoff/mutants/yosys.h"

namespace systole::signoff {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

constexpr std::size_t kFaults = 8;   // planted at most, until one is seen
constexpr seconds kFaultLimit{30};   // a fault that is seen at all is seen soon
constexpr seconds kBrokenLimit{15};  // of a mutant
constexpr int kListed = 200;         // mutants from which those of the leaf are taken
constexpr const char* kProof = "// proof ";
constexpr const char* kProved = "proved";
constexpr std::size_t kResultColumn = 2;  // of the table

std::string parameter_text(const LeafProof& proof) { return fmt::format("{}", fmt::join(proof.parameters, " ")); }

/// One proof: the elaborated formula with its leaf, and what is asked of it.
class ProofBench {
 public:
  ProofBench(const LeavesQuestion& question, const LeafProof& proof);

  /// Of the proof itself or, with a line of `mutate`, of a changed leaf. An answer unknown with a text: Yosys' error.
  [[nodiscard]] Decision ask(const std::string& mutate, seconds limit) const;
  [[nodiscard]] std::vector<Mutant> faults() const;
  [[nodiscard]] const std::optional<std::string>& error() const { return error_; }
  [[nodiscard]] const MutatedDesign& design() const { return design_; }

 private:
  base::TemporaryFolder folder_;
  LeafProof proof_;
  MutatedDesign design_;
  std::optional<std::string> error_;
};

ProofBench::ProofBench(const LeavesQuestion& question, const LeafProof& proof)
    : proof_(proof),
      design_{.folder = folder_.path(), .sources = {}, .top = proof.top, .parameters = proof.parameters} {
  for (const fs::path& file : verilog_files(question.rtl)) design_.sources.push_back(file.string());
  design_.sources.push_back(fs::absolute(question.formal / (proof.leaf + ".v")).string());
  base::write_file(folder_ / "cells.v", kCutCells);
  base::write_file(folder_ / "registers.v", kRegisterMap);
  error_ = yosys_error(
      folder_.path(),
      elaborate(design_) + fmt::format("write_rtlil design.il\nmutate -list {} -seed 1 -o list.txt\n", kListed));
}

/// Registers that hold the same on both sides become one, which `opt` sees where their enable is not part of their
/// logic.
Decision ProofBench::ask(const std::string& mutate, seconds limit) const {
  const std::string script = fmt::format(
      "read_rtlil design.il\n{mutate}\nflatten\nopt -full\ndffunmap -ce-only\nopt_clean\n"
      "read_verilog -lib cells.v\nsetundef -zero\n"
      "select -assert-none t:$*ff* t:$*latch* t:$mem* %u %u t:$adff %d\n"
      "techmap -autoproc -map registers.v\nselect -assert-none t:$adff\nopt_clean\nwrite_rtlil flat.il\n"
      "delete t:systole_clock\nopt -full -nodffe -nosdff\ntechmap\nopt_clean\naigmap\n"
      "write_aiger -zinit -symbols proof.aig\n",
      fmt::arg("mutate", mutate));
  if (const auto error = yosys_error(folder_.path(), script, limit)) return {Answer::unknown, *error};
  std::ifstream in(folder_ / "flat.il");
  const std::string flat{std::istreambuf_iterator<char>(in), {}};
  if (!has_one_clock(flat)) return {Answer::unknown, "registers with different clocks"};
  return decide(folder_.path(), "proof.aig", limit);
}

std::vector<Mutant> ProofBench::faults() const {
  std::vector<Mutant> faults = read_mutants(folder_ / "list.txt");
  std::erase_if(faults, [this](const Mutant& m) { return m.module != proof_.leaf; });
  if (faults.size() > kFaults) faults.resize(kFaults);
  return faults;
}

/// The number of the first fault that is seen, from 1; 0: none.
std::size_t first_seen(const ProofBench& bench) {
  std::size_t number = 0;
  for (const Mutant& fault : bench.faults()) {
    ++number;
    if (bench.ask("mutate " + fault.options, kFaultLimit).answer == Answer::sometimes) return number;
  }
  return 0;
}

std::string proof_name(const LeafProof& proof) {
  return fmt::format("{}{}{}", proof.leaf, proof.parameters.empty() ? "" : " ", parameter_text(proof));
}

/// The row and the findings of one proof.
Evidence leaf_evidence(const LeavesQuestion& question, const LeafProof& proof) {
  const auto start = std::chrono::steady_clock::now();
  const std::string id = "leaves " + proof_name(proof);
  Evidence evidence;
  evidence.checked = 1;
  std::vector<Finding>& findings = evidence.findings;
  const ProofBench bench(question, proof);
  std::size_t seen = 0;
  if (bench.error()) {
    findings.push_back({id + " unreadable", *bench.error(), ""});
  } else {
    const Decision decision = bench.ask("", question.limit);
    if (decision.answer == Answer::sometimes) findings.push_back({id + " differs", decision.inputs, ""});
    if (decision.answer == Answer::unknown)
      findings.push_back({id + " open",
                          decision.inputs.empty()
                              ? fmt::format("not decided within {} s of processor time", question.limit.count())
                              : decision.inputs,
                          ""});
    seen = first_seen(bench);
    if (seen == 0)
      findings.push_back(
          {id + " vacuous", fmt::format("none of {} planted faults is seen", bench.faults().size()), ""});
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  evidence.tables.push_back(
      {.name = "leaves",
       .columns = {"leaf", "parameters", "result", "planted fault seen first", "time s"},
       .rows = {{proof.leaf, parameter_text(proof), std::string(findings.empty() ? kProved : "not proved"),
                 static_cast<std::int64_t>(seen), taken.count()}}});
  return evidence;
}

}  // namespace

std::vector<LeafProof> read_proofs(const fs::path& folder) {
  std::vector<LeafProof> proofs;
  for (const fs::path& file : verilog_files(folder)) {
    const std::size_t before = proofs.size();
    std::ifstream in(file);
    int number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      if (!line.starts_with(kProof)) continue;
      std::istringstream words(line.substr(std::string_view(kProof).size()));
      LeafProof proof{.leaf = file.stem().string(), .level = {}, .top = {}, .parameters = {}};
      words >> proof.level >> proof.top;
      proof.parameters.assign(std::istream_iterator<std::string>(words), {});
      const bool named =
          std::ranges::all_of(proof.parameters, [](const std::string& p) { return p.find('=') != std::string::npos; });
      if ((proof.level != "quick:" && proof.level != "full:") || proof.top.empty() || !named)
        throw base::InputError(file.string(), fmt::format("line {}", number),
                               "expected \"// proof quick: TOP Name=value ...\" or full");
      proof.level.pop_back();
      proofs.push_back(std::move(proof));
    }
    if (proofs.size() == before) throw base::InputError(file.string(), "", "has no line \"// proof quick: TOP\"");
  }
  return proofs;
}

Evidence prove_leaves(const LeavesQuestion& question, const GateProgress& progress) {
  Evidence evidence;
  evidence.gate = "leaves";
  evidence.unit = "proofs";
  std::vector<LeafProof> proofs = read_proofs(question.formal);
  require_abc();
  for (const std::string& leaf : question.leaves) {
    if (std::ranges::find(proofs, leaf, &LeafProof::leaf) == proofs.end())
      evidence.findings.push_back({"leaves missing " + leaf, "has no file of proofs", ""});
  }
  if (!question.full) std::erase_if(proofs, [](const LeafProof& proof) { return proof.level != "quick"; });
  Pieces pieces{.names = {},
                .find = [&](std::size_t i) { return leaf_evidence(question, proofs[i]); },
                .workers = question.workers};
  for (const LeafProof& proof : proofs) pieces.names.push_back(proof_name(proof));
  add_pieces(evidence, pieces, progress);
  evidence.figures.push_back(
      {"proved", fmt::format("{} of {}", rows_with(evidence, kResultColumn, kProved), proofs.size())});
  return evidence;
}

std::optional<BrokenProperty> broken_leaf(const LeavesQuestion& question, const MutatedDesign& design,
                                          const Mutant& mutant) {
  for (const LeafProof& proof : read_proofs(question.formal)) {
    if (proof.leaf != mutant.module) continue;
    const ProofBench bench(question, proof);
    if (bench.error()) continue;
    const auto same = same_mutant(design, mutant, bench.design());
    if (!same) continue;
    const Decision broken = bench.ask("mutate " + same->options, kBrokenLimit);
    if (broken.answer != Answer::sometimes || bench.ask("", question.limit).answer != Answer::never) continue;
    return BrokenProperty{"formula " + proof_name(proof), broken.inputs};
  }
  return std::nullopt;
}

}  // namespace systole::signoff
