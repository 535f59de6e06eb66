// SPDX-License-Identifier: Apache-2.0
#include "golden/import/onnx/call.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "base/input_error.h"
#include "golden/fixed/ceil_div.h"
#include "golden/format/network_folder.h"
#include "golden/import/onnx/shape_math.h"

namespace systole::model::onnx {

namespace {

constexpr std::int64_t kLargestMap = 4096;  // extents of maps

void set_pads(const Call& call, Window& window, const std::vector<std::int64_t>& map, std::size_t axes) {
  const auto mode = call.attribute<std::string>("auto_pad", "NOTSET");
  auto pads = call.attribute<std::vector<std::int64_t>>("pads", std::vector<std::int64_t>(2 * axes));
  if (mode == "NOTSET") {
    if (pads.size() != 2 * axes)
      call.fail(fmt::format("attribute pads: expected {} values", axes == 1 ? "two" : "four"));
    if (axes == 1) pads = {0, pads[0], 0, pads[1]};
    for (const std::int64_t pad : pads) {
      if (pad < 0 || pad > kLargestMap) call.fail(fmt::format("attribute pads: expected 0 .. {}", kLargestMap));
    }
    window.before = {pads[0], pads[1]};
    window.after = {pads[2], pads[3]};
    return;
  }
  if (mode == "VALID") return;
  if (mode != "SAME_UPPER" && mode != "SAME_LOWER")
    call.fail(fmt::format("attribute auto_pad: '{}' is not known", mode));
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t in = map[axis + 2];
    const std::int64_t out = fixed::ceil_div(in, std::int64_t{window.stride[axis]});
    const std::int64_t total = std::max<std::int64_t>(0, (out - 1) * window.stride[axis] + window.reach(axis) - in);
    window.before[axis] = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
    window.after[axis] = total - window.before[axis];
  }
}

std::int64_t out_extent(const Call& call, const Window& w, std::size_t axis, std::int64_t in) {
  const std::int64_t room = in + w.before[axis] + w.after[axis] - w.reach(axis);
  if (room < 0) call.fail("expected a window that fits into its padded input");
  if (!w.ceil) return room / w.stride[axis] + 1;
  const std::int64_t out = (room + w.stride[axis] - 1) / w.stride[axis] + 1;
  // A last window that would start in the padding behind the map is left out.
  return (out - 1) * w.stride[axis] < in + w.before[axis] ? out : out - 1;
}

/// Of a map of one or two axes.
Window read_window(const Call& call, const std::vector<std::int64_t>& shape, std::array<std::int64_t, 2> kernel) {
  const std::size_t axes = shape.size() - 2;
  const std::vector<std::int64_t> map = as_map(shape);
  Window window;
  window.kernel = kernel;
  window.stride = call.pair("strides", 1, kLargestMap, axes);
  window.dilation = call.pair("dilations", 1, kLargestMap, axes);
  window.ceil = call.attribute<std::int64_t>("ceil_mode", 0) != 0;
  set_pads(call, window, map, axes);
  window.out = {out_extent(call, window, 0, map[2]), out_extent(call, window, 1, map[3])};
  return window;
}

}  // namespace

Range range_of(Type type) {
  switch (type) {
    case Type::int8:
      return {-128, 127};
    case Type::uint8:
      return {0, 255};
    case Type::int32:
      return {-0x1p31, 0x1p31 - 1};
    default:
      return {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  }
}

Call::Call(const Graph& graph, std::size_t index, std::vector<const Array*> inputs)
    : file_(graph.file), index_(index), node_(graph.nodes[index]), inputs_(std::move(inputs)) {}

void Call::fail(const std::string& problem) const { throw base::InputError(file_, node_place(index_, node_), problem); }

const Array& Call::input(std::size_t i) const {
  if (optional(i) == nullptr) fail(fmt::format("expected an input {}", i));
  return *inputs_[i];
}

const Array& Call::input(std::size_t i, std::initializer_list<Type> types) const {
  const Array& array = input(i);
  if (std::find(types.begin(), types.end(), array.type) == types.end()) {
    fail(fmt::format("input {}: type {} is not allowed here", i, to_string(array.type)));
  }
  return array;
}

const Array& Call::input_of_rank(std::size_t i, std::initializer_list<Type> types, std::size_t rank) const {
  const Array& array = input(i, types);
  if (array.shape.size() != rank) {
    fail(fmt::format("input {}: expected {} extents, found [{}]", i, rank, fmt::join(array.shape, ", ")));
  }
  return array;
}

double Call::scalar(std::size_t i) const {
  if (input(i).values.size() != 1) fail(fmt::format("input {}: expected one value", i));
  return input(i).values[0];
}

double Call::scale(std::size_t i) const {
  static_cast<void>(input(i, kFloat));
  const double value = scalar(i);
  if (!(value > 0) || !std::isfinite(value)) fail(fmt::format("input {}: expected a finite scale above 0", i));
  return value;
}

double Call::zero(std::size_t i, Type data) const {
  if (optional(i) == nullptr) return 0;
  if (input(i).type != data) fail(fmt::format("input {}: expected a zero point of its data's type", i));
  return scalar(i);
}

void Call::only(std::initializer_list<std::string_view> names) const {
  for (const auto& [name, value] : node_.attributes) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      fail(fmt::format("attribute {}: not known of this operator", name));
    }
  }
}

std::array<std::int64_t, 2> Call::pair(const std::string& name, std::int64_t low, std::int64_t high,
                                       std::size_t axes) const {
  auto values = attribute<std::vector<std::int64_t>>(name, std::vector<std::int64_t>(axes, 1));
  if (values.size() != axes)
    fail(fmt::format("attribute {}: expected {}", name, axes == 1 ? "one value" : "two values"));
  if (axes == 1) values.insert(values.begin(), 1);
  for (const std::int64_t value : values) {
    if (value < low || value > high) {
      fail(fmt::format("attribute {}: expected {} .. {}, found {}", name, low, high, value));
    }
  }
  return {values[0], values[1]};
}

Window convolution_window(const Call& call, const std::vector<std::int64_t>& map, const Array& weights) {
  call.only({"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"});
  const auto groups = call.attribute<std::int64_t>("group", 1);
  const std::vector<std::int64_t> w = as_map(weights.shape);
  if (weights.shape.size() != map.size()) {
    call.fail(fmt::format("expected weights of {} extents, found [{}]", map.size(), fmt::join(weights.shape, ", ")));
  }
  if (groups < 1 || map[1] % groups != 0 || w[0] % groups != 0 || w[0] < 1 || w[1] != map[1] / groups) {
    call.fail(fmt::format("expected weights of {} / group channels, found [{}] with group {}", map[1],
                          fmt::join(weights.shape, ", "), groups));
  }
  const std::vector<std::int64_t> own{weights.shape.begin() + 2, weights.shape.end()};
  if (call.attribute("kernel_shape", own) != own || w[2] < 1 || w[3] < 1) {
    call.fail("attribute kernel_shape: expected the weights' own extents, 1 or more");
  }
  return read_window(call, map, {w[2], w[3]});
}

Window pool_window(const Call& call, const std::vector<std::int64_t>& map) {
  if (!call.node().attributes.contains("kernel_shape")) call.fail("expected an attribute kernel_shape");
  return read_window(call, map, call.pair("kernel_shape", 1, kLargestMap, map.size() - 2));
}

Window global_window(const std::vector<std::int64_t>& map) {
  Window window;
  window.kernel = {map[2], map[3]};
  return window;
}

PerChannel weight_zeros(const Call& call, std::size_t i, Type weights, std::int64_t channels) {
  if (call.optional(i) == nullptr) return {};
  const Array& zeros = call.input(i);
  if (zeros.type != weights) call.fail(fmt::format("input {}: expected a zero point of its data's type", i));
  if (zeros.values.size() != 1 && zeros.values.size() != at(channels)) {
    call.fail(fmt::format("input {}: expected 1 or {} zero points, found {}", i, channels, zeros.values.size()));
  }
  return {zeros.values};
}

PerChannel weight_scales(const Call& call, std::size_t i, std::int64_t channels) {
  const Array& scales = call.input(i, kFloat);
  if (scales.values.size() != 1 && scales.values.size() != at(channels)) {
    call.fail(fmt::format("input {}: expected 1 or {} scales, found {}", i, channels, scales.values.size()));
  }
  for (const double scale : scales.values) {
    if (!(scale > 0) || !std::isfinite(scale)) call.fail(fmt::format("input {}: expected finite scales above 0", i));
  }
  return {scales.values};
}

std::size_t channel_axis(const Call& call, const Array& x) {
  const auto rank = static_cast<std::int64_t>(x.shape.size());
  const auto axis = call.attribute<std::int64_t>("axis", 1);
  if (call.input(1).values.size() == 1) return 0;
  if (axis < -rank || axis >= rank) call.fail(fmt::format("attribute axis: expected {} .. {}", -rank, rank - 1));
  return at(axis < 0 ? axis + rank : axis);
}

void check_linear(const Call& call) {
  call.only({"axis", "block_size", "output_dtype", "saturate"});  // saturate: of float8 alone
  const auto block = call.attribute<std::int64_t>("block_size", 0);
  if (block != 0) {
    call.fail(fmt::format("attribute block_size: expected 0 (one scale, or one per channel), found {}", block));
  }
  const auto result = call.attribute<std::int64_t>("output_dtype", 0);
  if (call.node().op == "DequantizeLinear" && result != 0 && to_type(result) != Type::float32) {
    call.fail(fmt::format("attribute output_dtype: expected float32, found {}", type_name(result)));
  }
}

Type quantized_type(const Call& call) {
  const auto number = call.attribute<std::int64_t>("output_dtype", 0);
  const std::optional<Type> asked = to_type(number);
  if (number != 0 && asked != Type::int8 && asked != Type::uint8) {
    call.fail(fmt::format("attribute output_dtype: expected int8 or uint8, found {}", type_name(number)));
  }
  if (call.optional(2) == nullptr) return asked.value_or(Type::uint8);
  const Type type = call.input(2, kBytes).type;
  if (asked && *asked != type) {
    call.fail(fmt::format("attribute output_dtype: expected the zero point's type {}, found {}", to_string(type),
                          type_name(number)));
  }
  return type;
}

std::vector<std::int64_t> flattened_shape(const Call& call, const std::vector<std::int64_t>& shape) {
  call.only({"axis"});
  const auto rank = static_cast<std::int64_t>(shape.size());
  auto axis = call.attribute<std::int64_t>("axis", 1);
  if (axis < -rank || axis > rank) call.fail(fmt::format("attribute axis: expected {} .. {}", -rank, rank));
  if (axis < 0) axis += rank;
  return {element_count({shape.begin(), shape.begin() + axis}), element_count({shape.begin() + axis, shape.end()})};
}

std::vector<std::int64_t> reshaped_shape(const Call& call, const std::vector<std::int64_t>& shape) {
  call.only({"allowzero"});
  const Array& wanted = call.input_of_rank(1, {Type::int64}, 1);
  const bool keep_zero = call.attribute<std::int64_t>("allowzero", 0) != 0;
  std::vector<std::int64_t> result;
  std::optional<std::size_t> open;
  std::int64_t known = 1;
  for (std::size_t i = 0; i < wanted.values.size(); ++i) {
    auto extent = static_cast<std::int64_t>(wanted.values[i]);
    if (extent == 0 && !keep_zero && i < shape.size()) extent = shape[i];
    if (extent == -1 && !open) {
      open = i;
    } else if (extent < 0 || extent > kMaxElements || (known *= extent) > kMaxElements) {
      call.fail("input 1: expected extents of 0 or more and at most one -1");
    }
    result.push_back(extent);
  }
  const std::int64_t count = element_count(shape);
  if (open) {
    if (known == 0 || count % known != 0) call.fail("input 1: no extent in place of -1 keeps the number of values");
    result[*open] = count / known;
  } else if (known != count) {
    call.fail(fmt::format("input 1: expected {} values, found a shape of {}", count, known));
  }
  return result;
}

std::vector<std::size_t> transposed_axes(const Call& call, std::size_t rank) {
  call.only({"perm"});
  std::vector<std::int64_t> reversed(rank);
  for (std::size_t i = 0; i < rank; ++i) reversed[i] = static_cast<std::int64_t>(rank - 1 - i);
  const auto perm = call.attribute("perm", reversed);
  if (!std::is_permutation(perm.begin(), perm.end(), reversed.begin(), reversed.end())) {
    call.fail(fmt::format("attribute perm: expected the numbers 0 .. {}, each once", rank - 1));
  }
  return {perm.begin(), perm.end()};
}

Bounds clip_bounds(const Call& call) {
  call.only({"min", "max"});
  const auto bound = [&](std::size_t i, const char* name, double otherwise) {
    if (call.optional(i) != nullptr) return call.scalar(i);
    return static_cast<double>(call.attribute<float>(name, static_cast<float>(otherwise)));
  };
  const Bounds bounds{.low = bound(1, "min", Bounds{}.low), .high = bound(2, "max", Bounds{}.high)};
  if (!(bounds.low <= bounds.high)) call.fail("expected min of at most max");
  return bounds;
}

Normalization normalization(const Call& call, std::int64_t channels) {
  call.only({"epsilon", "momentum", "spatial", "training_mode"});
  if (call.attribute<std::int64_t>("training_mode", 0) != 0) call.fail("attribute training_mode: expected 0");
  if (call.attribute<std::int64_t>("spatial", 1) != 1) call.fail("attribute spatial: expected 1 (a mean per channel)");
  const auto epsilon = static_cast<double>(call.attribute<float>("epsilon", 1e-5F));
  const auto parameter = [&](std::size_t i) -> const std::vector<double>& {
    const Array& values = call.input_of_rank(i, kFloat, 1);
    if (values.shape[0] != channels) call.fail(fmt::format("input {}: expected {} values", i, channels));
    return values.values;
  };
  const std::vector<double>&scale = parameter(1), &bias = parameter(2), &mean = parameter(3), &variance = parameter(4);
  Normalization result;
  for (std::size_t c = 0; c < at(channels); ++c) {
    if (!(variance[c] + epsilon > 0))
      call.fail(fmt::format("input 4: expected variances above 0, found {}", variance[c]));
    result.gain.push_back(scale[c] / std::sqrt(variance[c] + epsilon));
    result.offset.push_back(bias[c] - mean[c] * result.gain[c]);
  }
  return result;
}

namespace {

/// The pads of Pad in the order of pad_extents(): of all axes, or of those that input 3 names.
std::vector<std::int64_t> listed_pads(const Call& call, std::size_t rank) {
  if (call.optional(1) == nullptr) return call.attribute<std::vector<std::int64_t>>("pads", {});
  const Array& pads = call.input_of_rank(1, {Type::int64}, 1);
  const std::vector<double>& given = pads.values;
  if (call.optional(3) == nullptr) return {given.begin(), given.end()};
  const std::vector<double>& axes = call.input_of_rank(3, {Type::int32, Type::int64}, 1).values;
  if (given.size() != 2 * axes.size()) call.fail("input 1: expected two values for each of the axes of input 3");
  std::vector<std::int64_t> result(2 * rank);
  const auto extents = static_cast<double>(rank);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!(axes[i] >= -extents && axes[i] < extents)) call.fail(fmt::format("input 3: expected axes below {}", rank));
    const auto axis = static_cast<std::size_t>(axes[i] < 0 ? axes[i] + extents : axes[i]);
    result[axis] = static_cast<std::int64_t>(given[i]);
    result[axis + rank] = static_cast<std::int64_t>(given[i + axes.size()]);
  }
  return result;
}

}  // namespace

std::vector<std::int64_t> pad_extents(const Call& call, std::size_t rank) {
  call.only({"mode", "pads", "value"});
  const auto mode = call.attribute<std::string>("mode", "constant");
  if (mode != "constant") call.fail(fmt::format("attribute mode: expected constant, found {}", mode));
  const double value =
      call.optional(2) != nullptr ? call.scalar(2) : static_cast<double>(call.attribute<float>("value", 0));
  if (value != 0) call.fail(fmt::format("expected a padding of zeros, found {}", value));
  std::vector<std::int64_t> pads = listed_pads(call, rank);
  if (pads.size() != 2 * rank) call.fail(fmt::format("expected pads of {} values, found {}", 2 * rank, pads.size()));
  for (const std::int64_t pad : pads) {
    if (pad < 0 || pad > kLargestMap) call.fail(fmt::format("expected pads of 0 .. {}, found {}", kLargestMap, pad));
  }
  return pads;
}

void check_identity(const Call& call) {
  if (call.node().op == "Identity") return call.only({});
  call.only({"ratio", "seed"});
  if (call.optional(2) != nullptr && call.scalar(2) != 0) call.fail("expected training_mode 0");
}

std::size_t concat_axis(const Call& call, std::size_t rank) {
  call.only({"axis"});
  const auto extents = static_cast<std::int64_t>(rank);
  if (!call.node().attributes.contains("axis")) call.fail("expected an attribute axis");
  const auto axis = call.attribute<std::int64_t>("axis", 0);
  if (axis < -extents || axis >= extents) {
    call.fail(fmt::format("attribute axis: expected {} .. {}", -extents, extents - 1));
  }
  return at(axis < 0 ? axis + extents : axis);
}

}  // namespace systole::model::onnx
