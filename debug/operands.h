// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a signal was made of when it went wrong.
#include <string>
#include <vector>

#include "debug/netlist.h"
#include "debug/steps.h"
#include "debug/word_netlist.h"

namespace systole::debug {

struct Operand {
  std::string signal;  ///< path below the top module
  int bits = 0;
  std::string value;  ///< "0x1f"
};

/// The signals that the assignments of `signal` read, conditions and reset included, with their values: of a register
/// before the last recorded edge, of a wire after it, where registers that the golden knows have the golden's values.
/// Ports of instances are passed; memories and what `words` has no nets of are left out. In the order in which the
/// sources read them, kMostOperands at most; empty for a signal that is none of the design, or that nothing drives.
inline constexpr std::size_t kMostOperands = 16;
[[nodiscard]] std::vector<Operand> operands_of(Netlist& structure, const WordNetlist& words, const Steps& steps,
                                               const std::string& signal);

}  // namespace systole::debug
