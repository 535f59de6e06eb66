// SPDX-License-Identifier: Apache-2.0
#include "golden/study/operations.h"

#include <stdexcept>
#include <string>

#include "golden/fixed/ceil_div.h"
#include "golden/op/validate.h"

namespace systole::study {
namespace {

std::int64_t taps(const op::Layer& layer) { return std::int64_t{layer.window.kernel_h} * layer.window.kernel_w; }

/// Sums of products: what one output value takes besides its bias.
Operations products(const op::Layer& layer, op::PsumOrder order) {
  const std::int64_t channels = op::tiled_channels(layer);
  const std::int64_t multiplies = taps(layer) * channels;
  const std::int64_t tiles = fixed::ceil_div(channels, std::int64_t{layer.tile_channels});
  if (order == op::PsumOrder::array) return {.adds = multiplies + taps(layer) * tiles, .multiplies = multiplies};
  const bool single = layer.kind == op::Kind::fully_connected;
  return {.adds = multiplies + (single ? 0 : channels), .multiplies = multiplies};
}

Operations per_output(const op::Layer& layer, op::PsumOrder order) {
  switch (layer.kind) {
    case op::Kind::conv2d:
    case op::Kind::fully_connected:
      return products(layer, order);
    case op::Kind::depthwise:
      return {.adds = taps(layer), .multiplies = taps(layer)};
    case op::Kind::avg_pool:
      return {.adds = taps(layer), .multiplies = 0};
    case op::Kind::max_pool:
    case op::Kind::add:
    case op::Kind::concat:
      break;
  }
  return {};
}

}  // namespace

Operations operations(const op::Layer& layer, op::PsumOrder order) {
  const std::int64_t outputs = std::int64_t{layer.out_h} * layer.out_w * layer.out_c;
  if (!accumulates(layer)) return {};
  const Operations one = per_output(layer, order);
  const std::int64_t bias = layer.bias.size() != 0 ? 1 : 0;
  return {.adds = outputs * (one.adds + bias), .multiplies = outputs * one.multiplies};
}

bool accumulates(const op::Layer& layer) { return op::has_weights(layer.kind) || layer.kind == op::Kind::avg_pool; }

std::int64_t energy(const Operations& operations, int bits) {
  const std::int64_t square = std::int64_t{bits} * bits;  // 64 (bits / 8)^2
  return square * operations.multiplies + bits * operations.adds;
}

std::int64_t energy(const model::Network& network, op::PsumOrder order, std::span<const int> bits) {
  std::int64_t total = 0;
  std::size_t next = 0;
  for (const model::Node& node : network.nodes) {
    if (!accumulates(node.layer)) continue;
    if (next < bits.size()) total += energy(operations(node.layer, order), bits[next]);
    ++next;
  }
  if (next != bits.size()) {
    throw std::invalid_argument(std::to_string(bits.size()) + " widths, expected " + std::to_string(next) +
                                ", one per layer that accumulates");
  }
  return total;
}

}  // namespace systole::study
