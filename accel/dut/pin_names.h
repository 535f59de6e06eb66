// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accel/contract/command.h"
#include "sim/port/pin_map.h"

namespace systole::accel {

/// Names, widths and lanes of the pins and registers of an array of that size (docs/timing.md, section 1): a PinMap
/// without addresses. Inputs in the order of In, watched pins of OutPin, registers of Register.
port::PinMap pin_names(const Geometry& geometry);

/// Whether the model behind a map of those names has the wires between its modules.
bool has_wires(const port::PinMap& pins);

}  // namespace systole::accel
