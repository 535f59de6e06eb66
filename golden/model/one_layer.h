// SPDX-License-Identifier: Apache-2.0
#pragma once
// One layer as a network.
#include <string>
#include <utility>
#include <vector>

#include "golden/model/network.h"
#include "golden/op/validate.h"

namespace systole::model {

/// A network's input of the layer's first input's shape and element type.
inline Input input_of(const op::Layer& layer) {
  return {.height = layer.in_h,
          .width = layer.in_w,
          .channels = layer.in_c,
          .is_signed = layer.act_signed,
          .bits = layer.act_bits,
          .pixel_offset = 0};
}

/// The layer as a network of its own, named as the layer, which reads the network's input by every one of its inputs.
/// A concat's inputs must be of one shape.
inline Network one_layer_network(op::Layer layer) {
  Network network;
  network.name = layer.name;
  network.input = input_of(layer);
  std::vector<int> inputs(op::input_count(layer), 0);
  network.nodes.push_back({.layer = std::move(layer), .inputs = std::move(inputs)});
  return network;
}

/// A network with its input, and what of it is run.
struct LayerJob {
  Network network;
  op::Tensor input;
  std::string only = {};  ///< the layer of it that runs; empty: all
};

/// A layer of any kind as a network of its own. The inputs of a layer that has several stand side by side in the
/// channels of the network's input, from where 1x1 convolutions of weight 1 fetch them. With `psum`, a raw layer of
/// that name comes first and gives the biased accumulator; the layer itself is the last one.
LayerJob layer_job(const op::Layer& layer, const std::vector<op::Tensor>& inputs, int psum_width, bool psum = false);

}  // namespace systole::model
