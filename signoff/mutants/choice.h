// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which mutants of a design are looked at. Yosys lists all that there are; its own choice of some differs from one of
// its releases to the next, while the choice here is the same wherever the design has the same bits in the same lines.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "signoff/mutants/mutant.h"

namespace systole::signoff {

/// What does not change with Yosys' release or an edit elsewhere: module, mode, port or wire and bit, and the text of
/// the source line, without the number of the line or of the cell. Waivers name it. `folder`: that sources are relative
/// to.
[[nodiscard]] std::string identity(const Mutant& mutant, const std::filesystem::path& folder);

/// The five mutants of each bit that `inverted` has one of the mode `inv` of; one that looks at another bit takes one
/// of the same port, by the seed. Left out are bits of cells that no source line says, which each release of Yosys
/// builds in its own way.
[[nodiscard]] std::vector<Mutant> all_modes(const std::vector<Mutant>& inverted, const std::filesystem::path& folder,
                                            unsigned seed);

/// In the order in which they are looked at, so that the first so many are a fair sample: of each module a share by the
/// square root of how many it has, and within it one of each wire in each line before a second of any. Which comes
/// first is a hash of seed and identity.
[[nodiscard]] std::vector<Mutant> in_order(std::vector<Mutant> mutants, const std::filesystem::path& folder,
                                           unsigned seed);

/// The first `count` in that order. Left out are those whose netlist Verilator cannot order: an output of the top that
/// depends on another of its own bits; and read enables of memories that are read at once, which mean nothing. Throws
/// base::InputError where Yosys is missing or refuses the sources.
[[nodiscard]] std::vector<Mutant> choose_mutants(const MutatedDesign& design, std::size_t count, unsigned seed);

/// The same mutant in another design that holds its module with the same parameters, as Yosys names it there. Cells of
/// one kind are told apart by their order, which is that of the source. Nothing where the modules differ. Throws
/// base::InputError as choose_mutants.
[[nodiscard]] std::optional<Mutant> same_mutant(const MutatedDesign& design, const Mutant& mutant,
                                                const MutatedDesign& other);

}  // namespace systole::signoff
