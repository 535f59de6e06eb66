// SPDX-License-Identifier: Apache-2.0
#pragma once
// The layers under which planted faults must show, one small network each: together they use every mode of the
// accelerator.
#include <cstdint>
#include <string>
#include <vector>

#include "accel/contract/command.h"
#include "golden/model/network.h"
#include "sim/kernel/stall.h"

namespace systole::signoff {

struct Program {
  std::string name;
  model::Network network;
  op::Tensor input;
  kernel::Stall stall = kernel::Stall::both;  ///< with which it is played where nothing else is said
};

/// A network on the first image of the glyphs.
Program glyph_program(model::Network network);

/// All programs, for an array of `rows` rows. conv: padding, stride, zero points, several tiles each way, half_away.
/// double: the same, rounded twice. codebook: clipq. max_pool: negative values and padding. add: two zero points.
/// saturating, bound: narrow psums, beyond and exactly at the clamp. align: block floating point, half_up.
/// fully_connected: one pixel a pass. corners: models/corners for that array.
std::vector<Program> programs(int rows);

/// Programs whose point is in few of many values. rounding_RULE: each rule on 2000 values. wide, tall: a map of 200
/// columns, of 200 rows. many_tiles: 150 ic tiles.
std::vector<Program> edge_programs(int rows);

/// `count` random layers that fit the array, of all kinds in turn, with each kind of stall in turn. The first n of more
/// are the same. `seed` keys all choices.
std::vector<Program> random_programs(const accel::Geometry& geometry, int count, std::uint64_t seed);

}  // namespace systole::signoff
