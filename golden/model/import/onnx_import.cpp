#include "golden/model/import/onnx_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "golden/model/graph_check.h"
#include "golden/model/import/file_bytes.h"
#include "golden/model/import/onnx_ops.h"
#include "golden/model/import/onnx_value.h"
#include "golden/model/import/onnx_weights.h"
#include "golden/model/import/tflite_model.h"
#include "golden/model/input_error.h"
#include "golden/model/network_file.h"
#include "golden/model/network_folder.h"
#include "golden/op/multiplier.h"
#include "golden/op/validate.h"

namespace systole::model::onnx {

namespace {

using op::Kind;
using op::Layer;

constexpr int kMaxStep = 15;  // taps, strides, dilations and padding of a layer's window
/// Weights of all layers together: what weights.bin may hold, as the golden's 32-bit elements.
constexpr std::int64_t kMaxWeights = static_cast<std::int64_t>(kMaxWeightBytes / sizeof(std::int32_t));
/// Operands of an add are shifted left by this before they are scaled to twice the larger scale: 9-bit operands leave
/// sums of at most 2^31.
constexpr int kAddShift = 22;

/// m0, lshift and n; below 2^-32 every sum of 32 bits rounds to 0, as m0 = 0 makes it.
std::optional<op::Multiplier> to_multiplier(double real) {
  if (real >= 0 && real < 0x1p-32) return op::Multiplier{.m0 = 0, .lshift = 0, .n = 0};
  try {
    return op::quantize_multiplier(real);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

op::ElementRange element_range(Type type) { return op::element_range(type == Type::int8, 8); }

/// The code that QuantizeLinear gives a real bound.
std::int32_t code_of(double real, const Quantization& q) {
  const op::ElementRange range = element_range(q.type);
  const float steps = static_cast<float>(real) / q.scale;
  const double code = round_half_even(static_cast<double>(steps)) + q.zero;
  return static_cast<std::int32_t>(std::clamp<double>(code, range.low, range.high));
}

class Translator {
 public:
  explicit Translator(const Graph& graph) : graph_(graph), constants_(graph.constants) {}

  Translation run() {
    result_.import.network.name = std::filesystem::path(graph_.file).stem().string();
    if (result_.import.network.name.empty()) result_.import.network.name = "onnx";
    everything_is_read();
    input();
    for (index_ = 0; index_ < graph_.nodes.size(); ++index_) translate();
    output();
    check_network(network(), graph_.file);
    return std::move(result_);
  }

 private:
  Network& network() { return result_.import.network; }

  // --- the node at hand

  [[nodiscard]] const Node& node() const { return graph_.nodes[index_]; }

  [[noreturn]] void fail(const std::string& problem) const {
    throw InputError(graph_.file, node_place(index_, node()), problem);
  }

  /// The node with its constants; what the graph computes is left out.
  [[nodiscard]] Call call() const {
    std::vector<const Array*> inputs;
    for (const std::string& name : node().inputs) {
      const auto it = constants_.find(name);
      inputs.push_back(name.empty() || it == constants_.end() ? nullptr : &it->second);
    }
    return {graph_, index_, std::move(inputs)};
  }

  [[nodiscard]] bool given(std::size_t i) const { return i < node().inputs.size() && !node().inputs[i].empty(); }
  [[nodiscard]] bool is_constant(std::size_t i) const { return given(i) && constants_.contains(node().inputs[i]); }

  /// Inputs first .. last must be constants where they are given.
  void require_constants(std::size_t first, std::size_t last) const {
    for (std::size_t i = first; i <= last; ++i) {
      if (!given(i) || is_constant(i)) continue;
      if (!values_.contains(node().inputs[i])) refuse_missing(graph_, index_, i);
      fail(fmt::format(
          "input {} '{}' is known only at run time: expected a constant (an initializer, a Constant node or "
          "a DequantizeLinear of one)",
          i, printable(node().inputs[i])));
    }
  }

  [[nodiscard]] const Value& value(std::size_t i) const {
    if (!given(i)) fail(fmt::format("expected an input {}, found none", i));
    if (is_constant(i)) {
      fail(fmt::format("input {} '{}' is a constant: expected a value that depends on the graph's input", i,
                       printable(node().inputs[i])));
    }
    const auto it = values_.find(node().inputs[i]);
    if (it == values_.end()) refuse_missing(graph_, index_, i);
    return it->second;
  }

  [[nodiscard]] const std::string& output_name() const {
    if (node().outputs.size() != 1 || node().outputs[0].empty()) fail("expected one output");
    return node().outputs[0];
  }

  void define(Value value, std::string became) {
    const std::string& name = output_name();
    if (constants_.contains(name) || !values_.emplace(name, std::move(value)).second) {
      fail("writes a value that is there already");
    }
    step(std::move(became));
  }

  void step(std::string became) {
    result_.import.steps.push_back({.index = index_, .op = node().op, .became = std::move(became)});
  }

  // --- values

  [[nodiscard]] Codes codes(std::size_t i) const {
    if (const auto* found = std::get_if<Codes>(&value(i).what)) return *found;
    fail(fmt::format("input {}: expected int8 or uint8 values, found {}", i, kind_of(value(i))));
  }

  /// Real values without an activation, which only a QuantizeLinear may round.
  [[nodiscard]] Real real(std::size_t i) const {
    const auto* found = std::get_if<Real>(&value(i).what);
    if (found == nullptr || found->bounds.any()) {
      fail(fmt::format("input {}: expected a DequantizeLinear right before it, found {}", i, kind_of(value(i))));
    }
    return *found;
  }

  static std::string kind_of(const Value& value) {
    if (std::holds_alternative<FloatInput>(value.what)) return "the graph's float input";
    if (const auto* codes = std::get_if<Codes>(&value.what)) return fmt::format("{} values", to_string(codes->type));
    if (std::holds_alternative<Real>(value.what)) return "an activation that no QuantizeLinear follows";
    return fmt::format("the result of '{}' that no QuantizeLinear follows", std::get<Sum>(value.what).layer.name);
  }

  /// A scale and a zero point among the inputs, for data of a type.
  [[nodiscard]] static Quantization quantization(const Call& call, std::size_t scale, std::size_t zero, Type type) {
    return {.type = type,
            .scale = static_cast<float>(call.scale(scale)),
            .zero = static_cast<std::int32_t>(call.zero(zero, type))};
  }

  [[nodiscard]] Shape node_shape(int tensor) const { return tensor_shape(result_.import.network, tensor); }

  /// [1, c, h, w] of a value that is a map of the network; a reshape may have made it another.
  [[nodiscard]] std::vector<std::int64_t> map_of(const Value& value, int tensor) const {
    const Shape shape = node_shape(tensor);
    std::vector<std::int64_t> map{1, shape.channels, shape.height, shape.width};
    if (value.rows || value.shape != map) {
      fail(fmt::format("reads [{}], expected a map [{}] (behind a Flatten or Reshape only matrix products)",
                       fmt::join(value.shape, ", "), fmt::join(map, ", ")));
    }
    return map;
  }

  // --- layers

  /// A sum of a layer over one tensor.
  [[nodiscard]] Sum sum_over(Kind kind, int tensor, const Quantization& q, std::vector<double> step) const {
    Sum sum;
    sum.layer = start(kind, tensor, q.type);
    sum.layer.zero_in = q.zero;
    sum.inputs = {tensor};
    sum.step = std::move(step);
    return sum;
  }

  [[nodiscard]] Layer start(Kind kind, int tensor, Type type) const {
    Layer layer;
    std::string name = node().op;
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    layer.name = fmt::format("{:02}_{}", index_, name);
    layer.kind = kind;
    const Shape in = node_shape(tensor);
    layer.in_h = layer.out_h = in.height;
    layer.in_w = layer.out_w = in.width;
    layer.in_c = layer.out_c = in.channels;
    layer.act_signed = type == Type::int8;
    layer.out.rule = fixed::Rounding::half_up;
    return layer;
  }

  /// Adds a layer that computes `source`; a sum that is rounded twice is two layers.
  int push(Layer layer, std::vector<int> inputs, LayerSource source) {
    const std::string name = layer.name;
    for (int copy = 2; !names_.insert(layer.name).second; ++copy) layer.name = fmt::format("{}_{}", name, copy);
    network().nodes.push_back({.layer = std::move(layer), .inputs = std::move(inputs)});
    if (network().nodes.size() > static_cast<std::size_t>(kMaxNodes))
      fail(fmt::format("expected at most {} layers", kMaxNodes));
    result_.layers.push_back(std::move(source));
    return static_cast<int>(network().nodes.size());
  }

  static std::string called(const Layer& layer) {
    return fmt::format("{} '{}'", model::to_string(layer.kind), layer.name);
  }

  /// Multipliers of real factors, one or one per channel; a factor of 1 needs none.
  void set_multipliers(Layer& layer, const std::vector<double>& factors) const {
    layer.out.m0.clear();
    layer.out.lshift.clear();
    layer.out.n.clear();
    layer.out.multiply = std::any_of(factors.begin(), factors.end(), [](double factor) { return factor != 1; });
    for (const double factor : factors) {
      const std::optional<op::Multiplier> m = layer.out.multiply ? to_multiplier(factor) : op::Multiplier{.lshift = 0};
      if (!m) fail(fmt::format("expected scales that multiply sums by less than 2^31, found {}", factor));
      layer.out.m0.push_back(m->m0);
      layer.out.lshift.push_back(m->lshift);
      layer.out.n.push_back(m->n);
    }
  }

  void set_range(Layer& layer, const Quantization& q, const Bounds& bounds) const {
    const op::ElementRange range = element_range(q.type);
    layer.out.zero_out = q.zero;
    layer.out.act_min = std::isinf(bounds.low) ? range.low : code_of(bounds.low, q);
    layer.out.act_max = std::isinf(bounds.high) ? range.high : code_of(bounds.high, q);
  }

  /// The layer of a sum with its output rounded to `q`.
  Codes round(Sum sum, const Quantization& q, bool rows) {
    if (sum.layer.exclude_padding) {
      if (static_cast<float>(sum.step[0]) != q.scale) {
        fail(
            fmt::format("expected one scale on both sides of an average over windows that reach into the padding, "
                        "found {} and {}",
                        sum.step[0], q.scale));
      }
    } else {
      std::vector<double> factors = sum.step;
      for (double& factor : factors) {
        factor = sum.single ? static_cast<double>(static_cast<float>(factor) / q.scale)
                            : factor / static_cast<double>(q.scale);
      }
      set_multipliers(sum.layer, factors);
    }
    set_range(sum.layer, q, sum.bounds);
    return {.tensor = push(std::move(sum.layer), std::move(sum.inputs), {output_name(), {}, rows}), .type = q.type};
  }

  /// A layer of one tap that clamps or rescales a tensor.
  [[nodiscard]] Sum identity(int tensor, const Quantization& q) const {
    return sum_over(Kind::max_pool, tensor, q, {static_cast<double>(q.scale)});
  }

  static Quantization plain(Type type) { return {.type = type, .scale = 1, .zero = 0}; }

  // --- the graph

  /// A result that nobody reads would be a layer for nothing, or an operator that is skipped.
  void everything_is_read() const {
    std::set<std::string> read(graph_.outputs.begin(), graph_.outputs.end());
    for (const Node& reader : graph_.nodes) read.insert(reader.inputs.begin(), reader.inputs.end());
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      for (const std::string& name : graph_.nodes[i].outputs) {
        if (graph_.nodes[i].op == kConstant || read.contains(name)) continue;
        throw InputError(graph_.file, node_place(i, graph_.nodes[i]),
                         fmt::format("output '{}' is read by no node and is not the graph's output", printable(name)));
      }
    }
  }

  void input() {
    if (graph_.inputs.size() != 1) {
      std::vector<std::string> names;
      for (const std::string& name : graph_.inputs) names.push_back(printable(name));
      throw InputError(graph_.file, "graph.input",
                       fmt::format("expected one runtime input, found {} ({}): weights, scales and zero points must be "
                                   "constants (initializers or Constant nodes)",
                                   names.size(), fmt::join(names, ", ")));
    }
    result_.input = graph_.inputs[0];
    const std::string place = fmt::format("input '{}'", printable(result_.input));
    const auto declared = graph_.declarations.find(result_.input);
    if (declared == graph_.declarations.end() || !declared->second.type || *declared->second.type == Type::int32 ||
        *declared->second.type == Type::int64) {
      throw InputError(graph_.file, place, "expected a tensor of float32, int8 or uint8");
    }
    result_.type = *declared->second.type;
    result_.shape = input_shape(place, declared->second.shape);
    const bool map = result_.shape.size() == 4;
    result_.rows = !map && result_.shape[0] > 1;
    const auto extent = [&](std::size_t i) { return static_cast<int>(result_.shape[i]); };
    Input& in = network().input;
    in = map ? Input{.height = extent(2), .width = extent(3), .channels = extent(1)}
             : Input{.height = extent(0), .width = 1, .channels = extent(1)};
    check_shape(graph_.file, place, {in.height, in.width, in.channels});
    set_elements(result_.type);
    Value value{.what = FloatInput{}, .shape = result_.shape, .rows = result_.rows};
    if (result_.type != Type::float32) value.what = Codes{.tensor = 0, .type = result_.type};
    values_.emplace(result_.input, std::move(value));
  }

  /// Batch 1, whether the file says so or leaves it open.
  [[nodiscard]] std::vector<std::int64_t> input_shape(const std::string& place, std::vector<std::int64_t> shape) const {
    const bool map = shape.size() == 4;
    if (!shape.empty() && shape[0] == -1) shape[0] = 1;
    const auto in_range = [](std::int64_t extent) { return extent >= 1 && extent <= kMaxChannels; };
    if ((!map && shape.size() != 2) || (map && shape[0] != 1) || !std::all_of(shape.begin(), shape.end(), in_range)) {
      throw InputError(
          graph_.file, place,
          fmt::format("expected shape [1, channels, height, width] or [rows, channels] with extents of 1 .. "
                      "{}, only the batch left open, found [{}]",
                      kMaxChannels, fmt::join(shape, ", ")));
    }
    return shape;
  }

  /// Elements of the network's input; a pixel's 256 values are put on the 256 codes.
  void set_elements(Type type) {
    network().input.is_signed = type != Type::uint8;
    network().input.pixel_offset = type == Type::uint8 ? 0 : -128;
    result_.import.format = fmt::format("ONNX, {} elements", to_string(type == Type::uint8 ? Type::uint8 : Type::int8));
  }

  void output() {
    if (graph_.outputs.size() != 1) {
      throw InputError(graph_.file, "graph.output",
                       fmt::format("expected one output, found {}", graph_.outputs.size()));
    }
    const std::string& name = graph_.outputs[0];
    const std::string place = fmt::format("output '{}'", printable(name));
    const auto it = values_.find(name);
    if (it == values_.end()) {
      throw InputError(graph_.file, place, "expected a value that a node computes from the graph's input");
    }
    const int tensor = output_tensor(place, it->second, name);
    if (tensor == 0 || tensor != static_cast<int>(network().nodes.size())) {
      throw InputError(graph_.file, place, "expected it to come from the last layer");
    }
  }

  int output_tensor(const std::string& place, const Value& value, const std::string& name) {
    if (const auto* codes = std::get_if<Codes>(&value.what)) return codes->tensor;
    if (const auto* real = std::get_if<Real>(&value.what); real != nullptr && !real->bounds.any()) return real->tensor;
    const auto* sum = std::get_if<Sum>(&value.what);
    const auto is_product = [](Kind kind) {
      return kind == Kind::conv2d || kind == Kind::depthwise || kind == Kind::fully_connected;
    };
    if (sum == nullptr || sum->bounds.any() || !is_product(sum->layer.kind)) {
      throw InputError(graph_.file, place,
                       fmt::format("expected a QuantizeLinear before it (only sums of a convolution or matrix product "
                                   "may leave as they are), found {}",
                                   kind_of(value)));
    }
    Layer layer = sum->layer;
    layer.out.raw = true;
    return push(std::move(layer), sum->inputs, {name, sum->integer ? std::vector<double>{} : sum->step, value.rows});
  }

  void translate() {
    using Rule = void (Translator::*)();
    static const std::map<std::string_view, Rule> rules{{"Add", &Translator::add},
                                                        {"AveragePool", &Translator::average_pool},
                                                        {"Clip", &Translator::activation},
                                                        {"Concat", &Translator::concat},
                                                        {kConstant, &Translator::constant},
                                                        {"Conv", &Translator::conv},
                                                        {"ConvInteger", &Translator::conv_integer},
                                                        {"DequantizeLinear", &Translator::dequantize},
                                                        {"Flatten", &Translator::reshape},
                                                        {"Gemm", &Translator::gemm},
                                                        {"GlobalAveragePool", &Translator::average_pool},
                                                        {"MatMul", &Translator::matmul},
                                                        {"MatMulInteger", &Translator::matmul_integer},
                                                        {"MaxPool", &Translator::max_pool},
                                                        {"QLinearAdd", &Translator::qlinear_add},
                                                        {"QLinearConv", &Translator::qlinear_conv},
                                                        {"QLinearMatMul", &Translator::qlinear_matmul},
                                                        {"QuantizeLinear", &Translator::quantize},
                                                        {"Relu", &Translator::activation},
                                                        {"Reshape", &Translator::reshape}};
    const auto rule = rules.find(node().op);
    if (rule == rules.end()) {
      std::vector<std::string_view> names;
      names.reserve(rules.size());
      for (const auto& [name, function] : rules) names.push_back(name);
      fail(fmt::format("is not an operator of the import, expected one of {}", fmt::join(names, ", ")));
    }
    (this->*rule->second)();
  }

  void constant() { step("a constant"); }

  /// Operators whose inputs are all constants, among those whose work is bounded by the size of their input.
  bool fold() {
    for (std::size_t i = 0; i < node().inputs.size(); ++i) {
      if (given(i) && !is_constant(i)) return false;
    }
    Array result = evaluate_node(graph_, index_, constants_);
    if (values_.contains(output_name()) || !constants_.emplace(output_name(), std::move(result)).second) {
      fail("writes a value that is there already");
    }
    step("a constant");
    return true;
  }

  void reshape() {
    require_constants(1, 1);
    if (fold()) return;
    Value result = value(0);
    result.shape =
        node().op == "Flatten" ? flattened_shape(call(), result.shape) : reshaped_shape(call(), result.shape);
    define(std::move(result), "no work: the order of the weights behind it follows");
  }

  // --- between integers and real values

  void dequantize() {
    require_constants(1, 2);
    if (is_constant(0)) {
      const Call here = call();
      const Array& data = here.input(0, {Type::int8, Type::uint8, Type::int32});
      static_cast<void>(fold());
      const std::size_t axis = channel_axis(here, data);
      const std::int64_t channels = data.shape.empty() ? 1 : data.shape[axis];
      weights_[output_name()] = {.codes = &data,
                                 .scale = weight_scales(here, 1, channels),
                                 .zero = weight_zeros(here, 2, data.type, channels),
                                 .axis = axis};
      return;
    }
    const Call here = call();
    here.only({"axis"});
    const Codes in = codes(0);
    define({.what = Real{.tensor = in.tensor, .quantization = quantization(here, 1, 2, in.type), .bounds = {}},
            .shape = value(0).shape,
            .rows = value(0).rows},
           "scale and zero point of its readers");
  }

  void quantize() {
    require_constants(1, 2);
    if (fold()) return;
    const Call here = call();
    here.only({"axis"});
    const Type type = here.optional(2) == nullptr ? Type::uint8 : here.input(2, kBytes).type;
    const Quantization q = quantization(here, 1, 2, type);
    const Value in = value(0);
    const auto made = [&](Codes codes) { return Value{.what = codes, .shape = in.shape, .rows = in.rows}; };
    if (std::holds_alternative<FloatInput>(in.what)) {
      take_input(q);
      return define(made({.tensor = 0, .type = type}), "the network's input: left to the host");
    }
    if (const auto* sum = std::get_if<Sum>(&in.what)) {
      const Codes codes = round(*sum, q, in.rows);
      return define(made(codes), fmt::format("output of '{}'", network().nodes.back().layer.name));
    }
    const auto* real = std::get_if<Real>(&in.what);
    if (real == nullptr) fail(fmt::format("input 0: expected real values, found {}", kind_of(in)));
    if (real->quantization == q && !real->bounds.any()) {
      return define(made({.tensor = real->tensor, .type = type}), "no work: the same scale and zero point");
    }
    Sum sum = identity(real->tensor, real->quantization);
    sum.bounds = real->bounds;
    const Codes codes = round(std::move(sum), q, in.rows);
    define(made(codes), called(network().nodes.back().layer) + " of one tap");
  }

  void take_input(const Quantization& q) {
    if (input_ && *input_ != q) fail("expected one scale and zero point for all that reads the graph's input");
    input_ = q;
    result_.scale = q.scale;
    result_.zero = q.zero;
    set_elements(q.type);
  }

  // --- convolutions and matrix products

  void take_weights(std::int64_t count) {
    weight_count_ += count;
    if (weight_count_ > kMaxWeights) fail(fmt::format("expected at most {} weights in all layers", kMaxWeights));
  }

  /// Weights of a float operator: a DequantizeLinear of a constant, its scales along the output channels.
  [[nodiscard]] const Weights& dequantized(std::size_t i, std::size_t rank, std::size_t axis) const {
    require_constants(i, i);
    const auto it = given(i) ? weights_.find(node().inputs[i]) : weights_.end();
    if (it == weights_.end() || it->second.codes->type == Type::int32) {
      fail(fmt::format("input {}: expected weights from a DequantizeLinear of int8 or uint8", i));
    }
    const Weights& weights = it->second;
    if (weights.codes->shape.size() != rank || (weights.scale.values.size() > 1 && weights.axis != axis)) {
      fail(fmt::format("input {}: expected weights of {} extents, with scales along axis {} if there are several", i,
                       rank, axis));
    }
    return weights;
  }

  /// Weights of an integer operator, its zero points at input `zero`, its scales at `scale` where it has any.
  [[nodiscard]] Weights stored(const Call& here, std::size_t i, std::size_t rank, std::size_t axis, std::size_t zero,
                               std::optional<std::size_t> scale) const {
    Weights weights{.codes = &here.input_of_rank(i, kBytes, rank), .scale = {{1}}, .zero = {}, .axis = axis};
    weights.zero = weight_zeros(here, zero, weights.codes->type, weights.codes->shape[axis]);
    if (scale) weights.scale = weight_scales(here, *scale, weights.codes->shape[axis]);
    return weights;
  }

  void set_window(Layer& layer, const Window& window) const {
    for (std::size_t axis = 0; axis < 2; ++axis) {
      if (window.kernel[axis] > kMaxStep || window.stride[axis] > kMaxStep || window.dilation[axis] > kMaxStep ||
          window.before[axis] > kMaxStep) {
        fail(fmt::format("expected kernel, strides, dilations and padding of at most {}, the limit of a layer",
                         kMaxStep));
      }
      const std::int64_t in = axis == 0 ? layer.in_h : layer.in_w;
      if ((window.out[axis] - 1) * window.stride[axis] - window.before[axis] >= in) {
        fail("expected every window to start inside of the map, found one that starts in the padding behind it");
      }
    }
    const auto entry = [](std::int64_t value) { return static_cast<int>(value); };
    layer.window = {.kernel_h = entry(window.kernel[0]),
                    .kernel_w = entry(window.kernel[1]),
                    .stride_h = entry(window.stride[0]),
                    .stride_w = entry(window.stride[1]),
                    .dilation_h = entry(window.dilation[0]),
                    .dilation_w = entry(window.dilation[1]),
                    .pad_top = entry(window.before[0]),
                    .pad_left = entry(window.before[1])};
    layer.out_h = entry(window.out[0]);
    layer.out_w = entry(window.out[1]);
  }

  static std::vector<std::int64_t> map_shape(const Layer& layer) { return {1, layer.out_c, layer.out_h, layer.out_w}; }

  /// The steps of a product's sums: scale of the input times scales of the weights.
  static std::vector<double> steps(float input, const Weights& weights) {
    std::vector<double> result = weights.scale.values;
    for (double& scale : result) scale *= static_cast<double>(input);
    return result;
  }

  [[nodiscard]] Value convolution(const Value& in, int tensor, const Quantization& q, const Weights& weights) {
    const Call here = call();
    const Window window = convolution_window(here, map_of(in, tensor), *weights.codes);
    Sum sum = sum_over(Kind::conv2d, tensor, q, steps(q.scale, weights));
    sum.layer.out_c = channels(weights.codes->shape[0]);
    set_window(sum.layer, window);
    take_weights(window.kernel[0] * window.kernel[1] * sum.layer.out_c *
                 (weights.codes->shape[1] == 1 ? 1 : sum.layer.in_c));
    set_convolution_weights(here, sum.layer, weights);
    return {.what = sum, .shape = map_shape(sum.layer), .rows = false};
  }

  [[nodiscard]] int channels(std::int64_t count) const {
    if (count < 1 || count > kMaxChannels)
      fail(fmt::format("expected 1 .. {} channels, found {}", kMaxChannels, count));
    return static_cast<int>(count);
  }

  /// [1, k] times a matrix is a fully connected layer of whatever map was flattened into k values; [rows, k] with more
  /// rows is a convolution of one tap whose pixels are the rows.
  [[nodiscard]] Value product(const Value& in, int tensor, const Quantization& q, const Weights& weights,
                              bool transposed) {
    const Shape map = node_shape(tensor);
    const std::int64_t depth = weights.codes->shape[transposed ? 1 : 0];
    const bool vector = in.shape.size() == 2 && in.shape[0] == 1;
    const bool matrix = in.shape.size() == 2 && in.rows && in.shape[0] == map.height && map.width == 1;
    if ((!vector && !matrix) || in.shape[1] != depth) {
      fail(fmt::format("expected [1, k] (or rows of the graph's input) times [k, n], found [{}] with k = {}",
                       fmt::join(in.shape, ", "), depth));
    }
    Sum sum = sum_over(vector ? Kind::fully_connected : Kind::conv2d, tensor, q, steps(q.scale, weights));
    sum.layer.out_c = channels(weights.codes->shape[transposed ? 0 : 1]);
    if (vector) sum.layer.out_h = sum.layer.out_w = 1;
    take_weights(depth * sum.layer.out_c);
    set_matrix_weights(call(), sum.layer, weights, transposed, !in.rows);
    return {.what = sum, .shape = {in.shape[0], sum.layer.out_c}, .rows = matrix};
  }

  static Sum& sum_of(Value& value) { return std::get<Sum>(value.what); }

  void qlinear_conv() {
    require_constants(1, 8);
    const Call here = call();
    const Codes in = codes(0);
    const Quantization out = quantization(here, 6, 7, here.input(7, kBytes).type);
    Value result = convolution(value(0), in.tensor, quantization(here, 1, 2, in.type), stored(here, 3, 4, 0, 5, 4));
    if (here.optional(8) != nullptr) {
      const Array& bias = here.input_of_rank(8, {Type::int32}, 1);
      if (bias.shape[0] != sum_of(result).layer.out_c) {
        fail(fmt::format("input 8: expected {} values", sum_of(result).layer.out_c));
      }
      set_integer_bias(sum_of(result).layer, bias);
    }
    finish_product(std::move(result), out);
  }

  void qlinear_matmul() {
    require_constants(1, 7);
    const Call here = call();
    here.only({});
    const Codes in = codes(0);
    const Quantization out = quantization(here, 6, 7, here.input(7, kBytes).type);
    finish_product(product(value(0), in.tensor, quantization(here, 1, 2, in.type), stored(here, 3, 2, 1, 5, 4), false),
                   out);
  }

  /// A quantized operator forms its factor in float32, whose 24 bits fit m0 exactly.
  void finish_product(Value value, const Quantization& q) {
    Sum& sum = sum_of(value);
    sum.single = true;
    for (double& step : sum.step) step = static_cast<double>(static_cast<float>(step));
    finish(std::move(value), q);
  }

  /// The layer of a quantized operator, which has its output's scale with it.
  void finish(Value value, const Quantization& q) {
    const Codes codes = round(std::move(sum_of(value)), q, value.rows);
    value.what = codes;
    define(std::move(value), called(network().nodes.back().layer));
  }

  void conv_integer() {
    require_constants(1, 3);
    const Call here = call();
    const Codes in = codes(0);
    Quantization q = plain(in.type);
    q.zero = static_cast<std::int32_t>(here.zero(2, in.type));
    finish_integer(convolution(value(0), in.tensor, q, stored(here, 1, 4, 0, 3, {})));
  }

  void matmul_integer() {
    require_constants(1, 3);
    const Call here = call();
    here.only({});
    const Codes in = codes(0);
    Quantization q = plain(in.type);
    q.zero = static_cast<std::int32_t>(here.zero(2, in.type));
    finish_integer(product(value(0), in.tensor, q, stored(here, 1, 2, 1, 3, {}), false));
  }

  void finish_integer(Value value) {
    sum_of(value).integer = true;
    std::string became = called(sum_of(value).layer);
    define(std::move(value), std::move(became));
  }

  void finish_real(Value value) {
    std::string became = called(sum_of(value).layer);
    define(std::move(value), std::move(became));
  }

  void conv() {
    const Real in = real(0);
    Value result = convolution(value(0), in.tensor, in.quantization, dequantized(1, 4, 0));
    if (given(2)) set_bias(sum_of(result), in.quantization.scale, dequantized(1, 4, 0), 1);
    finish_real(std::move(result));
  }

  void gemm() {
    const Call here = call();
    here.only({"alpha", "beta", "transA", "transB"});
    if (here.attribute<std::int64_t>("transA", 0) != 0) fail("attribute transA: expected 0");
    const bool transposed = here.attribute<std::int64_t>("transB", 0) != 0;
    const auto alpha = here.attribute<float>("alpha", 1);
    const auto beta = here.attribute<float>("beta", 1);
    if (!(alpha > 0) || !std::isfinite(alpha) || !std::isfinite(beta)) fail("expected alpha above 0 and a finite beta");
    const Real in = real(0);
    const Weights& weights = dequantized(1, 2, transposed ? 0 : 1);
    Value result = product(value(0), in.tensor, in.quantization, weights, transposed);
    for (double& step : sum_of(result).step) step *= static_cast<double>(alpha);
    if (given(2)) set_bias(sum_of(result), in.quantization.scale * alpha, weights, static_cast<double>(beta));
    finish_real(std::move(result));
  }

  void matmul() {
    call().only({});
    const Real in = real(0);
    finish_real(product(value(0), in.tensor, in.quantization, dequantized(1, 2, 1), false));
  }

  /// Input 2 as the bias: its integers where they are steps of the sums, otherwise its real values rounded to steps.
  void set_bias(Sum& sum, float input_scale, const Weights& weights, double factor) {
    require_constants(2, 2);
    const Array& real = call().input(2, kFloat);
    const bool one_extent = real.shape.size() <= 1 || real.values.size() == at(real.shape.back());
    if (!one_extent || (real.values.size() != 1 && real.values.size() != at(sum.layer.out_c))) {
      fail(fmt::format("input 2: expected one value or {}", sum.layer.out_c));
    }
    const auto it = weights_.find(node().inputs[2]);
    const bool in_steps = it != weights_.end() && factor == 1 && it->second.codes->type == Type::int32 &&
                          real.values.size() == at(sum.layer.out_c) &&
                          is_steps(it->second, input_scale, weights, sum.layer.out_c);
    if (in_steps) return set_integer_bias(sum.layer, *it->second.codes);
    std::vector<double> values = real.values;
    for (double& value : values) value *= factor;
    set_real_bias(call(), sum.layer, sum.step, values);
  }

  static bool is_steps(const Weights& bias, float input_scale, const Weights& weights, int channels) {
    for (int oc = 0; oc < channels; ++oc) {
      const float product = input_scale * static_cast<float>(weights.scale.of(oc));
      if (bias.zero.of(oc) != 0 || static_cast<float>(bias.scale.of(oc)) != product) return false;
    }
    return true;
  }

  // --- add, concatenation

  void qlinear_add() {
    require_constants(1, 2);
    require_constants(4, 7);
    const Call here = call();
    here.only({});
    const Codes a = codes(0);
    const Codes b = codes(3);
    const Quantization out = quantization(here, 6, 7, here.input(7, kBytes).type);
    if (out.type != a.type) fail("expected an output of its operands' type");
    finish(sum_of_two({.tensor = a.tensor, .quantization = quantization(here, 1, 2, a.type), .bounds = {}},
                      {.tensor = b.tensor, .quantization = quantization(here, 4, 5, b.type), .bounds = {}}, value(0),
                      value(3)),
           out);
  }

  void add() {
    call().only({});
    if (is_constant(0) != is_constant(1)) return add_bias(is_constant(0) ? 1 : 0);
    finish_real(sum_of_two(real(0), real(1), value(0), value(1)));
  }

  [[nodiscard]] Value sum_of_two(const Real& a, const Real& b, const Value& left, const Value& right) {
    if (left.shape != right.shape || left.rows != right.rows || node_shape(a.tensor) != node_shape(b.tensor)) {
      fail(fmt::format("expected operands of one shape, found [{}] and [{}]", fmt::join(left.shape, ", "),
                       fmt::join(right.shape, ", ")));
    }
    if (a.quantization.type != b.quantization.type) fail("expected operands of one type, found int8 and uint8");
    const auto scale_a = static_cast<double>(a.quantization.scale);
    const auto scale_b = static_cast<double>(b.quantization.scale);
    const double twice_larger = 2 * std::max(scale_a, scale_b);
    Sum sum = sum_over(Kind::add, a.tensor, a.quantization, {twice_larger / (1 << kAddShift)});
    sum.inputs.push_back(b.tensor);
    sum.layer.zero_in = 0;  // each operand has its own
    sum.layer.add_a = operand(a.quantization.zero, scale_a / twice_larger);
    sum.layer.add_b = operand(b.quantization.zero, scale_b / twice_larger);
    return {.what = sum, .shape = left.shape, .rows = left.rows};
  }

  static op::AddOperand operand(std::int32_t zero, double factor) {
    const op::Multiplier m = to_multiplier(factor).value();  // 0 .. 1/2
    return {.zero = zero, .m0 = m.m0, .lshift = kAddShift, .n = m.n};
  }

  /// A constant behind a product is its bias.
  void add_bias(std::size_t i) {
    Value result = value(i);
    Sum* sum = std::get_if<Sum>(&result.what);
    const bool product = sum != nullptr && !sum->integer &&
                         (sum->layer.kind == Kind::conv2d || sum->layer.kind == Kind::depthwise ||
                          sum->layer.kind == Kind::fully_connected);
    if (!product || sum->bounds.any() || sum->layer.bias.size() != 0) {
      fail("expected a constant operand only behind a convolution or matrix product without bias");
    }
    const Array& bias = call().input(1 - i, kFloat);
    const std::size_t rank = result.shape.size();
    const std::size_t skip = rank - std::min(rank, bias.shape.size());
    for (std::size_t k = 0; k < bias.shape.size(); ++k) {
      const bool channel = skip + k == 1 && bias.shape[k] == sum->layer.out_c;
      if (bias.shape.size() > rank || (bias.shape[k] != 1 && !channel)) {
        fail(fmt::format("expected a constant with one value or one per channel, found [{}]",
                         fmt::join(bias.shape, ", ")));
      }
    }
    set_real_bias(call(), sum->layer, sum->step, bias.values);
    std::string became = fmt::format("bias of '{}'", sum->layer.name);
    define(std::move(result), std::move(became));
  }

  void concat() {
    if (node().inputs.size() < 2 || node().inputs.size() > static_cast<std::size_t>(kMaxInputs)) {
      fail(fmt::format("expected 2 .. {} inputs, found {}", kMaxInputs, node().inputs.size()));
    }
    const bool stored_values = std::holds_alternative<Codes>(value(0).what);
    std::vector<Real> parts;
    for (std::size_t i = 0; i < node().inputs.size(); ++i) {
      if (!stored_values) {
        parts.push_back(real(i));
      } else {
        const Codes part = codes(i);
        parts.push_back({.tensor = part.tensor, .quantization = plain(part.type), .bounds = {}});
      }
    }
    Value result = concatenated(parts);
    if (stored_values) return finish(std::move(result), plain(parts[0].quantization.type));
    finish_real(std::move(result));
  }

  [[nodiscard]] Value concatenated(const std::vector<Real>& parts) {
    Value result = value(0);
    if (concat_axis(call(), result.shape.size()) != 1) fail("attribute axis: expected the channels");
    Sum sum;
    sum.layer = start(Kind::concat, parts[0].tensor, parts[0].quantization.type);
    sum.step.clear();
    std::int64_t sum_channels = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Real& part = parts[i];
      const Shape shape = node_shape(part.tensor);
      const bool channels_are_axis_1 = value(i).shape.size() >= 2 && value(i).shape[1] == shape.channels;
      if (shape.height != sum.layer.in_h || shape.width != sum.layer.in_w || !channels_are_axis_1 ||
          value(i).rows != result.rows || value(i).shape.size() != result.shape.size() ||
          part.quantization.type != parts[0].quantization.type) {
        fail(fmt::format("input {}: expected a map of input 0's type, height and width", i));
      }
      sum.inputs.push_back(part.tensor);
      sum.layer.concat.push_back({.channels = shape.channels, .zero = part.quantization.zero, .align = 0});
      sum.step.insert(sum.step.end(), static_cast<std::size_t>(shape.channels),
                      static_cast<double>(part.quantization.scale));
      sum_channels += shape.channels;
      static_cast<void>(channels(sum_channels));
    }
    sum.layer.out_c = channels(sum_channels);
    result.shape[1] = sum_channels;
    result.what = std::move(sum);
    return result;
  }

  // --- pooling, activations

  void max_pool() {
    const Call here = call();
    here.only({"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"});
    if (const auto* in = std::get_if<Codes>(&value(0).what)) {
      return finish(
          pooled(Kind::max_pool, in->tensor, plain(in->type), pool_window(here, map_of(value(0), in->tensor))),
          plain(in->type));
    }
    const Real in = real(0);
    finish_real(pooled(Kind::max_pool, in.tensor, in.quantization, pool_window(here, map_of(value(0), in.tensor))));
  }

  [[nodiscard]] Value pooled(Kind kind, int tensor, const Quantization& q, const Window& window) const {
    Sum sum = sum_over(kind, tensor, q, {static_cast<double>(q.scale)});
    set_window(sum.layer, window);
    return {.what = sum, .shape = map_shape(sum.layer), .rows = false};
  }

  void average_pool() {
    const Call here = call();
    const Real in = real(0);
    const std::vector<std::int64_t> map = map_of(value(0), in.tensor);
    const bool global = node().op == "GlobalAveragePool";
    here.only(global ? std::initializer_list<std::string_view>{}
                     : std::initializer_list<std::string_view>{"auto_pad", "ceil_mode", "count_include_pad",
                                                               "dilations", "kernel_shape", "pads", "strides"});
    const bool all = here.attribute<std::int64_t>("count_include_pad", 0) != 0;
    const Window window = global ? global_window(map) : pool_window(here, map);
    if (all && window.ceil) fail("expected ceil_mode 0 with count_include_pad 1");
    Value result = pooled(Kind::avg_pool, in.tensor, in.quantization, window);
    Sum& sum = sum_of(result);
    if (!all && leaves_map(window, map)) {
      sum.layer.exclude_padding = true;
      sum.layer.out.rule = fixed::Rounding::half_away;
    } else {
      sum.step[0] /= static_cast<double>(window.kernel[0] * window.kernel[1]);
    }
    finish_real(std::move(result));
  }

  /// Whether a window reaches beyond the map, so that windows have different numbers of taps inside.
  static bool leaves_map(const Window& window, const std::vector<std::int64_t>& map) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const std::int64_t last = (window.out[axis] - 1) * window.stride[axis] - window.before[axis] + window.reach(axis);
      if (window.before[axis] > 0 || last > map[axis + 2]) return true;
    }
    return false;
  }

  void activation() {
    require_constants(1, 2);
    const Bounds own = node().op == "Relu" ? relu_bounds() : clip_bounds();
    Value result = value(0);
    if (auto* codes = std::get_if<Codes>(&result.what)) {
      if (node().op == "Relu" && codes->type != Type::int8) fail("expected int8 or real values");
      Sum sum = identity(codes->tensor, plain(codes->type));
      sum.bounds = own;
      result.what = std::move(sum);
      return finish(std::move(result), plain(codes->type));
    }
    Bounds* bounds = nullptr;
    if (auto* real = std::get_if<Real>(&result.what)) bounds = &real->bounds;
    auto* sum = std::get_if<Sum>(&result.what);
    if (sum != nullptr && !sum->integer) bounds = &sum->bounds;
    if (bounds == nullptr) fail(fmt::format("input 0: expected quantized or real values, found {}", kind_of(result)));
    *bounds = {.low = std::min(std::max(bounds->low, own.low), own.high),
               .high = std::min(std::max(bounds->high, own.low), own.high)};
    define(std::move(result), "clamp of the layer before it");
  }

  [[nodiscard]] Bounds relu_bounds() const {
    call().only({});
    return {.low = 0};
  }

  [[nodiscard]] Bounds clip_bounds() const {
    const Call here = call();
    here.only({"min", "max"});
    const auto bound = [&](std::size_t i, const char* name, double otherwise) {
      if (here.optional(i) != nullptr) return here.scalar(i);  // since opset 11
      return static_cast<double>(here.attribute<float>(name, static_cast<float>(otherwise)));
    };
    const Bounds bounds{.low = bound(1, "min", Bounds{}.low), .high = bound(2, "max", Bounds{}.high)};
    if (!(bounds.low <= bounds.high)) fail("expected min of at most max");
    return bounds;
  }

  const Graph& graph_;
  std::map<std::string, Array> constants_;  ///< the graph's and those folded
  std::map<std::string, Value> values_;     ///< what depends on the graph's input
  std::map<std::string, Weights> weights_;  ///< dequantized constants; codes point into constants_
  std::set<std::string> names_;             ///< of layers
  std::optional<Quantization> input_;       ///< of the float input
  Translation result_;
  std::size_t index_ = 0;          ///< node at hand
  std::int64_t weight_count_ = 0;  ///< taken so far
};

}  // namespace

bool is_onnx(const std::filesystem::path& file) {
  return file.extension() != ".tflite" && !tflite::is_tflite(read_bytes(file));
}

Translation import_graph(const Graph& graph) { return Translator(graph).run(); }

}  // namespace systole::model::onnx
