// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a model of accel says of itself: its built size, its state.
#include <cstdint>
#include <span>

#include "accel/contract/command.h"
#include "accel/contract/pins.h"
#include "sim/dut/dut.h"

namespace systole::accel {

/// From the parameters that a model states. Throws std::logic_error where one is missing: the model is none of accel.
Geometry geometry_of(std::span<const dut::Parameter> parameters);
inline Geometry geometry_of(const dut::Dut& design) { return geometry_of(design.parameters()); }

/// Code of state_o.
inline unsigned state_of(const port::PinMap& pins) {
  return *static_cast<const std::uint8_t*>(pins.watched[kState].data);
}

}  // namespace systole::accel
