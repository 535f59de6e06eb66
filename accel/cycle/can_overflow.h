// SPDX-License-Identifier: Apache-2.0
#pragma once
// Head-room of a command: can any clamp_psum of it change a value?
#include "accel/contract/command.h"

namespace systole::cycle {

/// False only where no value of the operands can make a clamp change anything (docs/numerics.md, section 4), given that
/// every activation operand satisfies abs(a) <= largest_activation. Bounds every partial sum of an output channel by
/// sum(abs(w)) * largest_activation + abs(bias); alignment shifts only reduce it. Reads header, channels and weights of
/// the command. O(number of weights).
[[nodiscard]] bool can_overflow(const accel::Command& command, int largest_activation);

}  // namespace systole::cycle
