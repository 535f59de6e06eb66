// SPDX-License-Identifier: Apache-2.0
#include "golden/model/one_layer.h"

#include <fmt/format.h>

namespace systole::model {
namespace {

/// Fetches channels first .. first + count - 1 of the network's input for a layer that reads them.
op::Layer fetch(const op::Layer& reader, int channels, int first, int count) {
  op::Layer layer;
  layer.name = fmt::format("input_{}", first);
  layer.in_h = layer.out_h = reader.in_h;
  layer.in_w = layer.out_w = reader.in_w;
  layer.in_c = channels;
  layer.out_c = count;
  layer.act_signed = reader.act_signed;
  layer.act_bits = reader.act_bits;
  layer.wgt_bits = 2;
  layer.psum_width = reader.psum_width;
  layer.psum_bits = reader.psum_width - 1;
  layer.weights = op::Matrix::Zero(count, channels);
  layer.weights.middleCols(first, count).setIdentity();
  const op::ElementRange range = op::element_range(reader.act_signed, reader.act_bits);
  layer.out = {.multiply = false, .lshift = {0}, .act_min = range.low, .act_max = range.high};
  return layer;
}

/// The layer up to the biased accumulator.
op::Layer raw(op::Layer layer) {
  layer.name = "psum";
  layer.out.raw = true;
  layer.exclude_padding = false;  // the sum is the same, only its divisor differs
  return layer;
}

}  // namespace

LayerJob layer_job(const op::Layer& given, const std::vector<op::Tensor>& inputs, int psum_width, bool psum) {
  op::Layer layer = given;
  layer.psum_width = psum_width;
  if (!layer.saturate) layer.psum_bits = psum_width - 1;
  int channels = 0;
  for (const op::Tensor& input : inputs) channels += input.channels();
  LayerJob job{.network = {}, .input = op::Tensor(layer.in_h, layer.in_w, channels)};
  job.network.name = "layer";
  job.network.input = {.height = layer.in_h,
                       .width = layer.in_w,
                       .channels = channels,
                       .is_signed = layer.act_signed,
                       .bits = layer.act_bits,
                       .pixel_offset = 0};
  std::vector<int> operands{0};
  if (inputs.size() > 1) operands.clear();
  int first = 0;
  for (const op::Tensor& input : inputs) {
    job.input.data.middleCols(first, input.channels()) = input.data;
    if (inputs.size() > 1) {
      job.network.nodes.push_back({.layer = fetch(layer, channels, first, input.channels()), .inputs = {0}});
      operands.push_back(static_cast<int>(job.network.nodes.size()));
    }
    first += input.channels();
  }
  if (psum) job.network.nodes.push_back({.layer = raw(layer), .inputs = operands});
  job.network.nodes.push_back({.layer = std::move(layer), .inputs = operands});
  return job;
}

}  // namespace systole::model
