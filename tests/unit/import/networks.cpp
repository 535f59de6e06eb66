// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/import/networks.h"

#include <utility>

namespace systole::test {

using namespace tflite_code;  // the numbers only

namespace {

int out_extent(int padding, int in, int kernel, int stride, int dilation) {
  const int reach = (kernel - 1) * dilation + 1;
  return padding == kSame ? (in + stride - 1) / stride : (in - reach + stride) / stride;
}

}  // namespace

RandomGraph::RandomGraph(const std::string& name, int height, int width, int channels) : random_(32, name, "tflite") {
  last_ = output({1, height, width, channels});
}

RandomGraph& RandomGraph::at(int tensor) {
  last_ = tensor;
  return *this;
}

int RandomGraph::draw(int low, int high) {
  return low + static_cast<int>(random_.below(draws_++, static_cast<std::uint32_t>(high - low + 1)));
}

float RandomGraph::draw_scale() { return static_cast<float>(draw(100, 1000)) * 1e-4F; }

std::vector<int> RandomGraph::draw_values(std::size_t count) {
  std::vector<int> values(count);
  for (int& value : values) value = draw(-128, 127);
  return values;
}

int RandomGraph::output(std::vector<int> shape) {
  return file_.add({.shape = std::move(shape), .scale = {draw_scale()}, .zero = {draw(-128, 127)}, .data = {}});
}

int RandomGraph::same_scale_output(std::vector<int> shape) {
  TfliteTensor tensor = file_.tensors[static_cast<std::size_t>(last_)];
  tensor.shape = std::move(shape);
  return file_.add(std::move(tensor));
}

int RandomGraph::constant(std::vector<int> shape, int values_of_a_channel, int channels, int dimension,
                          bool per_channel) {
  TfliteTensor tensor{.shape = std::move(shape), .scale = {}, .zero = {}, .dimension = dimension, .data = {}};
  for (int i = 0; i < (per_channel ? channels : 1); ++i) {
    tensor.scale.push_back(draw_scale() * 0.1F);
    tensor.zero.push_back(0);
  }
  tensor.data =
      int8_data(draw_values(static_cast<std::size_t>(values_of_a_channel) * static_cast<std::size_t>(channels)));
  return file_.add(std::move(tensor));
}

int RandomGraph::bias(int channels) {
  std::vector<int> values(static_cast<std::size_t>(channels));
  for (int& value : values) value = draw(-20000, 20000);
  return file_.add({.shape = {channels}, .type = kInt32, .data = int32_data(values)});
}

void RandomGraph::push(TfliteOp op, int code, std::vector<int> inputs, int out) {
  op.code = code;
  op.inputs = std::move(inputs);
  op.outputs = {out};
  file_.ops.push_back(std::move(op));
  last_ = out;
}

RandomGraph& RandomGraph::conv(int channels, const TfliteOp& geometry) {
  const TfliteOp& g = geometry;
  const std::vector<int> in = shape();
  const int filter =
      constant({channels, g.kernel_h, g.kernel_w, in[3]}, g.kernel_h * g.kernel_w * in[3], channels, 0, true);
  const int offsets = bias(channels);
  const int out = output({1, out_extent(g.padding, in[1], g.kernel_h, g.stride_h, g.dilation_h),
                          out_extent(g.padding, in[2], g.kernel_w, g.stride_w, g.dilation_w), channels});
  push(geometry, kConv, {last_, filter, offsets}, out);
  return *this;
}

RandomGraph& RandomGraph::depthwise(int multiplier, const TfliteOp& geometry) {
  const TfliteOp& g = geometry;
  const std::vector<int> in = shape();
  const int channels = in[3] * multiplier;
  const int filter = constant({1, g.kernel_h, g.kernel_w, channels}, g.kernel_h * g.kernel_w, channels, 3, true);
  const int out = output({1, out_extent(g.padding, in[1], g.kernel_h, g.stride_h, g.dilation_h),
                          out_extent(g.padding, in[2], g.kernel_w, g.stride_w, g.dilation_w), channels});
  push(geometry, kDepthwise, {last_, filter, bias(channels)}, out);
  return *this;
}

RandomGraph& RandomGraph::fully_connected(int outputs, bool per_channel, int activation) {
  int values = 1;
  for (const int extent : shape()) values *= extent;
  const int filter = constant({outputs, values}, values, outputs, 0, per_channel);
  const int out = output({1, outputs});
  TfliteOp op;
  op.activation = activation;
  push(op, kFullyConnected, {last_, filter, -1}, out);
  return *this;
}

RandomGraph& RandomGraph::add(int other, int activation) {
  const int out = output(shape());
  TfliteOp op;
  op.activation = activation;
  push(op, kAdd, {last_, other}, out);
  return *this;
}

RandomGraph& RandomGraph::pool(int code, const TfliteOp& geometry) {
  const TfliteOp& g = geometry;
  const std::vector<int> in = shape();
  const int out = same_scale_output({1, out_extent(g.padding, in[1], g.kernel_h, g.stride_h, 1),
                                     out_extent(g.padding, in[2], g.kernel_w, g.stride_w, 1), in[3]});
  push(geometry, code, {last_}, out);
  return *this;
}

RandomGraph& RandomGraph::pad(int top, int bottom, int left, int right) {
  const std::vector<int> in = shape();
  const int amounts =
      file_.add({.shape = {4, 2}, .type = kInt32, .data = int32_data({0, 0, top, bottom, left, right, 0, 0})});
  const int out = same_scale_output({1, in[1] + top + bottom, in[2] + left + right, in[3]});
  push({}, kPad, {last_, amounts}, out);
  return *this;
}

RandomGraph& RandomGraph::reshape(std::vector<int> shape) {
  const int out = same_scale_output(std::move(shape));
  push({}, kReshape, {last_}, out);
  return *this;
}

RandomGraph& RandomGraph::softmax() {
  const int out = output(shape());
  push({}, kSoftmax, {last_}, out);
  return *this;
}

TfliteFile RandomGraph::file() const {
  TfliteFile file = file_;
  file.outputs = {last_};
  return file;
}

TfliteFile every_operator() {
  RandomGraph g("every_operator", 7, 6, 3);
  g.pad(1, 2, 0, 1).conv(5, {.stride_h = 2, .stride_w = 1, .kernel_h = 3, .kernel_w = 2, .activation = kRelu});
  const int trunk = g.last();
  g.depthwise(1, {.padding = kSame, .kernel_h = 3, .kernel_w = 3, .activation = kRelu6}).add(trunk, kNone);
  g.pad(1, 0, 1, 1).pool(kMaxPool, {.stride_h = 2, .stride_w = 2, .kernel_h = 2, .kernel_w = 2});
  g.pool(kAveragePool, {.padding = kSame, .kernel_h = 2, .kernel_w = 3});
  g.reshape({1, g.file().tensors.back().shape[1] * g.file().tensors.back().shape[2] * 5});
  g.fully_connected(6, true, kRelu).fully_connected(4, false, kNone).softmax();
  return g.file();
}

}  // namespace systole::test
