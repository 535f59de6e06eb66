// SPDX-License-Identifier: Apache-2.0
#include "sim/session/plan.h"

#include <algorithm>

#include "base/input_error.h"

namespace systole::session {

Plan make_plan(const model::Network& network, const accel::Geometry& geometry, const std::string& layer) {
  Plan plan{.network = &network, .geometry = geometry, .layers = {}};
  for (std::size_t node = 0; node < network.nodes.size(); ++node) {
    const op::Layer& description = network.nodes[node].layer;
    if (!layer.empty() && description.name != layer) continue;
    LayerPlan planned{.node = node, .commands = lower::tile(description, geometry)};
    for (const lower::Command& command : planned.commands) {
      planned.macs += command.macs;
      planned.roofline_cycles += command.roofline_cycles;
    }
    plan.layers.push_back(std::move(planned));
  }
  if (plan.layers.empty()) {
    std::string names;
    for (const model::Node& node : network.nodes) names += " " + node.layer.name;
    throw base::InputError(network.name, "layer " + layer, "no such layer; there are" + names);
  }
  return plan;
}

void ImageMaker::make(const op::Tensor& input, ImageWork& work) {
  const model::Network& network = *plan_.network;
  work.stats.assign(network.nodes.size(), {});
  work.outputs = executor_.run(input, &work.stats);
  work.stimuli.resize(plan_.layers.size());
  for (std::size_t i = 0; i < plan_.layers.size(); ++i) {
    const LayerPlan& layer = plan_.layers[i];
    const model::Node& node = network.nodes[layer.node];
    std::vector<const op::Tensor*> inputs;
    for (const int source : node.inputs) {
      inputs.push_back(source == 0 ? &input : &work.outputs[static_cast<std::size_t>(source - 1)]);
    }
    work.stimuli[i].resize(layer.commands.size());
    for (std::size_t c = 0; c < layer.commands.size(); ++c) {
      lower::stimulate(layer.commands[c], node.layer, inputs, work.outputs[layer.node], work.stimuli[i][c]);
    }
  }
}

void StreamDriver::load(const lower::Command& command, const lower::Stimulus& stimulus) {
  const auto pixels = static_cast<std::size_t>(command.header.in_pixels());
  queues_[0].push(command.cfg.data(), command.cfg.size(), command.cfg.words_per_beat());
  queues_[1].push(command.wgt.data(), command.wgt.size(), command.wgt.words_per_beat());
  for (const int group : command.group_order) {
    queues_[2].push(stimulus.act[static_cast<std::size_t>(group) * pixels], pixels, stimulus.act.words_per_beat());
  }
}

void StreamDriver::load(const Plan& plan, const ImageWork& work) {
  for (kernel::BeatQueue& queue : queues_) queue.clear();
  for (std::size_t i = 0; i < plan.layers.size(); ++i) {
    for (std::size_t c = 0; c < plan.layers[i].commands.size(); ++c) {
      load(plan.layers[i].commands[c], work.stimuli[i][c]);
    }
  }
}

}  // namespace systole::session
