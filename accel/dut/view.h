// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a GTKWave view shows of accel beyond its pins: control strobes, a row of cells, the array's edges.
#include "accel/contract/command.h"
#include "sim/trace/view.h"

namespace systole::accel {

[[nodiscard]] trace::DesignView view_of(const Geometry& geometry);

}  // namespace systole::accel
