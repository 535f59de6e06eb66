// SPDX-License-Identifier: Apache-2.0
#pragma once
// The float network under construction. Internal to this folder.
#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "golden/import/onnx/float_import.h"
#include "golden/import/onnx/walk.h"

namespace systole::model::onnx {

/// y = gain * x + offset by channel; empty: y = x.
struct Affine {
  std::vector<double> gain, offset;
  [[nodiscard]] bool any() const { return !gain.empty(); }
  /// Whether zeros in the padding stay zeros.
  [[nodiscard]] bool shifts() const;
};

/// Zeros around a map.
struct Padding {
  int top = 0, left = 0, bottom = 0, right = 0;
  [[nodiscard]] bool any() const { return top != 0 || left != 0 || bottom != 0 || right != 0; }
};

/// A window over the padded map as one over the map.
inline Window widened(const Padding& pad, Window window) {
  window.before = {window.before[0] + pad.top, window.before[1] + pad.left};
  return window;
}

/// What a tensor of the graph is: a tensor of the network, perhaps with work on it that its reader takes over.
struct FloatValue {
  int tensor = 0;                   ///< of the network: 0 is its input, i + 1 the output of node i
  std::vector<std::int64_t> shape;  ///< in the source, batch 1
  bool last = false;                ///< channels last in the source, or flattened so
  bool sole = true;                 ///< nothing else reads the layer's output as it is
  Affine affine;                    ///< pending; not together with a padding
  Padding padding;                  ///< pending
  std::size_t pending_since = 0;    ///< step that left it
  [[nodiscard]] bool pending() const { return affine.any() || padding.any(); }
};

/// Weights while the operators behind them are folded into them.
struct FloatWeights {
  Eigen::MatrixXd weights;  ///< rows: output channels; columns as op::Layer has them
  Eigen::VectorXd bias;     ///< empty: none
};

/// Adds layers to the network. Every function throws base::InputError naming the node at hand.
class FloatBuilder : public ValueWalk<FloatValue> {
 public:
  explicit FloatBuilder(const Graph& graph);

  [[nodiscard]] Shape shape_of(int tensor) const;

  /// [1, c, h, w] of a value that is a map with channels first, a pending padding included; a map [1, c, l] has
  /// height 1.
  [[nodiscard]] std::vector<std::int64_t> map_of(const FloatValue& value) const;

  /// Input i with no work pending: what was becomes a layer, for every reader.
  FloatValue settled(std::size_t i);
  /// The same of any value by name, which is there.
  FloatValue settled(const std::string& name);

  /// The layer whose values the value is, where it may still change: no other reader sees them, nothing is pending.
  [[nodiscard]] FloatLayer* open_layer(const FloatValue& value);
  /// The layer that computes the value's tensor, which is not the network's input.
  [[nodiscard]] const FloatLayer& layer_of(const FloatValue& value) const {
    return result_.network.nodes[layer_index(value)].layer;
  }
  /// Its weights.
  [[nodiscard]] FloatWeights& weights_of(const FloatValue& value) { return weights_[layer_index(value)]; }
  /// The node's output is another view of the same values.
  void pass(FloatValue value, std::string became);
  /// The node's output is what an open layer computes now.
  void redefine(FloatValue value, std::string became);

  /// The shape in the source of a layer's output where its input is `in`: with a height or without.
  [[nodiscard]] static std::vector<std::int64_t> shape_behind(const FloatValue& in, const FloatLayer& layer);

  /// Adds a layer in front of the one of the node at hand; the source has no such tensor. Its tensor.
  int insert(FloatLayer layer, int input, FloatWeights weights = {});

  /// A layer of `kind` that reads a tensor and, so far, leaves its shape.
  [[nodiscard]] FloatLayer start(op::Kind kind, int tensor) const;
  /// Adds the layer of the node at hand, its output the node's: [1, c, h, w], or `shape`.
  void finish(FloatLayer layer, std::vector<int> inputs, FloatWeights weights, std::vector<std::int64_t> shape = {},
              bool last = false);

  /// Reports what became of the work that was pending: "padding of '05_conv'".
  void taken_over(const FloatValue& value, const std::string& became);
  /// The node's output is a value with work that its readers take over.
  void defer(FloatValue value);

  /// The network, all weights rounded to float32.
  FloatTranslation take();

 private:
  [[nodiscard]] std::size_t layer_index(const FloatValue& value) const {
    return static_cast<std::size_t>(value.tensor) - 1;
  }
  int push(FloatLayer layer, std::vector<int> inputs, FloatWeights weights, FloatSource source);
  [[nodiscard]] bool has_one_reader(const std::string& name) const { return readers_.at(name) == 1; }
  [[nodiscard]] int pad_layer(const FloatValue& value, const std::string& name);
  [[nodiscard]] int affine_layer(const FloatValue& value, const std::string& name);

  FloatTranslation result_;
  std::vector<FloatWeights> weights_;   ///< one per node of the network
  std::map<std::string, int> readers_;  ///< of tensors of the graph: nodes, and the graph's output
};

}  // namespace systole::model::onnx
