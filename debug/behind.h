// SPDX-License-Identifier: Apache-2.0
#pragma once
// What of a netlist can have made the last step wrong.
#include <set>
#include <utility>
#include <vector>

#include "debug/steps.h"
#include "debug/trial.h"
#include "debug/word_netlist.h"

namespace systole::debug {

/// The nets behind the wrong signals, back to the registers that the golden knows, each with how many registers of
/// which it knows nothing stand between, at most.
class Behind {
 public:
  Behind(const WordNetlist& netlist, const Steps& steps, const RepairTrial& trial);

  /// -1: not behind.
  [[nodiscard]] int depth(int net) const { return depth_[index(net)]; }
  /// Cells of which a result is behind, or that write a word that is wrong.
  [[nodiscard]] const std::set<int>& cells() const { return cells_; }

 private:
  static constexpr int kMostDepth = 12;
  void visit(int net, int depth);
  void visit_all(const std::vector<int>& nets, int depth);
  void visit_writes(int memory, int depth);
  void visit_driver(int net, int depth);

  const WordNetlist& netlist_;
  const Steps& steps_;
  std::vector<int> depth_;
  std::set<int> cells_;
  std::vector<std::pair<int, int>> stack_;  ///< net and depth
};

}  // namespace systole::debug
