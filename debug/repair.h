// SPDX-License-Identifier: Apache-2.0
#pragma once
// Small changes of a design with which the step that was wrong is right, tried on the recorded steps of a run: a
// program that localises faults by mutating the design, as Metallaxis does (Papadakis, Le Traon, 2015), on one step of
// hardware.
#include <chrono>
#include <vector>

#include "debug/steps.h"
#include "debug/trial.h"
#include "debug/word_netlist.h"

namespace systole::debug {

/// Those that give at least one more wrong bit its value than they spoil. Within the limit, of this thread's processor
/// time; what was found until then is the answer. Empty where the steps are not of this netlist or nothing is wrong in
/// the last one.
[[nodiscard]] std::vector<Repair> find_repairs(const WordNetlist& netlist, const Steps& steps,
                                               std::chrono::milliseconds limit);

/// 0 .. 1.5: how simple it is, how much of the wrong step it explains and how many right steps stay right.
[[nodiscard]] double weight_of(const Repair& repair);

/// A line of the sources with the weight of the best repair of it, the heaviest first.
struct RepairedLine {
  std::string file;
  int line = 0;        ///< from 1
  std::string module;  ///< as the source names it
  double weight = 0;
};
[[nodiscard]] std::vector<RepairedLine> lines_of(const WordNetlist& netlist, const std::vector<Repair>& repairs);

}  // namespace systole::debug
