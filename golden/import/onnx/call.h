// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the reference operators and the translation ask of one node: typed inputs and attributes, windows, every refusal
// naming the node. Internal to this folder.
#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "golden/import/onnx/graph.h"

namespace systole::model::onnx {

inline constexpr std::initializer_list<Type> kBytes{Type::int8, Type::uint8};
inline constexpr std::initializer_list<Type> kFloat{Type::float32};
inline constexpr std::initializer_list<Type> kAll{Type::float32, Type::int8, Type::uint8, Type::int32, Type::int64};

inline std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

/// Values of a type.
struct Range {
  double low, high;
};
Range range_of(Type type);

/// One node at work. Every function that looks at something throws base::InputError where it is not what it must be.
class Call {
 public:
  /// `inputs`: one per input of the node, nullptr where it is left out (or, in the translation, not a constant). Keeps
  /// references to `graph` and the arrays.
  Call(const Graph& graph, std::size_t index, std::vector<const Array*> inputs);

  [[noreturn]] void fail(const std::string& problem) const;

  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] std::size_t inputs() const { return inputs_.size(); }
  [[nodiscard]] const Array* optional(std::size_t i) const { return i < inputs_.size() ? inputs_[i] : nullptr; }
  [[nodiscard]] const Array& input(std::size_t i) const;
  /// Input i, of one of the types.
  [[nodiscard]] const Array& input(std::size_t i, std::initializer_list<Type> types) const;
  [[nodiscard]] const Array& input_of_rank(std::size_t i, std::initializer_list<Type> types, std::size_t rank) const;

  /// The one value of a scalar input.
  [[nodiscard]] double scalar(std::size_t i) const;
  /// The same, a finite float32 above 0.
  [[nodiscard]] double scale(std::size_t i) const;
  /// Zero point i of data of type `data`; 0 where it is left out.
  [[nodiscard]] double zero(std::size_t i, Type data) const;

  template <typename T>
  [[nodiscard]] T attribute(const std::string& name, T otherwise) const {
    const auto it = node_.attributes.find(name);
    if (it == node_.attributes.end()) return otherwise;
    const T* value = std::get_if<T>(&it->second);
    if (value == nullptr) fail(fmt::format("attribute {}: not of its type", name));
    return *value;
  }

  /// Refuses attributes that the operator does not have: an attribute that is not read is a result that is not right.
  void only(std::initializer_list<std::string_view> names) const;

  /// One integer of low .. high for each of `axes` axes, the last of two; 1 where the attribute is left out.
  [[nodiscard]] std::array<std::int64_t, 2> pair(const std::string& name, std::int64_t low, std::int64_t high,
                                                 std::size_t axes) const;

 private:
  const std::string& file_;
  std::size_t index_;
  const Node& node_;
  std::vector<const Array*> inputs_;
};

/// Two-dimensional window over NCHW and the extents of what it leaves.
struct Window {
  std::array<std::int64_t, 2> kernel{1, 1}, stride{1, 1}, dilation{1, 1}, before{0, 0}, after{0, 0}, out{1, 1};
  bool ceil = false;

  [[nodiscard]] std::int64_t reach(std::size_t axis) const { return (kernel[axis] - 1) * dilation[axis] + 1; }
};

/// The window of a convolution of a map [n, c, h, w] with weights [oc, c / group, kh, kw], or of [n, c, l] with weights
/// [oc, c / group, k]: a map of height 1.
Window convolution_window(const Call& call, const std::vector<std::int64_t>& map, const Array& weights);

/// The window of a pooling of a map [n, c, h, w] or [n, c, l]; kernel_shape is required.
Window pool_window(const Call& call, const std::vector<std::int64_t>& map);

/// The window of a global pooling: the whole map [n, c, h, w].
Window global_window(const std::vector<std::int64_t>& map);

/// Scales or zero points of weights: one, or one per output channel.
struct PerChannel {
  std::vector<double> values{0};
  [[nodiscard]] double of(std::int64_t channel) const { return values[values.size() == 1 ? 0 : at(channel)]; }
};
/// Zero points: input i, of the weights' type; 0 where it is left out.
PerChannel weight_zeros(const Call& call, std::size_t i, Type weights, std::int64_t channels);
/// Scales: input i, finite and above 0.
PerChannel weight_scales(const Call& call, std::size_t i, std::int64_t channels);

/// The axis along which scales and zero points of a Quantize- or DequantizeLinear of `x` lie: attribute `axis`, counted
/// from behind where negative.
std::size_t channel_axis(const Call& call, const Array& x);

/// Refuses attributes of Quantize- and DequantizeLinear that ask for what the import does not have: blocks of an axis,
/// a result that is not float32.
void check_linear(const Call& call);
/// Type of what a QuantizeLinear makes: its zero point's, else attribute `output_dtype`, else uint8.
Type quantized_type(const Call& call);

/// What Flatten makes of a shape.
std::vector<std::int64_t> flattened_shape(const Call& call, const std::vector<std::int64_t>& shape);
/// What Reshape makes of a shape; the wanted one is input 1.
std::vector<std::int64_t> reshaped_shape(const Call& call, const std::vector<std::int64_t>& shape);
/// The axes of the input, `rank` of them, in the order that Transpose puts them: attribute `perm`, else the last first.
std::vector<std::size_t> transposed_axes(const Call& call, std::size_t rank);
/// Those of a Transpose of [n, h, w, c] to [n, c, h, w].
inline const std::vector<std::size_t> kChannelsFirst{0, 3, 1, 2};
/// Bounds of real values, of Relu and Clip; they outlive a rounding behind them because it is monotonic.
struct Bounds {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  [[nodiscard]] bool any() const { return *this != Bounds{}; }
  bool operator==(const Bounds&) const = default;
};
/// Those of a Clip, whose bounds are attributes up to opset 10, inputs since.
Bounds clip_bounds(const Call& call);

/// What BatchNormalization makes of a channel: y = gain * x + offset.
struct Normalization {
  std::vector<double> gain, offset;
};
/// From its constants, in double: gain = scale / sqrt(variance + epsilon), offset = bias - mean * gain.
Normalization normalization(const Call& call, std::int64_t channels);

/// What Pad adds, 0 or more: in front of each of `rank` axes, then behind each; attributes up to opset 10, inputs
/// since. The padding is of zeros.
std::vector<std::int64_t> pad_extents(const Call& call, std::size_t rank);

/// Refuses attributes and modes of Identity and Dropout that change a value.
void check_identity(const Call& call);
/// The axis of a Concat of tensors of `rank` extents.
std::size_t concat_axis(const Call& call, std::size_t rank);

}  // namespace systole::model::onnx
