// SPDX-License-Identifier: Apache-2.0
#pragma once
// A TFLite file as plain structures: what tflite.fbs describes, verified, indices resolved, no flatbuffers type.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace systole::model::tflite {

enum class Type { int8, int32, int64, other };
enum class Padding { same, valid };
enum class Activation { none, relu, relu_n1_to_1, relu6 };

/// real = scale * (q - zero_point); more than one scale: one per index of `dimension`.
struct Quantization {
  std::vector<float> scale;  ///< each finite and above 0
  std::vector<std::int64_t> zero_point;
  int dimension = 0;
};

struct Tensor {
  std::string name;
  std::vector<int> shape;  ///< extents of 1 .. 65536, at most 2^26 elements
  std::string type_name;   ///< for messages
  Type type = Type::other;
  Quantization quantization;
  std::span<const std::byte> data;  ///< of a constant: exactly its elements; empty otherwise
  bool variable = false;

  [[nodiscard]] std::int64_t elements() const;
};

/// Strides, dilation and window of a convolution or pooling; a pooling has no dilation, a convolution no kernel here.
struct WindowOptions {
  Padding padding = Padding::same;
  int stride_h = 1, stride_w = 1;
  int dilation_h = 1, dilation_w = 1;
  int kernel_h = 1, kernel_w = 1;
  Activation activation = Activation::none;
};

struct FullyConnectedOptions {
  Activation activation = Activation::none;
  bool shuffled_weights = false;
};

struct AddOptions {
  Activation activation = Activation::none;
};

using Options = std::variant<std::monostate, WindowOptions, FullyConnectedOptions, AddOptions>;

/// The operators that the import translates, and everything else.
enum class Op {
  conv_2d,
  depthwise_conv_2d,
  fully_connected,
  add,
  average_pool_2d,
  max_pool_2d,
  pad,
  reshape,
  softmax,
  other
};

struct Operator {
  Op op = Op::other;
  std::string name;          ///< lower case: "conv_2d"; of an unknown code its number
  std::vector<int> inputs;   ///< tensor numbers; -1 = left out
  std::vector<int> outputs;  ///< tensor numbers
  Options options;
};

/// "operators[3] 'add'": where a message points.
std::string operator_place(std::size_t index, const Operator& op);

/// The main subgraph. `bytes` holds the file, which the tensors' data point into.
struct Graph {
  std::string file;  ///< for messages
  std::vector<std::byte> bytes;
  std::vector<Tensor> tensors;
  std::vector<Operator> operators;  ///< in execution order
  std::vector<int> inputs, outputs;
};

/// Reads and verifies a file. Throws base::InputError: not a TFLite file of version 3, damaged, above 1 GiB, operators
/// outside of the import's list (all of them, counted), inputs that are not int8, more than one subgraph, indices or
/// extents out of range, constants whose bytes are not their shape's, sparse or external data.
Graph read_graph(const std::filesystem::path& file);

/// The same from memory; `file` is the name for messages.
Graph parse_graph(std::vector<std::byte> bytes, const std::string& file);

/// Whether the bytes carry the identifier of a TFLite file.
bool is_tflite(std::span<const std::byte> bytes);

}  // namespace systole::model::tflite
