// SPDX-License-Identifier: Apache-2.0
// Poolings, activations, padding and concatenation.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "golden/fixed/ceil_div.h"
#include "golden/format/network_folder.h"
#include "golden/import/onnx/float_rules.h"
#include "golden/import/onnx/geometry.h"
#include "golden/import/onnx/shape_math.h"

namespace systole::model::onnx::float_rule {

using op::Kind;

namespace {

/// Whether each window has a tap inside of a map of this height and width.
bool every_window_reads(const Window& window, const Shape& map) {
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t in = axis == 0 ? map.height : map.width;
    for (std::int64_t out = 0; out < window.out[axis]; ++out) {
      bool reads = false;
      for (std::int64_t k = 0; k < window.kernel[axis]; ++k) {
        const std::int64_t place = out * window.stride[axis] - window.before[axis] + k * window.dilation[axis];
        reads = reads || (place >= 0 && place < in);
      }
      if (!reads) return false;
    }
  }
  return true;
}

constexpr std::int64_t kLargestWindow = 15;  // of a layer

bool is_global(const FloatBuilder& b) { return b.node().op.starts_with("Global"); }

/// A map of one axis has windows of one.
Window window_of(const FloatBuilder& b, const FloatValue& in) {
  const std::vector<std::int64_t> map = b.map_of(in);
  return is_global(b) ? global_window(map) : pool_window(b.call(), in.shape);
}

/// Windows side by side, one behind another, that together cover an extent. `exact`: none is cut short, so that a mean
/// of their means is the extent's; none where that takes a window too large.
std::optional<std::vector<std::int64_t>> parts_of(std::int64_t extent, bool exact) {
  std::vector<std::int64_t> parts;
  while (extent > kLargestWindow) {
    std::int64_t part = kLargestWindow;
    while (exact && part > 1 && extent % part != 0) --part;
    if (part == 1) return std::nullopt;
    parts.push_back(part);
    extent = (extent + part - 1) / part;
  }
  parts.push_back(extent);
  return parts;
}

/// A pooling of the whole map, in several layers where that is larger than a window. Its output's shape is `shape`.
void pool_whole(FloatBuilder& b, Kind kind, const FloatValue& in, std::vector<std::int64_t> shape) {
  const Shape map = b.shape_of(in.tensor);
  const auto rows = parts_of(map.height, kind == Kind::avg_pool), columns = parts_of(map.width, kind == Kind::avg_pool);
  if (!rows || !columns) {
    b.fail(
        fmt::format("expected a map whose height and width are products of numbers up to {} (a mean is split into "
                    "equal windows), found {} x {}",
                    kLargestWindow, map.height, map.width));
  }
  const auto part = [](const std::vector<std::int64_t>& parts, std::size_t i) {
    return i < parts.size() ? parts[i] : 1;
  };
  const std::size_t layers = std::max(rows->size(), columns->size());
  int tensor = in.tensor;
  for (std::size_t i = 0; i < layers; ++i) {
    FloatLayer layer = b.start(kind, tensor);
    Window window;
    window.kernel = {part(*rows, i), part(*columns, i)};
    if (layers > 1) window.stride = window.kernel;
    window.out = {fixed::ceil_div(std::int64_t{layer.in_h}, window.kernel[0]),
                  fixed::ceil_div(std::int64_t{layer.in_w}, window.kernel[1])};
    set_window(b, layer, window);
    if (i + 1 == layers) return b.finish(std::move(layer), {tensor}, {}, std::move(shape));
    tensor = b.insert(std::move(layer), tensor);
  }
}

void pool(FloatBuilder& b, Kind kind, const FloatValue& in, const Window& window, bool takes_padding) {
  FloatLayer layer = b.start(kind, in.tensor);
  set_window(b, layer, window);
  if (!every_window_reads(window, b.shape_of(in.tensor))) {
    b.fail("expected a tap inside of the map in every window");
  }
  FloatWeights weights;
  if (kind == Kind::depthwise) {
    const std::int64_t taps = window.kernel[0] * window.kernel[1];
    b.take_weights(taps * layer.out_c);
    weights.weights = Eigen::MatrixXd::Constant(layer.out_c, taps, 1 / static_cast<double>(taps));
  }
  if (takes_padding) b.taken_over(in, fmt::format("padding of '{}'", layer.name));
  std::vector<std::int64_t> shape = FloatBuilder::shape_behind(in, layer);
  b.finish(std::move(layer), {in.tensor}, std::move(weights), std::move(shape));
}

/// `keeps`: the axes stay, of extent 1.
void mean_of_map(FloatBuilder& b, bool keeps) {
  const FloatValue& value = b.value(0);
  const std::vector<std::int64_t> map = b.map_of(value);
  const std::int64_t taps = map[2] * map[3];
  std::vector<std::int64_t> shape{1, map[1]};
  if (keeps) shape.resize(value.shape.size(), 1);
  const Shape inside = b.shape_of(value.tensor);
  const Window window = widened(value.padding, global_window(map));
  // The zeros of a Pad count: the sum of what is inside over all taps.
  const bool counts_zeros = value.padding.any() && !window_problem(window, inside.height, inside.width);
  if (!counts_zeros) return pool_whole(b, Kind::avg_pool, b.settled(0), std::move(shape));
  FloatLayer layer = b.start(Kind::depthwise, value.tensor);
  set_window(b, layer, window);
  b.take_weights(taps * layer.out_c);
  FloatWeights weights{.weights = Eigen::MatrixXd::Constant(layer.out_c, taps, 1 / static_cast<double>(taps)),
                       .bias = {}};
  b.taken_over(value, fmt::format("padding of '{}'", layer.name));
  b.finish(std::move(layer), {value.tensor}, std::move(weights), std::move(shape));
}

/// Whether a window over the map and the zeros around it may ignore the zeros: the values are not below them.
bool zeros_lose(const FloatBuilder& b, const FloatValue& value) { return value.tensor != 0 && b.layer_of(value).relu; }

/// Bounds of a layer's values that a float layer has: none, max(0, x), or min(max(0, x), high).
bool is_relu(const Bounds& bounds) { return bounds.low == 0 && bounds.high > 0; }

Bounds bounds_of(const FloatLayer& layer) {
  Bounds bounds;
  if (layer.relu) bounds.low = 0;
  if (layer.clip > 0) bounds.high = static_cast<double>(layer.clip);
  return bounds;
}

/// Bounds that no float32 leaves are none.
Bounds effective(Bounds bounds) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  if (bounds.low <= -kLargest) bounds.low = Bounds{}.low;
  if (bounds.high >= kLargest) bounds.high = Bounds{}.high;
  return bounds;
}

void set_bounds(const FloatBuilder& b, FloatLayer& layer, const Bounds& bounds) {
  if (!is_relu(bounds)) {
    b.fail(fmt::format("expected bounds of 0 and above (or none), found {} .. {}", bounds.low, bounds.high));
  }
  layer.relu = true;
  layer.clip = bounds.high == Bounds{}.high ? 0.0F : static_cast<float>(bounds.high);
}

}  // namespace

void max_pool(FloatBuilder& b) {
  if (is_global(b)) {
    b.call().only({});
    const FloatValue in = b.settled(0);
    std::vector<std::int64_t> shape = b.map_of(in);
    if (std::max(shape[2], shape[3]) > kLargestWindow) {
      shape.resize(in.shape.size());
      std::fill(shape.begin() + 2, shape.end(), 1);
      return pool_whole(b, Kind::max_pool, in, std::move(shape));
    }
  } else {
    b.call().only({"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"});
  }
  FloatValue in = b.value(0).affine.any() || !zeros_lose(b, b.value(0)) ? b.settled(0) : b.value(0);
  Window window = widened(in.padding, window_of(b, in));
  const Shape shape = b.shape_of(in.tensor);
  if (in.padding.any() && (window_problem(window, shape.height, shape.width) || !every_window_reads(window, shape))) {
    in = b.settled(0);
    window = window_of(b, in);
  }
  pool(b, Kind::max_pool, in, window, in.padding.any());
}

/// The mean over the spatial axes, which are its ReduceMean's.
void reduce_mean(FloatBuilder& b) {
  b.require_constants(1, 1);
  if (b.fold()) return;
  const FloatValue& in = b.value(0);
  const std::size_t rank = in.shape.size();
  const std::vector<std::size_t> axes = reduced_axes(b.call(), rank);
  const bool of_map =
      (rank == 3 && axes == std::vector<std::size_t>{2}) || (rank == 4 && axes == std::vector<std::size_t>{2, 3});
  if (in.last || !of_map) {
    b.fail(
        fmt::format("expected the axes behind the channels of a map [1, c, h, w] or [1, c, l], found axes [{}] of "
                    "[{}]",
                    fmt::join(axes, ", "), fmt::join(in.shape, ", ")));
  }
  mean_of_map(b, keeps_axes(b.call()));
}

void average_pool(FloatBuilder& b) {
  const Call here = b.call();
  if (is_global(b)) {
    here.only({});
    return mean_of_map(b, true);
  }
  here.only({"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"});
  bool all = here.attribute<std::int64_t>("count_include_pad", 0) != 0;
  FloatValue in = b.value(0).affine.any() ? b.settled(0) : b.value(0);
  Window window = window_of(b, in);
  if (all && window.ceil) b.fail("expected ceil_mode 0 with count_include_pad 1");
  const bool counts_pad = all || !leaves_map(window, b.map_of(in));
  const Shape shape = b.shape_of(in.tensor);
  const bool fits = !window_problem(widened(in.padding, window), shape.height, shape.width) &&
                    every_window_reads(widened(in.padding, window), shape);
  if (in.padding.any() && !(counts_pad && fits)) {
    in = b.settled(0);
  } else if (in.padding.any()) {
    all = true;  // the zeros of a Pad count
  }
  window = widened(in.padding, window);
  const std::vector<std::int64_t> map{1, shape.channels, b.shape_of(in.tensor).height, b.shape_of(in.tensor).width};
  const bool divides_by_taps_inside = !all || !leaves_map(window, map);
  pool(b, divides_by_taps_inside ? Kind::avg_pool : Kind::depthwise, in, window, in.padding.any());
}

void activation(FloatBuilder& b) {
  b.require_constants(1, 2);
  if (b.fold()) return;
  Bounds own{.low = 0};
  if (b.node().op == "Relu") {
    b.call().only({});
  } else {
    own = effective(clip_bounds(b.call()));
  }
  const FloatValue in = b.settled(0);
  const Bounds known = in.tensor == 0 ? Bounds{} : bounds_of(b.layer_of(in));
  const Bounds bounds{.low = std::min(std::max(known.low, own.low), own.high),
                      .high = std::min(std::max(known.high, own.low), own.high)};
  if (bounds == known) return b.pass(in, "no work: within the bounds of the layer before it");
  if (FloatLayer* layer = b.open_layer(in)) {
    set_bounds(b, *layer, bounds);
    return b.redefine(in, fmt::format("bounds of '{}'", layer->name));
  }
  FloatLayer layer = b.start(Kind::max_pool, in.tensor);
  set_bounds(b, layer, bounds);
  b.finish(std::move(layer), {in.tensor}, {}, in.shape, in.last);
}

void pad(FloatBuilder& b) {
  b.require_constants(1, 3);
  FloatValue value = b.settled(0);
  const std::size_t rank = value.shape.size();
  const bool line = rank == 3 && !value.last;
  const bool map = rank == 4 || line;
  const std::vector<std::int64_t> pads = pad_extents(b.call(), rank);
  const std::size_t row = value.last ? 1 : 2;  // axis of the rows; the columns follow, a line has them alone
  const std::size_t column = line ? row : row + 1;
  constexpr std::int64_t kLargestPad = 15;  // both sides together: the layer that pads has such a window
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const bool inside = map && (axis == row || axis == column);
    const std::int64_t both = pads[axis] + pads[axis + rank];
    if (both > (inside ? kLargestPad : 0)) {
      b.fail(fmt::format("expected a map padded by at most {} rows and columns, found {} along axis {}", kLargestPad,
                         both, axis));
    }
    value.shape[axis] += both;
  }
  if (map) {
    const auto extent = [&](std::size_t i) { return static_cast<int>(pads[i]); };
    value.padding = {line ? 0 : extent(row), extent(column), line ? 0 : extent(row + rank), extent(column + rank)};
  }
  if (!value.padding.any()) return b.pass(std::move(value), "no work");
  b.defer(std::move(value));
}

void concat(FloatBuilder& b) {
  if (b.fold()) return;
  const std::size_t count = b.node().inputs.size();
  if (count < 2 || count > static_cast<std::size_t>(kMaxInputs)) {
    b.fail(fmt::format("expected 2 .. {} inputs, found {}", kMaxInputs, count));
  }
  const FloatValue first = b.settled(0);
  const std::size_t rank = first.shape.size();
  const std::size_t axis = concat_axis(b.call(), rank);
  if (axis != (first.last ? rank - 1 : 1)) b.fail("attribute axis: expected the channels");
  FloatLayer layer = b.start(Kind::concat, first.tensor);
  std::vector<int> inputs;
  std::int64_t channels = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const FloatValue part = b.settled(i);
    const Shape shape = b.shape_of(part.tensor);
    const bool same =
        part.last == first.last && part.shape.size() == rank && shape.height == layer.in_h && shape.width == layer.in_w;
    if (!same || part.shape[axis] != shape.channels) {
      b.fail(fmt::format("input {}: expected a map of input 0's height and width", i));
    }
    inputs.push_back(part.tensor);
    channels += shape.channels;
    layer.out_c = b.channels(channels);
  }
  std::vector<std::int64_t> shape = first.shape;
  shape[axis] = channels;
  b.finish(std::move(layer), std::move(inputs), {}, std::move(shape), first.last);
}

}  // namespace systole::model::onnx::float_rule
