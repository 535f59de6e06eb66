// SPDX-License-Identifier: Apache-2.0
#pragma once
// What gates share.
#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "signoff/sheet/evidence.h"

namespace systole::signoff {

/// All gates there are, whatever level has them.
inline constexpr std::array<std::string_view, 10> kGateNames{"lint",       "reset",      "coverage",   "code_coverage",
                                                             "mutation",   "leaves",     "properties", "netlist",
                                                             "simulators", "regressions"};

/// Called with the part of a gate's work that is done, 0 .. 1.
using GateProgress = std::function<void(double)>;

struct Gate {
  std::string name;
  std::vector<std::pair<std::string, std::string>> inputs;  ///< all that its evidence depends on, Evidence::inputs
  std::function<Evidence(const GateProgress&)> run;
};

/// Of one program on one model; the longest takes some seconds, a search for a register a dozen of them.
inline constexpr std::chrono::seconds kProgramLimit{600};

/// Of a piece that asks for proofs, each of which is limited by processor time: a busy machine is no answer.
inline constexpr std::chrono::hours kProofsLimit{2};

/// What base::run_forked calls for `total` pieces that are the work from `first` to `last`.
inline std::function<void(std::size_t)> counted_by(const GateProgress& progress, std::size_t total, double first = 0,
                                                   double last = 1) {
  return [&progress, total, first, last](std::size_t ended) {
    if (progress) progress(first + (last - first) * static_cast<double>(ended) / static_cast<double>(total));
  };
}

}  // namespace systole::signoff
