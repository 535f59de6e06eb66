// SPDX-License-Identifier: Apache-2.0
#pragma once
// The way through a graph: the node that is being translated, its constants, what the other tensors are by now.
// Internal to this folder.
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "golden/import/import.h"
#include "golden/import/onnx/call.h"

namespace systole::model::onnx {

/// The node at hand and the constants. Every function throws base::InputError naming the node at hand where that is not
/// what it must be.
class Walk {
 public:
  /// Keeps a reference to `graph`.
  explicit Walk(const Graph& graph) : graph_(graph), constants_(graph.constants) {}

  void set_node(std::size_t index) { index_ = index; }
  [[nodiscard]] const Graph& graph() const { return graph_; }
  [[nodiscard]] const Node& node() const { return graph_.nodes[index_]; }
  [[nodiscard]] std::size_t index() const { return index_; }
  [[noreturn]] void fail(const std::string& problem) const;

  /// The node with its constants; what the graph computes is left out.
  [[nodiscard]] Call call() const;

  [[nodiscard]] bool given(std::size_t i) const { return i < node().inputs.size() && !node().inputs[i].empty(); }
  [[nodiscard]] bool is_constant(std::size_t i) const { return given(i) && constants_.contains(node().inputs[i]); }

  /// Inputs first .. last must be constants where they are given.
  void require_constants(std::size_t first, std::size_t last) const;

  [[nodiscard]] const std::string& output_name() const;
  /// Whether the node's output is the graph's and no node reads it.
  [[nodiscard]] bool ends_graph() const;

  /// Evaluates a node whose inputs are all constants; false: there is one that is none. Only for operators whose work
  /// is bounded by the size of their input.
  bool fold();
  /// The node's output is this constant.
  void fold_to(Array value);
  void step(std::string became);
  /// What became of the nodes so far.
  [[nodiscard]] std::vector<ImportStep>& steps() { return steps_; }

  /// A number of channels that a layer may have.
  [[nodiscard]] int channels(std::int64_t count) const;
  /// Counts what the layers' weights take, before it is taken.
  void take_weights(std::int64_t count);
  /// "04_conv": the name of the layer that node `index` becomes.
  [[nodiscard]] std::string layer_name(std::size_t index) const;
  /// The name with a number behind it where a layer has it already: a node may be two layers.
  std::string unique(const std::string& name);

 protected:
  /// Input i, which depends on the graph's input.
  [[nodiscard]] const std::string& computed_input(std::size_t i) const;
  void set_computed(const std::string& name) { computed_.insert(name); }
  /// The node's output as one that depends on the graph's input.
  const std::string& define_output();

 private:
  const Graph& graph_;
  std::map<std::string, Array> constants_;  ///< the graph's and those folded
  std::set<std::string> computed_;          ///< what depends on the graph's input
  std::set<std::string> names_;             ///< of layers
  std::vector<ImportStep> steps_;
  std::size_t index_ = 0;          ///< node at hand
  std::int64_t weight_count_ = 0;  ///< taken so far
};

/// A walk that knows of every computed tensor what it is: `Value`.
template <typename Value>
class ValueWalk : public Walk {
 public:
  using Walk::Walk;

  /// The value of input i, which depends on the graph's input.
  [[nodiscard]] const Value& value(std::size_t i) const { return values_.at(computed_input(i)); }
  /// nullptr: no node computes it from the graph's input.
  [[nodiscard]] const Value* find(const std::string& name) const {
    const auto it = values_.find(name);
    return it == values_.end() ? nullptr : &it->second;
  }
  void set_value(const std::string& name, Value value) {
    set_computed(name);
    values_.insert_or_assign(name, std::move(value));
  }
  /// Sets the output's value and reports the step.
  void define(Value value, std::string became) {
    values_.emplace(define_output(), std::move(value));
    step(std::move(became));
  }

 private:
  std::map<std::string, Value> values_;
};

}  // namespace systole::model::onnx
