// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "sim/check/mismatch.h"

namespace systole::accel {

/// Where the fault may be when this is the first value of a run that differs, with every cell and pin compared: all
/// that it is made of and that is watched was right a step before (docs/timing.md, section 7). Empty for other values.
[[nodiscard]] std::string suspects(const check::Mismatch& first);

}  // namespace systole::accel
