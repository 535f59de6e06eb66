// SPDX-License-Identifier: Apache-2.0
#pragma once
// The layers under which planted faults must show, one small network each: together they use every mode of the
// accelerator.
#include <string>
#include <vector>

#include "golden/model/network.h"

namespace systole::test {

struct Program {
  std::string name;
  model::Network network;
  op::Tensor input;
};

/// A network on the first image of the glyphs.
Program glyph_program(model::Network network);

/// All programs, for an array of `rows` rows. conv: padding, stride, zero points, several tiles each way, half_away.
/// double: the same, rounded twice. codebook: clipq. max_pool: negative values and padding. add: two zero points.
/// saturating, bound: narrow psums, beyond and exactly at the clamp. align: block floating point, half_up.
/// fully_connected: one pixel a pass. corners: models/corners for that array.
std::vector<Program> fault_programs(int rows);

}  // namespace systole::test
