// SPDX-License-Identifier: Apache-2.0
#pragma once
// The accelerator without time: out beats from the packed cfg, wgt and act beats, as plain loops over docs/numerics.md
// section 4 and the stream order of docs/timing.md. Reads nothing of a command but its beats, so it also checks how
// they are packed.
#include <cstdint>
#include <vector>

#include "accel/contract/command.h"

namespace systole::test {

struct Emulated {
  std::vector<std::int32_t> out;  ///< [oc tile][out pixel][col]
  std::uint32_t overflow = 0;     ///< sticky, bit c = column c
};

Emulated emulate(const accel::Command& command, const accel::Stimulus& stimulus);

}  // namespace systole::test
