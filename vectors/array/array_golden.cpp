// SPDX-License-Identifier: Apache-2.0
#include "vectors/array/array_golden.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "golden/fast/op.h"
#include "golden/model/one_layer.h"

namespace systole::vectors {
namespace {

constexpr int kElementBits = 8;  // of the accelerator's activations
constexpr int kMaxBound = 16;    // bits of act_min and act_max, docs/timing.md section 2

/// The zero point that brings values of a field wider than the accelerator's elements, as differences from a zero point
/// are written, back into 8 signed bits; 0 where the field is narrow.
std::int32_t zero_point(ArrayField field, const std::vector<op::Matrix>& tiles) {
  if (field.bits <= kElementBits) return 0;
  std::int32_t least = 0;
  for (const op::Matrix& tile : tiles) least = std::min(least, tile.minCoeff());
  const std::int32_t low = -(1 << (kElementBits - 1));
  return std::max(low, low - least);
}

/// Values as elements of the layer.
op::Matrix elements(const op::Matrix& values, std::int32_t zero) { return values.array() + zero; }

/// A convolution over the padded map, so without padding of its own, psums raw.
op::Layer convolution(const ArraySet& set, int psum_width) {
  const ArrayShape& s = set.shape;
  op::Layer layer;
  layer.in_h = s.padded_h;
  layer.in_w = s.padded_w;
  layer.out_c = s.oc_tiles * s.cols;
  layer.act_signed = s.activation.is_signed || s.activation.bits > kElementBits;
  layer.act_bits = std::min(s.activation.bits, kElementBits);
  layer.zero_in = zero_point(s.activation, set.activation);
  layer.wgt_signed = s.weight.is_signed || s.weight.bits > kElementBits;
  layer.wgt_bits = std::min(s.weight.bits, kElementBits);
  layer.zero_wgt = zero_point(s.weight, set.weight);
  layer.psum_width = psum_width;
  layer.psum_bits = psum_width - 1;
  layer.tile_channels = s.rows;
  layer.out.raw = true;
  return layer;
}

model::Network network_of(std::string name, const op::Layer& first) {
  return {.name = std::move(name), .input = model::input_of(first), .nodes = {}, .classes = {}, .output = {}};
}

op::Matrix pooled(const ArrayLayout& layout, const op::Matrix& map) {
  const int size = layout.pool.size, width = layout.pooled_w();
  op::Matrix result(layout.output_lines(), map.cols());
  for (int o = 0; o < layout.output_lines(); ++o) {
    for (Eigen::Index c = 0; c < map.cols(); ++c) {
      std::int64_t sum = 0;
      std::int32_t largest = std::numeric_limits<std::int32_t>::min();
      for (int tap = 0; tap < size * size; ++tap) {
        const int y = o / width * size + tap / size, x = o % width * size + tap % size;
        const std::int32_t value = map(y * layout.shape.out_w + x, c);
        sum += value;
        largest = std::max(largest, value);
      }
      result(o, c) = layout.pool.average ? static_cast<std::int32_t>(sum / (std::int64_t{size} * size)) : largest;
    }
  }
  return result;
}

/// A sum of one oc tile as its output file holds it.
op::Matrix finished(const ArrayLayout& layout, const op::Matrix& sums) {
  const auto low = static_cast<std::int32_t>(layout.shape.relu ? 0 : lowest(layout.output));
  const auto high = static_cast<std::int32_t>(highest(layout.output));
  op::Matrix outputs = sums.cwiseMax(low).cwiseMin(high);
  return layout.pool.size == 1 ? outputs : pooled(layout, outputs);
}

}  // namespace

model::Network psum_network(const ArraySet& set, int ic_tile, int psum_width) {
  const ArrayShape& s = set.shape;
  op::Layer layer = convolution(set, psum_width);
  layer.in_c = s.rows;
  layer.out_h = s.padded_h;
  layer.out_w = s.padded_w;
  model::Network network = network_of(fmt::format("psum_itile{}", ic_tile), layer);
  for (int kij = 0; kij < s.taps(); ++kij) {
    layer.name = fmt::format("kij{}", kij);
    layer.weights.resize(layer.out_c, s.rows);
    for (int oc_tile = 0; oc_tile < s.oc_tiles; ++oc_tile) {
      layer.weights.middleRows(Eigen::Index{oc_tile} * s.cols, s.cols) =
          elements(set.weight[s.index(ic_tile, oc_tile, kij)], layer.zero_wgt);
    }
    network.nodes.push_back({.layer = layer, .inputs = {0}});
  }
  return network;
}

op::Tensor psum_input(const ArraySet& set, int ic_tile) {
  op::Tensor input(set.shape.padded_h, set.shape.padded_w, set.shape.rows);
  input.data =
      elements(set.activation[static_cast<std::size_t>(ic_tile)], zero_point(set.shape.activation, set.activation));
  return input;
}

model::Network layer_network(const ArraySet& set, const ArrayLayout& layout, int psum_width, bool raw) {
  const ArrayShape& s = set.shape;
  op::Layer layer = convolution(set, psum_width);
  layer.name = "conv";
  layer.in_c = s.ic_tiles * s.rows;
  layer.out_h = s.out_h;
  layer.out_w = s.out_w;
  layer.window = {.kernel_h = s.kernel_h,
                  .kernel_w = s.kernel_w,
                  .stride_h = s.stride_h,
                  .stride_w = s.stride_w,
                  .dilation_h = s.dilation_h,
                  .dilation_w = s.dilation_w};
  layer.weights.resize(layer.out_c, Eigen::Index{s.taps()} * layer.in_c);
  for (int ic_tile = 0; ic_tile < s.ic_tiles; ++ic_tile) {
    for (int oc_tile = 0; oc_tile < s.oc_tiles; ++oc_tile) {
      for (int kij = 0; kij < s.taps(); ++kij) {
        layer.weights.block(Eigen::Index{oc_tile} * s.cols,
                            Eigen::Index{kij} * layer.in_c + Eigen::Index{ic_tile} * s.rows, s.cols, s.rows) =
            elements(set.weight[s.index(ic_tile, oc_tile, kij)], layer.zero_wgt);
      }
    }
  }
  layer.out.raw = raw || layout.output.bits > kMaxBound;
  if (!layer.out.raw) {
    layer.out.multiply = false;
    layer.out.lshift = {0};
    layer.out.act_min = s.relu ? 0 : static_cast<std::int32_t>(lowest(layout.output));
    layer.out.act_max = static_cast<std::int32_t>(highest(layout.output));
  }
  model::Network network = network_of("layer", layer);
  network.nodes.push_back({.layer = std::move(layer), .inputs = {0}});
  return network;
}

op::Tensor layer_input(const ArraySet& set) {
  const ArrayShape& s = set.shape;
  op::Tensor input(s.padded_h, s.padded_w, s.ic_tiles * s.rows);
  for (int tile = 0; tile < s.ic_tiles; ++tile) {
    input.data.middleCols(Eigen::Index{tile} * s.rows, s.rows) =
        elements(set.activation[static_cast<std::size_t>(tile)], zero_point(set.shape.activation, set.activation));
  }
  return input;
}

void put_psums(const ArrayShape& s, int ic_tile, const std::vector<op::Tensor>& outputs, ArrayValues& values) {
  values.psum.resize(static_cast<std::size_t>(s.ic_tiles) * static_cast<std::size_t>(s.oc_tiles) *
                     static_cast<std::size_t>(s.taps()));
  for (int oc_tile = 0; oc_tile < s.oc_tiles; ++oc_tile) {
    for (int kij = 0; kij < s.taps(); ++kij) {
      values.psum[s.index(ic_tile, oc_tile, kij)] =
          outputs[static_cast<std::size_t>(kij)].data.middleCols(Eigen::Index{oc_tile} * s.cols, s.cols);
    }
  }
}

void put_outputs(const ArrayLayout& layout, const op::Tensor& output, ArrayValues& values) {
  const ArrayShape& s = layout.shape;
  values.output.clear();
  for (int oc_tile = 0; oc_tile < s.oc_tiles; ++oc_tile) {
    values.output.push_back(finished(layout, output.data.middleCols(Eigen::Index{oc_tile} * s.cols, s.cols)));
  }
}

GoldenSums golden_sums(const ArraySet& set, const ArrayLayout& layout, int accumulator) {
  GoldenSums sums;
  for (int ic_tile = 0; ic_tile < set.shape.ic_tiles; ++ic_tile) {
    const model::Network network = psum_network(set, ic_tile, accumulator);
    const op::Tensor input = psum_input(set, ic_tile);
    const op::Tensor* const operand = &input;
    std::vector<op::Tensor> outputs;
    for (const model::Node& node : network.nodes) outputs.push_back(fast::run_layer(node.layer, {&operand, 1}));
    put_psums(set.shape, ic_tile, outputs, sums.psums);
  }
  const model::Network network = layer_network(set, layout, accumulator, true);
  const op::Tensor input = layer_input(set);
  const op::Tensor* const operand = &input;
  sums.output = fast::run_layer(network.nodes[0].layer, {&operand, 1});
  return sums;
}

ArrayValues array_golden(const ArraySet& set, const ArrayLayout& layout, int accumulator) {
  GoldenSums sums = golden_sums(set, layout, accumulator);
  put_outputs(layout, sums.output, sums.psums);
  return std::move(sums.psums);
}

std::optional<ArrayValues> outputs_of_psums(const ArraySet& set, const ArrayLayout& layout) {
  const ArrayShape& s = set.shape;
  if (set.psum.empty() ||
      std::any_of(set.psum.begin(), set.psum.end(), [](const op::Matrix& m) { return m.size() == 0; }))
    return std::nullopt;
  ArrayValues values;
  for (int oc_tile = 0; oc_tile < s.oc_tiles; ++oc_tile) {
    Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic> sum;
    sum.setZero(s.out_pixels(), s.cols);
    for (int ic_tile = 0; ic_tile < s.ic_tiles; ++ic_tile) {
      for (int kij = 0; kij < s.taps(); ++kij) {
        const op::Matrix& psum = set.psum[s.index(ic_tile, oc_tile, kij)];
        for (int o = 0; o < s.out_pixels(); ++o) sum.row(o) += psum.row(s.psum_row(o, kij)).cast<std::int64_t>();
      }
    }
    values.output.push_back(
        finished(layout, sum.cwiseMax(lowest(layout.output)).cwiseMin(highest(layout.output)).cast<std::int32_t>()));
  }
  return values;
}

}  // namespace systole::vectors
