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
  /// With which it is played where nothing else is said; the second is how likely a stream stalls in a cycle.
  kernel::Stall stall = kernel::Stall::both;
  unsigned stall_of_256 = kernel::StallPattern::kDefaultProbability;
  std::uint64_t reset_after = 0;  ///< cycles in which it runs before a reset starts it again; 0: it starts once
  bool reserved_ones = false;     ///< ones in the reserved bits of headers
};

/// A network on the first image of the glyphs.
Program glyph_program(model::Network network);

/// All programs, for an array of `rows` rows. conv: padding, stride, zero points, several tiles each way, half_away.
/// double: the same, rounded twice. codebook: clipq. max_pool: negative values and padding. add: two zero points.
/// saturating, bound: narrow psums, beyond and exactly at the clamp. align: block floating point, half_up.
/// fully_connected: one pixel a pass. corners: models/corners for that array.
std::vector<Program> programs(int rows);

/// Programs whose point is in few of many values. rounding_RULE: each rule on 2000 values. scaled_RULE, shifted_RULE:
/// each rule at every shift, with and without a multiplier, by psums of up to 32 bits. near_ties, residual_near_ties:
/// products that one low bit keeps from a tie. far_aligns: aligned by 1 to 16. clamped_sums: residual sums beyond 32
/// bits. clamped_BITS: psums that cross the clamp of 7 to 24 bits. far_biases: sums that one high bit takes beyond a
/// narrow clamp. wide, tall: a map of 200 columns, of 200 rows. large_kernel: 15 x 15. far_rows, far_columns: strides
/// of 15 and dilations of 14. many_tiles, many_channels: 8191 ic tiles, with a psum beyond its clamp, and 8191 oc
/// tiles. patience: hardly a cycle without a stall. reserved_NAME: ones in reserved bits. reset_N: started again after
/// N cycles.
std::vector<Program> edge_programs(int rows);

/// `count` random layers that fit the array, of all kinds in turn, with each kind of stall in turn. The first n of more
/// are the same. `seed` keys all choices.
std::vector<Program> random_programs(const accel::Geometry& geometry, int count, std::uint64_t seed);

}  // namespace systole::signoff
