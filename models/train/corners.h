// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "golden/model/network.h"

namespace systole::train {

/// models/corners: small layers, none of which recognises anything, chosen so that one image meets every item of
/// sim/cover/cover.h on an array of `array_rows` rows, at least 4, and as many columns (the stalls need a run with
/// `--stall bursts`). The folder is that of eight. The same on every machine.
[[nodiscard]] model::Network corners_network(int array_rows = 8);

}  // namespace systole::train
