// SPDX-License-Identifier: Apache-2.0
// Normalisation and arithmetic by constants, y = gain * x + offset by channel: part of the weights of the layer before,
// else of the layer behind, else a depthwise layer of one tap. Sums of two tensors.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "golden/format/network_folder.h"
#include "golden/import/onnx/float_rules.h"
#include "golden/op/validate.h"

namespace systole::model::onnx::float_rule {

using op::Kind;

namespace {

/// Input i, a constant, as a value per channel of what the other input is.
std::vector<double> per_channel(FloatBuilder& b, const FloatValue& value, std::size_t i) {
  const Array& constant = b.call().input(i, kFloat);
  const auto channels = static_cast<std::size_t>(b.shape_of(value.tensor).channels);
  const std::size_t rank = value.shape.size();
  const std::size_t axis = value.last ? rank - 1 : 1;
  const std::size_t skip = rank - std::min(rank, constant.shape.size());
  bool good = constant.shape.size() <= rank && rank > axis;
  for (std::size_t k = 0; good && k < constant.shape.size(); ++k) {
    const bool along = skip + k == axis && at(value.shape[axis]) == channels && at(constant.shape[k]) == channels;
    good = constant.shape[k] == 1 || along;
  }
  if (!good) {
    b.fail(fmt::format("input {}: expected a constant of one value or one for each of the {} channels, found [{}]", i,
                       channels, fmt::join(constant.shape, ", ")));
  }
  if (constant.values.size() == channels) return constant.values;
  return std::vector<double>(channels, constant.values.at(0));
}

/// Into the weights of the layer that computes `value`; false: there is none that may change.
bool fold_before(FloatBuilder& b, const FloatValue& value, const Affine& affine) {
  const FloatLayer* layer = b.open_layer(value);
  if (layer == nullptr || !op::has_weights(layer->kind) || layer->relu) return false;
  FloatWeights& to = b.weights_of(value);
  const auto rows = static_cast<Eigen::Index>(affine.gain.size());
  const auto gain = Eigen::Map<const Eigen::VectorXd>(affine.gain.data(), rows);
  to.weights.array().colwise() *= gain.array();
  if (to.bias.size() == 0) to.bias = Eigen::VectorXd::Zero(rows);
  to.bias = to.bias.cwiseProduct(gain) + Eigen::Map<const Eigen::VectorXd>(affine.offset.data(), rows);
  b.redefine(value, fmt::format("weights of '{}'", layer->name));
  return true;
}

void apply(FloatBuilder& b, std::size_t input, Affine affine) {
  FloatValue value = b.value(input).padding.any() ? b.settled(input) : b.value(input);
  if (fold_before(b, value, affine)) return;
  if (value.affine.any()) {
    b.taken_over(value, fmt::format("with nodes[{}] '{}'", b.index(), b.node().op));
    for (std::size_t c = 0; c < affine.gain.size(); ++c) {
      affine.offset[c] += affine.gain[c] * value.affine.offset[c];
      affine.gain[c] *= value.affine.gain[c];
    }
  }
  value.affine = std::move(affine);
  b.defer(std::move(value));
}

Affine shifted(const std::vector<double>& by, double gain, double sign) {
  Affine result{.gain = std::vector<double>(by.size(), gain), .offset = by};
  for (double& offset : result.offset) offset *= sign;
  return result;
}

Affine scaled(std::vector<double> by) {
  const std::size_t channels = by.size();
  return {.gain = std::move(by), .offset = std::vector<double>(channels)};
}

/// Whether input 0 or 1 is the constant; none where both are computed.
std::optional<std::size_t> constant_operand(const FloatBuilder& b) {
  b.call().only({});
  if (b.node().inputs.size() != 2) b.fail("expected two inputs");
  if (b.is_constant(0)) return 0;
  if (b.is_constant(1)) return 1;
  return std::nullopt;
}

/// The same of an operator that has no layer for two computed operands.
std::size_t required_constant(const FloatBuilder& b) {
  const auto constant = constant_operand(b);
  if (!constant) b.fail("expected a constant operand (an initializer or a Constant node), found two computed ones");
  return *constant;
}

/// Whether both operands are constants, of one shape or one of them a single value, and the result is another: what a
/// broadcast makes of two small ones has no bound.
bool folds(FloatBuilder& b) {
  if (!b.is_constant(0) || !b.is_constant(1)) return false;
  const Array &left = b.call().input(0), &right = b.call().input(1);
  if (left.shape != right.shape && left.values.size() != 1 && right.values.size() != 1) {
    b.fail("expected constants of one shape, or one of them a single value");
  }
  return b.fold();
}

void sum_of_two(FloatBuilder& b) {
  const FloatValue left = b.settled(0);
  const FloatValue right = b.settled(1);
  if (left.shape != right.shape || left.last != right.last || b.shape_of(left.tensor) != b.shape_of(right.tensor)) {
    b.fail(fmt::format("expected operands of one shape, found [{}] and [{}]", fmt::join(left.shape, ", "),
                       fmt::join(right.shape, ", ")));
  }
  b.finish(b.start(Kind::add, left.tensor), {left.tensor, right.tensor}, {}, left.shape, left.last);
}

}  // namespace

void add(FloatBuilder& b) {
  const auto constant = constant_operand(b);
  if (!constant) return sum_of_two(b);
  if (folds(b)) return;
  apply(b, 1 - *constant, shifted(per_channel(b, b.value(1 - *constant), *constant), 1, 1));
}

void sub(FloatBuilder& b) {
  const std::size_t constant = required_constant(b);
  if (folds(b)) return;
  const std::vector<double> by = per_channel(b, b.value(1 - constant), constant);
  apply(b, 1 - constant, constant == 1 ? shifted(by, 1, -1) : shifted(by, -1, 1));
}

void mul(FloatBuilder& b) {
  const std::size_t constant = required_constant(b);
  if (folds(b)) return;
  apply(b, 1 - constant, scaled(per_channel(b, b.value(1 - constant), constant)));
}

void div(FloatBuilder& b) {
  const std::size_t constant = required_constant(b);
  if (folds(b)) return;
  if (constant == 0) b.fail("expected a constant divisor, found a constant that is divided");
  std::vector<double> by = per_channel(b, b.value(0), 1);
  for (double& value : by) {
    if (value == 0) b.fail("input 1: expected a divisor other than 0");
    value = 1 / value;
  }
  apply(b, 0, scaled(std::move(by)));
}

void batch_normalization(FloatBuilder& b) {
  b.require_constants(1, 4);
  const FloatValue& in = b.value(0);
  const bool map = (in.shape.size() == 3 || in.shape.size() == 4) && !in.last;
  const int channels = b.shape_of(in.tensor).channels;
  if ((!map && in.shape.size() != 2) || in.shape[1] != channels) {
    b.fail(fmt::format("expected [1, {}] or a map with its channels first, found [{}]", channels,
                       fmt::join(in.shape, ", ")));
  }
  Normalization by = normalization(b.call(), channels);
  apply(b, 0, {.gain = std::move(by.gain), .offset = std::move(by.offset)});
}

}  // namespace systole::model::onnx::float_rule
