// SPDX-License-Identifier: Apache-2.0
#include "debug/smaller_layer.h"

#include <algorithm>

#include "base/as_size.h"
#include "golden/op/validate.h"

namespace systole::debug {
namespace {

using base::as_size;
using op::Kind;

/// Entries of a list that has one for each channel, or one for all.
template <class List>
void pick(List& list, std::size_t channels, const std::vector<int>& kept) {
  if (list.size() != channels || channels == 1) return;
  List picked;
  picked.reserve(kept.size());
  for (const int channel : kept) picked.push_back(list[as_size(channel)]);
  list = std::move(picked);
}

op::Tensor with_channels(const op::Tensor& from, const std::vector<int>& kept) {
  op::Tensor tensor(from.height, from.width, static_cast<int>(kept.size()));
  for (std::size_t i = 0; i < kept.size(); ++i) tensor.data.col(static_cast<Eigen::Index>(i)) = from.data.col(kept[i]);
  return tensor;
}

/// Along one axis: where a part of the output and of the taps reads the input.
struct Reach {
  int first = 0, count = 0;  ///< pixels of the input
  int pad = 0;
};
std::optional<Reach> reach(int size, int pad, int stride, int dilation, const Part& out, const Part& kernel) {
  const int begin = out.first * stride - pad + kernel.first * dilation;
  const int end = (out.first + out.count - 1) * stride - pad + (kernel.first + kernel.count - 1) * dilation + 1;
  const int first = std::clamp(begin, 0, size), last = std::clamp(end, 0, size);
  if (first >= last) return std::nullopt;
  return Reach{.first = first, .count = last - first, .pad = first - begin};
}

op::Tensor with_pixels(const op::Tensor& from, const Reach& rows, const Reach& columns) {
  op::Tensor tensor(rows.count, columns.count, from.channels());
  for (int y = 0; y < rows.count; ++y) {
    tensor.data.middleRows(Eigen::Index{y} * columns.count, columns.count) =
        from.data.middleRows(Eigen::Index{rows.first + y} * from.width + columns.first, columns.count);
  }
  return tensor;
}

/// The weights of those taps; `channels` of each tap.
op::Matrix with_taps(const op::Matrix& weights, int kernel_w, Eigen::Index channels, const Crop& crop) {
  op::Matrix kept(weights.rows(), Eigen::Index{crop.kernel_h.count} * crop.kernel_w.count * channels);
  Eigen::Index to = 0;
  for (int kh = 0; kh < crop.kernel_h.count; ++kh) {
    for (int kw = 0; kw < crop.kernel_w.count; ++kw, to += channels) {
      const int tap = (crop.kernel_h.first + kh) * kernel_w + crop.kernel_w.first + kw;
      kept.middleCols(to, channels) = weights.middleCols(tap * channels, channels);
    }
  }
  return kept;
}

/// The align of the tile in which each new tile's first channel was.
void pick_align(op::Layer& layer, const std::vector<int>& kept) {
  if (layer.align.empty()) return;
  std::vector<int> align;
  for (std::size_t i = 0; i < kept.size(); i += as_size(layer.tile_channels))
    align.push_back(layer.align[as_size(kept[i] / layer.tile_channels)]);
  layer.align = std::move(align);
}

LayerCase concat_of(const LayerCase& from, const std::vector<int>& kept) {
  LayerCase part{.layer = from.layer, .inputs = {}};
  part.layer.concat.clear();
  int first = 0;
  for (std::size_t i = 0; i < from.inputs.size(); ++i) {
    std::vector<int> own;
    for (const int channel : kept) {
      if (channel >= first && channel < first + from.inputs[i].channels()) own.push_back(channel - first);
    }
    first += from.inputs[i].channels();
    if (own.empty()) continue;
    part.layer.concat.push_back(from.layer.concat[i]);
    part.layer.concat.back().channels = static_cast<int>(own.size());
    part.inputs.push_back(with_channels(from.inputs[i], own));
  }
  part.layer.in_c = part.inputs.front().channels();
  return part;
}

}  // namespace

Crop whole(const op::Layer& layer) {
  return {.out_h = {0, layer.out_h},
          .out_w = {0, layer.out_w},
          .kernel_h = {0, layer.window.kernel_h},
          .kernel_w = {0, layer.window.kernel_w}};
}

std::optional<LayerCase> cropped(const LayerCase& from, const Crop& crop) {
  const op::Layer& l = from.layer;
  const op::Window& w = l.window;
  const auto rows = reach(l.in_h, w.pad_top, w.stride_h, w.dilation_h, crop.out_h, crop.kernel_h);
  const auto columns = reach(l.in_w, w.pad_left, w.stride_w, w.dilation_w, crop.out_w, crop.kernel_w);
  if (!rows || !columns) return std::nullopt;
  LayerCase part{.layer = l, .inputs = {}};
  for (const op::Tensor& input : from.inputs) part.inputs.push_back(with_pixels(input, *rows, *columns));
  part.layer.in_h = rows->count;
  part.layer.in_w = columns->count;
  part.layer.out_h = crop.out_h.count;
  part.layer.out_w = crop.out_w.count;
  part.layer.window.kernel_h = crop.kernel_h.count;
  part.layer.window.kernel_w = crop.kernel_w.count;
  part.layer.window.pad_top = rows->pad;
  part.layer.window.pad_left = columns->pad;
  if (l.kind == Kind::conv2d || l.kind == Kind::depthwise)
    part.layer.weights = with_taps(l.weights, w.kernel_w, l.kind == Kind::conv2d ? l.in_c : 1, crop);
  return part;
}

std::optional<LayerCase> with_out_channels(const LayerCase& from, const std::vector<int>& channels) {
  const op::Layer& l = from.layer;
  if (l.kind == Kind::depthwise && l.out_c != l.in_c) return std::nullopt;
  LayerCase part = l.kind == Kind::concat ? concat_of(from, channels) : from;
  if (part.inputs.size() < op::input_count(l) && part.inputs.size() < 2) return std::nullopt;
  op::Layer& layer = part.layer;
  const std::size_t before = as_size(l.out_c);
  layer.out_c = static_cast<int>(channels.size());
  const bool own_input = l.kind != Kind::conv2d && l.kind != Kind::fully_connected && l.kind != Kind::concat;
  if (own_input) {
    layer.in_c = layer.out_c;
    for (op::Tensor& input : part.inputs) input = with_channels(input, channels);
    pick_align(layer, channels);
  }
  if (op::has_weights(l.kind)) {
    layer.weights.resize(layer.out_c, l.weights.cols());
    for (std::size_t i = 0; i < channels.size(); ++i)
      layer.weights.row(static_cast<Eigen::Index>(i)) = l.weights.row(channels[i]);
  }
  if (l.bias.size() > 0) {
    layer.bias.resize(layer.out_c);
    for (std::size_t i = 0; i < channels.size(); ++i) layer.bias(static_cast<Eigen::Index>(i)) = l.bias(channels[i]);
  }
  pick(layer.out.m0, before, channels);
  pick(layer.out.lshift, before, channels);
  pick(layer.out.n, before, channels);
  return part;
}

std::optional<LayerCase> with_in_channels(const LayerCase& from, const std::vector<int>& channels) {
  const op::Layer& l = from.layer;
  if (l.kind != Kind::conv2d && l.kind != Kind::fully_connected) return std::nullopt;
  LayerCase part = over_one_pixel(from);
  op::Layer& layer = part.layer;
  const int before = layer.in_c;
  layer.in_c = static_cast<int>(channels.size());
  const Eigen::Index taps = layer.weights.cols() / before;
  op::Matrix weights(layer.out_c, taps * layer.in_c);
  for (Eigen::Index tap = 0, to = 0; tap < taps; ++tap) {
    for (const int channel : channels) weights.col(to++) = layer.weights.col(tap * before + channel);
  }
  layer.weights = std::move(weights);
  part.inputs[0] = with_channels(part.inputs[0], channels);
  pick_align(layer, channels);
  return part;
}

LayerCase over_one_pixel(LayerCase from) {
  op::Layer& layer = from.layer;
  if (layer.kind != Kind::fully_connected || layer.in_h * layer.in_w == 1) return from;
  layer.in_c = layer.in_h * layer.in_w * layer.in_c;
  layer.in_h = layer.in_w = 1;
  op::Tensor flat(1, 1, layer.in_c);
  std::copy_n(from.inputs[0].data.data(), layer.in_c, flat.data.data());
  from.inputs[0] = std::move(flat);
  return from;
}

}  // namespace systole::debug
