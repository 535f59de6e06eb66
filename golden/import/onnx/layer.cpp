// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>

#include "golden/format/network_file.h"
#include "golden/import/onnx/ops.h"
#include "golden/op/validate.h"

namespace systole::model::onnx {

using op::Kind;
using op::Layer;

namespace {

op::ElementRange element_range(Type type) { return op::element_range(type == Type::int8, 8); }

/// The code that QuantizeLinear gives a real bound.
std::int32_t code_of(double real, const Quantization& q) {
  const op::ElementRange range = element_range(q.type);
  const float steps = static_cast<float>(real) / q.scale;
  const double code = round_half_even(static_cast<double>(steps)) + q.zero;
  return static_cast<std::int32_t>(std::clamp<double>(code, range.low, range.high));
}

/// Multipliers of real factors, one or one per channel; a factor of 1 needs none.
void set_multipliers(const Builder& builder, Layer& layer, const std::vector<double>& factors) {
  layer.out.m0.clear();
  layer.out.lshift.clear();
  layer.out.n.clear();
  layer.out.multiply = std::any_of(factors.begin(), factors.end(), [](double factor) { return factor != 1; });
  for (const double factor : factors) {
    const std::optional<op::Multiplier> m = layer.out.multiply ? to_multiplier(factor) : op::Multiplier{.lshift = 0};
    if (!m) builder.fail(fmt::format("expected scales that multiply sums by less than 2^31, found {}", factor));
    layer.out.m0.push_back(m->m0);
    layer.out.lshift.push_back(m->lshift);
    layer.out.n.push_back(m->n);
  }
}

/// step / output scale; a quantized operator forms it in float32.
std::vector<double> factors_of(const Sum& sum, float scale) {
  std::vector<double> factors = sum.step;
  for (double& factor : factors) {
    factor = sum.single ? static_cast<double>(static_cast<float>(factor) / scale) : factor / static_cast<double>(scale);
  }
  return factors;
}

void set_range(Layer& layer, const Quantization& q, const Bounds& bounds) {
  const op::ElementRange range = element_range(q.type);
  layer.out.zero_out = q.zero;
  layer.out.act_min = std::isinf(bounds.low) ? range.low : code_of(bounds.low, q);
  layer.out.act_max = std::isinf(bounds.high) ? range.high : code_of(bounds.high, q);
}

}  // namespace

std::string called(const Layer& layer) { return fmt::format("{} '{}'", model::to_string(layer.kind), layer.name); }

Quantization plain(Type type) { return {.type = type, .scale = 1, .zero = 0}; }

Quantization quantization(const Call& call, std::size_t scale, std::size_t zero, Type type) {
  return {.type = type,
          .scale = static_cast<float>(call.scale(scale)),
          .zero = static_cast<std::int32_t>(call.zero(zero, type))};
}

std::optional<op::Multiplier> to_multiplier(double real) {
  // Below 2^-32 every sum of 32 bits rounds to 0, as m0 = 0 makes it.
  if (real >= 0 && real < 0x1p-32) return op::Multiplier{.m0 = 0, .lshift = 0, .n = 0};
  try {
    return op::quantize_multiplier(real);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

Layer start(const Builder& builder, Kind kind, int tensor, Type type) {
  Layer layer;
  layer.name = builder.layer_name(builder.index());
  layer.kind = kind;
  const Shape in = builder.shape_of(tensor);
  layer.in_h = layer.out_h = in.height;
  layer.in_w = layer.out_w = in.width;
  layer.in_c = layer.out_c = in.channels;
  layer.act_signed = type == Type::int8;
  layer.out.rule = fixed::Rounding::half_up;
  return layer;
}

Sum sum_over(const Builder& builder, Kind kind, int tensor, const Quantization& q, std::vector<double> step) {
  Sum sum;
  sum.layer = start(builder, kind, tensor, q.type);
  sum.layer.zero_in = q.zero;
  sum.inputs = {tensor};
  sum.step = std::move(step);
  return sum;
}

Sum identity(const Builder& builder, int tensor, const Quantization& q) {
  return sum_over(builder, Kind::max_pool, tensor, q, {static_cast<double>(q.scale)});
}

std::vector<std::int64_t> map_shape(const Layer& layer) { return {1, layer.out_c, layer.out_h, layer.out_w}; }

Codes round(Builder& builder, Sum sum, const Quantization& q, bool rows) {
  if (!sum.layer.exclude_padding) {
    set_multipliers(builder, sum.layer, factors_of(sum, q.scale));
  } else if (static_cast<float>(sum.step[0]) != q.scale) {
    builder.fail(
        fmt::format("expected one scale on both sides of an average over windows that reach into the padding, "
                    "found {} and {}",
                    static_cast<float>(sum.step[0]), q.scale));
  }
  set_range(sum.layer, q, sum.bounds);
  const int tensor = builder.push(std::move(sum.layer), std::move(sum.inputs), {builder.output_name(), {}, rows});
  if (q != plain(q.type)) builder.set_scale(tensor, to_real(q));  // plain: a real scale may follow
  return {.tensor = tensor, .type = q.type};
}

void finish(Builder& builder, Value value, const Quantization& q) {
  value.what = round(builder, std::move(sum_of(value)), q, value.rows);
  builder.define(std::move(value), called(builder.network().nodes.back().layer));
}

void finish_real(Builder& builder, Value value) {
  std::string became = called(sum_of(value).layer);
  builder.define(std::move(value), std::move(became));
}

void finish_integer(Builder& builder, Value value) {
  sum_of(value).integer = true;
  finish_real(builder, std::move(value));
}

}  // namespace systole::model::onnx
