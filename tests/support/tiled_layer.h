// SPDX-License-Identifier: Apache-2.0
#pragma once
// A random layer with its image, golden output, commands and streams, ready for tests of the tiler and the cycle model.
#include <vector>

#include "accel/lower/tiler.h"
#include "golden/op/layer.h"
#include "tests/support/random_layer.h"

namespace systole::test {

struct TiledLayer {
  op::Layer layer;
  std::vector<op::Tensor> inputs;
  op::Tensor golden;
  std::vector<lower::Command> commands;
  std::vector<lower::Stimulus> stimuli;

  [[nodiscard]] std::vector<const op::Tensor*> input_pointers() const;
};

/// A random layer in an order of accumulation that the geometry has.
op::Layer random_layer_for(const accel::Geometry& geometry, op::Kind kind, Draw& draw, bool saturating,
                           const LayerSizes& sizes = {});

/// Runs the golden on random inputs, tiles and stimulates.
TiledLayer tile_random_image(op::Layer layer, const accel::Geometry& geometry, Draw& draw);

}  // namespace systole::test
