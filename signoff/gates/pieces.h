// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gates whose work falls into pieces that know nothing of each other.
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "signoff/gates/gate.h"
#include "signoff/sheet/evidence.h"

namespace systole::signoff {

struct Pieces {
  std::vector<std::string> names;  ///< as findings call them, one a piece
  /// What piece i finds: its count, its findings and its rows. All have the same tables.
  std::function<Evidence(std::size_t i)> find;
  int workers = 1;
  std::chrono::seconds limit{kProofsLimit};  ///< of one piece
};

/// Adds to the gate's evidence what its pieces find, each in a process of its own and in their order. One that ends
/// without a word, or throws, is a finding "GATE lost NAME".
void add_pieces(Evidence& evidence, const Pieces& pieces, const GateProgress& progress);

/// How many rows of all tables have that word in the column.
[[nodiscard]] std::size_t rows_with(const Evidence& evidence, std::size_t column, std::string_view word);

}  // namespace systole::signoff
