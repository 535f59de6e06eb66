// SPDX-License-Identifier: Apache-2.0
#pragma once
// The network under construction and the node of the graph that is being translated. Internal to this folder.
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "golden/format/network_folder.h"
#include "golden/import/onnx/import.h"
#include "golden/import/onnx/value.h"
#include "golden/import/onnx/walk.h"

namespace systole::model::onnx {

inline TensorScale to_real(const Quantization& q) { return {.scale = {static_cast<double>(q.scale)}, .zero = q.zero}; }

/// What a value is, for a message: "int8 values".
std::string kind_of(const Value& value);

/// Holds what is known of every tensor and adds layers. Every function throws base::InputError naming the node at hand
/// where that is not what it must be.
class Builder : public ValueWalk<Value> {
 public:
  using ValueWalk::ValueWalk;

  // --- the node at hand

  /// The value of input i, which must hold elements.
  [[nodiscard]] Codes codes(std::size_t i) const;
  /// The same, real values without an activation, which only a QuantizeLinear may round.
  [[nodiscard]] Real real(std::size_t i) const;
  /// What dequantize made of the constant that is input i; nullptr where that is no dequantized constant.
  [[nodiscard]] const Weights* weights(std::size_t i) const;
  /// Remembers what the folded output was made of.
  void set_weights(Weights weights) { weights_[output_name()] = std::move(weights); }

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

  /// Adds a layer that computes `source`, its name made unique: a sum that is rounded twice is two layers. Returns the
  /// number of its tensor.
  int push(op::Layer layer, std::vector<int> inputs, LayerSource source);
  /// What is learned of the values of a tensor of the network; the first to know counts.
  void set_scale(int tensor, const TensorScale& real) { scales_.emplace(tensor, real); }
  /// The steps, and the scales of input and output into the network, once all layers are there.
  void finish();

 private:
  std::map<std::string, Weights> weights_;  ///< dequantized constants; codes point into the walk's constants
  std::optional<Quantization> input_;       ///< of the float input
  std::map<int, TensorScale> scales_;       ///< of tensors of the network
  Translation result_;
};

}  // namespace systole::model::onnx
