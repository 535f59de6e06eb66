// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a built accelerator can take, checked before a layer is cut: each violation is one line naming layer and field.
#include <string_view>

#include "accel/contract/command.h"
#include "golden/op/layer.h"

namespace systole::lower {

/// Throws base::InputError "layer 'name': field: problem".
[[noreturn]] void refuse(const op::Layer& layer, std::string_view field, std::string_view problem);

/// Throws base::InputError unless the layer is valid and its element types, zero points, windows, header fields and
/// declared order of accumulation suit the geometry. Map sizes are the tiler's business; psum head-room is checked on
/// the finished command.
void check_fits(const op::Layer& layer, const accel::Geometry& geometry);

/// Throws std::invalid_argument where the geometry itself is none that can be built (docs/timing.md) or exceeds 32
/// columns.
void check_geometry(const accel::Geometry& geometry);

}  // namespace systole::lower
