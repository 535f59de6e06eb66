// SPDX-License-Identifier: Apache-2.0
#include "tests/block/tlm/program.h"

#include <array>
#include <utility>

#include "golden/fast/op.h"
#include "sim/check/pin_checker.h"
#include "tests/support/random_layer.h"

namespace systole::test {

Program::Program(op::Layer layer, op::Tensor input, const accel::Geometry& geometry)
    : layer_(std::move(layer)), input_(std::move(input)) {
  const std::array<const op::Tensor*, 1> inputs{&input_};
  golden_ = fast::run_layer(layer_, inputs);
  commands_ = lower::tile(layer_, geometry);
  for (const lower::Command& c : commands_) stimuli_.push_back(lower::stimulate(c, layer_, inputs, golden_));
}

std::vector<bus::Job> Program::jobs() const {
  std::vector<bus::Job> jobs;
  for (std::size_t i = 0; i < commands_.size(); ++i) jobs.push_back({&commands_[i], &stimuli_[i]});
  return jobs;
}

op::Tensor Program::assemble(const std::vector<base::Beats>& outputs) const {
  op::Tensor tensor(golden_.height, golden_.width, golden_.channels());
  std::array<std::int32_t, 32> lanes{};
  for (std::size_t i = 0; i < commands_.size(); ++i) {
    const accel::Geometry& g = commands_[i].geometry;
    for (std::size_t beat = 0; beat < outputs.at(i).size(); ++beat) {
      port::unpack_lanes(outputs[i][beat], g.cols, g.psum_width, lanes.data());
      for (int lane = 0; lane < g.cols; ++lane) {
        const auto place = commands_[i].coordinate(beat, lane);
        if (place) tensor.at(place->oh, place->ow, place->oc) = lanes[static_cast<std::size_t>(lane)];
      }
    }
  }
  return tensor;
}

op::Layer conv_layer(std::string_view name, int in_size, int in_c, int out_c, int kernel) {
  Draw draw(1, name, "weights");
  op::Layer layer;
  layer.name = name;
  layer.in_h = layer.in_w = in_size;
  layer.in_c = in_c;
  layer.out_h = layer.out_w = in_size - kernel + 1;
  layer.out_c = out_c;
  layer.window.kernel_h = layer.window.kernel_w = kernel;
  layer.weights.resize(out_c, Eigen::Index{kernel} * kernel * in_c);
  for (std::int32_t& w : layer.weights.reshaped()) w = draw.between(-128, 127);
  layer.bias.resize(out_c);
  for (std::int32_t& b : layer.bias) b = draw.between(-1000, 1000);
  layer.out.rule = fixed::Rounding::half_up;
  layer.out.lshift = {0};
  layer.out.n = {8};  // products reach 2^14, their sum over a window a few bits more: the output keeps varied values
  return layer;
}

op::Tensor input_for(const op::Layer& layer) {
  Draw draw(1, layer.name, "input");
  return random_input(layer, draw);
}

}  // namespace systole::test
