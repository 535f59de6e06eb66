// SPDX-License-Identifier: Apache-2.0
#pragma once
// The network under construction and the operator of the model that is being translated. Internal to this folder.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "golden/format/network_folder.h"
#include "golden/import/import.h"
#include "golden/import/tflite/graph.h"

namespace systole::model::tflite {

inline constexpr int kMaxPad = 15;  ///< of a layer's window

/// Pixels that a pad operator adds.
struct Pads {
  int top = 0, bottom = 0, left = 0, right = 0;
  [[nodiscard]] bool any() const { return top + bottom + left + right != 0; }
  /// The map with them.
  [[nodiscard]] Shape around(Shape map) const {
    map.height += top + bottom;
    map.width += left + right;
    return map;
  }
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
inline TensorScale to_real(const Scale& s) { return {.scale = {static_cast<double>(s.scale)}, .zero = s.zero}; }

/// Holds what is known of every tensor and adds layers. Tensors of the source go by their number. Every function throws
/// base::InputError naming operator or tensor where that is not what it must be.
class Builder {
 public:
  /// Keeps a reference to `graph`.
  explicit Builder(const Graph& graph) : graph_(graph), values_(graph.tensors.size()) {}

  void set_operator(std::size_t index) { index_ = index; }

  // --- the operator at hand

  [[nodiscard]] const Operator& op() const { return graph_.operators[index_]; }
  [[noreturn]] void fail(const std::string& problem) const;
  [[noreturn]] void fail_tensor(int number, const std::string& problem) const;

  [[nodiscard]] std::size_t input_count() const { return op().inputs.size(); }
  [[nodiscard]] int input_number(std::size_t i) const;
  [[nodiscard]] int output_number() const;

  template <typename T>
  [[nodiscard]] const T& options() const {
    if (const T* found = std::get_if<T>(&op().options)) return *found;
    fail("expected the options of this operator, found others or none");
  }

  /// A constant of the operator: `rank` extents of type `type`.
  [[nodiscard]] const Tensor& constant(std::size_t i, Type type, std::string_view type_name, std::size_t rank) const;

  // --- tensors of the source

  [[nodiscard]] const Tensor& tensor(int number) const { return graph_.tensors[static_cast<std::size_t>(number)]; }

  /// Scale and zero point of an int8 tensor that flows between operators.
  [[nodiscard]] Scale activation_scale(int number) const;
  /// The same of input 0 and of the output, which must be equal.
  void require_same_scale() const;

  /// [1, height, width, channels], or [1, channels] as one pixel.
  [[nodiscard]] Shape map_shape(int number) const;

  /// nullptr: neither the graph's input nor written yet.
  [[nodiscard]] const Value* find(int number) const;
  /// The same for a reader that is not left to the host.
  [[nodiscard]] const Value& value_of(int number) const;

  // --- the network

  [[nodiscard]] Import& result() { return result_; }
  /// Of a tensor of the network.
  [[nodiscard]] Shape node_shape(int tensor) const;

  /// A layer of the operator at hand that reads a tensor of the network, int8 to int8, and leaves its shape.
  [[nodiscard]] op::Layer start(op::Kind kind, int source) const;

  /// The value with its padding applied, by a layer of its own where there is any.
  int plain(int number);
  /// plain(), and the source's map is the map here (a reshape may have changed it).
  int plain_map(int number);

  /// Counts what the layers' weights take, before it is taken.
  void take_weights(std::int64_t count);

  void define(int number, Value value);
  void step(std::string became);
  /// Adds the operator's layer, reports it and defines the output.
  void finish(op::Layer layer, std::vector<int> inputs);

 private:
  [[nodiscard]] op::Layer start(op::Kind kind, std::string name, int source) const;
  /// `out`: of what the layer computes.
  int push(op::Layer layer, std::vector<int> inputs, const Scale& out);
  /// A depthwise layer that copies its input into a larger map.
  int pad_layer(const Value& value, const Scale& scale);

  const Graph& graph_;
  std::vector<std::optional<Value>> values_;  ///< by tensor of the source
  Import result_;
  std::size_t index_ = 0;     ///< operator at hand
  std::int64_t weights_ = 0;  ///< taken so far
};

}  // namespace systole::model::tflite
