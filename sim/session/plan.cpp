// SPDX-License-Identifier: Apache-2.0
#include "sim/session/plan.h"

#include "base/input_error.h"
#include "sim/cover/arithmetic.h"

namespace systole::session {

Plan make_plan(const model::Network& network, const Lowering& lowering, const std::string& layer) {
  Plan plan{.network = &network, .macs_per_cycle = lowering.macs_per_cycle(), .layers = {}};
  for (std::size_t node = 0; node < network.nodes.size(); ++node) {
    const op::Layer& description = network.nodes[node].layer;
    if (!layer.empty() && description.name != layer) continue;
    plan.layers.push_back({.node = node, .lowered = lowering.lower(description)});
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
  for (fast::RunStats& stats : work.stats) stats.count_output = true;
  work.outputs = executor_.run(input, &work.stats);
  work.layers.resize(plan_.layers.size());
  for (std::size_t i = 0; i < plan_.layers.size(); ++i) {
    const PlannedLayer& planned = plan_.layers[i];
    std::vector<const op::Tensor*> inputs;
    for (const int source : network.nodes[planned.node].inputs) {
      inputs.push_back(source == 0 ? &input : &work.outputs[static_cast<std::size_t>(source - 1)]);
    }
    if (!work.layers[i]) work.layers[i] = planned.lowered->make_work();
    planned.lowered->fill(inputs, work.outputs[planned.node], *work.layers[i]);
  }
}

void StreamDriver::load(const Plan& plan, const ImageWork& work) {
  for (kernel::BeatQueue& queue : queues_) queue.clear();
  for (std::size_t i = 0; i < plan.layers.size(); ++i) {
    const std::size_t commands = plan.layers[i].lowered->commands().size();
    for (std::size_t c = 0; c < commands; ++c) work.layers[i]->send(c, queues_);
  }
}

cover::Cover exercised_by(const Plan& plan, const ImageWork& work) {
  cover::Cover cover;
  std::uint64_t commands = 0;
  for (std::size_t i = 0; i < plan.layers.size(); ++i) {
    const PlannedLayer& planned = plan.layers[i];
    cover.merge(planned.lowered->tiling());
    cover::add_arithmetic(cover, plan.layer(i), work.stats[planned.node]);
    commands += planned.lowered->commands().size();
  }
  if (commands > 0) cover.saw(cover::Item::back_to_back, commands - 1);
  return cover;
}

}  // namespace systole::session
