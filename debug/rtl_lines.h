// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which lines of RTL can have made signals wrong: those between them and the registers that were right.
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "debug/netlist.h"
#include "debug/repair.h"
#include "sim/check/mismatch.h"
#include "sim/port/pin_map.h"

namespace systole::debug {

struct RtlLine {
  std::filesystem::path file;
  int line = 0;           ///< from 1
  std::string module;     ///< as the source names it
  std::string text;       ///< the line, without blanks around it
  bool constant = false;  ///< a constant is assigned, as under reset
  int distance = 0;       ///< assignments between it and the nearest of the wrong signals
  int operators = 0;      ///< on the line
  /// Suspicion of Ochiai: e / sqrt(w (e + r)), of w wrong signals e depend on the line, and so do r that are right.
  double suspicion = 0;
  double repair = 0;  ///< weight of the best change there that makes the first wrong step right (weight_of(Repair))

  /// How likely the fault is there: what a small change would make right; then what explains the wrong signals and no
  /// right ones, what is nearer, what computes more.
  [[nodiscard]] double weight() const;
};

/// The lines behind wrong signals, back to the registers of which `watched` is true and to the inputs, the likeliest
/// first. All are paths below the top module; a register that nobody watches is passed. `right`: signals that have the
/// values that they should have. Empty where there is no such signal.
[[nodiscard]] std::vector<RtlLine> lines_behind(Netlist& netlist, const std::vector<std::string>& wrong,
                                                const std::vector<std::string>& right,
                                                const std::function<bool(const std::string&)>& watched);

/// The same for what differs in a run's first cycle that has any, where every watched register was right before.
[[nodiscard]] std::vector<RtlLine> suspected_lines(Netlist& netlist, const port::PinMap& pins,
                                                   const std::vector<check::Mismatch>& first);

/// The same with what the repairs of the first wrong step tell (repair.h), of which those of most weight come first.
[[nodiscard]] std::vector<RtlLine> with_repairs(std::vector<RtlLine> lines, const std::vector<RepairedLine>& repaired);

/// The modules of the lines, the likeliest first: by their likeliest line, and a little by all of them.
[[nodiscard]] std::vector<std::string> modules_of(const std::vector<RtlLine>& lines);

}  // namespace systole::debug
