// SPDX-License-Identifier: Apache-2.0
#include "vectors/readmemh/memory_work.h"

#include <fmt/format.h>

#include <utility>

#include "accel/lower/layer_commands.h"
#include "accel/lower/tiler.h"

namespace systole::vectors {
namespace {

/// Appends a command as a layer of its own.
void add(MemoryCommand whole, MemoryWork& to) {
  const std::size_t node = to.network->nodes.size();
  op::Layer layer;
  layer.name = fmt::format("command{}", node);
  layer.out_h = whole.output.height;
  layer.out_w = whole.output.width;
  layer.out_c = static_cast<int>(whole.output.channels());
  to.network->nodes.push_back({.layer = std::move(layer), .inputs = {}});
  std::vector<accel::Command> commands;
  commands.push_back(std::move(whole.command));
  auto lowered = std::make_unique<lower::LayerCommands>(std::move(commands));
  std::vector<accel::Stimulus> stimuli;
  stimuli.push_back(std::move(whole.stimulus));
  std::vector<std::vector<std::int32_t>> expected;
  expected.push_back(std::move(whole.expected));
  to.work.layers.push_back(std::make_unique<lower::LayerBeats>(*lowered, std::move(stimuli), std::move(expected)));
  to.plan.layers.push_back({.node = node, .lowered = std::move(lowered)});
  to.work.outputs.push_back(std::move(whole.output));
  to.work.stats.emplace_back();
}

}  // namespace

MemoryWork work_of(std::vector<MemoryCommand> commands, const accel::Geometry& geometry) {
  MemoryWork made{.network = std::make_unique<model::Network>(), .plan = {}, .work = {}};
  made.network->name = "layer";
  made.plan.network = made.network.get();
  made.plan.macs_per_cycle = lower::Tiler(geometry).macs_per_cycle();
  for (MemoryCommand& whole : commands) add(std::move(whole), made);
  return made;
}

}  // namespace systole::vectors
