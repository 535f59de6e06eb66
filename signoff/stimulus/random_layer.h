// SPDX-License-Identifier: Apache-2.0
#pragma once
// Random layers and tensors: every field of op::Layer takes part, valid by construction.
#include <cstdint>
#include <string_view>
#include <vector>

#include "golden/fixed/counter_random.h"
#include "golden/op/layer.h"

namespace systole::signoff {

inline constexpr op::Kind kEveryKind[] = {op::Kind::conv2d,   op::Kind::depthwise, op::Kind::fully_connected,
                                          op::Kind::max_pool, op::Kind::avg_pool,  op::Kind::add,
                                          op::Kind::concat};

/// Draws one after another from one stream.
class Draw {
 public:
  Draw(std::uint64_t seed, std::string_view test, std::string_view stream) : random_(seed, test, stream) {}
  int between(int lo, int hi) { return random_.between(index_++, lo, hi); }
  bool one_in(int n) { return between(1, n) == 1; }

 private:
  fixed::CounterRandom random_;
  std::uint64_t index_ = 0;
};

/// Bounds of what random_layer() makes.
struct LayerSizes {
  int map = 9;                ///< input height and width, 1 .. map
  int channels = 20;          ///< input and output channels, 1 .. channels
  bool equal_inputs = false;  ///< a concat's inputs are of one shape, so that one tensor can be all of them
};

/// A layer with random geometry and parameters; `saturating` ones clamp often, others never leave 32 bits.
op::Layer random_layer(op::Kind kind, Draw& draw, bool saturating, const LayerSizes& sizes = {});

/// A convolution of `kernel` x `kernel` taps without padding: random int8 weights and bias, requantized to int8. The
/// same name gives the same values.
op::Layer conv_layer(std::string_view name, int in_size, int in_c, int out_c, int kernel);

/// Random values over the whole range of the layer's input type; without `draw` keyed by the layer's name.
op::Tensor random_input(const op::Layer& layer);
op::Tensor random_input(const op::Layer& layer, Draw& draw);

/// One such tensor for each input of the layer.
std::vector<op::Tensor> random_inputs(const op::Layer& layer, Draw& draw);

}  // namespace systole::signoff
