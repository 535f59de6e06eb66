// SPDX-License-Identifier: Apache-2.0
#pragma once
// A layer with its image, golden output, commands and streams: what tests of tiler, cycle model and buses run.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "accel/lower/tiler.h"
#include "golden/op/layer.h"
#include "signoff/stimulus/array_layer.h"
#include "tests/support/random_layer.h"

namespace systole::test {

struct TiledLayer {
  op::Layer layer;
  std::vector<op::Tensor> inputs;
  op::Tensor golden;
  std::vector<accel::Command> commands;
  std::vector<accel::Stimulus> stimuli;
  std::vector<std::vector<std::int32_t>> expected;  ///< of accel::Job

  [[nodiscard]] std::vector<const op::Tensor*> input_pointers() const;
  /// Command i on the image; points into this object.
  [[nodiscard]] accel::Job job(std::size_t i) const;
  [[nodiscard]] std::vector<accel::Job> jobs() const;
  /// The output tensor that these lanes mean: out[i] is [beat][col] of command i. Throws std::logic_error where they
  /// leave an element out or give one twice.
  [[nodiscard]] op::Tensor assemble(const std::vector<std::vector<std::int32_t>>& out) const;
};

/// Runs the golden on `inputs`, tiles and stimulates.
TiledLayer tile_image(op::Layer layer, std::vector<op::Tensor> inputs, const accel::Geometry& geometry);

/// The same on random inputs.
TiledLayer tile_random_image(op::Layer layer, const accel::Geometry& geometry, Draw& draw);

using signoff::random_layer_for;

}  // namespace systole::test
