// SPDX-License-Identifier: Apache-2.0
#pragma once
// Memory images of `accel` (docs/vectors.md, `readmemh`) read back as layers: what the streams tell the accelerator to
// compute, whoever wrote them.
#include <cstddef>
#include <filesystem>
#include <functional>
#include <vector>

#include "accel/contract/command.h"
#include "golden/op/layer.h"
#include "vectors/readmemh/memory_set.h"

namespace systole::vectors {

/// One oc tile of one command as a layer of its own, which the tiler turns into the same weight, activation and channel
/// beats again.
struct MemoryLayer {
  op::Layer layer;
  std::vector<op::Tensor> inputs;  ///< two of an add
  op::Tensor expected;             ///< what out.hex says, out_h x out_w x out_c
  int command = 0, oc_tile = 0;
  std::size_t first_out = 0;  ///< word of out.hex that holds the first pixel
};

/// Every oc tile of every command in order. An accumulating tile is a convolution of its ic_tiles * rows channels, with
/// whatever stands off the diagonal; a maximum or an add has as many channels as its identity weights use.
/// `progress` counts words of cfg.hex. Throws base::InputError naming file and line: streams that end inside a command
/// or go on behind the last one, fields outside their range, bits that no field has, a weight tile of a maximum or an
/// add that is no identity, unused lanes that do not repeat the last used one, out_last where no command ends.
[[nodiscard]] std::vector<MemoryLayer> layers_of(const std::filesystem::path& folder, const MemorySet& set,
                                                 const std::function<void(std::size_t, std::size_t)>& progress = {});

/// A command of the set, whole: its streams are word for word those of the files, with the operands behind them and the
/// golden's outputs. Every column is a channel of the output, those without a channel of the layer too.
struct MemoryCommand {
  accel::Command command;
  accel::Stimulus stimulus;
  std::vector<std::int32_t> expected;  ///< of accel::Job
  op::Tensor output;                   ///< out_h x out_w x (oc tiles * cols)
};

/// Joins `layers`, all of a set in order, to its commands again; golden[i] is what the golden says of layers[i].
/// `geometry` is the set's but for its depths. Throws base::InputError where these do not hold a command.
[[nodiscard]] std::vector<MemoryCommand> commands_of(const std::vector<MemoryLayer>& layers,
                                                     const std::vector<op::Tensor>& golden,
                                                     const accel::Geometry& geometry);

}  // namespace systole::vectors
