// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a network costs in operations and energy, as a function of shapes and psum widths.
#include <cstdint>
#include <span>

#include "golden/model/network.h"
#include "golden/op/layer.h"

namespace systole::study {

/// Operations of one image.
struct Operations {
  std::int64_t adds = 0;  ///< accumulations: every value that is added to a partial sum
  std::int64_t multiplies = 0;
};

/// Operations of one layer, padded taps included. Per output value, with T taps and C channels a tap:
///   conv2d, channelwise   T C multiplies, T C + C adds: each product into its channel's sum, then the channels' sums
///   conv2d, array         T C multiplies, T C + T ceil(C / tile_channels) adds: products, then passes
///   fully_connected       C multiplies; C adds channelwise (a product is its channel's sum), C + ceil(C /
///                         tile_channels) on the array
///   depthwise, avg_pool   T multiplies (none for the average: its weights are 1), T adds
/// and one add more where the layer has a bias. Other kinds have no psum whose width could be chosen: 0.
[[nodiscard]] Operations operations(const op::Layer& layer, op::PsumOrder order);

/// Whether the layer adds up products, so that a psum width is a choice: conv2d, depthwise, fully_connected, avg_pool.
[[nodiscard]] bool accumulates(const op::Layer& layer);

/// Energy in units of one full adder: s_mul * multiplies + s_add * adds with s_mul = 64 (bits / 8)^2 and s_add = bits,
/// the model of the partial-sum study: an array multiplier grows with the square of the width, an adder with the width.
[[nodiscard]] std::int64_t energy(const Operations& operations, int bits);

/// Sum of the layers' energies; one width per layer that accumulates, in node order. Throws std::invalid_argument where
/// their number differs.
[[nodiscard]] std::int64_t energy(const model::Network& network, op::PsumOrder order, std::span<const int> bits);

}  // namespace systole::study
