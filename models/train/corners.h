// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/model/network.h"

namespace systole::train {

/// models/corners: small layers, none of which recognises anything, chosen so that one image meets every item of
/// sim/cover/cover.h on an array of eight rows and columns (the stalls need a run with `--stall bursts`). The same on
/// every machine.
[[nodiscard]] model::Network corners_network();

}  // namespace systole::train
