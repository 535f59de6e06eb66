// SPDX-License-Identifier: Apache-2.0
#include "accel/dut/geometry.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace systole::accel {

Geometry geometry_of(std::span<const dut::Parameter> parameters) {
  const auto value = [&](std::string_view name) {
    const auto found = std::ranges::find(parameters, name, &dut::Parameter::name);
    if (found == parameters.end()) throw std::logic_error(fmt::format("the model states no parameter {}", name));
    return static_cast<int>(found->value);
  };
  return {.rows = value("Rows"),
          .cols = value("Cols"),
          .act_width = value("ActWidth"),
          .wgt_width = value("WgtWidth"),
          .psum_width = value("PsumWidth"),
          .act_depth = value("ActDepth"),
          .psum_depth = value("PsumDepth"),
          .par_tiles = value("ParTiles")};
}

}  // namespace systole::accel
