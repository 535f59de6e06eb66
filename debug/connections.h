// SPDX-License-Identifier: Apache-2.0
#pragma once
// Constants of a design in the place of which a signal may belong.
#include <vector>

#include "debug/behind.h"
#include "debug/trial.h"
#include "debug/word_netlist.h"

namespace systole::debug {

/// Repairs (Change::connect, Change::operand) of cells behind what is wrong. A constant bit beside bits of a word: the
/// next bit of that word, or the same once more. A constant operand: each word of the module; of one bit, each result
/// of one bit. A result that nobody reads: to the constants where it is missed.
[[nodiscard]] std::vector<Repair> connections(const WordNetlist& netlist, const Behind& behind);

}  // namespace systole::debug
