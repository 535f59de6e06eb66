// SPDX-License-Identifier: Apache-2.0
// Poolings, shapes and concatenation as ONNX defines them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "golden/import/onnx/reference.h"

namespace systole::model::onnx::reference {

namespace {

/// pixel(plane, oy, ox) for every output value.
template <typename Pixel>
Array pool(const Call& call, const Array& x, const Window& window, Pixel pixel) {
  Array y = make(x.type, {x.shape[0], x.shape[1], window.out[0], window.out[1]}, call);
  std::size_t next = 0;
  for (std::int64_t plane = 0; plane < x.shape[0] * x.shape[1]; ++plane) {
    for (std::int64_t oy = 0; oy < y.shape[2]; ++oy) {
      for (std::int64_t ox = 0; ox < y.shape[3]; ++ox) y.values[next++] = pixel(plane, oy, ox);
    }
  }
  return y;
}

/// `all`: divides by the window's taps, those in the padding too.
Array average(const Call& call, const Array& x, const Window& window, bool all) {
  const std::int64_t map = x.shape[2] * x.shape[3];
  return pool(call, x, window, [&](std::int64_t plane, std::int64_t oy, std::int64_t ox) {
    double sum = 0;
    std::int64_t count = 0;
    taps(window, x, oy, ox, [&](std::int64_t position, std::int64_t) {
      sum += x.values[at(plane * map + position)];
      ++count;
    });
    if (all) count = window.kernel[0] * window.kernel[1];
    if (count == 0) call.fail("expected a tap inside of the map in every window");
    return to_float(sum / static_cast<double>(count));
  });
}

/// Every input's shape but for the extent along `axis`, and its type, are the first one's.
void check_concat(const Call& call, std::size_t axis) {
  const Array& first = call.input(0, kAll);
  for (std::size_t i = 1; i < call.inputs(); ++i) {
    std::vector<std::int64_t> shape = call.input(i).shape;
    if (shape.size() == first.shape.size()) shape[axis] = first.shape[axis];
    if (shape != first.shape || call.input(i).type != first.type) {
      call.fail(fmt::format("input {}: expected type and shape of input 0 but for one axis", i));
    }
  }
}

}  // namespace

Array max_pool(const Call& call) {
  call.only({"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"});
  const Array x = map_input(call, 0, {Type::float32, Type::int8, Type::uint8});
  const Window window = pool_window(call, call.input(0).shape);
  const std::int64_t map = x.shape[2] * x.shape[3];
  Array y = pool(call, x, window, [&](std::int64_t plane, std::int64_t oy, std::int64_t ox) {
    double largest = -std::numeric_limits<double>::infinity();
    taps(window, x, oy, ox, [&](std::int64_t position, std::int64_t) {
      largest = std::max(largest, x.values[at(plane * map + position)]);
    });
    if (std::isinf(largest) && x.type != Type::float32) call.fail("expected a tap inside of the map in every window");
    return largest;
  });
  return like_input(call, std::move(y));
}

Array average_pool(const Call& call) {
  call.only({"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"});
  const Array x = map_input(call, 0, kFloat);
  const Window window = pool_window(call, call.input(0).shape);
  const bool all = call.attribute<std::int64_t>("count_include_pad", 0) != 0;
  if (all && window.ceil) call.fail("expected ceil_mode 0 with count_include_pad 1");
  return like_input(call, average(call, x, window, all));
}

Array global_average_pool(const Call& call) {
  call.only({});
  const Array x = map_input(call, 0, kFloat);
  return like_input(call, average(call, x, global_window(x.shape), false));
}

Array global_max_pool(const Call& call) {
  call.only({});
  const Array x = map_input(call, 0, kFloat);
  const std::int64_t map = x.shape[2] * x.shape[3];
  Array y = pool(call, x, {.out = {1, 1}}, [&](std::int64_t plane, std::int64_t, std::int64_t) {
    const auto first = x.values.begin() + static_cast<std::ptrdiff_t>(plane * map);
    return *std::max_element(first, first + static_cast<std::ptrdiff_t>(map));
  });
  return like_input(call, std::move(y));
}

Array pad(const Call& call) {
  const Array& x = call.input(0, kFloat);
  const std::size_t rank = x.shape.size();
  const std::vector<std::int64_t> pads = pad_extents(call, rank);
  std::vector<std::int64_t> shape = x.shape;
  for (std::size_t axis = 0; axis < rank; ++axis) shape[axis] += pads[axis] + pads[axis + rank];
  Array y = make(x.type, shape, call);
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    auto rest = static_cast<std::int64_t>(i);
    std::int64_t to = 0;
    std::int64_t step = 1;
    for (std::size_t axis = rank; axis-- > 0; rest /= x.shape[axis]) {
      to += (rest % x.shape[axis] + pads[axis]) * step;
      step *= y.shape[axis];
    }
    y.values[at(to)] = x.values[i];
  }
  return y;
}

Array flatten(const Call& call) {
  Array y = call.input(0, kAll);
  y.shape = flattened_shape(call, y.shape);
  return y;
}

Array reshape(const Call& call) {
  Array y = call.input(0, kAll);
  y.shape = reshaped_shape(call, y.shape);
  return y;
}

Array identity(const Call& call) {
  check_identity(call);
  return call.input(0, kAll);
}

Array transpose(const Call& call) {
  const Array& x = call.input(0, kAll);
  const std::size_t rank = x.shape.size();
  const std::vector<std::size_t> order = transposed_axes(call, rank);
  std::vector<std::int64_t> stride(rank, 1);  // of the axes of x
  for (std::size_t axis = rank; axis-- > 1;) stride[axis - 1] = stride[axis] * x.shape[axis];
  Array y{.type = x.type, .shape = {}, .values = {}};
  for (const std::size_t axis : order) y.shape.push_back(x.shape[axis]);
  y.values.reserve(x.values.size());
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    auto rest = static_cast<std::int64_t>(i);
    std::int64_t from = 0;
    for (std::size_t axis = rank; axis-- > 0; rest /= y.shape[axis]) from += rest % y.shape[axis] * stride[order[axis]];
    y.values.push_back(x.values[at(from)]);
  }
  return y;
}

Array concat(const Call& call) {
  const Array& first = call.input(0, kAll);
  const std::size_t axis = concat_axis(call, first.shape.size());
  check_concat(call, axis);
  std::vector<std::int64_t> shape = first.shape;
  shape[axis] = 0;
  for (std::size_t i = 0; i < call.inputs(); ++i) shape[axis] += call.input(i).shape[axis];
  Array y = make(first.type, shape, call);
  y.values.clear();
  const std::int64_t outer =
      element_count({first.shape.begin(), first.shape.begin() + static_cast<std::ptrdiff_t>(axis)});
  for (std::int64_t o = 0; o < outer; ++o) {
    for (std::size_t i = 0; i < call.inputs(); ++i) {
      const Array& part = call.input(i);
      const auto run = static_cast<std::ptrdiff_t>(static_cast<std::int64_t>(part.values.size()) / outer);
      const auto start = part.values.begin() + static_cast<std::ptrdiff_t>(o) * run;
      y.values.insert(y.values.end(), start, start + run);
    }
  }
  return y;
}

}  // namespace systole::model::onnx::reference
