// SPDX-License-Identifier: Apache-2.0
#include "golden/import/tflite/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <utility>

#include "base/file_bytes.h"
#include "base/input_error.h"
#include "golden/format/network_folder.h"
#include "golden/import/survey.h"
#include "golden/import/tflite/tflite_generated.h"

namespace systole::model::tflite {

namespace {

constexpr const char* kOperators =
    "conv_2d, depthwise_conv_2d, fully_connected, add, average_pool_2d, max_pool_2d, pad, reshape, softmax (last)";
constexpr std::size_t kIdentifierEnd = 8;  // root offset, then four bytes "TFL3"
constexpr std::uint32_t kSchemaVersion = 3;
constexpr std::size_t kMaxTensors = 65536;
constexpr std::size_t kMaxRank = 8;

std::size_t element_size(Type type) {
  switch (type) {
    case Type::int8:
      return 1;
    case Type::int32:
      return 4;
    case Type::int64:
      return 8;
    case Type::other:
      break;
  }
  return 0;
}

Type to_type(schema::TensorType type) {
  switch (type) {
    case schema::TensorType::INT8:
      return Type::int8;
    case schema::TensorType::INT32:
      return Type::int32;
    case schema::TensorType::INT64:
      return Type::int64;
    default:
      return Type::other;
  }
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// A name of the generated tables, or `what` and the number where the schema has none.
template <typename Enum>
std::string enum_name(Enum value, const char* name, const char* what) {
  if (name != nullptr && *name != '\0') return lower(name);
  return fmt::format("{} {}", what, static_cast<int>(value));
}

Op to_op(schema::BuiltinOperator code) {
  switch (code) {
    case schema::BuiltinOperator::CONV_2D:
      return Op::conv_2d;
    case schema::BuiltinOperator::DEPTHWISE_CONV_2D:
      return Op::depthwise_conv_2d;
    case schema::BuiltinOperator::FULLY_CONNECTED:
      return Op::fully_connected;
    case schema::BuiltinOperator::ADD:
      return Op::add;
    case schema::BuiltinOperator::AVERAGE_POOL_2D:
      return Op::average_pool_2d;
    case schema::BuiltinOperator::MAX_POOL_2D:
      return Op::max_pool_2d;
    case schema::BuiltinOperator::PAD:
      return Op::pad;
    case schema::BuiltinOperator::RESHAPE:
      return Op::reshape;
    case schema::BuiltinOperator::SOFTMAX:
      return Op::softmax;
    default:
      return Op::other;
  }
}

/// Printable part of a name from the file.
std::string clean_name(const flatbuffers::String* name) {
  constexpr std::size_t kLongest = 200;
  if (name == nullptr) return {};
  std::string text = name->str().substr(0, kLongest);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::isprint(c) == 0; }, '?');
  return text;
}

template <typename Vector>
std::size_t length(const Vector* vector) {
  return vector == nullptr ? 0 : vector->size();
}

std::vector<int> numbers(const flatbuffers::Vector<std::int32_t>* vector) {
  if (vector == nullptr) return {};
  return {vector->begin(), vector->end()};
}

/// Turns the verified flatbuffer into a Graph; every refusal names the place.
class Parser {
 public:
  Parser(const schema::Model& source, Graph& graph) : source_(source), made_(graph) {}

  void run() {
    if (source_.version() != kSchemaVersion) {
      fail("version", fmt::format("expected {}, found {}", kSchemaVersion, source_.version()));
    }
    const auto subgraphs = length(source_.subgraphs());
    if (subgraphs == 0) fail("subgraphs", "expected one subgraph, found 0");
    const schema::SubGraph& graph = *source_.subgraphs()->Get(0);
    check_operators(graph);
    if (subgraphs != 1) fail("subgraphs", fmt::format("expected one subgraph, found {}", subgraphs));
    check_type(graph);
    if (length(graph.tensors()) > kMaxTensors || length(graph.operators()) > kMaxTensors) {
      fail("subgraphs[0]", fmt::format("expected at most {} tensors and operators", kMaxTensors));
    }
    for (std::size_t i = 0; i < length(graph.tensors()); ++i) tensor(i, *graph.tensors()->Get(index(i)));
    for (std::size_t i = 0; i < length(graph.operators()); ++i) operation(i, *graph.operators()->Get(index(i)));
    made_.inputs = tensor_numbers("inputs", graph.inputs(), false);
    made_.outputs = tensor_numbers("outputs", graph.outputs(), false);
  }

 private:
  [[noreturn]] void fail(const std::string& place, const std::string& problem) const {
    throw base::InputError(made_.file, place, problem);
  }

  static flatbuffers::uoffset_t index(std::size_t i) { return static_cast<flatbuffers::uoffset_t>(i); }

  std::vector<int> tensor_numbers(const std::string& place, const flatbuffers::Vector<std::int32_t>* vector,
                                  bool optional) const {
    const auto count = static_cast<std::int64_t>(made_.tensors.size());
    for (std::size_t i = 0; i < length(vector); ++i) {
      const std::int32_t number = vector->Get(index(i));
      if (number < (optional ? -1 : 0) || number >= count) {
        fail(fmt::format("{}[{}]", place, i), fmt::format("expected a tensor 0 .. {}, found {}", count - 1, number));
      }
    }
    return numbers(vector);
  }

  /// Every operator of the model at once, before its tensors: those of an operator outside of the list have shapes and
  /// types of their own.
  void check_operators(const schema::SubGraph& graph) const {
    Survey survey;
    for (std::size_t i = 0; i < length(graph.operators()); ++i) {
      Operator op;
      name(code_of(i, *graph.operators()->Get(index(i))), op);
      if (op.op == Op::other) survey.add(op.name, operator_place(i, op));
    }
    survey.refuse(made_.file, kOperators, description(graph));
  }

  /// The element type of the graph's first input, where the file gives one.
  static const schema::Tensor* first_input(const schema::SubGraph& graph) {
    if (length(graph.inputs()) == 0) return nullptr;
    const std::int32_t number = graph.inputs()->Get(0);
    if (number < 0 || static_cast<std::size_t>(number) >= length(graph.tensors())) return nullptr;
    return graph.tensors()->Get(index(static_cast<std::size_t>(number)));
  }

  static std::string type_name(const schema::Tensor& tensor) {
    return enum_name(tensor.type(), schema::EnumNameTensorType(tensor.type()), "type");
  }

  /// An int8 network has int8 inputs.
  void check_type(const schema::SubGraph& graph) const {
    const schema::Tensor* input = first_input(graph);
    if (input == nullptr || to_type(input->type()) == Type::int8) return;
    fail("", fmt::format("expected an int8 model (full integer quantization with int8 inputs and outputs), found {} "
                         "inputs; {}",
                         type_name(*input), description(graph)));
  }

  /// One line on the model, for a message.
  [[nodiscard]] static std::string description(const schema::SubGraph& graph) {
    std::map<std::string, std::size_t> types;
    for (std::size_t i = 0; i < length(graph.tensors()); ++i) ++types[type_name(*graph.tensors()->Get(index(i)))];
    std::vector<std::string> counts;
    counts.reserve(types.size());
    for (const auto& [type, count] : types) counts.push_back(fmt::format("{} {}", count, type));
    const schema::Tensor* input = first_input(graph);
    return fmt::format(
        "the model: TFLite, {} operators, tensors {}{}", length(graph.operators()), fmt::join(counts, ", "),
        input == nullptr ? ""
                         : fmt::format(", input {} [{}]", type_name(*input), fmt::join(numbers(input->shape()), ", ")));
  }

  [[nodiscard]] const schema::OperatorCode& code_of(std::size_t i, const schema::Operator& source) const {
    if (source.opcode_index() >= length(source_.operator_codes())) {
      fail(fmt::format("operators[{}].opcode_index", i),
           fmt::format("expected an operator code below {}, found {}", length(source_.operator_codes()),
                       source.opcode_index()));
    }
    return *source_.operator_codes()->Get(source.opcode_index());
  }

  void tensor(std::size_t i, const schema::Tensor& source) {
    Tensor tensor;
    tensor.name = clean_name(source.name());
    const std::string place = fmt::format("tensors[{}] '{}'", i, tensor.name);
    tensor.shape = shape(place, source);
    tensor.type = to_type(source.type());
    tensor.type_name = enum_name(source.type(), schema::EnumNameTensorType(source.type()), "type");
    tensor.variable = source.is_variable();
    if (source.sparsity() != nullptr) fail(place + ".sparsity", "expected a dense tensor");
    if (source.quantization() != nullptr) tensor.quantization = quantization(place, *source.quantization());
    tensor.data = data(place, source, tensor);
    made_.tensors.push_back(std::move(tensor));
  }

  [[nodiscard]] std::vector<int> shape(const std::string& place, const schema::Tensor& source) const {
    std::vector<int> shape;
    std::int64_t elements = 1;
    if (length(source.shape()) > kMaxRank) fail(place + ".shape", fmt::format("expected at most {} extents", kMaxRank));
    for (const int extent : numbers(source.shape())) {
      if (extent < 1 || extent > kMaxChannels || (elements *= extent) > kMaxElements) {
        fail(place + ".shape", fmt::format("expected extents of 1 .. {} and at most {} elements, found an extent of {}",
                                           kMaxChannels, kMaxElements, extent));
      }
      shape.push_back(extent);
    }
    return shape;
  }

  [[nodiscard]] Quantization quantization(const std::string& place,
                                          const schema::QuantizationParameters& source) const {
    Quantization result;
    if (source.details_type() != 0) fail(place + ".quantization.details", "expected a linear quantization");
    if (length(source.scale()) > static_cast<std::size_t>(kMaxChannels) ||
        length(source.zero_point()) > static_cast<std::size_t>(kMaxChannels)) {
      fail(place + ".quantization", fmt::format("expected at most {} scales", kMaxChannels));
    }
    if (source.scale() != nullptr) result.scale.assign(source.scale()->begin(), source.scale()->end());
    if (const auto* zeros = source.zero_point(); zeros != nullptr && zeros->size() != 0) {
      // Copied as bytes: the verifier aligns a vector to its length field of four bytes only.
      result.zero_point.resize(zeros->size());
      std::memcpy(result.zero_point.data(), zeros->Data(), result.zero_point.size() * sizeof(std::int64_t));
    }
    result.dimension = source.quantized_dimension();
    for (const float scale : result.scale) {
      if (!(scale > 0) || !std::isfinite(scale)) {
        fail(place + ".quantization.scale", fmt::format("expected finite values above 0, found {}", scale));
      }
    }
    return result;
  }

  std::span<const std::byte> data(const std::string& place, const schema::Tensor& source, const Tensor& tensor) const {
    if (source.buffer() >= length(source_.buffers())) {
      if (source.buffer() == 0) return {};
      fail(place + ".buffer",
           fmt::format("expected a buffer below {}, found {}", length(source_.buffers()), source.buffer()));
    }
    const schema::Buffer& buffer = *source_.buffers()->Get(source.buffer());
    if (buffer.offset() > 1) fail(place + ".buffer", "expected data inside the flatbuffer, found an external offset");
    if (length(buffer.data()) == 0) return {};
    const std::size_t size = element_size(tensor.type);
    // Types that no operator reads keep their bytes to themselves.
    if (size != 0 && buffer.data()->size() != static_cast<std::size_t>(tensor.elements()) * size) {
      fail(place + ".buffer", fmt::format("expected {} bytes for its shape, found {}",
                                          static_cast<std::size_t>(tensor.elements()) * size, buffer.data()->size()));
    }
    return std::as_bytes(std::span(buffer.data()->data(), buffer.data()->size()));
  }

  void operation(std::size_t i, const schema::Operator& source) {
    Operator op;
    name(code_of(i, source), op);
    op.inputs = tensor_numbers(operator_place(i, op) + ".inputs", source.inputs(), true);
    op.outputs = tensor_numbers(operator_place(i, op) + ".outputs", source.outputs(), false);
    op.options = options(operator_place(i, op), source);
    made_.operators.push_back(std::move(op));
  }

  static void name(const schema::OperatorCode& source, Operator& op) {
    // Older files know the byte-wide code only, newer ones write both while the code fits.
    const auto code = static_cast<schema::BuiltinOperator>(std::max(
        static_cast<std::int32_t>(source.deprecated_builtin_code()), static_cast<std::int32_t>(source.builtin_code())));
    op.op = to_op(code);
    op.name = enum_name(code, schema::EnumNameBuiltinOperator(code), "operator code");
    if (code == schema::BuiltinOperator::CUSTOM) op.name = fmt::format("custom {}", clean_name(source.custom_code()));
  }

  [[nodiscard]] Options options(const std::string& place, const schema::Operator& source) const {
    if (const auto* conv = source.builtin_options_as_Conv2DOptions()) return convolution(place, *conv);
    if (const auto* conv = source.builtin_options_as_DepthwiseConv2DOptions()) return convolution(place, *conv);
    if (const auto* pool = source.builtin_options_as_Pool2DOptions()) return pooling(place, *pool);
    if (const auto* full = source.builtin_options_as_FullyConnectedOptions()) {
      return FullyConnectedOptions{activation(place, full->fused_activation_function()), full->weights_format() != 0};
    }
    if (const auto* add = source.builtin_options_as_AddOptions()) {
      return AddOptions{activation(place, add->fused_activation_function())};
    }
    return std::monostate{};
  }

  template <typename Source>
  [[nodiscard]] WindowOptions convolution(const std::string& place, const Source& source) const {
    WindowOptions result = window(place, source);
    result.dilation_h = positive(place + ".dilation_h_factor", source.dilation_h_factor());
    result.dilation_w = positive(place + ".dilation_w_factor", source.dilation_w_factor());
    return result;
  }

  [[nodiscard]] WindowOptions pooling(const std::string& place, const schema::Pool2DOptions& source) const {
    WindowOptions result = window(place, source);
    result.kernel_h = positive(place + ".filter_height", source.filter_height());
    result.kernel_w = positive(place + ".filter_width", source.filter_width());
    return result;
  }

  template <typename Source>
  [[nodiscard]] WindowOptions window(const std::string& place, const Source& source) const {
    WindowOptions result;
    if (source.padding() != schema::Padding::SAME && source.padding() != schema::Padding::VALID) {
      fail(place + ".padding",
           fmt::format("expected 0 (SAME) or 1 (VALID), found {}", static_cast<int>(source.padding())));
    }
    result.padding = source.padding() == schema::Padding::SAME ? Padding::same : Padding::valid;
    result.stride_h = positive(place + ".stride_h", source.stride_h());
    result.stride_w = positive(place + ".stride_w", source.stride_w());
    result.activation = activation(place, source.fused_activation_function());
    return result;
  }

  /// A window's extent or step; 15 is the largest of the layer description (golden/op/layer.h).
  [[nodiscard]] int positive(const std::string& place, int value) const {
    constexpr int kLargest = 15;
    if (value < 1 || value > kLargest) fail(place, fmt::format("expected 1 .. {}, found {}", kLargest, value));
    return value;
  }

  [[nodiscard]] Activation activation(const std::string& place, schema::Activation source) const {
    switch (source) {
      case schema::Activation::NONE:
        return Activation::none;
      case schema::Activation::RELU:
        return Activation::relu;
      case schema::Activation::RELU_N1_TO_1:
        return Activation::relu_n1_to_1;
      case schema::Activation::RELU6:
        return Activation::relu6;
      default:
        break;
    }
    fail(place + ".fused_activation_function",
         fmt::format("expected none, relu, relu_n1_to_1 or relu6, found {}",
                     enum_name(source, schema::EnumNameActivation(source), "number")));
  }

  const schema::Model& source_;
  Graph& made_;
};

}  // namespace

std::int64_t Tensor::elements() const {
  std::int64_t count = 1;
  for (const int extent : shape) count *= extent;
  return count;
}

std::string operator_place(std::size_t index, const Operator& op) {
  return fmt::format("operators[{}] '{}'", index, op.name);
}

bool is_tflite(std::span<const std::byte> bytes) {
  return bytes.size() >= kIdentifierEnd && schema::ModelBufferHasIdentifier(bytes.data());
}

Graph parse_graph(std::vector<std::byte> bytes, const std::string& file) {
  if (!is_tflite(bytes)) {
    const std::string_view start(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    throw base::InputError(file, "", "expected a TFLite file (identifier TFL3)" + base::found_kind(start));
  }
  // The verifier reads offsets in the file's own bytes; depth and tables are bounded by what the schema nests.
  constexpr flatbuffers::uoffset_t kMaxDepth = 16;
  constexpr flatbuffers::uoffset_t kMaxTables = 1'000'000;
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), kMaxDepth,
                                 kMaxTables);
  if (!schema::VerifyModelBuffer(verifier)) {
    throw base::InputError(file, "", "is damaged: a table, vector or offset lies outside of the file");
  }
  Graph graph;
  graph.file = file;
  graph.bytes = std::move(bytes);
  Parser(*schema::GetModel(graph.bytes.data()), graph).run();
  return graph;
}

Graph read_graph(const std::filesystem::path& file) { return parse_graph(base::read_bytes(file), file.string()); }

}  // namespace systole::model::tflite
