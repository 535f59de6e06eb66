// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tiled_layer.h"

#include <stdexcept>
#include <utility>

#include "accel/lower/axis.h"
#include "golden/fast/op.h"
#include "golden/op/validate.h"

namespace systole::test {

namespace {

bool every_output_has_taps(const lower::AxisWindow& window) {
  for (int o = 0; o < window.out; ++o) {
    if (lower::taps_inside(window, o) == 0) return false;
  }
  return true;
}

bool can_exclude_padding(const op::Layer& l) {
  const op::Window& w = l.window;
  return l.kind == op::Kind::avg_pool && !l.out.raw &&
         every_output_has_taps({l.in_h, l.out_h, w.kernel_h, w.stride_h, w.dilation_h, w.pad_top}) &&
         every_output_has_taps({l.in_w, l.out_w, w.kernel_w, w.stride_w, w.dilation_w, w.pad_left});
}

}  // namespace

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

op::Layer random_layer_for(const accel::Geometry& geometry, op::Kind kind, Draw& draw, bool saturating,
                           const LayerSizes& sizes) {
  op::Layer layer = random_layer(kind, draw, saturating, sizes);
  layer.tile_channels = geometry.rows;
  if (!layer.align.empty()) {
    layer.align.clear();
    for (std::int64_t c = 0; c < op::tiled_channels(layer); c += geometry.rows)
      layer.align.push_back(draw.between(0, 6));
  }
  if (kind == op::Kind::add) layer.psum_width = geometry.psum_width;
  layer.exclude_padding = can_exclude_padding(layer) && !draw.one_in(3);
  return layer;
}

TiledLayer tile_random_image(op::Layer layer, const accel::Geometry& geometry, Draw& draw) {
  std::vector<op::Tensor> inputs = random_inputs(layer, draw);
  return tile_image(std::move(layer), std::move(inputs), geometry);
}

}  // namespace systole::test
