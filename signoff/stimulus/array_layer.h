// SPDX-License-Identifier: Apache-2.0
#pragma once
// Random layers that an array of cells can accumulate.
#include "accel/contract/command.h"
#include "signoff/stimulus/random_layer.h"

namespace systole::signoff {

/// A random layer in an order of accumulation that the geometry has.
op::Layer random_layer_for(const accel::Geometry& geometry, op::Kind kind, Draw& draw, bool saturating,
                           const LayerSizes& sizes = {});

}  // namespace systole::signoff
