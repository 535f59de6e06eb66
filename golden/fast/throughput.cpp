// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/throughput.h"

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

#include "golden/fast/median.h"
#include "golden/fast/op.h"
#include "golden/fixed/counter_random.h"
#include "golden/op/multiplier.h"
#include "golden/op/random_fill.h"

namespace systole::fast {
namespace {

const fixed::CounterRandom kRandom(1, "op.throughput", "data");

void fill(op::Matrix& values) { op::random_fill(values, kRandom, -128, 127); }

op::Tensor random_image(int height, int width, int channels) {
  op::Tensor image(height, width, channels);
  fill(image.data);
  return image;
}

/// An int8 layer with a requantization that keeps typical sums of `depth` products within int8.
op::Layer int8_layer(op::Kind kind, int size, int in_c, int out_size, int out_c, int depth) {
  op::Layer layer;
  layer.name = "throughput";
  layer.kind = kind;
  layer.in_h = layer.in_w = size;
  layer.in_c = in_c;
  layer.out_h = layer.out_w = out_size;
  layer.out_c = out_c;
  if (depth > 0) {
    layer.weights.resize(out_c, depth);
    fill(layer.weights);
    layer.bias = op::Vector::Ones(out_c);
  }
  const op::Multiplier multiplier = op::quantize_multiplier(1.0 / (64.0 * std::max(depth, 1)));
  layer.out.rule = fixed::Rounding::double_rounding;
  layer.out.m0 = {multiplier.m0};
  layer.out.lshift = {multiplier.lshift};
  layer.out.n = {multiplier.n};
  layer.out.act_min = 0;
  return layer;
}

op::Layer convolution(int size, int in_c, int out_c, int kernel, int padding) {
  op::Layer layer =
      int8_layer(op::Kind::conv2d, size, in_c, size + 2 * padding - kernel + 1, out_c, kernel * kernel * in_c);
  layer.window.kernel_h = layer.window.kernel_w = kernel;
  layer.window.pad_top = layer.window.pad_left = padding;
  return layer;
}

op::Layer pooling(int size, int channels) {
  op::Layer layer = int8_layer(op::Kind::max_pool, size, channels, size / 2, channels, 0);
  layer.window.kernel_h = layer.window.kernel_w = 2;
  layer.window.stride_h = layer.window.stride_w = 2;
  return layer;
}

std::vector<op::Layer> lenet() {
  return {convolution(32, 3, 6, 5, 0),
          pooling(28, 6),
          convolution(14, 6, 16, 5, 0),
          pooling(10, 16),
          int8_layer(op::Kind::fully_connected, 5, 16, 1, 120, 400),
          int8_layer(op::Kind::fully_connected, 1, 120, 1, 84, 120),
          int8_layer(op::Kind::fully_connected, 1, 84, 1, 10, 84)};
}

template <class Work>
double seconds(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double lenet_images_per_second(int repetitions) {
  constexpr int kImages = 50;
  const std::vector<op::Layer> layers = lenet();
  std::vector<std::unique_ptr<Op>> ops;
  ops.reserve(layers.size());
  for (const op::Layer& layer : layers) ops.push_back(make_op(layer));
  std::vector<op::Tensor> tensors(layers.size() + 1);
  tensors[0] = random_image(32, 32, 3);
  Workspace workspace;
  const auto run_images = [&] {
    for (int image = 0; image < kImages; ++image) {
      for (std::size_t i = 0; i < ops.size(); ++i) {
        const std::array<const op::Tensor*, 1> inputs{&tensors[i]};
        ops[i]->run(inputs, tensors[i + 1], workspace);
      }
    }
  };
  run_images();  // the buffers grow to their size
  std::vector<double> times;
  times.reserve(static_cast<std::size_t>(repetitions));
  for (int i = 0; i < repetitions; ++i) times.push_back(seconds(run_images));
  return kImages / median(times);
}

/// Golden and float product of one convolution, in turn.
ShapeThroughput measure_shape(const op::Layer& layer, int repetitions) {
  const Eigen::Index pixels = Eigen::Index{layer.out_h} * layer.out_w;
  const Eigen::Index depth = layer.weights.cols();
  const Eigen::MatrixXf patches = Eigen::MatrixXf::Constant(pixels, depth, 0.5F);
  const Eigen::MatrixXf weights = layer.weights.transpose().cast<float>();
  Eigen::MatrixXf product(pixels, layer.out_c);
  const op::Tensor image = random_image(layer.in_h, layer.in_w, layer.in_c);
  const std::array<const op::Tensor*, 1> inputs{&image};
  const std::unique_ptr<Op> op = make_op(layer);
  op::Tensor out;
  Workspace workspace;
  std::vector<double> golden_times;
  std::vector<double> float_times;
  for (int i = 0; i <= repetitions; ++i) {
    const double golden = seconds([&] { op->run(inputs, out, workspace); });
    const double floating = seconds([&] { product.noalias() = patches * weights; });
    if (i == 0) continue;  // the buffers grow to their size
    golden_times.push_back(golden);
    float_times.push_back(floating);
  }
  const std::string size =
      std::to_string(layer.in_h) + 'x' + std::to_string(layer.in_w) + 'x' + std::to_string(layer.in_c);
  return {size + " -> " + std::to_string(layer.out_c), pixels * depth * layer.out_c, median(golden_times),
          median(float_times)};
}

std::vector<op::Layer> vgg16_convolutions() {
  struct Group {
    int size, in_c, out_c, layers;
  };
  constexpr std::array kGroups{Group{32, 3, 64, 2}, Group{16, 64, 128, 2}, Group{8, 128, 256, 3}, Group{4, 256, 512, 3},
                               Group{2, 512, 512, 3}};
  std::vector<op::Layer> layers;
  for (const Group& group : kGroups) {
    layers.push_back(convolution(group.size, group.in_c, group.out_c, 3, 1));
    for (int i = 1; i < group.layers; ++i) layers.push_back(convolution(group.size, group.out_c, group.out_c, 3, 1));
  }
  return layers;
}

double macs_per_second(const std::vector<ShapeThroughput>& shapes, double ShapeThroughput::*time) {
  double macs = 0;
  double total = 0;
  for (const ShapeThroughput& shape : shapes) {
    macs += static_cast<double>(shape.macs);
    total += shape.*time;
  }
  return macs / total;
}

}  // namespace

double Throughput::golden_macs_per_second() const { return macs_per_second(shapes, &ShapeThroughput::golden_seconds); }

double Throughput::float_macs_per_second() const { return macs_per_second(shapes, &ShapeThroughput::float_seconds); }

Throughput measure_throughput(int repetitions) {
  Throughput result;
  result.lenet_images_per_second = lenet_images_per_second(repetitions);
  for (const op::Layer& layer : vgg16_convolutions()) result.shapes.push_back(measure_shape(layer, repetitions));
  return result;
}

}  // namespace systole::fast
