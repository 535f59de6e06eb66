// SPDX-License-Identifier: Apache-2.0
#include "golden/model/float_execute.h"

#include <fmt/format.h>

#include <limits>
#include <stdexcept>
#include <utility>

namespace systole::model {

namespace {

/// Calls visit(tap, input pixel) for every tap of output pixel (y, x) that is not padding.
template <typename Visit>
void for_each_tap(const FloatLayer& layer, int y, int x, Visit visit) {
  const op::Window& w = layer.window;
  for (int kh = 0; kh < w.kernel_h; ++kh) {
    const int row = y * w.stride_h - w.pad_top + kh * w.dilation_h;
    if (row < 0 || row >= layer.in_h) continue;
    for (int kw = 0; kw < w.kernel_w; ++kw) {
      const int column = x * w.stride_w - w.pad_left + kw * w.dilation_w;
      if (column < 0 || column >= layer.in_w) continue;
      visit(kh * w.kernel_w + kw, Eigen::Index{row} * layer.in_w + column);
    }
  }
}

/// Calls visit(output row of the matrix, y, x) for every output pixel.
template <typename Visit>
void for_each_pixel(const FloatLayer& layer, Visit visit) {
  for (int y = 0; y < layer.out_h; ++y) {
    for (int x = 0; x < layer.out_w; ++x) visit(Eigen::Index{y} * layer.out_w + x, y, x);
  }
}

void conv2d(const FloatLayer& layer, const FloatTensor& in, FloatMatrix& columns, FloatMatrix& out) {
  columns.setZero(out.rows(), layer.weights.cols());
  for_each_pixel(layer, [&](Eigen::Index pixel, int y, int x) {
    for_each_tap(layer, y, x, [&](int tap, Eigen::Index source) {
      columns.row(pixel).segment(Eigen::Index{tap} * layer.in_c, layer.in_c) = in.data.row(source);
    });
  });
  out.noalias() = columns * layer.weights.transpose();
}

void depthwise(const FloatLayer& layer, const FloatTensor& in, FloatMatrix& out) {
  const int multiplier = layer.out_c / layer.in_c;
  out.setZero();
  for_each_pixel(layer, [&](Eigen::Index pixel, int y, int x) {
    for_each_tap(layer, y, x, [&](int tap, Eigen::Index source) {
      for (int c = 0; c < layer.out_c; ++c) out(pixel, c) += in.data(source, c / multiplier) * layer.weights(c, tap);
    });
  });
}

void max_pool(const FloatLayer& layer, const FloatTensor& in, FloatMatrix& out) {
  out.setConstant(std::numeric_limits<float>::lowest());
  for_each_pixel(layer, [&](Eigen::Index pixel, int y, int x) {
    for_each_tap(layer, y, x,
                 [&](int, Eigen::Index source) { out.row(pixel) = out.row(pixel).cwiseMax(in.data.row(source)); });
  });
}

/// Divides by the taps that are not padding; a pixel without any is 0.
void avg_pool(const FloatLayer& layer, const FloatTensor& in, FloatMatrix& out) {
  out.setZero();
  for_each_pixel(layer, [&](Eigen::Index pixel, int y, int x) {
    int count = 0;
    for_each_tap(layer, y, x, [&](int, Eigen::Index source) {
      out.row(pixel) += in.data.row(source);
      ++count;
    });
    if (count > 1) out.row(pixel) /= static_cast<float>(count);
  });
}

}  // namespace

FloatExecutor::FloatExecutor(const FloatNetwork& network, BeforeRelu before_relu)
    : network_(network), before_relu_(std::move(before_relu)) {
  outputs_.reserve(network.nodes.size());
  for (const auto& [layer, inputs] : network.nodes) outputs_.emplace_back(layer.out_h, layer.out_w, layer.out_c);
}

const FloatTensor& FloatExecutor::tensor(int index) const {
  return index == 0 ? *input_ : outputs_[static_cast<std::size_t>(index) - 1];
}

void FloatExecutor::run_node(std::size_t number, FloatTensor& output) {
  const FloatNode& node = network_.nodes[number];
  const FloatLayer& layer = node.layer;
  const FloatTensor& in = tensor(node.inputs[0]);
  switch (layer.kind) {
    case op::Kind::conv2d:
      conv2d(layer, in, columns_, output.data);
      break;
    case op::Kind::depthwise:
      depthwise(layer, in, output.data);
      break;
    case op::Kind::fully_connected:
      output.data.noalias() = in.data.reshaped<Eigen::RowMajor>(1, layer.weights.cols()) * layer.weights.transpose();
      break;
    case op::Kind::max_pool:
      max_pool(layer, in, output.data);
      break;
    case op::Kind::avg_pool:
      avg_pool(layer, in, output.data);
      break;
    case op::Kind::add:
      output.data = in.data + tensor(node.inputs[1]).data;
      break;
    case op::Kind::concat:
      Eigen::Index first = 0;
      for (const int index : node.inputs) {
        const FloatMatrix& part = tensor(index).data;
        output.data.middleCols(first, part.cols()) = part;
        first += part.cols();
      }
      break;
  }
  if (layer.bias.size() != 0) output.data.rowwise() += layer.bias.transpose();
  if (before_relu_) before_relu_(number, output.data);
  if (layer.relu) output.data = output.data.cwiseMax(0.0F);
  if (layer.clip > 0) output.data = output.data.cwiseMin(layer.clip);
}

const std::vector<FloatTensor>& FloatExecutor::run(const FloatTensor& input) {
  const FloatInput& wanted = network_.input;
  if (input.height != wanted.height || input.width != wanted.width || input.channels() != wanted.channels) {
    throw std::invalid_argument(fmt::format("float network {}: expected an input of {} x {} x {}, found {} x {} x {}",
                                            network_.name, wanted.height, wanted.width, wanted.channels, input.height,
                                            input.width, input.channels()));
  }
  input_ = &input;
  for (std::size_t i = 0; i < outputs_.size(); ++i) run_node(i, outputs_[i]);
  return outputs_;
}

}  // namespace systole::model
