#include "golden/model/import/onnx_ops.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "golden/model/input_error.h"
#include "golden/model/network_folder.h"

namespace systole::model::onnx {

namespace {

struct Range {
  double low, high;
};

Range range_of(Type type) {
  switch (type) {
    case Type::int8:
      return {-128, 127};
    case Type::uint8:
      return {0, 255};
    case Type::int32:
      return {-0x1p31, 0x1p31 - 1};
    default:
      return {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  }
}

double to_float(double value) { return static_cast<double>(static_cast<float>(value)); }

/// Two-dimensional window over NCHW.
struct Window {
  std::array<std::int64_t, 2> kernel{1, 1}, stride{1, 1}, dilation{1, 1}, before{0, 0}, after{0, 0};
  bool ceil = false;

  [[nodiscard]] std::int64_t reach(std::size_t axis) const { return (kernel[axis] - 1) * dilation[axis] + 1; }
};

/// One node at work: typed access to its inputs and attributes, every refusal naming the node.
class Call {
 public:
  Call(const Graph& graph, std::size_t index, std::vector<const Array*> inputs)
      : file_(graph.file), index_(index), node_(graph.nodes[index]), inputs_(std::move(inputs)) {}

  [[noreturn]] void fail(const std::string& problem) const {
    throw InputError(file_, node_place(index_, node_), problem);
  }

  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] std::size_t inputs() const { return inputs_.size(); }
  [[nodiscard]] const Array* optional(std::size_t i) const { return i < inputs_.size() ? inputs_[i] : nullptr; }
  [[nodiscard]] const Array& input(std::size_t i) const {
    if (optional(i) == nullptr) fail(fmt::format("expected an input {}", i));
    return *inputs_[i];
  }

  /// Input i, of one of the types.
  [[nodiscard]] const Array& input(std::size_t i, std::initializer_list<Type> types) const {
    const Array& array = input(i);
    if (std::find(types.begin(), types.end(), array.type) == types.end()) {
      fail(fmt::format("input {}: type {} is not allowed here", i, to_string(array.type)));
    }
    return array;
  }

  [[nodiscard]] const Array& input_of_rank(std::size_t i, std::initializer_list<Type> types, std::size_t rank) const {
    const Array& array = input(i, types);
    if (array.shape.size() != rank) {
      fail(fmt::format("input {}: expected {} extents, found [{}]", i, rank, fmt::join(array.shape, ", ")));
    }
    return array;
  }

  /// The one value of a scalar input.
  [[nodiscard]] double scalar(std::size_t i) const {
    if (input(i).values.size() != 1) fail(fmt::format("input {}: expected one value", i));
    return input(i).values[0];
  }
  [[nodiscard]] double scale(std::size_t i) const {
    static_cast<void>(input(i, {Type::float32}));
    const double value = scalar(i);
    if (!(value > 0) || !std::isfinite(value)) fail(fmt::format("input {}: expected a finite scale above 0", i));
    return value;
  }
  /// Zero point i of `data`; 0 where it is left out.
  [[nodiscard]] double zero(std::size_t i, const Array& data) const {
    if (optional(i) == nullptr) return 0;
    if (input(i).type != data.type) fail(fmt::format("input {}: expected a zero point of its data's type", i));
    return scalar(i);
  }

  template <typename T>
  [[nodiscard]] T attribute(const std::string& name, T otherwise) const {
    const auto it = node_.attributes.find(name);
    if (it == node_.attributes.end()) return otherwise;
    const T* value = std::get_if<T>(&it->second);
    if (value == nullptr) fail(fmt::format("attribute {}: not of its type", name));
    return *value;
  }

  /// Refuses attributes that the operator does not have: an attribute that is not read is a result that is not right.
  void only(std::initializer_list<std::string_view> names) const {
    for (const auto& [name, value] : node_.attributes) {
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        fail(fmt::format("attribute {}: not known of this operator", name));
      }
    }
  }

  [[nodiscard]] std::array<std::int64_t, 2> pair(const std::string& name, std::int64_t low, std::int64_t high) const {
    constexpr std::size_t kAxes = 2;
    const auto values = attribute<std::vector<std::int64_t>>(name, {1, 1});
    if (values.size() != kAxes) fail(fmt::format("attribute {}: expected two values", name));
    for (const std::int64_t value : values) {
      if (value < low || value > high) {
        fail(fmt::format("attribute {}: expected {} .. {}, found {}", name, low, high, value));
      }
    }
    return {values[0], values[1]};
  }

 private:
  const std::string& file_;
  std::size_t index_;
  const Node& node_;
  std::vector<const Array*> inputs_;
};

Array make(Type type, std::vector<std::int64_t> shape, const Call& call) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 0 || extent > kMaxElements || (count *= extent) > kMaxElements) {
      call.fail(fmt::format("expected at most {} values of output", kMaxElements));
    }
  }
  return {.type = type, .shape = std::move(shape), .values = std::vector<double>(static_cast<std::size_t>(count))};
}

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// --- windows

constexpr std::int64_t kMaxStep = 4096;  // extents of maps

void set_pads(const Call& call, Window& window, const Array& x) {
  const auto mode = call.attribute<std::string>("auto_pad", "NOTSET");
  const auto pads = call.attribute<std::vector<std::int64_t>>("pads", {0, 0, 0, 0});
  if (mode == "NOTSET") {
    if (pads.size() != 4) call.fail("attribute pads: expected four values");
    for (const std::int64_t pad : pads) {
      if (pad < 0 || pad > kMaxStep) call.fail(fmt::format("attribute pads: expected 0 .. {}", kMaxStep));
    }
    window.before = {pads[0], pads[1]};
    window.after = {pads[2], pads[3]};
    return;
  }
  if (mode == "VALID") return;
  if (mode != "SAME_UPPER" && mode != "SAME_LOWER")
    call.fail(fmt::format("attribute auto_pad: '{}' is not known", mode));
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t in = x.shape[axis + 2];
    const std::int64_t out = (in + window.stride[axis] - 1) / window.stride[axis];
    const std::int64_t total = std::max<std::int64_t>(0, (out - 1) * window.stride[axis] + window.reach(axis) - in);
    window.before[axis] = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
    window.after[axis] = total - window.before[axis];
  }
}

Window read_window(const Call& call, const Array& x, std::array<std::int64_t, 2> kernel) {
  Window window;
  window.kernel = kernel;
  window.stride = call.pair("strides", 1, kMaxStep);
  window.dilation = call.pair("dilations", 1, kMaxStep);
  window.ceil = call.attribute<std::int64_t>("ceil_mode", 0) != 0;
  set_pads(call, window, x);
  return window;
}

std::int64_t out_extent(const Call& call, const Window& w, std::size_t axis, std::int64_t in) {
  const std::int64_t room = in + w.before[axis] + w.after[axis] - w.reach(axis);
  if (room < 0) call.fail("expected a window that fits into its padded input");
  if (!w.ceil) return room / w.stride[axis] + 1;
  const std::int64_t out = (room + w.stride[axis] - 1) / w.stride[axis] + 1;
  // A last window that would start in the padding behind the map is left out.
  return (out - 1) * w.stride[axis] < in + w.before[axis] ? out : out - 1;
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

/// Zero points of the weights: one, or one per output channel.
struct Zeros {
  std::vector<double> values{0};
  [[nodiscard]] double of(std::int64_t channel) const { return values[values.size() == 1 ? 0 : at(channel)]; }
};

Zeros weight_zeros(const Call& call, std::size_t i, const Array& w, std::int64_t channels) {
  if (call.optional(i) == nullptr) return {};
  const Array& zeros = call.input(i);
  if (zeros.type != w.type) call.fail(fmt::format("input {}: expected a zero point of its data's type", i));
  if (zeros.values.size() != 1 && zeros.values.size() != at(channels)) {
    call.fail(fmt::format("input {}: expected 1 or {} zero points, found {}", i, channels, zeros.values.size()));
  }
  return {zeros.values};
}

/// Scales of the weights likewise.
Zeros weight_scales(const Call& call, std::size_t i, std::int64_t channels) {
  const Array& scales = call.input(i, {Type::float32});
  if (scales.values.size() != 1 && scales.values.size() != at(channels)) {
    call.fail(fmt::format("input {}: expected 1 or {} scales, found {}", i, channels, scales.values.size()));
  }
  for (const double scale : scales.values) {
    if (!(scale > 0) || !std::isfinite(scale)) call.fail(fmt::format("input {}: expected finite scales above 0", i));
  }
  return {scales.values};
}

/// Sum over the window of (x - zero) * (w - zero of the channel); padding contributes nothing.
Array convolve(const Call& call, const Array& x, double x_zero, const Array& w, const Zeros& w_zero) {
  const std::int64_t groups = call.attribute<std::int64_t>("group", 1);
  const std::int64_t out_c = w.shape[0];
  if (groups < 1 || x.shape[1] % groups != 0 || out_c % groups != 0 || w.shape[1] != x.shape[1] / groups) {
    call.fail(
        fmt::format("expected weights of {} / group channels, found {} with group {}", x.shape[1], w.shape[1], groups));
  }
  const auto kernel = call.attribute<std::vector<std::int64_t>>("kernel_shape", {w.shape[2], w.shape[3]});
  if (kernel != std::vector{w.shape[2], w.shape[3]} || w.shape[2] < 1 || w.shape[3] < 1) {
    call.fail("attribute kernel_shape: expected the weights' own extents, 1 or more");
  }
  const Window window = read_window(call, x, {w.shape[2], w.shape[3]});
  Array y =
      make(Type::int32,
           {x.shape[0], out_c, out_extent(call, window, 0, x.shape[2]), out_extent(call, window, 1, x.shape[3])}, call);
  const std::int64_t map = x.shape[2] * x.shape[3];
  const std::int64_t kernel_size = w.shape[2] * w.shape[3];
  std::size_t next = 0;
  for (std::int64_t n = 0; n < x.shape[0]; ++n) {
    for (std::int64_t oc = 0; oc < out_c; ++oc) {
      const std::int64_t first = oc / (out_c / groups) * w.shape[1];
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
Array multiply(const Call& call, const Array& a, double a_zero, const Array& b, const Zeros& b_zero) {
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
Array requantize(Array sums, std::size_t axis, double x_scale, const Zeros& w_scale, double y_scale, double y_zero,
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

constexpr std::initializer_list<Type> kBytes{Type::int8, Type::uint8};
constexpr std::initializer_list<Type> kFloat{Type::float32};
constexpr std::initializer_list<Type> kAll{Type::float32, Type::int8, Type::uint8, Type::int32, Type::int64};

void only_conv_attributes(const Call& call) {
  call.only({"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"});
}

// --- operators

Array conv_integer(const Call& call) {
  only_conv_attributes(call);
  const Array& x = call.input_of_rank(0, kBytes, 4);
  const Array& w = call.input_of_rank(1, kBytes, 4);
  return checked_int32(call, convolve(call, x, call.zero(2, x), w, weight_zeros(call, 3, w, w.shape[0])));
}

Array matmul_integer(const Call& call) {
  call.only({});
  const Array& a = call.input(0, kBytes);
  const Array& b = call.input(1, kBytes);
  if (b.shape.empty()) call.fail("expected operands of two or more extents");
  return checked_int32(call, multiply(call, a, call.zero(2, a), b, weight_zeros(call, 3, b, b.shape.back())));
}

Array qlinear_conv(const Call& call) {
  only_conv_attributes(call);
  const Array& x = call.input_of_rank(0, kBytes, 4);
  const Array& w = call.input_of_rank(3, kBytes, 4);
  const Type type = call.input(7, kBytes).type;
  Array sums = convolve(call, x, call.zero(2, x), w, weight_zeros(call, 5, w, w.shape[0]));
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
  Array sums = checked_int32(call, multiply(call, a, call.zero(2, a), b, weight_zeros(call, 5, b, cols)));
  const std::size_t axis = sums.shape.size() - 1;
  return requantize(std::move(sums), axis, call.scale(1), weight_scales(call, 4, cols), call.scale(6), call.scalar(7),
                    call.input(7, kBytes).type);
}

/// The axis along which scales and zero points lie: attribute `axis`, negative from behind.
std::size_t channel_axis(const Call& call, const Array& x) {
  const auto rank = static_cast<std::int64_t>(x.shape.size());
  const std::int64_t axis = call.attribute<std::int64_t>("axis", 1);
  if (call.input(1).values.size() == 1) return 0;
  if (axis < -rank || axis >= rank) call.fail(fmt::format("attribute axis: expected {} .. {}", -rank, rank - 1));
  return at(axis < 0 ? axis + rank : axis);
}

/// Scale and zero point of each element: one, or one per channel of channel_axis().
template <typename Element>
void per_channel(const Call& call, const Array& x, const Array* zeros, Element element) {
  const std::size_t axis = channel_axis(call, x);
  const std::int64_t channels = x.shape.empty() ? 1 : x.shape[axis];
  const Zeros scales = weight_scales(call, 1, channels);
  if (zeros != nullptr && zeros->values.size() != scales.values.size()) {
    call.fail("expected as many zero points as scales");
  }
  const Zeros offsets = zeros == nullptr ? Zeros{} : Zeros{zeros->values};
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
  only_conv_attributes(call);
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

Array add(const Call& call) {
  call.only({});
  const Array& a = call.input(0, kFloat);
  const Array& b = call.input(1, kFloat);
  if (a.shape != b.shape) call.fail("expected operands of one shape");
  Array y = a;
  for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] = to_float(a.values[i] + b.values[i]);
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

/// The window of a pooling; kernel_shape is required.
Window pool_window(const Call& call, const Array& x) {
  if (!call.node().attributes.contains("kernel_shape")) call.fail("expected an attribute kernel_shape");
  if (call.node().outputs.size() != 1) call.fail("expected one output");
  return read_window(call, x, call.pair("kernel_shape", 1, kMaxStep));
}

/// pixel(plane, oy, ox) for every output value.
template <typename Pixel>
Array pool(const Call& call, const Array& x, const Window& window, Pixel pixel) {
  Array y = make(
      x.type,
      {x.shape[0], x.shape[1], out_extent(call, window, 0, x.shape[2]), out_extent(call, window, 1, x.shape[3])}, call);
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
  const Window window = pool_window(call, x);
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

Array average_pool(const Call& call) {
  call.only({"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"});
  const Array& x = call.input_of_rank(0, kFloat, 4);
  const Window window = pool_window(call, x);
  const bool all = call.attribute<std::int64_t>("count_include_pad", 0) != 0;
  if (all && window.ceil) call.fail("expected ceil_mode 0 with count_include_pad 1");
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

Array flatten(const Call& call) {
  call.only({"axis"});
  Array y = call.input(0, kAll);
  const auto rank = static_cast<std::int64_t>(y.shape.size());
  std::int64_t axis = call.attribute<std::int64_t>("axis", 1);
  if (axis < -rank || axis > rank) call.fail(fmt::format("attribute axis: expected {} .. {}", -rank, rank));
  if (axis < 0) axis += rank;
  const std::vector<std::int64_t> front(y.shape.begin(), y.shape.begin() + axis);
  const std::vector<std::int64_t> back(y.shape.begin() + axis, y.shape.end());
  y.shape = {element_count(front), element_count(back)};
  return y;
}

Array reshape(const Call& call) {
  call.only({"allowzero"});
  Array y = call.input(0, kAll);
  const Array& wanted = call.input_of_rank(1, {Type::int64}, 1);
  const bool keep_zero = call.attribute<std::int64_t>("allowzero", 0) != 0;
  std::vector<std::int64_t> shape;
  std::optional<std::size_t> open;
  std::int64_t known = 1;
  for (std::size_t i = 0; i < wanted.values.size(); ++i) {
    auto extent = static_cast<std::int64_t>(wanted.values[i]);
    if (extent == 0 && !keep_zero && i < y.shape.size()) extent = y.shape[i];
    if (extent == -1 && !open) {
      open = i;
    } else if (extent < 0 || extent > kMaxElements || (known *= extent) > kMaxElements) {
      call.fail("input 1: expected extents of 0 or more and at most one -1");
    }
    shape.push_back(extent);
  }
  const auto count = static_cast<std::int64_t>(y.values.size());
  if (open) {
    if (known == 0 || count % known != 0) call.fail("input 1: no extent in place of -1 keeps the number of values");
    shape[*open] = count / known;
  } else if (known != count) {
    call.fail(fmt::format("input 1: expected {} values, found a shape of {}", count, known));
  }
  y.shape = std::move(shape);
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
  call.only({"axis"});
  const Array& first = call.input(0, kAll);
  const auto rank = static_cast<std::int64_t>(first.shape.size());
  if (!call.node().attributes.contains("axis")) call.fail("expected an attribute axis");
  const std::int64_t asked = call.attribute<std::int64_t>("axis", 0);
  if (asked < -rank || asked >= rank) call.fail(fmt::format("attribute axis: expected {} .. {}", -rank, rank - 1));
  const std::size_t axis = at(asked < 0 ? asked + rank : asked);
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
                                                          {"MatMulInteger", matmul_integer},
                                                          {"MaxPool", max_pool},
                                                          {"QLinearConv", qlinear_conv},
                                                          {"QLinearMatMul", qlinear_matmul},
                                                          {"QuantizeLinear", quantize_linear},
                                                          {"Relu", relu},
                                                          {"Reshape", reshape}};
  return table;
}

std::vector<const Array*> operands(const Graph& graph, std::size_t index, const std::map<std::string, Array>& values) {
  std::vector<const Array*> inputs;
  for (const std::string& name : graph.nodes[index].inputs) {
    const auto it = values.find(name);
    if (!name.empty() && it == values.end()) {
      throw InputError(graph.file, node_place(index, graph.nodes[index]),
                       fmt::format("input {} is not a constant, an input or an earlier output", inputs.size()));
    }
    inputs.push_back(name.empty() ? nullptr : &it->second);
  }
  return inputs;
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

std::map<std::string, Array> evaluate(const Graph& graph, std::map<std::string, Array> inputs) {
  std::map<std::string, Array> values = graph.constants;
  for (const std::string& name : graph.inputs) {
    if (!inputs.contains(name)) throw InputError(graph.file, "inputs", fmt::format("no value given for '{}'", name));
  }
  values.merge(inputs);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const auto found = operators().find(node.op);
    if (found == operators().end()) {
      throw InputError(
          graph.file, node_place(i, node),
          fmt::format("is not an operator of the import, expected one of {}", fmt::join(operator_names(), ", ")));
    }
    const Call call(graph, i, operands(graph, i, values));
    if (node.outputs.size() != 1 || node.outputs[0].empty()) call.fail("expected one output");
    Array result = found->second(call);
    if (!values.emplace(node.outputs[0], std::move(result)).second) call.fail("writes a value that is there already");
  }
  return values;
}

}  // namespace systole::model::onnx
