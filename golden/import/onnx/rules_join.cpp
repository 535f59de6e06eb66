// SPDX-License-Identifier: Apache-2.0
// Sums and concatenations of several tensors, and a constant behind a product, which is its bias.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "golden/format/network_folder.h"
#include "golden/import/onnx/layer.h"
#include "golden/import/onnx/rules.h"
#include "golden/import/onnx/weights.h"
#include "golden/op/validate.h"

namespace systole::model::onnx::rule {

using op::Kind;

namespace {

/// Operands of an add are shifted left by this before they are scaled to twice the larger scale: 9-bit operands leave
/// sums of at most 2^31.
constexpr int kAddShift = 22;

op::AddOperand operand(std::int32_t zero, double factor) {
  const op::Multiplier m = to_multiplier(factor).value();  // 0 .. 1/2
  return {.zero = zero, .m0 = m.m0, .lshift = kAddShift, .n = m.n};
}

/// The codes of input i as real values.
Real dequantized(const Builder& b, std::size_t i, const Quantization& q) {
  return {.tensor = b.codes(i).tensor, .quantization = q, .bounds = {}};
}

/// One side of an addition: what it holds in the source, and its real values here.
struct Side {
  const Value& value;
  Real real;
};

Value sum_of_two(const Builder& b, const Side& left, const Side& right) {
  const Quantization& l = left.real.quantization;
  const Quantization& r = right.real.quantization;
  if (left.value.shape != right.value.shape || left.value.rows != right.value.rows ||
      b.shape_of(left.real.tensor) != b.shape_of(right.real.tensor)) {
    b.fail(fmt::format("expected operands of one shape, found [{}] and [{}]", fmt::join(left.value.shape, ", "),
                       fmt::join(right.value.shape, ", ")));
  }
  if (l.type != r.type) b.fail("expected operands of one type, found int8 and uint8");
  const auto scale_l = static_cast<double>(l.scale);
  const auto scale_r = static_cast<double>(r.scale);
  const double twice_larger = 2 * std::max(scale_l, scale_r);
  Sum sum = sum_over(b, Kind::add, left.real.tensor, l, {twice_larger / (1 << kAddShift)});
  sum.inputs.push_back(right.real.tensor);
  sum.layer.zero_in = 0;  // each operand has its own
  sum.layer.add_a = operand(l.zero, scale_l / twice_larger);
  sum.layer.add_b = operand(r.zero, scale_r / twice_larger);
  return {.what = sum, .shape = left.value.shape, .rows = left.value.rows};
}

/// A constant behind a product is its bias.
void add_bias(Builder& b, std::size_t i) {
  Value result = b.value(i);
  Sum* sum = std::get_if<Sum>(&result.what);
  if (sum == nullptr || sum->integer || !op::has_weights(sum->layer.kind) || sum->bounds.any() ||
      sum->layer.bias.size() != 0) {
    b.fail("expected a constant operand only behind a convolution or matrix product without bias");
  }
  const Array& bias = b.call().input(1 - i, kFloat);
  const std::size_t rank = result.shape.size();
  const std::size_t skip = rank - std::min(rank, bias.shape.size());
  for (std::size_t k = 0; k < bias.shape.size(); ++k) {
    const bool channel = skip + k == 1 && bias.shape[k] == sum->layer.out_c;
    if (bias.shape.size() > rank || (bias.shape[k] != 1 && !channel)) {
      b.fail(fmt::format("expected a constant with one value or one per channel, found [{}]",
                         fmt::join(bias.shape, ", ")));
    }
  }
  set_real_bias(b.call(), sum->layer, sum->step, bias.values);
  std::string became = fmt::format("bias of '{}'", sum->layer.name);
  b.define(std::move(result), std::move(became));
}

Value concatenated(const Builder& b, const std::vector<Real>& parts) {
  Value result = b.value(0);
  const std::size_t axis = concat_axis(b.call(), result.shape.size());
  if (axis != (result.rows ? result.shape.size() - 1 : 1)) b.fail("attribute axis: expected the channels");
  Sum sum;
  sum.layer = start(b, Kind::concat, parts[0].tensor, parts[0].quantization.type);
  sum.step.clear();
  std::int64_t sum_channels = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Real& part = parts[i];
    const Shape shape = b.shape_of(part.tensor);
    const bool channels_are_there = b.value(i).shape.size() > axis && b.value(i).shape[axis] == shape.channels;
    if (shape.height != sum.layer.in_h || shape.width != sum.layer.in_w || !channels_are_there ||
        b.value(i).rows != result.rows || b.value(i).shape.size() != result.shape.size() ||
        part.quantization.type != parts[0].quantization.type) {
      b.fail(fmt::format("input {}: expected a map of input 0's type, height and width", i));
    }
    sum.inputs.push_back(part.tensor);
    sum.layer.concat.push_back({.channels = shape.channels, .zero = part.quantization.zero, .align = 0});
    sum.step.insert(sum.step.end(), static_cast<std::size_t>(shape.channels),
                    static_cast<double>(part.quantization.scale));
    sum_channels += shape.channels;
    static_cast<void>(b.channels(sum_channels));
  }
  sum.layer.out_c = b.channels(sum_channels);
  result.shape[axis] = sum_channels;
  result.what = std::move(sum);
  return result;
}

}  // namespace

void add(Builder& b) {
  b.call().only({});
  if (b.is_constant(0) != b.is_constant(1)) return add_bias(b, b.is_constant(0) ? 1 : 0);
  const Side left{.value = b.value(0), .real = b.real(0)};
  const Side right{.value = b.value(1), .real = b.real(1)};
  finish_real(b, sum_of_two(b, left, right));
}

void qlinear_add(Builder& b) {
  b.require_constants(1, 2);
  b.require_constants(4, 7);
  const Call here = b.call();
  here.only({});
  const Type type = b.codes(0).type;
  const Quantization out = quantization(here, 6, 7, here.input(7, kBytes).type);
  if (out.type != type) b.fail("expected an output of its operands' type");
  const Side left{.value = b.value(0), .real = dequantized(b, 0, quantization(here, 1, 2, type))};
  const Side right{.value = b.value(3), .real = dequantized(b, 3, quantization(here, 4, 5, b.codes(3).type))};
  finish(b, sum_of_two(b, left, right), out);
}

void concat(Builder& b) {
  if (b.node().inputs.size() < 2 || b.node().inputs.size() > static_cast<std::size_t>(kMaxInputs)) {
    b.fail(fmt::format("expected 2 .. {} inputs, found {}", kMaxInputs, b.node().inputs.size()));
  }
  const bool stored_values = std::holds_alternative<Codes>(b.value(0).what);
  std::vector<Real> parts;
  for (std::size_t i = 0; i < b.node().inputs.size(); ++i) {
    if (!stored_values) {
      parts.push_back(b.real(i));
    } else {
      parts.push_back(dequantized(b, i, plain(b.codes(i).type)));
    }
  }
  Value result = concatenated(b, parts);
  if (stored_values) return finish(b, std::move(result), plain(parts[0].quantization.type));
  finish_real(b, std::move(result));
}

}  // namespace systole::model::onnx::rule
