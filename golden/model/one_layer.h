// SPDX-License-Identifier: Apache-2.0
#pragma once
// One layer as a network.
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

}  // namespace systole::model
