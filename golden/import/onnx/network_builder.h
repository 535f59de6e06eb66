// SPDX-License-Identifier: Apache-2.0
#pragma once
// The network under construction and the node of the graph that is being translated. Internal to this folder.
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "golden/format/network_folder.h"
#include "golden/import/onnx/call.h"
#include "golden/import/onnx/import.h"
#include "golden/import/onnx/value.h"

namespace systole::model::onnx {

inline TensorScale to_real(const Quantization& q) { return {.scale = {static_cast<double>(q.scale)}, .zero = q.zero}; }

/// What a value is, for a message: "int8 values".
std::string kind_of(const Value& value);

/// Holds what is known of every tensor and adds layers. Every function throws base::InputError naming the node at hand
/// where that is not what it must be.
class Builder {
 public:
  /// Keeps a reference to `graph`.
  explicit Builder(const Graph& graph) : graph_(graph), constants_(graph.constants) {}

  void set_node(std::size_t index) { index_ = index; }

  // --- the node at hand

  [[nodiscard]] const Node& node() const { return graph_.nodes[index_]; }
  [[nodiscard]] std::size_t index() const { return index_; }
  [[noreturn]] void fail(const std::string& problem) const;

  /// The node with its constants; what the graph computes is left out.
  [[nodiscard]] Call call() const;

  [[nodiscard]] bool given(std::size_t i) const { return i < node().inputs.size() && !node().inputs[i].empty(); }
  [[nodiscard]] bool is_constant(std::size_t i) const { return given(i) && constants_.contains(node().inputs[i]); }

  /// Inputs first .. last must be constants where they are given.
  void require_constants(std::size_t first, std::size_t last) const;

  /// The value of input i, which depends on the graph's input.
  [[nodiscard]] const Value& value(std::size_t i) const;
  /// The same, which must hold elements.
  [[nodiscard]] Codes codes(std::size_t i) const;
  /// The same, real values without an activation, which only a QuantizeLinear may round.
  [[nodiscard]] Real real(std::size_t i) const;
  /// What dequantize made of the constant that is input i; nullptr where that is no dequantized constant.
  [[nodiscard]] const Weights* weights(std::size_t i) const;

  [[nodiscard]] const std::string& output_name() const;
  /// Whether the node's output is the graph's and no node reads it.
  [[nodiscard]] bool ends_graph() const;

  // --- what becomes of it

  /// Sets the output's value and reports the step.
  void define(Value value, std::string became);
  /// Evaluates a node whose inputs are all constants; false: there is one that is none. Only for operators whose work
  /// is bounded by the size of their input.
  bool fold();
  /// Remembers what the folded output was made of.
  void set_weights(Weights weights) { weights_[output_name()] = std::move(weights); }
  void step(std::string became);

  // --- the network

  [[nodiscard]] Network& network() { return result_.import.network; }
  [[nodiscard]] const Network& network() const { return result_.import.network; }
  [[nodiscard]] Translation& result() { return result_; }
  [[nodiscard]] Shape shape_of(int tensor) const;

  /// [1, c, h, w] of a value that is a map of the network; a reshape may have made it another.
  [[nodiscard]] std::vector<std::int64_t> map_of(const Value& value, int tensor) const;

  /// Elements of the network's input; a pixel's 256 values are put on the 256 codes.
  void set_elements(Type type);
  /// The graph's float input becomes codes of q, for all of its readers.
  void take_input(const Quantization& q);
  void set_input_value(Value value) { values_.emplace(result_.input, std::move(value)); }
  /// nullptr: no node computes it from the graph's input.
  [[nodiscard]] const Value* find(const std::string& name) const;

  /// Adds a layer that computes `source`, its name made unique: a sum that is rounded twice is two layers. Returns the
  /// number of its tensor.
  int push(op::Layer layer, std::vector<int> inputs, LayerSource source);
  /// Counts what the layers' weights take, before it is taken.
  void take_weights(std::int64_t count);
  /// What is learned of the values of a tensor of the network; the first to know counts.
  void set_scale(int tensor, const TensorScale& real) { scales_.emplace(tensor, real); }
  /// Puts it into the network, once all layers are there.
  void finish_scales();
  /// A number of channels that a layer may have.
  [[nodiscard]] int channels(std::int64_t count) const;

 private:
  const Graph& graph_;
  std::map<std::string, Array> constants_;  ///< the graph's and those folded
  std::map<std::string, Value> values_;     ///< what depends on the graph's input
  std::map<std::string, Weights> weights_;  ///< dequantized constants; codes point into constants_
  std::set<std::string> names_;             ///< of layers
  std::optional<Quantization> input_;       ///< of the float input
  std::map<int, TensorScale> scales_;       ///< of tensors of the network
  Translation result_;
  std::size_t index_ = 0;          ///< node at hand
  std::int64_t weight_count_ = 0;  ///< taken so far
};

}  // namespace systole::model::onnx
