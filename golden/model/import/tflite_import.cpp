#include "golden/model/import/tflite_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <utility>

#include "golden/model/import/tflite_arithmetic.h"
#include "golden/model/input_error.h"
#include "golden/model/network_file.h"
#include "golden/model/network_folder.h"

namespace systole::model::tflite {

namespace {

using op::Kind;
using op::Layer;

constexpr int kMaxPad = 15;  // of a layer's window
/// Weights of all layers together: what weights.bin may hold, as the golden's 32-bit elements.
constexpr std::int64_t kMaxWeights = static_cast<std::int64_t>(kMaxWeightBytes / sizeof(std::int32_t));
constexpr std::string_view kOperators =
    "conv_2d, depthwise_conv_2d, fully_connected, add, average_pool_2d, max_pool_2d, pad, reshape, softmax (last)";

struct Pads {
  int top = 0, bottom = 0, left = 0, right = 0;
  [[nodiscard]] bool any() const { return top + bottom + left + right != 0; }
};

/// What a tensor of the source is here: the output of a node, perhaps with padding that is still to be applied.
struct Value {
  int tensor = 0;  ///< as Node::inputs counts
  Pads pads{};
  std::size_t pad_step = 0;  ///< the step that reports the padding
  bool host = false;         ///< output of an operator that is left to the host
};

struct Scale {
  float scale = 0;
  std::int32_t zero = 0;
};

class Translator {
 public:
  explicit Translator(const Model& model) : model_(model), values_(model.tensors.size()) {}

  Import run() {
    result_.format = "TFLite int8";
    result_.network.name = std::filesystem::path(model_.file).stem().string();
    input();
    for (index_ = 0; index_ < model_.operators.size(); ++index_) translate();
    output();
    check_network(result_.network, model_.file);
    return std::move(result_);
  }

 private:
  // --- places and refusals

  [[nodiscard]] const Operator& op() const { return model_.operators[index_]; }

  [[noreturn]] void fail(const std::string& problem) const {
    throw InputError(model_.file, operator_place(index_, op()), problem);
  }

  [[noreturn]] void fail_tensor(int number, const std::string& problem) const {
    throw InputError(model_.file,
                     fmt::format("tensors[{}] '{}'", number, model_.tensors[static_cast<std::size_t>(number)].name),
                     problem);
  }

  // --- tensors of the source

  [[nodiscard]] const Tensor& tensor(int number) const { return model_.tensors[static_cast<std::size_t>(number)]; }

  [[nodiscard]] std::size_t input_count() const { return op().inputs.size(); }

  [[nodiscard]] int input_number(std::size_t i) const {
    if (i >= input_count() || op().inputs[i] < 0) fail(fmt::format("expected an input {}, found none", i));
    return op().inputs[i];
  }

  [[nodiscard]] int output_number() const {
    if (op().outputs.size() != 1) fail(fmt::format("expected one output, found {}", op().outputs.size()));
    return op().outputs[0];
  }

  /// Scale and zero point of an int8 tensor that flows between operators.
  [[nodiscard]] Scale activation_scale(int number) const {
    const Tensor& t = tensor(number);
    if (t.type != Type::int8) fail_tensor(number, fmt::format("expected type int8, found {}", t.type_name));
    const Quantization& q = t.quantization;
    if (q.scale.size() != 1 || q.zero_point.size() != 1) {
      fail_tensor(number, fmt::format("expected one scale and one zero point, found {} and {}", q.scale.size(),
                                      q.zero_point.size()));
    }
    if (q.zero_point[0] < -128 || q.zero_point[0] > 127) {
      fail_tensor(number, fmt::format("expected a zero point of -128 .. 127, found {}", q.zero_point[0]));
    }
    return {.scale = q.scale[0], .zero = static_cast<std::int32_t>(q.zero_point[0])};
  }

  /// [1, height, width, channels], or [1, channels] as one pixel.
  [[nodiscard]] Shape map_shape(int number) const {
    const std::vector<int>& s = tensor(number).shape;
    if (s.size() == 4 && s[0] == 1) return {.height = s[1], .width = s[2], .channels = s[3]};
    if (s.size() == 2 && s[0] == 1) return {.height = 1, .width = 1, .channels = s[1]};
    fail_tensor(number, fmt::format("expected shape [1, height, width, channels] or [1, channels], found [{}]",
                                    fmt::join(s, ", ")));
  }

  /// A constant of the operator: `rank` extents of type `type`.
  [[nodiscard]] const Tensor& constant(std::size_t i, Type type, std::string_view type_name, std::size_t rank) const {
    const int number = input_number(i);
    const Tensor& t = tensor(number);
    if (t.type != type) fail_tensor(number, fmt::format("expected type {}, found {}", type_name, t.type_name));
    if (t.data.empty() || t.variable) fail_tensor(number, "expected a constant");
    if (t.shape.size() != rank) {
      fail_tensor(number, fmt::format("expected {} extents, found [{}]", rank, fmt::join(t.shape, ", ")));
    }
    return t;
  }

  // --- values

  [[nodiscard]] const Value& value_of(int number) const {
    const std::optional<Value>& value = values_[static_cast<std::size_t>(number)];
    if (!value) {
      fail(fmt::format("reads tensors[{}] '{}', expected the graph's input or the output of an earlier operator",
                       number, tensor(number).name));
    }
    if (value->host) fail("reads the output of an operator that is left to the host, expected it at the end");
    return *value;
  }

  void define(int number, Value value) {
    std::optional<Value>& slot = values_[static_cast<std::size_t>(number)];
    if (slot) fail(fmt::format("writes tensors[{}], which is the graph's input or was written before", number));
    slot = value;
  }

  [[nodiscard]] Shape node_shape(int number) const {
    if (number == 0) {
      const Input& in = result_.network.input;
      return {.height = in.height, .width = in.width, .channels = in.channels};
    }
    const Layer& layer = result_.network.nodes[static_cast<std::size_t>(number) - 1].layer;
    return {.height = layer.out_h, .width = layer.out_w, .channels = layer.out_c};
  }

  /// The value with its padding applied, by a layer of its own where there is any.
  int plain(int number) {
    const Value value = value_of(number);
    if (!value.pads.any()) return value.tensor;
    const int padded = pad_layer(value, activation_scale(number).zero);
    values_[static_cast<std::size_t>(number)] = Value{.tensor = padded};
    return padded;
  }

  /// plain(), and the source's map is the map here (a reshape may have changed it).
  int plain_map(int number) {
    const int value = plain(number);
    if (map_shape(number) != node_shape(value)) {
      fail(fmt::format("reads a map of {}, which a reshape made of {}: expected only fully_connected behind it",
                       to_string(map_shape(number)), to_string(node_shape(value))));
    }
    return value;
  }

  // --- layers

  [[nodiscard]] std::string layer_name(std::size_t index, std::string_view name) const {
    return fmt::format("{:02}_{}", index, name);
  }

  /// A layer that reads `source`, int8 to int8.
  [[nodiscard]] Layer start(Kind kind, std::string name, int source) const {
    Layer layer;
    layer.name = std::move(name);
    layer.kind = kind;
    const Shape in = node_shape(source);
    layer.in_h = in.height;
    layer.in_w = in.width;
    layer.in_c = in.channels;
    layer.out_h = in.height;
    layer.out_w = in.width;
    layer.out_c = in.channels;
    layer.out.rule = fixed::Rounding::double_rounding;
    return layer;
  }

  [[nodiscard]] Layer start(Kind kind, int source) const { return start(kind, layer_name(index_, op().name), source); }

  int push(Layer layer, std::vector<int> inputs) {
    result_.network.nodes.push_back({.layer = std::move(layer), .inputs = std::move(inputs)});
    return static_cast<int>(result_.network.nodes.size());
  }

  /// Adds the operator's layer and reports it.
  void finish(Layer layer, std::vector<int> inputs) {
    const int number = output_number();
    const Shape out{.height = layer.out_h, .width = layer.out_w, .channels = layer.out_c};
    if (tensor(number).elements() != out.elements() || map_shape(number) != out) {
      fail_tensor(number, fmt::format("expected shape {} of its operator's output, found [{}]", to_string(out),
                                      fmt::join(tensor(number).shape, ", ")));
    }
    step(fmt::format("{} '{}'", to_string(layer.kind), layer.name));
    define(number, {.tensor = push(std::move(layer), std::move(inputs))});
  }

  void step(std::string became) { result_.steps.push_back({index_, op().name, std::move(became)}); }

  /// Zero point and clamp of the output.
  void set_output(Layer& layer, Activation activation) const {
    const Scale out = activation_scale(output_number());
    const ActivationRange range = activation_range(activation, out.scale, out.zero);
    if (range.low > range.high) fail("expected an activation that leaves a value, found an empty range");
    layer.out.zero_out = out.zero;
    layer.out.act_min = range.low;
    layer.out.act_max = range.high;
  }

  [[nodiscard]] op::Multiplier multiplier(double real) const {
    try {
      return quantize_multiplier(real);
    } catch (const std::invalid_argument& error) {
      fail(error.what());
    }
  }

  template <typename T>
  [[nodiscard]] const T& options() const {
    if (const T* found = std::get_if<T>(&op().options)) return *found;
    fail("expected the options of this operator, found others or none");
  }

  // --- weights

  /// Symmetric int8 weights with one scale, or one per output channel along `dimension`.
  [[nodiscard]] const Tensor& filter(std::size_t rank, int dimension) const {
    const int number = input_number(1);
    const Tensor& t = constant(1, Type::int8, "int8", rank);
    const Quantization& q = t.quantization;
    const auto channels = static_cast<std::size_t>(t.shape[static_cast<std::size_t>(dimension)]);
    if (q.scale.size() != 1 && (q.scale.size() != channels || q.dimension != dimension)) {
      fail_tensor(number, fmt::format("expected one scale, or {} along dimension {}, found {} along {}", channels,
                                      dimension, q.scale.size(), q.dimension));
    }
    if (std::any_of(q.zero_point.begin(), q.zero_point.end(), [](std::int64_t zero) { return zero != 0; })) {
      fail_tensor(number, "expected weights with zero point 0");
    }
    return t;
  }

  /// Counts what the layers' weights take, before it is taken.
  void take_weights(std::int64_t count) {
    weights_ += count;
    if (weights_ > kMaxWeights) fail(fmt::format("expected at most {} weights in all layers", kMaxWeights));
  }

  /// The filter as it lies: rows of `cols` values.
  void set_rows(Layer& layer, const Tensor& filter) {
    const std::int64_t cols = filter.elements() / filter.shape[0];
    take_weights(filter.elements());
    layer.weights.resize(filter.shape[0], cols);
    for (std::int64_t i = 0; i < filter.elements(); ++i) layer.weights.data()[i] = int8_at(filter, i);
  }

  /// A filter of [1, kernel_h, kernel_w, out channels]: the channel becomes the row.
  void set_columns(Layer& layer, const Tensor& filter) {
    const std::int64_t taps = std::int64_t{filter.shape[1]} * filter.shape[2];
    take_weights(filter.elements());
    layer.weights.resize(filter.shape[3], taps);
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      for (int oc = 0; oc < filter.shape[3]; ++oc) {
        layer.weights(oc, tap) = int8_at(filter, tap * filter.shape[3] + oc);
      }
    }
  }

  static std::int32_t int8_at(const Tensor& t, std::int64_t i) {
    return static_cast<std::int8_t>(t.data[static_cast<std::size_t>(i)]);
  }

  static std::int64_t integer_at(const Tensor& t, std::int64_t i) {
    const auto copy = [&](auto value) {
      std::memcpy(&value, t.data.data() + static_cast<std::size_t>(i) * sizeof value, sizeof value);
      return static_cast<std::int64_t>(value);
    };
    return t.type == Type::int64 ? copy(std::int64_t{}) : copy(std::int32_t{});
  }

  /// The optional int32 bias.
  void set_bias(Layer& layer) const {
    if (input_count() < 3 || op().inputs[2] < 0) return;
    const Tensor& bias = constant(2, Type::int32, "int32", 1);
    if (bias.shape[0] != layer.out_c) {
      fail_tensor(op().inputs[2], fmt::format("expected {} values, found {}", layer.out_c, bias.shape[0]));
    }
    layer.bias.resize(layer.out_c);
    for (int oc = 0; oc < layer.out_c; ++oc) layer.bias[oc] = static_cast<std::int32_t>(integer_at(bias, oc));
  }

  /// Multipliers, output and bias of a layer with weights; `real(filter scale)` is its factor.
  template <typename Real>
  void set_requantization(Layer& layer, const Tensor& filter, Real real, Activation activation) const {
    layer.out.m0.clear();
    layer.out.lshift.clear();
    layer.out.n.clear();
    for (const float scale : filter.quantization.scale) {
      const op::Multiplier m = multiplier(real(scale));
      layer.out.m0.push_back(m.m0);
      layer.out.lshift.push_back(m.lshift);
      layer.out.n.push_back(m.n);
    }
    layer.zero_in = activation_scale(input_number(0)).zero;
    set_output(layer, activation);
    set_bias(layer);
  }

  // --- windows

  /// Geometry of a window over the padded map; false where the layer's own padding cannot express it.
  bool try_window(Layer& layer, const WindowOptions& o, const Pads& pads) const {
    const Axis h = window_axis(o.padding, layer.in_h + pads.top + pads.bottom, o.kernel_h, o.stride_h, o.dilation_h);
    const Axis w = window_axis(o.padding, layer.in_w + pads.left + pads.right, o.kernel_w, o.stride_w, o.dilation_w);
    if (h.out < 1 || w.out < 1) fail("expected a window that fits into its padded input");
    layer.window = {.kernel_h = o.kernel_h,
                    .kernel_w = o.kernel_w,
                    .stride_h = o.stride_h,
                    .stride_w = o.stride_w,
                    .dilation_h = o.dilation_h,
                    .dilation_w = o.dilation_w,
                    .pad_top = h.pad + pads.top,
                    .pad_left = w.pad + pads.left};
    layer.out_h = h.out;
    layer.out_w = w.out;
    // A window that starts behind the map is not one of the layer's (golden/op/validate.cpp).
    const auto starts_inside = [](int out, int stride, int pad, int in) { return (out - 1) * stride - pad < in; };
    return layer.window.pad_top <= kMaxPad && layer.window.pad_left <= kMaxPad &&
           starts_inside(h.out, o.stride_h, layer.window.pad_top, layer.in_h) &&
           starts_inside(w.out, o.stride_w, layer.window.pad_left, layer.in_w);
  }

  void set_window(Layer& layer, const WindowOptions& o) const {
    if (!try_window(layer, o, {})) fail(fmt::format("expected at most {} pixels of padding", kMaxPad));
  }

  /// The operator's filter as window options; checks the kernel's extents.
  [[nodiscard]] WindowOptions convolution_window(const Tensor& filter) const {
    constexpr int kMaxKernel = 15;
    WindowOptions window = options<WindowOptions>();
    window.kernel_h = filter.shape[1];
    window.kernel_w = filter.shape[2];
    if (window.kernel_h > kMaxKernel || window.kernel_w > kMaxKernel) {
      fail(fmt::format("expected a kernel of at most {} x {}, found {} x {}", kMaxKernel, kMaxKernel, window.kernel_h,
                       window.kernel_w));
    }
    return window;
  }

  /// A layer over a window, with the padding of a pad before it folded into its own where it can be.
  Layer start_convolution(Kind kind, const WindowOptions& window, int& source) {
    const Value value = value_of(input_number(0));
    if (value.pads.any()) {
      source = value.tensor;
      Layer layer = start(kind, source);
      if (padded_map_matches(value) && try_window(layer, window, value.pads)) return layer;
    }
    source = plain_map(input_number(0));
    Layer layer = start(kind, source);
    set_window(layer, window);
    return layer;
  }

  [[nodiscard]] bool padded_map_matches(const Value& value) const {
    Shape shape = node_shape(value.tensor);
    shape.height += value.pads.top + value.pads.bottom;
    shape.width += value.pads.left + value.pads.right;
    return shape == map_shape(input_number(0));
  }

  /// A depthwise layer that copies its input into a larger map. The one tap that is 1 is the window's last, so that no
  /// window starts behind the map.
  int pad_layer(const Value& value, std::int32_t zero) {
    const Pads& pads = value.pads;
    const ImportStep& origin = result_.steps[value.pad_step];
    Layer layer = start(Kind::depthwise, layer_name(origin.index, "pad"), value.tensor);
    layer.window.kernel_h = pads.bottom + 1;
    layer.window.kernel_w = pads.right + 1;
    layer.window.pad_top = pads.top + pads.bottom;
    layer.window.pad_left = pads.left + pads.right;
    if (layer.window.pad_top > kMaxPad || layer.window.pad_left > kMaxPad || pads.bottom + 1 > kMaxPad ||
        pads.right + 1 > kMaxPad) {
      fail(fmt::format("expected a pad of at most {} pixels an axis in front of it", kMaxPad));
    }
    layer.out_h += pads.top + pads.bottom;
    layer.out_w += pads.left + pads.right;
    const std::int64_t taps = std::int64_t{layer.window.kernel_h} * layer.window.kernel_w;
    take_weights(taps * layer.out_c);
    layer.weights = op::Matrix::Zero(layer.out_c, taps);
    layer.weights.col(taps - 1).setOnes();
    layer.zero_in = zero;
    layer.out.zero_out = zero;
    result_.steps[value.pad_step].became = fmt::format("depthwise '{}' with a weight of one", layer.name);
    return push(std::move(layer), {value.tensor});
  }

  // --- the graph

  void input() {
    if (model_.inputs.size() != 1 || model_.outputs.size() != 1) {
      throw InputError(model_.file, "subgraphs[0]",
                       fmt::format("expected one input and one output, found {} and {}", model_.inputs.size(),
                                   model_.outputs.size()));
    }
    const int number = model_.inputs[0];
    static_cast<void>(activation_scale(number));
    const Shape shape = map_shape(number);
    // int8 models take pixel - 128: all 256 pixel values on all 256 codes.
    result_.network.input = {.height = shape.height, .width = shape.width, .channels = shape.channels};
    values_[static_cast<std::size_t>(number)] = Value{};
  }

  void output() {
    index_ = model_.operators.empty() ? 0 : model_.operators.size() - 1;
    const int number = model_.outputs[0];
    const std::optional<Value>& value = values_[static_cast<std::size_t>(number)];
    int source = value ? value->tensor : 0;
    if (value && !value->host && value->pads.any()) source = plain(number);
    if (source == 0 || source != static_cast<int>(result_.network.nodes.size())) {
      throw InputError(model_.file, fmt::format("outputs[0] '{}'", tensor(number).name),
                       "expected the graph's output to come from its last operator");
    }
  }

  void translate() {
    switch (op().op) {
      case Op::conv_2d:
        return conv();
      case Op::depthwise_conv_2d:
        return depthwise();
      case Op::fully_connected:
        return fully_connected();
      case Op::add:
        return add();
      case Op::average_pool_2d:
        return average_pool();
      case Op::max_pool_2d:
        return max_pool();
      case Op::pad:
        return pad();
      case Op::reshape:
        return reshape();
      case Op::softmax:
        return softmax();
      case Op::other:
        break;
    }
    fail(fmt::format("is not an operator of the import, expected one of {}", kOperators));
  }

  void conv() {
    const Tensor& weights = filter(4, 0);
    const WindowOptions window = convolution_window(weights);
    int source = 0;
    Layer layer = start_convolution(Kind::conv2d, window, source);
    layer.out_c = weights.shape[0];
    if (weights.shape[3] != layer.in_c) {
      fail(fmt::format("expected filters of {} channels, as the input has, found {} (groups)", layer.in_c,
                       weights.shape[3]));
    }
    set_rows(layer, weights);
    convolution_requantization(layer, weights, window.activation);
    finish(std::move(layer), {source});
  }

  void depthwise() {
    const Tensor& weights = filter(4, 3);
    const WindowOptions window = convolution_window(weights);
    int source = 0;
    Layer layer = start_convolution(Kind::depthwise, window, source);
    layer.out_c = weights.shape[3];
    if (weights.shape[0] != 1 || layer.out_c % layer.in_c != 0) {
      fail(fmt::format("expected a filter of [1, height, width, multiple of {}], found [{}]", layer.in_c,
                       fmt::join(weights.shape, ", ")));
    }
    set_columns(layer, weights);
    convolution_requantization(layer, weights, window.activation);
    finish(std::move(layer), {source});
  }

  void convolution_requantization(Layer& layer, const Tensor& weights, Activation activation) const {
    const float in = activation_scale(input_number(0)).scale;
    const float out = activation_scale(output_number()).scale;
    set_requantization(
        layer, weights, [&](float scale) { return convolution_scale(in, scale, out); }, activation);
  }

  void fully_connected() {
    const auto& o = options<FullyConnectedOptions>();
    if (o.shuffled_weights) fail("expected weights in rows, found shuffled weights");
    const Tensor& weights = filter(2, 0);
    const int source = plain(input_number(0));
    Layer layer = start(Kind::fully_connected, source);
    layer.out_h = 1;
    layer.out_w = 1;
    layer.out_c = weights.shape[0];
    const std::int64_t values = node_shape(source).elements();
    if (weights.shape[1] != values || tensor(input_number(0)).elements() != values) {
      fail(fmt::format("expected weights of {} columns, one per value of the input, found {}", values,
                       weights.shape[1]));
    }
    set_rows(layer, weights);
    const float in = activation_scale(input_number(0)).scale;
    const float out = activation_scale(output_number()).scale;
    const bool per_channel = weights.quantization.scale.size() > 1;
    set_requantization(
        layer, weights,
        [&](float scale) {
          return per_channel ? convolution_scale(in, scale, out) : fully_connected_scale(in, scale, out);
        },
        o.activation);
    finish(std::move(layer), {source});
  }

  void add() {
    const int a = plain_map(input_number(0));
    const int b = plain_map(input_number(1));
    if (node_shape(a) != node_shape(b)) {
      fail(fmt::format("expected operands of one shape, found {} and {}", to_string(node_shape(a)),
                       to_string(node_shape(b))));
    }
    Layer layer = start(Kind::add, a);
    const Scale scale_a = activation_scale(input_number(0));
    const Scale scale_b = activation_scale(input_number(1));
    const AddScales scales = add_scales(scale_a.scale, scale_b.scale, activation_scale(output_number()).scale);
    if (!(scales.out < 1)) fail("expected an output scale above 2^-19 of the larger operand's");
    layer.add_a = operand(scales.a, scale_a.zero);
    layer.add_b = operand(scales.b, scale_b.zero);
    const op::Multiplier out = multiplier(scales.out);
    layer.out.m0 = {out.m0};
    layer.out.lshift = {out.lshift};
    layer.out.n = {out.n};
    set_output(layer, options<AddOptions>().activation);
    finish(std::move(layer), {a, b});
  }

  [[nodiscard]] op::AddOperand operand(double scale, std::int32_t zero) const {
    const op::Multiplier m = multiplier(scale);
    return {.zero = zero, .m0 = m.m0, .lshift = kAddShift, .n = m.n};
  }

  /// Pools work on the codes themselves: input and output share scale and zero point, neither is subtracted.
  Layer start_pool(Kind kind, int& source) {
    source = plain_map(input_number(0));
    same_scale();
    Layer layer = start(kind, source);
    const auto& o = options<WindowOptions>();
    set_window(layer, o);
    set_output(layer, o.activation);
    layer.out.zero_out = 0;
    return layer;
  }

  void same_scale() const {
    const Scale in = activation_scale(input_number(0));
    const Scale out = activation_scale(output_number());
    if (in.scale != out.scale || in.zero != out.zero) {
      fail(fmt::format("expected one scale and zero point on both sides, found {}, {} and {}, {}", in.scale, in.zero,
                       out.scale, out.zero));
    }
  }

  void average_pool() {
    int source = 0;
    Layer layer = start_pool(Kind::avg_pool, source);
    layer.exclude_padding = true;
    layer.out.rule = fixed::Rounding::half_away;
    finish(std::move(layer), {source});
  }

  void max_pool() {
    int source = 0;
    Layer layer = start_pool(Kind::max_pool, source);
    layer.out.rule = fixed::Rounding::floor;
    layer.out.multiply = false;
    layer.out.lshift = {0};
    finish(std::move(layer), {source});
  }

  void pad() {
    const Value& in = value_of(input_number(0));
    same_scale();
    if (input_count() > 2) fail("expected two inputs");
    const Pads pads = pad_amounts();
    Value out = in;
    if (in.pads.any()) {
      out = Value{.tensor = plain_map(input_number(0))};
    } else if (map_shape(input_number(0)) != node_shape(in.tensor)) {
      fail("reads a map that a reshape made: expected only fully_connected behind it");
    }
    out.pads = pads;
    out.pad_step = result_.steps.size();
    Shape shape = node_shape(out.tensor);
    shape.height += pads.top + pads.bottom;
    shape.width += pads.left + pads.right;
    if (map_shape(output_number()) != shape) {
      fail_tensor(output_number(), fmt::format("expected shape {} of its operator's output", to_string(shape)));
    }
    step("folded into the windows that read it");
    define(output_number(), out);
  }

  [[nodiscard]] Pads pad_amounts() const {
    const int number = input_number(1);
    const Type type = tensor(number).type == Type::int64 ? Type::int64 : Type::int32;
    const Tensor& t = constant(1, type, "int32 or int64", 2);
    if (t.shape != std::vector{4, 2}) fail_tensor(number, "expected paddings of shape [4, 2]");
    std::array<int, 8> amounts{};
    for (std::size_t i = 0; i < amounts.size(); ++i) {
      const std::int64_t amount = integer_at(t, static_cast<std::int64_t>(i));
      const bool map_axis = i >= 2 && i < 6;
      if (amount < 0 || amount > (map_axis ? kMaxPad : 0)) {
        fail(fmt::format("expected paddings of 0 .. {} pixels in height and width and 0 otherwise, found {}", kMaxPad,
                         amount));
      }
      amounts[i] = static_cast<int>(amount);
    }
    return {.top = amounts[2], .bottom = amounts[3], .left = amounts[4], .right = amounts[5]};
  }

  void reshape() {
    const int source = plain(input_number(0));
    same_scale();
    if (tensor(output_number()).elements() != node_shape(source).elements()) {
      fail("expected as many values behind the reshape as before it");
    }
    step("no work: the values keep their order");
    define(output_number(), {.tensor = source});
  }

  void softmax() {
    const int source = plain(input_number(0));
    step("left to the host");
    define(output_number(), {.tensor = source, .host = true});
  }

  const Model& model_;
  std::vector<std::optional<Value>> values_;  ///< by tensor of the source
  Import result_;
  std::size_t index_ = 0;     ///< operator at hand
  std::int64_t weights_ = 0;  ///< taken so far
};

}  // namespace

Import import_graph(const Model& model) { return Translator(model).run(); }

}  // namespace systole::model::tflite
