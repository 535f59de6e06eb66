// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/shape_math.h"

#include <algorithm>
#include <numeric>

namespace systole::model::onnx {

std::vector<std::int64_t> as_map(std::vector<std::int64_t> shape) {
  constexpr std::size_t kLine = 3;
  if (shape.size() == kLine) shape.insert(shape.begin() + 2, 1);
  return shape;
}

std::vector<std::size_t> listed_axes(const Call& call, std::size_t rank) {
  std::vector<std::int64_t> axes = call.attribute<std::vector<std::int64_t>>("axes", {});
  if (call.optional(1) != nullptr) {
    const Array& given = call.input(1, {Type::int64});
    axes.assign(given.values.begin(), given.values.end());
  }
  const auto extents = static_cast<std::int64_t>(rank);
  std::vector<std::size_t> result;
  for (const std::int64_t axis : axes) {
    if (axis < -extents || axis >= extents) {
      call.fail(fmt::format("axes: expected {} .. {}, found {}", -extents, extents - 1, axis));
    }
    result.push_back(at(axis < 0 ? axis + extents : axis));
  }
  std::sort(result.begin(), result.end());
  if (std::adjacent_find(result.begin(), result.end()) != result.end()) call.fail("axes: expected each once");
  return result;
}

std::vector<std::int64_t> squeezed_shape(const Call& call, const std::vector<std::int64_t>& shape) {
  call.only({"axes"});
  const std::vector<std::size_t> axes = listed_axes(call, shape.size());
  std::vector<std::int64_t> result;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const bool named = std::binary_search(axes.begin(), axes.end(), axis);
    if (named && shape[axis] != 1) {
      call.fail(fmt::format("axes: expected extents of 1, found [{}]", fmt::join(shape, ", ")));
    }
    if (!named && (!axes.empty() || shape[axis] != 1)) result.push_back(shape[axis]);
  }
  return result;
}

std::vector<std::int64_t> unsqueezed_shape(const Call& call, const std::vector<std::int64_t>& shape) {
  call.only({"axes"});
  constexpr std::size_t kMostAxes = 8;
  const auto count = call.optional(1) != nullptr ? call.input(1).values.size()
                                                 : call.attribute<std::vector<std::int64_t>>("axes", {}).size();
  if (count == 0 || shape.size() + count > kMostAxes) call.fail(fmt::format("expected 1 .. {} axes", kMostAxes));
  std::vector<std::int64_t> result = shape;
  for (const std::size_t axis : listed_axes(call, shape.size() + count)) {
    result.insert(result.begin() + static_cast<std::ptrdiff_t>(axis), 1);
  }
  return result;
}

std::vector<std::size_t> reduced_axes(const Call& call, std::size_t rank) {
  call.only({"axes", "keepdims", "noop_with_empty_axes"});
  if (call.attribute<std::int64_t>("noop_with_empty_axes", 0) != 0) {
    call.fail("attribute noop_with_empty_axes: expected 0");
  }
  std::vector<std::size_t> axes = listed_axes(call, rank);
  if (axes.empty()) {
    axes.resize(rank);
    std::iota(axes.begin(), axes.end(), std::size_t{0});
  }
  return axes;
}

bool keeps_axes(const Call& call) { return call.attribute<std::int64_t>("keepdims", 1) != 0; }

Array shape_value(const Call& call, const std::vector<std::int64_t>& shape) {
  call.only({"start", "end"});
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto place = [&](const char* name, std::int64_t otherwise) {
    const auto given = call.attribute<std::int64_t>(name, otherwise);
    return std::clamp(given < -rank ? 0 : given < 0 ? given + rank : given, std::int64_t{0}, rank);
  };
  const std::int64_t start = place("start", 0), end = std::max(start, place("end", rank));
  Array result{.type = Type::int64, .shape = {end - start}, .values = {}};
  for (std::int64_t axis = start; axis < end; ++axis) result.values.push_back(static_cast<double>(shape[at(axis)]));
  return result;
}

}  // namespace systole::model::onnx
