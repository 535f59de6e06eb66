// SPDX-License-Identifier: Apache-2.0
// Shapes as values, and the arithmetic on them that exporters leave in a graph, as ONNX defines them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "golden/import/onnx/reference.h"
#include "golden/import/onnx/shape_math.h"

namespace systole::model::onnx::reference {

namespace {

constexpr std::initializer_list<Type> kIndices{Type::int32, Type::int64};

/// Place `index` along an extent, counted from behind where negative.
std::size_t place(const Call& call, double index, std::int64_t extent) {
  const auto size = static_cast<double>(extent);
  if (!(index >= -size && index < size)) call.fail(fmt::format("expected an index below {}, found {}", extent, index));
  return static_cast<std::size_t>(index < 0 ? index + size : index);
}

}  // namespace

Array shape(const Call& call) { return shape_value(call, call.input(0, kAll).shape); }

Array squeeze(const Call& call) {
  Array y = call.input(0, kAll);
  y.shape = squeezed_shape(call, y.shape);
  return y;
}

Array unsqueeze(const Call& call) {
  Array y = call.input(0, kAll);
  y.shape = unsqueezed_shape(call, y.shape);
  return y;
}

/// Of lists alone: with tables the result is larger than what it is made of.
Array gather(const Call& call) {
  call.only({"axis"});
  const Array& data = call.input_of_rank(0, kAll, 1);
  const Array& indices = call.input(1, kIndices);
  const auto axis = call.attribute<std::int64_t>("axis", 0);
  if (axis != 0 && axis != -1) call.fail(fmt::format("attribute axis: expected 0, found {}", axis));
  Array y{.type = data.type, .shape = indices.shape, .values = {}};
  for (const double index : indices.values) y.values.push_back(data.values[place(call, index, data.shape[0])]);
  return y;
}

/// Along the first axis: starts, ends, axes (0) and steps of one value each; up to opset 9 attributes.
Array slice(const Call& call) {
  call.only({"starts", "ends", "axes"});
  const Array& data = call.input(0, kAll);
  if (data.shape.empty() || data.values.empty()) call.fail("input 0: expected one or more values in a row");
  const auto parameter = [&](std::size_t i, const char* name, double otherwise) {
    if (call.optional(i) != nullptr) {
      static_cast<void>(call.input(i, kIndices));
      return call.scalar(i);
    }
    const auto listed = call.attribute<std::vector<std::int64_t>>(name, {static_cast<std::int64_t>(otherwise)});
    if (listed.size() != 1) call.fail(fmt::format("attribute {}: expected one value", name));
    return static_cast<double>(listed[0]);
  };
  const auto extent = static_cast<double>(data.shape[0]);
  const double axis = parameter(3, "axes", 0), step = parameter(4, "steps", 1);
  if (axis != 0 && axis != -static_cast<double>(data.shape.size())) call.fail("expected a Slice along axis 0");
  if (!(std::abs(step) >= 1)) call.fail("expected a step other than 0");
  const auto bounded = [&](double index, double low, double high) {
    return std::clamp(index < 0 ? index + extent : index, low, high);
  };
  const bool up = step > 0;
  double from = bounded(parameter(1, "starts", 0), 0, up ? extent : extent - 1);
  const double to = bounded(parameter(2, "ends", 0), up ? 0 : -1, up ? extent : extent - 1);
  Array y{.type = data.type, .shape = data.shape, .values = {}};
  const auto inner = static_cast<std::ptrdiff_t>(data.values.size()) / data.shape[0];
  y.shape[0] = 0;
  for (; up ? from < to : from > to; from += step, ++y.shape[0]) {
    const auto first = data.values.begin() + static_cast<std::ptrdiff_t>(from) * inner;
    y.values.insert(y.values.end(), first, first + inner);
  }
  return y;
}

Array cast(const Call& call) {
  call.only({"to", "saturate"});
  Array y = call.input(0, kAll);
  const auto number = call.attribute<std::int64_t>("to", 0);
  const std::optional<Type> type = to_type(number);
  if (!type) call.fail(fmt::format("attribute to: expected float32 or an integer type, found {}", type_name(number)));
  y.type = *type;
  const Range range = range_of(y.type);
  for (double& value : y.values) {
    if (y.type == Type::float32) {
      value = to_float(value);
      continue;
    }
    value = std::trunc(value);
    if (!(value >= range.low && value <= range.high) || std::isinf(value)) {
      call.fail(fmt::format("expected values that {} holds, found {}", to_string(y.type), value));
    }
  }
  return y;
}

/// One value in the shape that the input lists, as exporters fill the extents of a Pad. No table: it would be larger
/// than what it is made of.
Array constant_of_shape(const Call& call) {
  call.only({"value"});
  constexpr std::int64_t kMostValues = 1024;
  const Array& extents = call.input_of_rank(0, {Type::int64}, 1);
  const Array value = call.attribute<Array>("value", {.type = Type::float32, .shape = {1}, .values = {0}});
  if (value.values.size() != 1) call.fail("attribute value: expected one value");
  Array y{.type = value.type, .shape = {}, .values = {}};
  std::int64_t count = 1;
  for (const double extent : extents.values) {
    if (!(extent >= 0 && extent <= static_cast<double>(kMostValues))) count = kMostValues + 1;
    if (count > kMostValues) break;
    y.shape.push_back(static_cast<std::int64_t>(extent));
    count *= y.shape.back();
  }
  if (count > kMostValues) call.fail(fmt::format("expected at most {} values of output", kMostValues));
  y.values.assign(at(count), value.values[0]);
  return y;
}

Array reduce_mean(const Call& call) {
  const Array& x = call.input(0, kFloat);
  const std::size_t rank = x.shape.size();
  const std::vector<std::size_t> axes = reduced_axes(call, rank);
  std::vector<std::int64_t> kept = x.shape;
  double taps = 1;
  for (const std::size_t axis : axes) {
    taps *= static_cast<double>(kept[axis]);
    kept[axis] = 1;
  }
  Array y = make(x.type, kept, call);
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    auto rest = static_cast<std::int64_t>(i);
    std::int64_t to = 0, step = 1;
    for (std::size_t axis = rank; axis-- > 0; rest /= x.shape[axis]) {
      if (kept[axis] != 1) to += rest % x.shape[axis] * step;
      step *= kept[axis];
    }
    y.values[at(to)] += x.values[i];
  }
  for (double& value : y.values) value = to_float(value / taps);
  if (keeps_axes(call)) return y;
  y.shape.clear();
  for (std::size_t axis = 0; axis < rank; ++axis) {
    if (!std::binary_search(axes.begin(), axes.end(), axis)) y.shape.push_back(kept[axis]);
  }
  return y;
}

}  // namespace systole::model::onnx::reference
