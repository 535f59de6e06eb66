// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/resnet8.h"

#include <stdexcept>
#include <string>

#include "base/interrupted.h"
#include "golden/op/random_fill.h"
#include "sim/session/session.h"

namespace systole::bench {
namespace {

constexpr int kInputSide = 32, kInputChannels = 3, kClasses = 10;

/// Adds layers one after another; each returns its tensor: the number that later layers read it by.
class Builder {
 public:
  Builder(model::Network& network, std::uint64_t seed) : network_(network), seed_(seed) {}

  int convolution(int from, int channels, int kernel, int stride, bool relu) {
    op::Layer layer = next_to(from, "conv", op::Kind::conv2d);
    layer.out_h = layer.in_h / stride;
    layer.out_w = layer.in_w / stride;
    layer.out_c = channels;
    // TFLite's SAME on an even map: with stride 2 the one pixel of padding goes to the bottom and right.
    const int pad = stride == 1 ? kernel / 2 : 0;
    layer.window = {.kernel_h = kernel,
                    .kernel_w = kernel,
                    .stride_h = stride,
                    .stride_w = stride,
                    .pad_top = pad,
                    .pad_left = pad};
    if (relu) layer.out.act_min = 0;
    return add_weights(std::move(layer), from, Eigen::Index{kernel} * kernel * network_channels(from));
  }

  int add(int a, int b) {
    op::Layer layer = next_to(a, "add", op::Kind::add);
    layer.out.act_min = 0;
    return push(std::move(layer), {a, b});
  }

  int average_pool(int from) {
    op::Layer layer = next_to(from, "pool", op::Kind::avg_pool);
    layer.window = {.kernel_h = layer.in_h, .kernel_w = layer.in_w};
    layer.out_h = layer.out_w = 1;
    layer.exclude_padding = true;
    return push(std::move(layer), {from});
  }

  int fully_connected(int from, int classes) {
    op::Layer layer = next_to(from, "fc", op::Kind::fully_connected);
    layer.out_h = layer.out_w = 1;
    layer.out_c = classes;
    const Eigen::Index columns = Eigen::Index{layer.in_h} * layer.in_w * layer.in_c;
    return add_weights(std::move(layer), from, columns);
  }

 private:
  [[nodiscard]] int network_channels(int tensor) const {
    return tensor == 0 ? network_.input.channels : layer_of(tensor).out_c;
  }
  [[nodiscard]] const op::Layer& layer_of(int tensor) const {
    return network_.nodes[static_cast<std::size_t>(tensor) - 1].layer;
  }
  /// A layer that keeps the shape of the tensor it reads.
  [[nodiscard]] op::Layer next_to(int from, const char* name, op::Kind kind) const {
    op::Layer layer;
    layer.name = name + std::to_string(network_.nodes.size());
    layer.kind = kind;
    layer.in_h = layer.out_h = from == 0 ? network_.input.height : layer_of(from).out_h;
    layer.in_w = layer.out_w = from == 0 ? network_.input.width : layer_of(from).out_w;
    layer.in_c = layer.out_c = network_channels(from);
    return layer;
  }
  int add_weights(op::Layer layer, int from, Eigen::Index columns) {
    layer.weights = random_bytes(layer.out_c, columns, {seed_, "resnet8", layer.name});
    layer.bias = op::Vector::Zero(layer.out_c);
    layer.out.n = {10};  // sums of a few hundred random products come back to about eight bits
    return push(std::move(layer), {from});
  }
  int push(op::Layer layer, std::vector<int> inputs) {
    network_.nodes.push_back({.layer = std::move(layer), .inputs = std::move(inputs)});
    return static_cast<int>(network_.nodes.size());
  }

  model::Network& network_;
  std::uint64_t seed_;
};

}  // namespace

op::Matrix random_bytes(Eigen::Index rows, Eigen::Index cols, const fixed::CounterRandom& random) {
  op::Matrix values(rows, cols);
  op::random_fill(values, random, -128, 127);
  return values;
}

model::Network resnet8_network(std::uint64_t seed) {
  model::Network network;
  network.name = "resnet8";
  network.input = {.height = kInputSide, .width = kInputSide, .channels = kInputChannels};
  Builder builder(network, seed);
  int last = builder.convolution(0, 16, 3, 1, true);
  for (const int channels : {16, 32, 64}) {
    const int stride = channels == 16 ? 1 : 2;
    const int shortcut = stride == 1 ? last : builder.convolution(last, channels, 1, stride, false);
    const int inner = builder.convolution(last, channels, 3, stride, true);
    last = builder.add(builder.convolution(inner, channels, 3, 1, false), shortcut);
  }
  builder.fully_connected(builder.average_pool(last), kClasses);
  return network;
}

EndToEnd measure_resnet8(std::int64_t images, std::uint64_t seed) {
  const model::Network network = resnet8_network(seed);
  const auto source = [seed](std::int64_t index) {
    session::InputImage image{.index = index, .label = -1, .input = op::Tensor(kInputSide, kInputSide, kInputChannels)};
    image.input.data =
        random_bytes(image.input.data.rows(), image.input.data.cols(), {seed, "resnet8.input", std::to_string(index)});
    return image;
  };
  session::RunOptions options;
  options.test = "bench";
  options.seed = seed;
  const session::RunReport report = session::run_network(network, options, source, images);
  if (report.outcome == kernel::Outcome::interrupted) throw base::Interrupted();
  if (report.outcome != kernel::Outcome::passed) throw std::runtime_error("bench: resnet8: " + report.detail);
  return {static_cast<double>(report.images) / report.seconds, report.cycles / report.images};
}

}  // namespace systole::bench
