#pragma once
// Layers made ready for the bench: commands, stimulus, golden output.
#include <string_view>
#include <vector>

#include "golden/op/layer.h"
#include "sim/tlm/job.h"
#include "vectors/tiler.h"

namespace systole::test {

/// One layer with one input, tiled for a geometry. Not movable: jobs() points into it.
class Program {
 public:
  Program(op::Layer layer, op::Tensor input, const vectors::Geometry& geometry);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  Program(Program&&) = delete;
  Program& operator=(Program&&) = delete;
  ~Program() = default;

  [[nodiscard]] std::vector<tlm::Job> jobs() const;
  [[nodiscard]] const op::Tensor& golden() const { return golden_; }
  /// The output tensor that these raw out beats mean.
  [[nodiscard]] op::Tensor assemble(const std::vector<vectors::Beats>& outputs) const;

 private:
  op::Layer layer_;
  op::Tensor input_, golden_;
  std::vector<vectors::Command> commands_;
  std::vector<vectors::Stimulus> stimuli_;
};

/// A convolution of `kernel` x `kernel` taps without padding: random int8 weights and bias, requantized to int8.
op::Layer conv_layer(std::string_view name, int in_size, int in_c, int out_c, int kernel);

/// Random values over the input type of `layer`.
op::Tensor input_for(const op::Layer& layer);

}  // namespace systole::test
