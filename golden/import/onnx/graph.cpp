// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/graph.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "base/file_bytes.h"
#include "base/input_error.h"
#include "golden/format/network_folder.h"

namespace systole::model::onnx {

namespace {

namespace pb = ::onnx;

constexpr int kMaxRank = 8;
constexpr double kExactIntegers = 0x1p53;  // a double holds all integers up to here

bool is_exact(const Array& array) {
  return array.type != Type::int64 ||
         std::all_of(array.values.begin(), array.values.end(), [](double v) { return std::abs(v) <= kExactIntegers; });
}

/// Unpacks one TensorProto.
class TensorReader {
 public:
  TensorReader(const pb::TensorProto& source, const std::string& file, std::string place)
      : source_(source), file_(file), place_(std::move(place)) {}

  [[nodiscard]] Array read() const {
    Array array;
    const std::optional<Type> type = to_type(source_.data_type());
    if (!type)
      fail(fmt::format("expected float32, int8, uint8, int32 or int64, found {}", type_name(source_.data_type())));
    array.type = *type;
    if (source_.data_location() == pb::TensorProto::EXTERNAL)
      fail("expected its data in the file, found external data");
    array.shape = shape();
    const auto count = static_cast<std::size_t>(element_count(array.shape));
    array.values = source_.has_raw_data() ? raw(array.type, count) : typed(array.type, count);
    if (!is_exact(array)) fail("expected integers of at most 2^53");
    return array;
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const { throw base::InputError(file_, place_, problem); }

  [[nodiscard]] std::vector<std::int64_t> shape() const {
    std::vector<std::int64_t> shape;
    std::int64_t count = 1;
    if (source_.dims_size() > kMaxRank) fail(fmt::format("expected at most {} extents", kMaxRank));
    for (const std::int64_t extent : source_.dims()) {
      if (extent < 0 || extent > kMaxElements || (count *= extent) > kMaxElements) {
        fail(fmt::format("expected extents of 0 or more and at most {} elements, found an extent of {}", kMaxElements,
                         extent));
      }
      shape.push_back(extent);
    }
    return shape;
  }

  template <typename Element>
  [[nodiscard]] std::vector<double> unpack(std::size_t count) const {
    const std::string& bytes = source_.raw_data();
    if (bytes.size() != count * sizeof(Element)) {
      fail(fmt::format("expected {} bytes for its shape, found {}", count * sizeof(Element), bytes.size()));
    }
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) {
      Element element{};
      std::memcpy(&element, bytes.data() + i * sizeof(Element), sizeof(Element));
      values[i] = static_cast<double>(element);
    }
    return values;
  }

  [[nodiscard]] std::vector<double> raw(Type type, std::size_t count) const {
    switch (type) {
      case Type::float32:
        return unpack<float>(count);
      case Type::int8:
        return unpack<std::int8_t>(count);
      case Type::uint8:
        return unpack<std::uint8_t>(count);
      case Type::int32:
        return unpack<std::int32_t>(count);
      case Type::int64:
        break;
    }
    return unpack<std::int64_t>(count);
  }

  template <typename Field>
  [[nodiscard]] std::vector<double> listed(const Field& field, std::size_t count, double low, double high) const {
    if (static_cast<std::size_t>(field.size()) != count) {
      fail(fmt::format("expected {} values for its shape, found {}", count, field.size()));
    }
    std::vector<double> values;
    for (const auto value : field) {
      values.push_back(static_cast<double>(value));
      if (values.back() < low || values.back() > high) {
        fail(fmt::format("expected values of {} .. {}, found {}", low, high, values.back()));
      }
    }
    return values;
  }

  [[nodiscard]] std::vector<double> typed(Type type, std::size_t count) const {
    constexpr double kAny = std::numeric_limits<double>::infinity();
    switch (type) {
      case Type::float32:
        return listed(source_.float_data(), count, -kAny, kAny);
      case Type::int8:
        return listed(source_.int32_data(), count, -128, 127);
      case Type::uint8:
        return listed(source_.int32_data(), count, 0, 255);
      case Type::int32:
        return listed(source_.int32_data(), count, -kAny, kAny);
      case Type::int64:
        break;
    }
    return listed(source_.int64_data(), count, -kAny, kAny);
  }

  const pb::TensorProto& source_;
  const std::string& file_;
  std::string place_;
};

Array to_array(const pb::TensorProto& source, const std::string& file, std::string place) {
  return TensorReader(source, file, std::move(place)).read();
}

/// A tensor that no operator of the import can take is of no kind.
Attribute to_tensor_attribute(const pb::TensorProto& source) {
  try {
    return to_array(source, "", "");
  } catch (const base::InputError&) {
    return std::monostate{};
  }
}

/// The kinds of attribute that the operators of the import have.
Attribute to_attribute(const pb::AttributeProto& source) {
  switch (source.type()) {
    case pb::AttributeProto::INT:
      return source.i();
    case pb::AttributeProto::FLOAT:
      return source.f();
    case pb::AttributeProto::STRING:
      return printable(source.s());
    case pb::AttributeProto::INTS:
      return std::vector<std::int64_t>(source.ints().begin(), source.ints().end());
    case pb::AttributeProto::TENSOR:
      return to_tensor_attribute(source.t());
    default:
      return std::monostate{};
  }
}

Node to_node(const pb::NodeProto& source) {
  Node node{.op = printable(source.op_type()),
            .name = printable(source.name()),
            .inputs = {},
            .outputs = {},
            .attributes = {}};
  node.inputs.assign(source.input().begin(), source.input().end());
  node.outputs.assign(source.output().begin(), source.output().end());
  // ONNX has no quantized add of its own; the one of ONNX Runtime is what its quantizer writes.
  const bool runtime_add = source.domain() == "com.microsoft" && node.op == "QLinearAdd";
  if (!runtime_add && !source.domain().empty() && source.domain() != "ai.onnx") {
    node.op = fmt::format("{}.{}", printable(source.domain()), node.op);
  }
  if (node.op == kConstant) return node;
  for (const pb::AttributeProto& attribute : source.attribute()) {
    node.attributes[printable(attribute.name())] = to_attribute(attribute);
  }
  return node;
}

template <typename T>
Array listed_constant(Type type, const T& values) {
  return {.type = type,
          .shape = {static_cast<std::int64_t>(values.size())},
          .values = std::vector<double>(values.begin(), values.end())};
}

/// The value of a Constant node: its one attribute.
Array constant_value(const pb::NodeProto& source, const std::string& file, const std::string& place) {
  if (source.attribute_size() == 1) {
    const pb::AttributeProto& value = source.attribute(0);
    const std::string& name = value.name();
    if (name == "value") return to_array(value.t(), file, place);
    if (name == "value_float") return {Type::float32, {}, {static_cast<double>(value.f())}};
    if (name == "value_floats") return listed_constant(Type::float32, value.floats());
    if (name == "value_int") return {Type::int64, {}, {static_cast<double>(value.i())}};
    if (name == "value_ints") return listed_constant(Type::int64, value.ints());
  }
  throw base::InputError(file, place,
                         "expected one attribute: value, value_float, value_floats, value_int or value_ints");
}

/// Puts a constant among the others; `unpack()` gives it.
template <typename Unpack>
void take_constant(Graph& graph, const std::string& name, const std::string& place, Unpack unpack) {
  Array value;
  try {
    value = unpack();
  } catch (const base::InputError& error) {
    if (!graph.bad_constant) graph.bad_constant = error;
    return;
  }
  if (!graph.constants.emplace(name, std::move(value)).second) {
    throw base::InputError(graph.file, place, "writes a value that is there already");
  }
}

/// The same of the Constant node read last.
void take_constant(Graph& graph, const pb::NodeProto& source) {
  const std::string place = node_place(graph.nodes.size() - 1, graph.nodes.back());
  if (source.output_size() != 1) throw base::InputError(graph.file, place, "expected one output");
  take_constant(graph, source.output(0), place, [&] {
    Array value = constant_value(source, graph.file, place);
    if (!is_exact(value)) throw base::InputError(graph.file, place, "expected integers of at most 2^53");
    return value;
  });
}

Declaration to_declaration(const pb::ValueInfoProto& source) {
  Declaration declaration;
  declaration.type = to_type(source.type().tensor_type().elem_type());
  declaration.type_name = type_name(source.type().tensor_type().elem_type());
  for (const auto& extent : source.type().tensor_type().shape().dim()) {
    declaration.shape.push_back(extent.has_dim_value() ? extent.dim_value() : -1);
  }
  return declaration;
}

template <typename Message>
Message parse(const std::vector<std::byte>& bytes, const std::string& file, const char* what) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    const std::string_view start(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    throw base::InputError(file, "", fmt::format("expected {}{}", what, base::found_kind(start)));
  }
  return message;
}

}  // namespace

std::optional<Type> to_type(std::int64_t number) {
  switch (number) {
    case pb::TensorProto::FLOAT:
      return Type::float32;
    case pb::TensorProto::INT8:
      return Type::int8;
    case pb::TensorProto::UINT8:
      return Type::uint8;
    case pb::TensorProto::INT32:
      return Type::int32;
    case pb::TensorProto::INT64:
      return Type::int64;
    default:
      return std::nullopt;
  }
}

std::string type_name(std::int64_t number) {
  // TensorProto.DataType of the standard, whose numbers run on beyond those of an older protobuf header.
  constexpr std::array<std::string_view, 24> kNames{
      "no type",        "float32",    "uint8",          "int8",       "uint16",   "int16",
      "int32",          "int64",      "string",         "bool",       "float16",  "double",
      "uint32",         "uint64",     "complex64",      "complex128", "bfloat16", "float8e4m3fn",
      "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4",      "int4",     "float4e2m1"};
  if (number < 0 || number >= static_cast<std::int64_t>(kNames.size())) return fmt::format("type {}", number);
  return std::string(kNames.at(static_cast<std::size_t>(number)));
}

std::string_view to_string(Type type) {
  switch (type) {
    case Type::float32:
      return "float32";
    case Type::int8:
      return "int8";
    case Type::uint8:
      return "uint8";
    case Type::int32:
      return "int32";
    case Type::int64:
      break;
  }
  return "int64";
}

std::string printable(const std::string& name) {
  constexpr std::size_t kLongest = 200;
  std::string result = name.substr(0, kLongest);
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7E) c = '?';
  }
  return result;
}

std::int64_t element_count(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return count;
}

std::string node_place(std::size_t index, const Node& node) {
  return fmt::format("nodes[{}] '{}'{}", index, node.op, node.name.empty() ? "" : fmt::format(" ({})", node.name));
}

Graph parse_graph(const std::vector<std::byte>& bytes, const std::string& file) {
  const auto model = parse<pb::ModelProto>(bytes, file, "an ONNX model");
  if (!model.has_graph()) throw base::InputError(file, "", "expected an ONNX model with a graph");
  Graph graph;
  graph.file = file;
  for (const pb::OperatorSetIdProto& set : model.opset_import()) {
    if (set.domain().empty() || set.domain() == "ai.onnx") graph.opset = set.version();
  }
  const pb::GraphProto& source = model.graph();
  if (source.sparse_initializer_size() != 0)
    throw base::InputError(file, "sparse_initializer", "expected dense constants");
  for (const pb::TensorProto& tensor : source.initializer()) {
    const std::string place = fmt::format("initializer '{}'", printable(tensor.name()));
    take_constant(graph, tensor.name(), place, [&] { return to_array(tensor, file, place); });
  }
  for (const pb::NodeProto& node : source.node()) {
    graph.nodes.push_back(to_node(node));
    if (graph.nodes.back().op == kConstant) take_constant(graph, node);
  }
  for (const pb::ValueInfoProto& input : source.input()) {
    if (graph.constants.contains(input.name())) continue;
    graph.inputs.push_back(input.name());
    if (input.type().has_tensor_type()) graph.declarations[input.name()] = to_declaration(input);
  }
  for (const pb::ValueInfoProto& output : source.output()) graph.outputs.push_back(output.name());
  return graph;
}

Graph read_graph(const std::filesystem::path& file) { return parse_graph(base::read_bytes(file), file.string()); }

Array read_tensor(const std::filesystem::path& file) {
  return to_array(parse<pb::TensorProto>(base::read_bytes(file), file.string(), "an ONNX tensor"), file.string(), "");
}

}  // namespace systole::model::onnx
