// SPDX-License-Identifier: Apache-2.0
// Convolutions and matrix products. What is pending on their input goes into their weights or window.
#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "golden/import/onnx/float_rules.h"
#include "golden/import/onnx/geometry.h"

namespace systole::model::onnx::float_rule {

using op::Kind;

namespace {

/// Puts a weight of the source into its place, the gain and offset of the channel that it reads in it.
void place(FloatWeights& to, const Affine& before, std::int64_t row, std::int64_t column, std::int64_t channel,
           double weight) {
  if (!before.any()) {
    to.weights(row, column) = weight;
    return;
  }
  to.weights(row, column) = weight * before.gain[at(channel)];
  to.bias[row] += weight * before.offset[at(channel)];
}

FloatWeights zeros(int rows, std::int64_t columns, bool bias) {
  return {.weights = Eigen::MatrixXd::Zero(rows, columns),
          .bias = bias ? Eigen::VectorXd(Eigen::VectorXd::Zero(rows)) : Eigen::VectorXd()};
}

/// Adds factor * input 2, one value or one per output.
void add_bias(FloatBuilder& b, FloatWeights& to, double factor) {
  if (!b.given(2)) return;
  const Array& bias = b.call().input(2, kFloat);
  const auto rows = static_cast<std::size_t>(to.weights.rows());
  const bool in_a_row = bias.shape.size() <= 1 || bias.values.size() == at(bias.shape.back());
  if (!in_a_row || (bias.values.size() != 1 && bias.values.size() != rows)) {
    b.fail(fmt::format("input 2: expected one value or {}, found [{}]", rows, fmt::join(bias.shape, ", ")));
  }
  if (to.bias.size() == 0) to.bias = Eigen::VectorXd::Zero(to.weights.rows());
  for (std::size_t i = 0; i < rows; ++i) {
    to.bias[static_cast<Eigen::Index>(i)] += factor * bias.values[bias.values.size() == 1 ? 0 : i];
  }
}

/// The value that the convolution reads: with what it takes over still pending.
FloatValue taken_input(FloatBuilder& b, const Array& weights) {
  const FloatValue in = b.value(0);
  const std::vector<std::int64_t> map = b.map_of(in);
  const Window window = convolution_window(b.call(), in.shape, weights);
  const Shape shape = b.shape_of(in.tensor);
  const bool pad_fits = !in.padding.any() || !window_problem(widened(in.padding, window), shape.height, shape.width);
  const bool affine_fits = !in.affine.shifts() || !leaves_map(window, map);
  return pad_fits && affine_fits ? in : b.settled(0);
}

/// [1, k] times a matrix: a fully connected layer of whatever map was flattened into k values.
void product(FloatBuilder& b, bool transposed, double alpha, double beta) {
  b.require_constants(1, 2);
  const Array& weights = b.call().input_of_rank(1, kFloat, 2);
  const FloatValue in = b.value(0).padding.any() ? b.settled(0) : b.value(0);
  const std::int64_t depth = weights.shape[transposed ? 1 : 0];
  if (in.shape.size() != 2 || in.shape[0] != 1 || in.shape[1] != depth) {
    b.fail(fmt::format("expected [1, k] times [k, n], found [{}] with k = {}", fmt::join(in.shape, ", "), depth));
  }
  FloatLayer layer = b.start(Kind::fully_connected, in.tensor);
  layer.out_h = layer.out_w = 1;
  layer.out_c = b.channels(weights.shape[transposed ? 0 : 1]);
  b.take_weights(depth * layer.out_c);
  FloatWeights to = zeros(layer.out_c, depth, in.affine.any());
  for_each_matrix_weight(layer, depth, transposed, !in.last, [&](auto row, auto column, auto index) {
    place(to, in.affine, row, column, column % layer.in_c, alpha * weights.values[at(index)]);
  });
  add_bias(b, to, beta);
  if (in.pending()) b.taken_over(in, fmt::format("weights of '{}'", layer.name));
  b.finish(std::move(layer), {in.tensor}, std::move(to), {1, weights.shape[transposed ? 0 : 1]});
}

}  // namespace

void conv(FloatBuilder& b) {
  b.require_constants(1, 2);
  const Array& weights = b.call().input(1, kFloat);
  const FloatValue in = taken_input(b, weights);
  FloatLayer layer = b.start(Kind::conv2d, in.tensor);
  const Window window = convolution_window(b.call(), in.shape, weights);
  const std::int64_t channels = weights.shape[1];
  set_window(b, layer, widened(in.padding, window));
  layer.kind = convolution_kind(layer, channels);
  layer.out_c = b.channels(weights.shape[0]);
  const std::int64_t columns = window.kernel[0] * window.kernel[1] * (layer.kind == Kind::depthwise ? 1 : layer.in_c);
  b.take_weights(columns * layer.out_c);
  FloatWeights to = zeros(layer.out_c, columns, in.affine.any());
  for_each_convolution_weight(layer, channels, [&](auto row, auto column, auto channel, auto index) {
    place(to, in.affine, row, column, channel, weights.values[at(index)]);
  });
  add_bias(b, to, 1);
  if (in.pending()) {
    b.taken_over(in, fmt::format("{} of '{}'", in.padding.any() ? "padding" : "weights", layer.name));
  }
  std::vector<std::int64_t> shape = FloatBuilder::shape_behind(in, layer);
  b.finish(std::move(layer), {in.tensor}, std::move(to), std::move(shape));
}

void gemm(FloatBuilder& b) {
  const Call here = b.call();
  here.only({"alpha", "beta", "transA", "transB"});
  if (here.attribute<std::int64_t>("transA", 0) != 0) b.fail("attribute transA: expected 0");
  const auto alpha = here.attribute<float>("alpha", 1);
  const auto beta = here.attribute<float>("beta", 1);
  if (!std::isfinite(alpha) || !std::isfinite(beta)) b.fail("expected a finite alpha and beta");
  product(b, here.attribute<std::int64_t>("transB", 0) != 0, static_cast<double>(alpha), static_cast<double>(beta));
}

void matmul(FloatBuilder& b) {
  b.call().only({});
  if (b.node().inputs.size() != 2) b.fail("expected two inputs");
  product(b, false, 1, 1);
}

}  // namespace systole::model::onnx::float_rule
