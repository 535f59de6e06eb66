// SPDX-License-Identifier: Apache-2.0
#pragma once
// An ONNX graph as plain structures: constants unpacked, attributes by name, no protobuf type.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/input_error.h"

namespace systole::model::onnx {

enum class Type { float32, int8, uint8, int32, int64 };
std::string_view to_string(Type type);

/// The type that ONNX numbers so; none: one that no operator of the import has.
std::optional<Type> to_type(std::int64_t number);
/// "int16", "float8e4m3fn", ... of any type of ONNX; "type 99" beyond.
std::string type_name(std::int64_t number);

/// A tensor in row-major order. A double holds every value of every type but int64 beyond 2^53, which is refused.
struct Array {
  Type type = Type::float32;
  std::vector<std::int64_t> shape;  ///< empty = scalar
  std::vector<double> values;

  bool operator==(const Array&) const = default;
};

/// Product of the extents.
std::int64_t element_count(const std::vector<std::int64_t>& shape);

/// The last of no kind that an operator of the import has.
using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, Array, std::monostate>;

struct Node {
  std::string op, name;                      ///< an operator of another domain: "com.microsoft.QGemm"
  std::vector<std::string> inputs, outputs;  ///< empty name = optional input left out
  std::map<std::string, Attribute> attributes;
};

/// The operator whose value is its attribute: parse_graph puts it among the constants; the node stays, so that nodes
/// count as in the file.
inline constexpr std::string_view kConstant = "Constant";

/// Operators that are left to the host at the end of a graph: their values are never computed.
inline constexpr std::string_view kSoftmax = "Softmax";
inline bool left_to_host(std::string_view op) { return op == kSoftmax || op == "LogSoftmax"; }

/// A name of the file for a message: at most 200 bytes of printable ASCII, anything else as '?'.
std::string printable(const std::string& name);

/// What the file says of a graph input.
struct Declaration {
  std::optional<Type> type;         ///< none: one that no operator of the import reads
  std::string type_name;            ///< as ONNX names it
  std::vector<std::int64_t> shape;  ///< -1: an extent left open
};

/// "nodes[3] 'QLinearConv' (conv1)": where a message points.
std::string node_place(std::size_t index, const Node& node);

struct Graph {
  std::string file;         ///< for messages
  std::int64_t opset = 0;   ///< of ONNX itself
  std::vector<Node> nodes;  ///< in execution order
  std::map<std::string, Array> constants;
  std::vector<std::string> inputs, outputs;         ///< constants excluded
  std::map<std::string, Declaration> declarations;  ///< of the inputs; none where the file gives no tensor type
  /// Why the first constant is missing that could not be unpacked: its type, or data that are not its shape's.
  /// Operators are judged before.
  std::optional<base::InputError> bad_constant;
};

/// Reads a model. Throws base::InputError: not a model, damaged, above 1 GiB, a name given twice. Operators, attributes
/// and constants are the readers' to judge.
Graph read_graph(const std::filesystem::path& file);

/// The same from memory; `file` is the name for messages.
Graph parse_graph(const std::vector<std::byte>& bytes, const std::string& file);

/// Reads one stored tensor (TensorProto), as the ONNX node tests hold their inputs and outputs.
Array read_tensor(const std::filesystem::path& file);

}  // namespace systole::model::onnx
