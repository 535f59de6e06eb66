// SPDX-License-Identifier: Apache-2.0
#pragma once
// An array set as networks, and what the golden says its psums and outputs should be.
#include <optional>
#include <vector>

#include "golden/model/network.h"
#include "vectors/array/array_layout.h"

namespace systole::vectors {

/// The psum passes of one ic tile as a network: layer `kijK` is the 1x1 convolution of the padded map with the weights
/// of tap K to all oc tiles, psums raw. `psum_width`: of the accumulator, whose leaving is an OverflowError.
[[nodiscard]] model::Network psum_network(const ArraySet& set, int ic_tile, int psum_width);
/// Its input: the activations of the tile as a padded map.
[[nodiscard]] op::Tensor psum_input(const ArraySet& set, int ic_tile);

/// The whole convolution over the padded map as a network of one layer `conv`, its output ReLU and saturation to the
/// output field, or raw where the field has more than the 16 bits of the accelerator's bounds or `raw` asks for it.
/// Pooling is not in it.
[[nodiscard]] model::Network layer_network(const ArraySet& set, const ArrayLayout& layout, int psum_width,
                                           bool raw = false);
[[nodiscard]] op::Tensor layer_input(const ArraySet& set);

/// Psums [ArrayShape::index()] and outputs [oc tile], shaped like the files' matrices.
struct ArrayValues {
  std::vector<op::Matrix> psum, output;
};

/// The outputs of psum_network, one per layer, as the psums of `ic_tile`.
void put_psums(const ArrayShape& shape, int ic_tile, const std::vector<op::Tensor>& outputs, ArrayValues& values);
/// The output of layer_network as output files hold it: ReLU where the layout has one, saturated to their field (of no
/// effect where the network did so), pooled.
void put_outputs(const ArrayLayout& layout, const op::Tensor& output, ArrayValues& values);

/// What the golden computes from activations and weights, which must both be there, before what the layout does to
/// outputs: psums, and the output of layer_network, raw. `accumulator`: width of the partial sums; throws
/// fixed::OverflowError where one leaves it.
struct GoldenSums {
  ArrayValues psums;
  op::Tensor output;
};
[[nodiscard]] GoldenSums golden_sums(const ArraySet& set, const ArrayLayout& layout, int accumulator = 32);

/// The same as files hold it.
[[nodiscard]] ArrayValues array_golden(const ArraySet& set, const ArrayLayout& layout, int accumulator = 32);

/// The outputs that the psums of the files add up to; nothing where one of them is missing.
[[nodiscard]] std::optional<ArrayValues> outputs_of_psums(const ArraySet& set, const ArrayLayout& layout);

}  // namespace systole::vectors
