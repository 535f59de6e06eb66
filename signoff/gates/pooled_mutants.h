// SPDX-License-Identifier: Apache-2.0
#pragma once
// Mutants that different seeds chose, as one sample of all mutants.
#include <cstddef>
#include <string>
#include <vector>

#include "signoff/sheet/signed_off.h"

namespace systole::signoff {

/// How many mutants were killed, and how many were proved equivalent.
struct MutantCounts {
  std::size_t mutants = 0, killed = 0, proved = 0;
  [[nodiscard]] std::size_t different() const { return mutants - proved; }
};

struct PooledMutants {
  struct Sample {
    std::string file, seed;
    MutantCounts counts;
  };
  std::vector<Sample> samples;  ///< in the order of the files
  /// The sums. A mutant that two seeds chose counts twice: each sample is drawn by itself.
  MutantCounts together;
  std::vector<std::string> open;  ///< names of those that are neither killed nor proved, waived or not, each name once
};

/// Of sign-offs of one design with the same inputs but for seed, number of mutants and program. Throws base::InputError
/// where there is no whole evidence of mutants, or two are of one seed or of different inputs.
[[nodiscard]] PooledMutants pool_mutants(const std::vector<SignedOff>& signed_off);

}  // namespace systole::signoff
