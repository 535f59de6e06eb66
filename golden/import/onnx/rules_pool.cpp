// SPDX-License-Identifier: Apache-2.0
// Poolings and activations.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "golden/import/onnx/geometry.h"
#include "golden/import/onnx/layer.h"
#include "golden/import/onnx/rules.h"

namespace systole::model::onnx::rule {

using op::Kind;

namespace {

Value pooled(const Builder& b, Kind kind, int tensor, const Quantization& q, const Window& window) {
  Sum sum = sum_over(b, kind, tensor, q, {static_cast<double>(q.scale)});
  set_window(b, sum.layer, window);
  return {.what = sum, .shape = map_shape(sum.layer), .rows = false};
}

Bounds relu_bounds(const Builder& b) {
  b.call().only({});
  return {.low = 0};
}

}  // namespace

void max_pool(Builder& b) {
  const Call here = b.call();
  here.only({"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"});
  if (const auto* in = std::get_if<Codes>(&b.value(0).what)) {
    return finish(
        b, pooled(b, Kind::max_pool, in->tensor, plain(in->type), pool_window(here, b.map_of(b.value(0), in->tensor))),
        plain(in->type));
  }
  const Real in = b.real(0);
  finish_real(
      b, pooled(b, Kind::max_pool, in.tensor, in.quantization, pool_window(here, b.map_of(b.value(0), in.tensor))));
}

void average_pool(Builder& b) {
  const Call here = b.call();
  const Real in = b.real(0);
  const std::vector<std::int64_t> map = b.map_of(b.value(0), in.tensor);
  const bool global = b.node().op == "GlobalAveragePool";
  here.only(global ? std::initializer_list<std::string_view>{}
                   : std::initializer_list<std::string_view>{"auto_pad", "ceil_mode", "count_include_pad", "dilations",
                                                             "kernel_shape", "pads", "strides"});
  const bool all = here.attribute<std::int64_t>("count_include_pad", 0) != 0;
  const Window window = global ? global_window(map) : pool_window(here, map);
  if (all && window.ceil) b.fail("expected ceil_mode 0 with count_include_pad 1");
  Value result = pooled(b, Kind::avg_pool, in.tensor, in.quantization, window);
  Sum& sum = sum_of(result);
  if (!all && leaves_map(window, map)) {
    sum.layer.exclude_padding = true;
    sum.layer.out.rule = fixed::Rounding::half_away;
  } else {
    sum.step[0] /= static_cast<double>(window.kernel[0] * window.kernel[1]);
  }
  finish_real(b, std::move(result));
}

void activation(Builder& b) {
  b.require_constants(1, 2);
  if (b.fold()) return;
  const Bounds own = b.node().op == "Relu" ? relu_bounds(b) : clip_bounds(b.call());
  Value result = b.value(0);
  if (std::holds_alternative<Codes>(result.what)) {
    const Codes codes = std::get<Codes>(result.what);  // a copy: result.what becomes the sum
    if (b.node().op == "Relu" && codes.type != Type::int8) b.fail("expected int8 or real values");
    Sum sum = identity(b, codes.tensor, plain(codes.type));
    sum.bounds = own;
    result.what = std::move(sum);
    return finish(b, std::move(result), plain(codes.type));
  }
  Bounds* bounds = nullptr;
  if (auto* real = std::get_if<Real>(&result.what)) bounds = &real->bounds;
  auto* sum = std::get_if<Sum>(&result.what);
  if (sum != nullptr && !sum->integer) bounds = &sum->bounds;
  if (bounds == nullptr) b.fail(fmt::format("input 0: expected quantized or real values, found {}", kind_of(result)));
  *bounds = {.low = std::min(std::max(bounds->low, own.low), own.high),
             .high = std::min(std::max(bounds->high, own.low), own.high)};
  b.define(std::move(result), "clamp of the layer before it");
}

}  // namespace systole::model::onnx::rule
