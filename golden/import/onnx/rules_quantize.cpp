// SPDX-License-Identifier: Apache-2.0
// Between integers and real values.
#include <fmt/format.h>

#include <utility>

#include "golden/import/onnx/layer.h"
#include "golden/import/onnx/rules.h"

namespace systole::model::onnx::rule {

void constant(Builder& b) { b.step("a constant"); }

namespace {

/// A constant is folded; its readers want what it was made of.
void dequantize_constant(Builder& b) {
  const Call here = b.call();
  const Array& data = here.input(0, {Type::int8, Type::uint8, Type::int32});
  static_cast<void>(b.fold());
  const std::size_t axis = channel_axis(here, data);
  const std::int64_t channels = data.shape.empty() ? 1 : data.shape[axis];
  b.set_weights({.codes = &data,
                 .scale = weight_scales(here, 1, channels),
                 .zero = weight_zeros(here, 2, data.type, channels),
                 .axis = axis});
}

}  // namespace

void dequantize(Builder& b) {
  b.require_constants(1, 2);
  if (b.is_constant(0)) return dequantize_constant(b);
  const Call here = b.call();
  check_linear(here);
  const Codes in = b.codes(0);
  const Quantization q = quantization(here, 1, 2, in.type);
  b.set_scale(in.tensor, to_real(q));
  b.define({.what = Real{.tensor = in.tensor, .quantization = q, .bounds = {}},
            .shape = b.value(0).shape,
            .rows = b.value(0).rows},
           "scale and zero point of its readers");
}

void quantize(Builder& b) {
  b.require_constants(1, 2);
  if (b.fold()) return;
  const Call here = b.call();
  check_linear(here);
  const Type type = quantized_type(here);
  const Quantization q = quantization(here, 1, 2, type);
  const Value in = b.value(0);
  const auto made = [&](Codes codes) { return Value{.what = codes, .shape = in.shape, .rows = in.rows}; };
  if (std::holds_alternative<FloatInput>(in.what)) {
    b.take_input(q);
    return b.define(made({.tensor = 0, .type = type}), "the network's input: left to the host");
  }
  if (const auto* sum = std::get_if<Sum>(&in.what)) {
    const Codes codes = round(b, *sum, q, in.rows);
    return b.define(made(codes), fmt::format("output of '{}'", b.network().nodes.back().layer.name));
  }
  const auto* real = std::get_if<Real>(&in.what);
  if (real == nullptr) b.fail(fmt::format("input 0: expected real values, found {}", kind_of(in)));
  if (real->quantization == q && !real->bounds.any()) {
    return b.define(made({.tensor = real->tensor, .type = type}), "no work: the same scale and zero point");
  }
  Sum sum = identity(b, real->tensor, real->quantization);
  sum.bounds = real->bounds;
  const Codes codes = round(b, std::move(sum), q, in.rows);
  b.define(made(codes), called(b.network().nodes.back().layer) + " of one tap");
}

}  // namespace systole::model::onnx::rule
