// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace systole::fuzz {

/// Whether running a network, integer or float, once is a matter of milliseconds.
template <typename Network>
bool is_small(const Network& network) {
  constexpr std::int64_t kSmall = 1'000'000;  // products
  std::int64_t products = std::int64_t{network.input.height} * network.input.width * network.input.channels;
  for (const auto& node : network.nodes) {
    const auto& l = node.layer;
    const std::int64_t taps = std::int64_t{l.window.kernel_h} * l.window.kernel_w;
    const std::int64_t columns = l.weights.size() == 0 ? taps : l.weights.cols();
    products += std::int64_t{l.out_h} * l.out_w * l.out_c * columns + std::int64_t{l.in_h} * l.in_w * l.in_c;
    if (products > kSmall) return false;
  }
  return true;
}

}  // namespace systole::fuzz
