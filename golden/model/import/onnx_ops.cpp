#include "golden/model/import/onnx_ops.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "golden/model/import/onnx_call.h"
#include "golden/model/input_error.h"
#include "golden/model/network_folder.h"

namespace systole::model::onnx {

namespace {

double to_float(double value) { return static_cast<double>(static_cast<float>(value)); }

Array make(Type type, std::vector<std::int64_t> shape, const Call& call) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 0 || extent > kMaxElements || (count *= extent) > kMaxElements) {
      call.fail(fmt::format("expected at most {} values of output", kMaxElements));
    }
  }
  return {.type = type, .shape = std::move(shape), .values = std::vector<double>(static_cast<std::size_t>(count))};
}

/// Calls tap(position in the channel's map, position in the kernel) for the taps inside of the map.
template <typename Tap>
void taps(const Window& w, const Array& x, std::int64_t oy, std::int64_t ox, Tap tap) {
  const std::int64_t height = x.shape[2];
  const std::int64_t width = x.shape[3];
  for (std::int64_t ky = 0; ky < w.kernel[0]; ++ky) {
    const std::int64_t y = oy * w.stride[0] - w.before[0] + ky * w.dilation[0];
    if (y < 0 || y >= height) continue;
    for (std::int64_t kx = 0; kx < w.kernel[1]; ++kx) {
      const std::int64_t ix = ox * w.stride[1] - w.before[1] + kx * w.dilation[1];
      if (ix >= 0 && ix < width) tap(y * width + ix, ky * w.kernel[1] + kx);
    }
  }
}

// --- sums of products

/// Sum over the window of (x - zero) * (w - zero of the channel); padding contributes nothing.
Array convolve(const Call& call, const Array& x, double x_zero, const Array& w, const PerChannel& w_zero) {
  const Window window = convolution_window(call, x.shape, w);
  const std::int64_t out_c = w.shape[0];
  const std::int64_t channels_out = out_c / call.attribute<std::int64_t>("group", 1);  // of one group
  Array y = make(Type::int32, {x.shape[0], out_c, window.out[0], window.out[1]}, call);
  const std::int64_t map = x.shape[2] * x.shape[3];
  const std::int64_t kernel_size = w.shape[2] * w.shape[3];
  std::size_t next = 0;
  for (std::int64_t n = 0; n < x.shape[0]; ++n) {
    for (std::int64_t oc = 0; oc < out_c; ++oc) {
      const std::int64_t first = oc / channels_out * w.shape[1];
      const double zero = w_zero.of(oc);
      for (std::int64_t oy = 0; oy < y.shape[2]; ++oy) {
        for (std::int64_t ox = 0; ox < y.shape[3]; ++ox) {
          double sum = 0;
          taps(window, x, oy, ox, [&](std::int64_t position, std::int64_t tap) {
            for (std::int64_t ic = 0; ic < w.shape[1]; ++ic) {
              sum += (x.values[at((n * x.shape[1] + first + ic) * map + position)] - x_zero) *
                     (w.values[at((oc * w.shape[1] + ic) * kernel_size + tap)] - zero);
            }
          });
          y.values[next++] = sum;
        }
      }
    }
  }
  return y;
}

/// Rows of a times columns of b, over equal leading extents (a plain matrix b serves all of them).
Array multiply(const Call& call, const Array& a, double a_zero, const Array& b, const PerChannel& b_zero) {
  const std::size_t rank = a.shape.size();
  if (rank < 2 || b.shape.size() < 2) call.fail("expected operands of two or more extents");
  const std::int64_t rows = a.shape[rank - 2];
  const std::int64_t depth = a.shape[rank - 1];
  const std::int64_t cols = b.shape.back();
  const std::vector<std::int64_t> leading(a.shape.begin(), a.shape.end() - 2);
  const bool shared = b.shape.size() == 2;
  if (b.shape[b.shape.size() - 2] != depth ||
      (!shared && std::vector<std::int64_t>(b.shape.begin(), b.shape.end() - 2) != leading)) {
    call.fail(fmt::format("expected matrices that chain, found [{}] and [{}]", fmt::join(a.shape, ", "),
                          fmt::join(b.shape, ", ")));
  }
  std::vector<std::int64_t> shape = a.shape;
  shape.back() = cols;
  Array y = make(Type::int32, std::move(shape), call);
  std::size_t next = 0;
  for (std::int64_t m = 0; m < element_count(leading); ++m) {
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < cols; ++j) {
        double sum = 0;
        for (std::int64_t k = 0; k < depth; ++k) {
          sum += (a.values[at((m * rows + i) * depth + k)] - a_zero) *
                 (b.values[at(((shared ? 0 : m * depth) + k) * cols + j)] - b_zero.of(j));
        }
        y.values[next++] = sum;
      }
    }
  }
  return y;
}

/// Channel of element i of a tensor whose channels lie along `axis`.
std::int64_t channel_of(const Array& array, std::size_t axis, std::size_t i) {
  std::int64_t inner = 1;
  for (std::size_t k = axis + 1; k < array.shape.size(); ++k) inner *= array.shape[k];
  return static_cast<std::int64_t>(i) / inner % array.shape[axis];
}

Array checked_int32(const Call& call, Array y) {
  const Range range = range_of(Type::int32);
  for (const double value : y.values) {
    if (value < range.low || value > range.high) call.fail("a sum leaves int32");
  }
  return y;
}

/// saturate(round_half_even(sum * factor) + zero), factor = x_scale * w_scale / y_scale in float32.
Array requantize(Array sums, std::size_t axis, double x_scale, const PerChannel& w_scale, double y_scale, double y_zero,
                 Type type) {
  const Range range = range_of(type);
  for (std::size_t i = 0; i < sums.values.size(); ++i) {
    const auto weight = static_cast<float>(w_scale.of(channel_of(sums, axis, i)));
    const float factor = static_cast<float>(x_scale) * weight / static_cast<float>(y_scale);
    const float product = static_cast<float>(sums.values[i]) * factor;
    sums.values[i] = std::clamp(round_half_even(static_cast<double>(product)) + y_zero, range.low, range.high);
  }
  sums.type = type;
  return sums;
}

// --- operators

Array conv_integer(const Call& call) {
  const Array& x = call.input_of_rank(0, kBytes, 4);
  const Array& w = call.input_of_rank(1, kBytes, 4);
  return checked_int32(call, convolve(call, x, call.zero(2, x.type), w, weight_zeros(call, 3, w.type, w.shape[0])));
}

Array matmul_integer(const Call& call) {
  call.only({});
  const Array& a = call.input(0, kBytes);
  const Array& b = call.input(1, kBytes);
  if (b.shape.empty()) call.fail("expected operands of two or more extents");
  return checked_int32(call, multiply(call, a, call.zero(2, a.type), b, weight_zeros(call, 3, b.type, b.shape.back())));
}

Array qlinear_conv(const Call& call) {
  const Array& x = call.input_of_rank(0, kBytes, 4);
  const Array& w = call.input_of_rank(3, kBytes, 4);
  const Type type = call.input(7, kBytes).type;
  Array sums = convolve(call, x, call.zero(2, x.type), w, weight_zeros(call, 5, w.type, w.shape[0]));
  if (call.optional(8) != nullptr) {
    const Array& bias = call.input_of_rank(8, {Type::int32}, 1);
    if (bias.shape[0] != w.shape[0]) call.fail(fmt::format("input 8: expected {} values", w.shape[0]));
    for (std::size_t i = 0; i < sums.values.size(); ++i) sums.values[i] += bias.values[at(channel_of(sums, 1, i))];
  }
  return requantize(checked_int32(call, std::move(sums)), 1, call.scale(1), weight_scales(call, 4, w.shape[0]),
                    call.scale(6), call.scalar(7), type);
}

Array qlinear_matmul(const Call& call) {
  call.only({});
  const Array& a = call.input(0, kBytes);
  const Array& b = call.input(3, kBytes);
  if (b.shape.empty()) call.fail("expected operands of two or more extents");
  const std::int64_t cols = b.shape.back();
  Array sums = checked_int32(call, multiply(call, a, call.zero(2, a.type), b, weight_zeros(call, 5, b.type, cols)));
  const std::size_t axis = sums.shape.size() - 1;
  return requantize(std::move(sums), axis, call.scale(1), weight_scales(call, 4, cols), call.scale(6), call.scalar(7),
                    call.input(7, kBytes).type);
}

/// Scale and zero point of each element: one, or one per channel of channel_axis().
template <typename Element>
void per_channel(const Call& call, const Array& x, const Array* zeros, Element element) {
  const std::size_t axis = channel_axis(call, x);
  const std::int64_t channels = x.shape.empty() ? 1 : x.shape[axis];
  const PerChannel scales = weight_scales(call, 1, channels);
  if (zeros != nullptr && zeros->values.size() != scales.values.size()) {
    call.fail("expected as many zero points as scales");
  }
  const PerChannel offsets = zeros == nullptr ? PerChannel{} : PerChannel{zeros->values};
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    const std::int64_t channel = scales.values.size() == 1 ? 0 : channel_of(x, axis, i);
    element(i, scales.of(channel), offsets.of(channel));
  }
}

Array quantize_linear(const Call& call) {
  call.only({"axis"});
  const Array& x = call.input(0, {Type::float32, Type::int32});
  const Array* zeros = call.optional(2) == nullptr ? nullptr : &call.input(2, kBytes);
  Array y = make(zeros == nullptr ? Type::uint8 : zeros->type, x.shape, call);
  const Range range = range_of(y.type);
  per_channel(call, x, zeros, [&](std::size_t i, double scale, double zero) {
    const float steps = static_cast<float>(x.values[i]) / static_cast<float>(scale);
    if (std::isnan(steps)) call.fail("expected numbers, found NaN");
    y.values[i] = std::clamp(round_half_even(static_cast<double>(steps)) + zero, range.low, range.high);
  });
  return y;
}

Array dequantize_linear(const Call& call) {
  call.only({"axis"});
  const Array& x = call.input(0, {Type::int8, Type::uint8, Type::int32});
  const Array* zeros = call.optional(2);
  if (zeros != nullptr && zeros->type != x.type) call.fail("input 2: expected a zero point of its data's type");
  Array y = make(Type::float32, x.shape, call);
  per_channel(call, x, zeros, [&](std::size_t i, double scale, double zero) {
    y.values[i] = static_cast<double>(static_cast<float>(x.values[i] - zero) * static_cast<float>(scale));
  });
  return y;
}

Array conv(const Call& call) {
  const Array& x = call.input_of_rank(0, kFloat, 4);
  const Array& w = call.input_of_rank(1, kFloat, 4);
  Array y = convolve(call, x, 0, w, {});
  const Array* bias = call.optional(2) == nullptr ? nullptr : &call.input_of_rank(2, kFloat, 1);
  if (bias != nullptr && bias->shape[0] != w.shape[0])
    call.fail(fmt::format("input 2: expected {} values", w.shape[0]));
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    y.values[i] = to_float(y.values[i] + (bias == nullptr ? 0 : bias->values[at(channel_of(y, 1, i))]));
  }
  y.type = Type::float32;
  return y;
}

Array transposed(const Call& call, const Array& matrix, bool yes) {
  if (!yes) return matrix;
  Array result = make(matrix.type, {matrix.shape[1], matrix.shape[0]}, call);
  for (std::int64_t i = 0; i < matrix.shape[0]; ++i) {
    for (std::int64_t j = 0; j < matrix.shape[1]; ++j) {
      result.values[at(j * matrix.shape[0] + i)] = matrix.values[at(i * matrix.shape[1] + j)];
    }
  }
  return result;
}

Array gemm(const Call& call) {
  call.only({"alpha", "beta", "transA", "transB"});
  const Array a = transposed(call, call.input_of_rank(0, kFloat, 2), call.attribute<std::int64_t>("transA", 0) != 0);
  const Array b = transposed(call, call.input_of_rank(1, kFloat, 2), call.attribute<std::int64_t>("transB", 0) != 0);
  const auto alpha = static_cast<double>(call.attribute<float>("alpha", 1));
  const auto beta = static_cast<double>(call.attribute<float>("beta", 1));
  Array y = multiply(call, a, 0, b, {});
  const Array* c = call.optional(2) == nullptr ? nullptr : &call.input(2, kFloat);
  const bool row =
      c != nullptr && !c->shape.empty() && c->shape.back() == b.shape[1] && c->values.size() == at(b.shape[1]);
  if (c != nullptr && !row && c->values.size() != 1) call.fail("input 2: expected one value or one per column");
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    const double offset = c == nullptr ? 0 : c->values[row ? at(channel_of(y, 1, i)) : 0];
    y.values[i] = to_float(alpha * y.values[i] + beta * offset);
  }
  y.type = Type::float32;
  return y;
}

/// Extents of a broadcast of a and b: equal ones, or 1 against any; missing ones in front count as 1.
std::vector<std::int64_t> broadcast_shape(const Call& call, const Array& a, const Array& b) {
  std::vector<std::int64_t> shape(std::max(a.shape.size(), b.shape.size()), 1);
  for (const Array* operand : {&a, &b}) {
    const std::size_t skip = shape.size() - operand->shape.size();
    for (std::size_t k = 0; k < operand->shape.size(); ++k) {
      const std::int64_t extent = operand->shape[k];
      if (shape[skip + k] == 1) shape[skip + k] = extent;
      if (extent != 1 && extent != shape[skip + k]) {
        call.fail(fmt::format("expected operands of one shape or that broadcast, found [{}] and [{}]",
                              fmt::join(a.shape, ", "), fmt::join(b.shape, ", ")));
      }
    }
  }
  return shape;
}

/// Where element `i` of a broadcast to `shape` comes from.
std::size_t broadcast_source(const Array& operand, const std::vector<std::int64_t>& shape, std::size_t i) {
  auto rest = static_cast<std::int64_t>(i);
  std::int64_t source = 0;
  std::int64_t step = 1;
  for (std::size_t k = shape.size(), own = operand.shape.size(); own > 0; --k, --own) {
    if (operand.shape[own - 1] != 1) source += rest % shape[k - 1] * step;
    step *= operand.shape[own - 1];
    rest /= shape[k - 1];
  }
  return at(source);
}

/// sum(value of a, value of b) over a broadcast.
template <typename Sum>
Array elementwise(const Call& call, const Array& a, const Array& b, Type type, Sum sum) {
  Array y = make(type, broadcast_shape(call, a, b), call);
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    y.values[i] = sum(a.values[broadcast_source(a, y.shape, i)], b.values[broadcast_source(b, y.shape, i)]);
  }
  return y;
}

Array add(const Call& call) {
  call.only({});
  return elementwise(call, call.input(0, kFloat), call.input(1, kFloat), Type::float32,
                     [](double a, double b) { return to_float(a + b); });
}

/// com.microsoft: A, A_scale, A_zero, B, B_scale, B_zero, C_scale, C_zero.
Array qlinear_add(const Call& call) {
  call.only({});
  const Array& a = call.input(0, kBytes);
  const Array& b = call.input(3, {a.type});
  const double a_scale = call.scale(1), a_zero = call.zero(2, a.type);
  const double b_scale = call.scale(4), b_zero = call.zero(5, b.type);
  const double y_scale = call.scale(6), y_zero = call.zero(7, a.type);
  const Range range = range_of(a.type);
  return elementwise(call, a, b, a.type, [&](double x, double y) {
    const double sum = to_float(to_float((x - a_zero) * a_scale) + to_float((y - b_zero) * b_scale));
    return std::clamp(round_half_even(to_float(sum / y_scale)) + y_zero, range.low, range.high);
  });
}

Array matmul(const Call& call) {
  call.only({});
  const Array& b = call.input(1, kFloat);
  if (b.shape.empty()) call.fail("expected operands of two or more extents");
  Array y = multiply(call, call.input(0, kFloat), 0, b, {});
  for (double& value : y.values) value = to_float(value);
  y.type = Type::float32;
  return y;
}

Array relu(const Call& call) {
  call.only({});
  Array y = call.input(0, {Type::float32, Type::int8, Type::int32});
  for (double& value : y.values) value = std::max(value, 0.0);
  return y;
}

Array clip(const Call& call) {
  call.only({"min", "max"});
  Array y = call.input(0, kAll);
  const auto bound = [&](std::size_t i, const char* name, float otherwise) {
    if (call.optional(i) != nullptr) return call.scalar(i);  // since opset 11
    return static_cast<double>(call.attribute<float>(name, otherwise));
  };
  const double low = bound(1, "min", -std::numeric_limits<float>::infinity());
  const double high = bound(2, "max", std::numeric_limits<float>::infinity());
  for (double& value : y.values) value = std::min(std::max(value, low), high);
  return y;
}

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

Array max_pool(const Call& call) {
  call.only({"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"});
  const Array& x = call.input_of_rank(0, {Type::float32, Type::int8, Type::uint8}, 4);
  const Window window = pool_window(call, x.shape);
  const std::int64_t map = x.shape[2] * x.shape[3];
  return pool(call, x, window, [&](std::int64_t plane, std::int64_t oy, std::int64_t ox) {
    double largest = -std::numeric_limits<double>::infinity();
    taps(window, x, oy, ox, [&](std::int64_t position, std::int64_t) {
      largest = std::max(largest, x.values[at(plane * map + position)]);
    });
    if (std::isinf(largest) && x.type != Type::float32) call.fail("expected a tap inside of the map in every window");
    return largest;
  });
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

Array average_pool(const Call& call) {
  call.only({"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"});
  const Array& x = call.input_of_rank(0, kFloat, 4);
  const Window window = pool_window(call, x.shape);
  const bool all = call.attribute<std::int64_t>("count_include_pad", 0) != 0;
  if (all && window.ceil) call.fail("expected ceil_mode 0 with count_include_pad 1");
  return average(call, x, window, all);
}

Array global_average_pool(const Call& call) {
  call.only({});
  const Array& x = call.input_of_rank(0, kFloat, 4);
  return average(call, x, global_window(x.shape), false);
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

using Operator = Array (*)(const Call&);
const std::map<std::string_view, Operator>& operators() {
  static const std::map<std::string_view, Operator> table{{"Add", add},
                                                          {"AveragePool", average_pool},
                                                          {"Clip", clip},
                                                          {"Concat", concat},
                                                          {"Conv", conv},
                                                          {"ConvInteger", conv_integer},
                                                          {"DequantizeLinear", dequantize_linear},
                                                          {"Flatten", flatten},
                                                          {"Gemm", gemm},
                                                          {"GlobalAveragePool", global_average_pool},
                                                          {"MatMul", matmul},
                                                          {"MatMulInteger", matmul_integer},
                                                          {"MaxPool", max_pool},
                                                          {"QLinearAdd", qlinear_add},
                                                          {"QLinearConv", qlinear_conv},
                                                          {"QLinearMatMul", qlinear_matmul},
                                                          {"QuantizeLinear", quantize_linear},
                                                          {"Relu", relu},
                                                          {"Reshape", reshape}};
  return table;
}

}  // namespace

double round_half_even(double x) {
  const double below = std::floor(x);
  const double part = x - below;
  if (part != 0.5) return part < 0.5 ? below : below + 1;
  return std::fmod(below, 2) == 0 ? below : below + 1;
}

std::vector<std::string_view> operator_names() {
  std::vector<std::string_view> names;
  for (const auto& [name, function] : operators()) names.push_back(name);
  return names;
}

Array evaluate_node(const Graph& graph, std::size_t index, const std::map<std::string, Array>& values) {
  const Node& node = graph.nodes[index];
  std::vector<const Array*> inputs;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const auto it = values.find(node.inputs[i]);
    if (!node.inputs[i].empty() && it == values.end()) refuse_missing(graph, index, i);
    inputs.push_back(node.inputs[i].empty() ? nullptr : &it->second);
  }
  const Call call(graph, index, std::move(inputs));
  const auto found = operators().find(node.op);
  if (found == operators().end()) {
    call.fail(fmt::format("is not an operator of the import, expected one of {}", fmt::join(operator_names(), ", ")));
  }
  if (node.outputs.size() != 1 || node.outputs[0].empty()) call.fail("expected one output");
  return found->second(call);
}

void refuse_missing(const Graph& graph, std::size_t index, std::size_t input) {
  const Node& reader = graph.nodes[index];
  const std::string& name = reader.inputs[input];
  const auto gives = [&](const Node& node) {
    return std::find(node.outputs.begin(), node.outputs.end(), name) != node.outputs.end();
  };
  const auto giver = std::find_if(graph.nodes.begin(), graph.nodes.end(), gives);
  const Call call(graph, index, {});
  if (giver == graph.nodes.end()) {
    call.fail(fmt::format("input {} '{}' is given by no initializer, graph input or node", input, printable(name)));
  }
  call.fail(fmt::format("input {} '{}' is given by {} only: expected nodes in execution order, without a cycle", input,
                        printable(name), node_place(at(giver - graph.nodes.begin()), *giver)));
}

std::map<std::string, Array> evaluate(const Graph& graph, std::map<std::string, Array> inputs) {
  std::map<std::string, Array> values = graph.constants;
  for (const std::string& name : graph.inputs) {
    if (!inputs.contains(name)) {
      throw InputError(graph.file, "inputs", fmt::format("no value given for '{}'", printable(name)));
    }
  }
  values.merge(inputs);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].op == kConstant) continue;  // its value is among the constants
    Array result = evaluate_node(graph, i, values);
    if (!values.emplace(graph.nodes[i].outputs[0], std::move(result)).second) {
      throw InputError(graph.file, node_place(i, graph.nodes[i]), "writes a value that is there already");
    }
  }
  return values;
}

}  // namespace systole::model::onnx
