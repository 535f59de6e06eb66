// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gate: every leaf equals its formula, for all inputs.
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "signoff/gates/gate.h"
#include "signoff/gates/property_circuit.h"
#include "signoff/sheet/evidence.h"

namespace systole::signoff {

/// A line "// proof quick: TOP Name=value ..." of a file of proofs: with those parameters the output wrong_o of module
/// TOP, which holds a formula and the leaf that the file is named for, is never 1.
struct LeafProof {
  std::string leaf;  ///< "clamp_add" of clamp_add.v
  std::string level;
  std::string top;
  std::vector<std::string> parameters;
};

/// Of all files NAME.v of a folder, by name. Throws base::InputError with file and line for a line "// proof" that is
/// none, for a level other than quick and full, and for a file without any.
[[nodiscard]] std::vector<LeafProof> read_proofs(const std::filesystem::path& folder);

struct LeavesQuestion {
  std::filesystem::path rtl, formal;  ///< folders of *.v
  std::vector<std::string> leaves{};  ///< that must have a file of proofs
  bool full = false;                  ///< the proofs of level full too
  std::chrono::seconds limit{60};     ///< of one proof
  int workers = 1;
};

/// Proves each leaf and then plants faults in it, one cell changed at a time, until one is seen: a proof that none of
/// them breaks shows nothing. Findings: "leaves LEAF PARAMETERS differs" with the inputs at which it does, "... open"
/// where the limit was over, "... vacuous", "... unreadable" with what Yosys says, "leaves missing LEAF". Throws
/// base::InputError as read_proofs and where yosys-abc is missing.
[[nodiscard]] Evidence prove_leaves(const LeavesQuestion& question, const GateProgress& progress = {});

/// The first proof of the mutant's module, of any level, that holds in the design and whose formula the mutant differs
/// from: "formula LEAF PARAMETERS". Otherwise as broken_property.
[[nodiscard]] std::optional<BrokenProperty> broken_leaf(const LeavesQuestion& question, const MutatedDesign& design,
                                                        const Mutant& mutant);

}  // namespace systole::signoff
