// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tiled_layer.h"

#include <stdexcept>
#include <utility>

#include "golden/fast/op.h"

namespace systole::test {

std::vector<const op::Tensor*> TiledLayer::input_pointers() const {
  std::vector<const op::Tensor*> pointers;
  for (const op::Tensor& input : inputs) pointers.push_back(&input);
  return pointers;
}

accel::Job TiledLayer::job(std::size_t i) const { return {&commands.at(i), &stimuli[i], expected[i].data()}; }

std::vector<accel::Job> TiledLayer::jobs() const {
  std::vector<accel::Job> all;
  for (std::size_t i = 0; i < commands.size(); ++i) all.push_back(job(i));
  return all;
}

op::Tensor TiledLayer::assemble(const std::vector<std::vector<std::int32_t>>& out) const {
  op::Tensor tensor(layer.out_h, layer.out_w, layer.out_c);
  op::Tensor written(layer.out_h, layer.out_w, layer.out_c);
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const auto cols = static_cast<std::size_t>(commands[i].geometry.cols);
    for (std::size_t lane = 0; lane < out.at(i).size(); ++lane) {
      const auto to = commands[i].place(lane / cols, static_cast<int>(lane % cols));
      if (!to) continue;
      tensor.at(to->oh, to->ow, to->oc) = out[i][lane];
      ++written.at(to->oh, to->ow, to->oc);
    }
  }
  if (!(written.data.array() == 1).all()) throw std::logic_error("an element that does not come once: " + layer.name);
  return tensor;
}

TiledLayer tile_image(op::Layer layer, std::vector<op::Tensor> inputs, const accel::Geometry& geometry) {
  TiledLayer tiled;
  tiled.layer = std::move(layer);
  tiled.inputs = std::move(inputs);
  tiled.golden = fast::run_layer(tiled.layer, tiled.input_pointers());
  tiled.commands = lower::tile(tiled.layer, geometry);
  for (const accel::Command& command : tiled.commands) {
    tiled.stimuli.push_back(lower::stimulate(command, tiled.layer, tiled.input_pointers()));
    tiled.expected.push_back(lower::expect(command, tiled.layer, tiled.golden));
  }
  return tiled;
}

TiledLayer tile_random_image(op::Layer layer, const accel::Geometry& geometry, Draw& draw) {
  std::vector<op::Tensor> inputs = random_inputs(layer, draw);
  return tile_image(std::move(layer), std::move(inputs), geometry);
}

}  // namespace systole::test
