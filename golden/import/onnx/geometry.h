// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where windows, weights and values of a graph lie in the layers of a network, integer or float. Internal to this
// folder.
#include <cstdint>
#include <optional>
#include <string>

#include "golden/format/network_folder.h"
#include "golden/import/onnx/walk.h"
#include "golden/op/layer.h"

namespace systole::model::onnx {

/// Calls element(index in the source, index in the network's tensor) for all values of a shape: channels first there
/// unless `last`, channels last here.
template <typename Element>
void for_each_element(const Shape& shape, bool last, Element element) {
  const std::int64_t pixels = std::int64_t{shape.height} * shape.width;
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
    for (std::int64_t channel = 0; channel < shape.channels; ++channel) {
      const std::int64_t here = pixel * shape.channels + channel;
      element(last ? here : channel * pixels + pixel, here);
    }
  }
}

/// Why no layer that reads a map of this height and width has such a window; none: one has.
std::optional<std::string> window_problem(const Window& window, int height, int width);

/// Whether a window reaches beyond the map [n, c, h, w], so that windows have different numbers of taps inside.
bool leaves_map(const Window& window, const std::vector<std::int64_t>& map);

/// Sets window and extents of the output; layer.in_h and in_w are set before. Throws base::InputError.
template <typename Layer>
void set_window(const Walk& walk, Layer& layer, const Window& window) {
  if (const auto problem = window_problem(window, layer.in_h, layer.in_w)) walk.fail(*problem);
  const auto entry = [](std::int64_t value) { return static_cast<int>(value); };
  layer.window = {.kernel_h = entry(window.kernel[0]),
                  .kernel_w = entry(window.kernel[1]),
                  .stride_h = entry(window.stride[0]),
                  .stride_w = entry(window.stride[1]),
                  .dilation_h = entry(window.dilation[0]),
                  .dilation_w = entry(window.dilation[1]),
                  .pad_top = entry(window.before[0]),
                  .pad_left = entry(window.before[1])};
  layer.out_h = entry(window.out[0]);
  layer.out_w = entry(window.out[1]);
}

/// What a convolution's weights [oc, channels of a group, kh, kw] are here: depthwise where each group is one channel;
/// groups between are a conv2d whose other weights are 0.
template <typename Layer>
op::Kind convolution_kind(const Layer& layer, std::int64_t channels) {
  return layer.in_c > channels && channels == 1 ? op::Kind::depthwise : op::Kind::conv2d;
}

/// Calls weight(output channel, column here, input channel, index there) for all of them; the layer's kind, channels
/// and window are set.
template <typename Layer, typename Weight>
void for_each_convolution_weight(const Layer& layer, std::int64_t channels, Weight weight) {
  const std::int64_t outputs = layer.out_c / (layer.in_c / channels);  // of one group
  const std::int64_t taps = std::int64_t{layer.window.kernel_h} * layer.window.kernel_w;
  const bool depthwise = layer.kind == op::Kind::depthwise;
  const std::int64_t columns = depthwise ? 1 : layer.in_c;
  for (std::int64_t oc = 0; oc < layer.out_c; ++oc) {
    const std::int64_t first = oc / outputs * channels;
    for (std::int64_t ic = 0; ic < channels; ++ic) {
      for (std::int64_t tap = 0; tap < taps; ++tap) {
        const std::int64_t column = tap * columns + (depthwise ? 0 : first + ic);
        weight(oc, column, first + ic, (oc * channels + ic) * taps + tap);
      }
    }
  }
}

/// Calls weight(output, column here, index there) for the weights of a matrix product: [depth, n], or [n, depth] where
/// `transposed`. A fully connected layer reads its map in HWC order; `channels_first`: the source flattened it from
/// CHW.
template <typename Layer, typename Weight>
void for_each_matrix_weight(const Layer& layer, std::int64_t depth, bool transposed, bool channels_first,
                            Weight weight) {
  const bool map = layer.kind == op::Kind::fully_connected && channels_first;
  const std::int64_t pixels = map ? std::int64_t{layer.in_h} * layer.in_w : 1;
  const std::int64_t channels = depth / pixels;
  for (std::int64_t n = 0; n < layer.out_c; ++n) {
    for (std::int64_t k = 0; k < depth; ++k) {
      weight(n, k % pixels * channels + k / pixels, transposed ? n * depth + k : k * layer.out_c + n);
    }
  }
}

}  // namespace systole::model::onnx
