// SPDX-License-Identifier: Apache-2.0
#pragma once
// Layers made ready for the bench: commands, stimulus, golden output.
#include <string_view>
#include <vector>

#include "accel/bus/job.h"
#include "accel/lower/tiler.h"
#include "golden/op/layer.h"

namespace systole::test {

/// One layer with one input, tiled for a geometry. Not movable: jobs() points into it.
class Program {
 public:
  Program(op::Layer layer, op::Tensor input, const accel::Geometry& geometry);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  Program(Program&&) = delete;
  Program& operator=(Program&&) = delete;
  ~Program() = default;

  [[nodiscard]] std::vector<bus::Job> jobs() const;
  [[nodiscard]] const op::Tensor& golden() const { return golden_; }
  /// The output tensor that these raw out beats mean.
  [[nodiscard]] op::Tensor assemble(const std::vector<base::Beats>& outputs) const;

 private:
  op::Layer layer_;
  op::Tensor input_, golden_;
  std::vector<lower::Command> commands_;
  std::vector<lower::Stimulus> stimuli_;
};

/// A convolution of `kernel` x `kernel` taps without padding: random int8 weights and bias, requantized to int8.
op::Layer conv_layer(std::string_view name, int in_size, int in_c, int out_c, int kernel);

/// Random values over the input type of `layer`.
op::Tensor input_for(const op::Layer& layer);

}  // namespace systole::test
