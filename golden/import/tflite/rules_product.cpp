// SPDX-License-Identifier: Apache-2.0
// Convolutions and fully connected layers.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "golden/import/tflite/arithmetic.h"
#include "golden/import/tflite/layer.h"
#include "golden/import/tflite/rules.h"

namespace systole::model::tflite::rule {

using op::Kind;
using op::Layer;

namespace {

/// Symmetric int8 weights with one scale, or one per output channel along `dimension`.
const Tensor& filter(const Builder& b, std::size_t rank, int dimension) {
  const int number = b.input_number(1);
  const Tensor& t = b.constant(1, Type::int8, "int8", rank);
  const Quantization& q = t.quantization;
  const auto channels = static_cast<std::size_t>(t.shape[static_cast<std::size_t>(dimension)]);
  if (q.scale.size() != 1 && (q.scale.size() != channels || q.dimension != dimension)) {
    b.fail_tensor(number, fmt::format("expected one scale, or {} along dimension {}, found {} along {}", channels,
                                      dimension, q.scale.size(), q.dimension));
  }
  if (std::any_of(q.zero_point.begin(), q.zero_point.end(), [](std::int64_t zero) { return zero != 0; })) {
    b.fail_tensor(number, "expected weights with zero point 0");
  }
  return t;
}

std::int32_t int8_at(const Tensor& t, std::int64_t i) {
  return static_cast<std::int8_t>(t.data[static_cast<std::size_t>(i)]);
}

/// The filter as it lies: rows of `cols` values.
void set_rows(Builder& b, Layer& layer, const Tensor& filter) {
  const std::int64_t cols = filter.elements() / filter.shape[0];
  b.take_weights(filter.elements());
  layer.weights.resize(filter.shape[0], cols);
  for (std::int64_t i = 0; i < filter.elements(); ++i) layer.weights.data()[i] = int8_at(filter, i);
}

/// A filter of [1, kernel_h, kernel_w, out channels]: the channel becomes the row.
void set_columns(Builder& b, Layer& layer, const Tensor& filter) {
  const std::int64_t taps = std::int64_t{filter.shape[1]} * filter.shape[2];
  b.take_weights(filter.elements());
  layer.weights.resize(filter.shape[3], taps);
  for (std::int64_t tap = 0; tap < taps; ++tap) {
    for (int oc = 0; oc < filter.shape[3]; ++oc) {
      layer.weights(oc, tap) = int8_at(filter, tap * filter.shape[3] + oc);
    }
  }
}

/// The optional int32 bias.
void set_bias(const Builder& b, Layer& layer) {
  if (b.input_count() < 3 || b.op().inputs[2] < 0) return;
  const Tensor& bias = b.constant(2, Type::int32, "int32", 1);
  if (bias.shape[0] != layer.out_c) {
    b.fail_tensor(b.op().inputs[2], fmt::format("expected {} values, found {}", layer.out_c, bias.shape[0]));
  }
  layer.bias.resize(layer.out_c);
  for (int oc = 0; oc < layer.out_c; ++oc) layer.bias[oc] = static_cast<std::int32_t>(integer_at(bias, oc));
}

/// Multipliers, output and bias of a layer with weights; `real(filter scale)` is its factor.
template <typename Real>
void set_requantization(const Builder& b, Layer& layer, const Tensor& filter, Real real, Activation activation) {
  layer.out.m0.clear();
  layer.out.lshift.clear();
  layer.out.n.clear();
  for (const float scale : filter.quantization.scale) {
    const op::Multiplier m = multiplier(b, real(scale));
    layer.out.m0.push_back(m.m0);
    layer.out.lshift.push_back(m.lshift);
    layer.out.n.push_back(m.n);
  }
  layer.zero_in = b.activation_scale(b.input_number(0)).zero;
  set_output(b, layer, activation);
  set_bias(b, layer);
}

/// The operator's filter as window options; checks the kernel's extents.
WindowOptions convolution_window(const Builder& b, const Tensor& filter) {
  constexpr int kMaxKernel = 15;
  WindowOptions window = b.options<WindowOptions>();
  window.kernel_h = filter.shape[1];
  window.kernel_w = filter.shape[2];
  if (window.kernel_h > kMaxKernel || window.kernel_w > kMaxKernel) {
    b.fail(fmt::format("expected a kernel of at most {} x {}, found {} x {}", kMaxKernel, kMaxKernel, window.kernel_h,
                       window.kernel_w));
  }
  return window;
}

/// A layer over a window, with the padding of a pad before it folded into its own where it can be.
Layer start_convolution(Builder& b, Kind kind, const WindowOptions& window, int& source) {
  const Value value = b.value_of(b.input_number(0));
  if (value.pads.any()) {
    source = value.tensor;
    Layer layer = b.start(kind, source);
    const bool same_map = value.pads.around(b.node_shape(source)) == b.map_shape(b.input_number(0));
    if (same_map && try_window(b, layer, window, value.pads)) return layer;
  }
  source = b.plain_map(b.input_number(0));
  Layer layer = b.start(kind, source);
  set_window(b, layer, window);
  return layer;
}

void convolution_requantization(const Builder& b, Layer& layer, const Tensor& weights, Activation activation) {
  const float in = b.activation_scale(b.input_number(0)).scale;
  const float out = b.activation_scale(b.output_number()).scale;
  set_requantization(
      b, layer, weights, [&](float scale) { return convolution_scale(in, scale, out); }, activation);
}

}  // namespace

void conv(Builder& b) {
  const Tensor& weights = filter(b, 4, 0);
  const WindowOptions window = convolution_window(b, weights);
  int source = 0;
  Layer layer = start_convolution(b, Kind::conv2d, window, source);
  layer.out_c = weights.shape[0];
  if (weights.shape[3] != layer.in_c) {
    b.fail(fmt::format("expected filters of {} channels, as the input has, found {} (groups)", layer.in_c,
                       weights.shape[3]));
  }
  set_rows(b, layer, weights);
  convolution_requantization(b, layer, weights, window.activation);
  b.finish(std::move(layer), {source});
}

void depthwise(Builder& b) {
  const Tensor& weights = filter(b, 4, 3);
  const WindowOptions window = convolution_window(b, weights);
  int source = 0;
  Layer layer = start_convolution(b, Kind::depthwise, window, source);
  layer.out_c = weights.shape[3];
  if (weights.shape[0] != 1 || layer.out_c % layer.in_c != 0) {
    b.fail(fmt::format("expected a filter of [1, height, width, multiple of {}], found [{}]", layer.in_c,
                       fmt::join(weights.shape, ", ")));
  }
  set_columns(b, layer, weights);
  convolution_requantization(b, layer, weights, window.activation);
  b.finish(std::move(layer), {source});
}

void fully_connected(Builder& b) {
  const auto& o = b.options<FullyConnectedOptions>();
  if (o.shuffled_weights) b.fail("expected weights in rows, found shuffled weights");
  const Tensor& weights = filter(b, 2, 0);
  const int source = b.plain(b.input_number(0));
  Layer layer = b.start(Kind::fully_connected, source);
  layer.out_h = 1;
  layer.out_w = 1;
  layer.out_c = weights.shape[0];
  const std::int64_t values = b.node_shape(source).elements();
  if (weights.shape[1] != values || b.tensor(b.input_number(0)).elements() != values) {
    b.fail(
        fmt::format("expected weights of {} columns, one per value of the input, found {}", values, weights.shape[1]));
  }
  set_rows(b, layer, weights);
  const float in = b.activation_scale(b.input_number(0)).scale;
  const float out = b.activation_scale(b.output_number()).scale;
  const bool per_channel = weights.quantization.scale.size() > 1;
  set_requantization(
      b, layer, weights,
      [&](float scale) {
        return per_channel ? convolution_scale(in, scale, out) : fully_connected_scale(in, scale, out);
      },
      o.activation);
  b.finish(std::move(layer), {source});
}

}  // namespace systole::model::tflite::rule
