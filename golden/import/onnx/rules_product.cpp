// SPDX-License-Identifier: Apache-2.0
// Convolutions and matrix products, their weights stored or dequantized.
#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <utility>

#include "golden/format/network_folder.h"
#include "golden/import/onnx/geometry.h"
#include "golden/import/onnx/layer.h"
#include "golden/import/onnx/rules.h"
#include "golden/import/onnx/weights.h"

namespace systole::model::onnx::rule {

using op::Kind;

namespace {

/// Weights of a float operator: a DequantizeLinear of a constant, its scales along the output channels.
const Weights& dequantized(const Builder& b, std::size_t i, std::size_t rank, std::size_t axis) {
  b.require_constants(i, i);
  const Weights* found = b.weights(i);
  if (found == nullptr || found->codes->type == Type::int32) {
    b.fail(fmt::format("input {}: expected weights from a DequantizeLinear of int8 or uint8", i));
  }
  const Weights& weights = *found;
  if (weights.codes->shape.size() != rank || (weights.scale.values.size() > 1 && weights.axis != axis)) {
    b.fail(fmt::format("input {}: expected weights of {} extents, with scales along axis {} if there are several", i,
                       rank, axis));
  }
  return weights;
}

/// Weights of an integer operator, its zero points at input `zero`, its scales at `scale` where it has any.
Weights stored(const Call& here, std::size_t i, std::size_t rank, std::size_t axis, std::size_t zero,
               std::optional<std::size_t> scale) {
  Weights weights{.codes = &here.input_of_rank(i, kBytes, rank), .scale = {{1}}, .zero = {}, .axis = axis};
  weights.zero = weight_zeros(here, zero, weights.codes->type, weights.codes->shape[axis]);
  if (scale) weights.scale = weight_scales(here, *scale, weights.codes->shape[axis]);
  return weights;
}

/// The steps of a product's sums: scale of the input times scales of the weights.
std::vector<double> steps(float input, const Weights& weights) {
  std::vector<double> result = weights.scale.values;
  for (double& scale : result) scale *= static_cast<double>(input);
  return result;
}

Value convolution(Builder& b, const Value& in, int tensor, const Quantization& q, const Weights& weights) {
  const Call here = b.call();
  const Window window = convolution_window(here, b.map_of(in, tensor), *weights.codes);
  Sum sum = sum_over(b, Kind::conv2d, tensor, q, steps(q.scale, weights));
  sum.layer.out_c = b.channels(weights.codes->shape[0]);
  set_window(b, sum.layer, window);
  b.take_weights(window.kernel[0] * window.kernel[1] * sum.layer.out_c *
                 (weights.codes->shape[1] == 1 ? 1 : sum.layer.in_c));
  set_convolution_weights(here, sum.layer, weights);
  return {.what = sum, .shape = map_shape(sum.layer), .rows = false};
}

/// [1, k] times a matrix is a fully connected layer of whatever map was flattened into k values; [rows, k] with more
/// rows is a convolution of one tap whose pixels are the rows.
Value product(Builder& b, const Value& in, int tensor, const Quantization& q, const Weights& weights, bool transposed) {
  const Shape map = b.shape_of(tensor);
  const std::int64_t depth = weights.codes->shape[transposed ? 1 : 0];
  const bool vector = in.shape.size() == 2 && in.shape[0] == 1;
  const bool matrix = in.shape.size() == 2 && in.rows && in.shape[0] == map.height && map.width == 1;
  if ((!vector && !matrix) || in.shape[1] != depth) {
    b.fail(fmt::format("expected [1, k] (or rows of the graph's input) times [k, n], found [{}] with k = {}",
                       fmt::join(in.shape, ", "), depth));
  }
  Sum sum = sum_over(b, vector ? Kind::fully_connected : Kind::conv2d, tensor, q, steps(q.scale, weights));
  sum.layer.out_c = b.channels(weights.codes->shape[transposed ? 0 : 1]);
  if (vector) sum.layer.out_h = sum.layer.out_w = 1;
  b.take_weights(depth * sum.layer.out_c);
  set_matrix_weights(b.call(), sum.layer, weights, transposed, !in.rows);
  return {.what = sum, .shape = {in.shape[0], sum.layer.out_c}, .rows = matrix};
}

/// A quantized operator forms its factor in float32, whose 24 bits fit m0 exactly.
void finish_product(Builder& b, Value value, const Quantization& q) {
  Sum& sum = sum_of(value);
  sum.single = true;
  for (double& step : sum.step) step = static_cast<double>(static_cast<float>(step));
  finish(b, std::move(value), q);
}

bool is_steps(const Weights& bias, float input_scale, const Weights& weights, int channels) {
  for (int oc = 0; oc < channels; ++oc) {
    const float product = input_scale * static_cast<float>(weights.scale.of(oc));
    if (bias.zero.of(oc) != 0 || static_cast<float>(bias.scale.of(oc)) != product) return false;
  }
  return true;
}

/// Input 2 as the bias: its integers where they are steps of the sums, otherwise its real values rounded to steps.
void set_bias(const Builder& b, Sum& sum, float input_scale, const Weights& weights, double factor) {
  b.require_constants(2, 2);
  const Array& real = b.call().input(2, kFloat);
  const bool one_extent = real.shape.size() <= 1 || real.values.size() == at(real.shape.back());
  if (!one_extent || (real.values.size() != 1 && real.values.size() != at(sum.layer.out_c))) {
    b.fail(fmt::format("input 2: expected one value or {}", sum.layer.out_c));
  }
  const Weights* stored = b.weights(2);
  const bool in_steps = stored != nullptr && factor == 1 && stored->codes->type == Type::int32 &&
                        real.values.size() == at(sum.layer.out_c) &&
                        is_steps(*stored, input_scale, weights, sum.layer.out_c);
  if (in_steps) return set_integer_bias(sum.layer, *stored->codes);
  std::vector<double> values = real.values;
  for (double& value : values) value *= factor;
  set_real_bias(b.call(), sum.layer, sum.step, values);
}

}  // namespace

void qlinear_conv(Builder& b) {
  b.require_constants(1, 8);
  const Call here = b.call();
  const Codes in = b.codes(0);
  const Quantization out = quantization(here, 6, 7, here.input(7, kBytes).type);
  const Quantization q = quantization(here, 1, 2, in.type);
  b.set_scale(in.tensor, to_real(q));
  Value result = convolution(b, b.value(0), in.tensor, q, stored(here, 3, 4, 0, 5, 4));
  if (here.optional(8) != nullptr) {
    const Array& bias = here.input_of_rank(8, {Type::int32}, 1);
    if (bias.shape[0] != sum_of(result).layer.out_c) {
      b.fail(fmt::format("input 8: expected {} values", sum_of(result).layer.out_c));
    }
    set_integer_bias(sum_of(result).layer, bias);
  }
  finish_product(b, std::move(result), out);
}

void qlinear_matmul(Builder& b) {
  b.require_constants(1, 7);
  const Call here = b.call();
  here.only({});
  const Codes in = b.codes(0);
  const Quantization out = quantization(here, 6, 7, here.input(7, kBytes).type);
  const Quantization q = quantization(here, 1, 2, in.type);
  b.set_scale(in.tensor, to_real(q));
  finish_product(b, product(b, b.value(0), in.tensor, q, stored(here, 3, 2, 1, 5, 4), false), out);
}

void conv_integer(Builder& b) {
  b.require_constants(1, 3);
  const Call here = b.call();
  const Codes in = b.codes(0);
  Quantization q = plain(in.type);
  q.zero = static_cast<std::int32_t>(here.zero(2, in.type));
  finish_integer(b, convolution(b, b.value(0), in.tensor, q, stored(here, 1, 4, 0, 3, {})));
}

void matmul_integer(Builder& b) {
  b.require_constants(1, 3);
  const Call here = b.call();
  here.only({});
  const Codes in = b.codes(0);
  Quantization q = plain(in.type);
  q.zero = static_cast<std::int32_t>(here.zero(2, in.type));
  finish_integer(b, product(b, b.value(0), in.tensor, q, stored(here, 1, 2, 1, 3, {}), false));
}

void conv(Builder& b) {
  const Real in = b.real(0);
  Value result = convolution(b, b.value(0), in.tensor, in.quantization, dequantized(b, 1, 4, 0));
  if (b.given(2)) set_bias(b, sum_of(result), in.quantization.scale, dequantized(b, 1, 4, 0), 1);
  finish_real(b, std::move(result));
}

void gemm(Builder& b) {
  const Call here = b.call();
  here.only({"alpha", "beta", "transA", "transB"});
  if (here.attribute<std::int64_t>("transA", 0) != 0) b.fail("attribute transA: expected 0");
  const bool transposed = here.attribute<std::int64_t>("transB", 0) != 0;
  const auto alpha = here.attribute<float>("alpha", 1);
  const auto beta = here.attribute<float>("beta", 1);
  if (!(alpha > 0) || !std::isfinite(alpha) || !std::isfinite(beta)) b.fail("expected alpha above 0 and a finite beta");
  const Real in = b.real(0);
  const Weights& weights = dequantized(b, 1, 2, transposed ? 0 : 1);
  Value result = product(b, b.value(0), in.tensor, in.quantization, weights, transposed);
  for (double& step : sum_of(result).step) step *= static_cast<double>(alpha);
  if (b.given(2)) set_bias(b, sum_of(result), in.quantization.scale * alpha, weights, static_cast<double>(beta));
  finish_real(b, std::move(result));
}

void matmul(Builder& b) {
  b.call().only({});
  const Real in = b.real(0);
  finish_real(b, product(b, b.value(0), in.tensor, in.quantization, dequantized(b, 1, 2, 1), false));
}

}  // namespace systole::model::onnx::rule
