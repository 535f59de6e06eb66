// SPDX-License-Identifier: Apache-2.0
#include "tests/support/onnx_plain.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace systole::test {

namespace {

using Extents = std::vector<std::int64_t>;
using Inputs = std::vector<const Plain*>;
using model::onnx::Node;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::int64_t product(const Extents& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

Plain zeros(const Extents& shape) {
  return {.shape = shape, .values = std::vector<double>(static_cast<std::size_t>(product(shape)))};
}

template <typename T>
T value_of(const Node& node, const std::string& name, T otherwise) {
  const auto it = node.attributes.find(name);
  return it == node.attributes.end() ? otherwise : std::get<T>(it->second);
}

/// Four indices of a map.
double& pixel(Plain& x, std::int64_t c, std::int64_t y, std::int64_t column) {
  return x.values.at(static_cast<std::size_t>((c * x.shape[2] + y) * x.shape[3] + column));
}
double read(const Plain& x, std::int64_t c, std::int64_t y, std::int64_t column) {
  return x.values.at(static_cast<std::size_t>((c * x.shape[2] + y) * x.shape[3] + column));
}

/// One axis of a sliding window.
struct Axis {
  std::int64_t in, kernel, stride, dilation, before, after, out;
  /// Place of tap k of window o; -1 outside of the map.
  [[nodiscard]] std::int64_t place(std::int64_t o, std::int64_t k) const {
    const std::int64_t at = o * stride + k * dilation - before;
    return at >= 0 && at < in ? at : -1;
  }
};

Axis axis_of(const Node& node, const Plain& x, std::int64_t kernel, std::size_t i) {
  Axis a{.in = x.shape[i + 2], .kernel = kernel, .stride = 1, .dilation = 1, .before = 0, .after = 0, .out = 0};
  a.stride = value_of<Extents>(node, "strides", {1, 1})[i];
  a.dilation = value_of<Extents>(node, "dilations", {1, 1})[i];
  const std::int64_t span = (a.kernel - 1) * a.dilation + 1;
  const auto mode = value_of<std::string>(node, "auto_pad", "NOTSET");
  if (mode == "NOTSET") {
    const auto pads = value_of<Extents>(node, "pads", {0, 0, 0, 0});
    a.before = pads[i];
    a.after = pads[i + 2];
  } else if (mode != "VALID") {
    const std::int64_t outputs = (a.in + a.stride - 1) / a.stride;
    const std::int64_t lacking = std::max<std::int64_t>((outputs - 1) * a.stride + span - a.in, 0);
    a.before = mode == "SAME_UPPER" ? lacking / 2 : (lacking + 1) / 2;
    a.after = lacking - a.before;
  }
  a.out = 1;
  while (a.out * a.stride + span <= a.in + a.before + a.after) ++a.out;
  const bool ceil = value_of<std::int64_t>(node, "ceil_mode", 0) != 0;
  const bool rest = (a.out - 1) * a.stride + span < a.in + a.before + a.after;
  if (ceil && rest && a.out * a.stride < a.in + a.before) ++a.out;
  return a;
}

/// visit(channel, out row, out column, rows, columns) for every output of a window over x.
template <typename Visit>
Plain slide(std::int64_t channels, const Axis& rows, const Axis& columns, Visit visit) {
  Plain y = zeros({1, channels, rows.out, columns.out});
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t r = 0; r < rows.out; ++r) {
      for (std::int64_t q = 0; q < columns.out; ++q) pixel(y, c, r, q) = visit(c, r, q);
    }
  }
  return y;
}

Plain conv(const Node& node, const Inputs& in) {
  const Plain &x = *in[0], &w = *in[1];
  const Axis rows = axis_of(node, x, w.shape[2], 0), columns = axis_of(node, x, w.shape[3], 1);
  const auto groups = value_of<std::int64_t>(node, "group", 1);
  const std::int64_t outputs = w.shape[0] / groups, inputs = x.shape[1] / groups;
  return slide(w.shape[0], rows, columns, [&](std::int64_t o, std::int64_t r, std::int64_t q) {
    double sum = in.size() > 2 ? in[2]->values[static_cast<std::size_t>(o)] : 0;
    for (std::int64_t i = 0; i < inputs; ++i) {
      for (std::int64_t ky = 0; ky < rows.kernel; ++ky) {
        for (std::int64_t kx = 0; kx < columns.kernel; ++kx) {
          const std::int64_t y = rows.place(r, ky), z = columns.place(q, kx);
          if (y < 0 || z < 0) continue;
          const std::int64_t weight = ((o * inputs + i) * rows.kernel + ky) * columns.kernel + kx;
          sum += read(x, o / outputs * inputs + i, y, z) * w.values[static_cast<std::size_t>(weight)];
        }
      }
    }
    return sum;
  });
}

Plain pool(const Node& node, const Inputs& in) {
  const Plain& x = *in[0];
  const bool global = node.op.starts_with("Global");
  const bool largest = node.op.find("Max") != std::string::npos;
  const Extents kernel = global ? Extents{x.shape[2], x.shape[3]} : value_of<Extents>(node, "kernel_shape", {});
  const Axis rows = axis_of(node, x, kernel[0], 0), columns = axis_of(node, x, kernel[1], 1);
  const bool all = value_of<std::int64_t>(node, "count_include_pad", 0) != 0;
  return slide(x.shape[1], rows, columns, [&](std::int64_t c, std::int64_t r, std::int64_t q) {
    double sum = 0, most = -kInfinity, taps = 0;
    for (std::int64_t ky = 0; ky < rows.kernel; ++ky) {
      for (std::int64_t kx = 0; kx < columns.kernel; ++kx) {
        const std::int64_t y = rows.place(r, ky), z = columns.place(q, kx);
        const bool inside = y >= 0 && z >= 0;
        if (inside || all) taps += 1;
        if (!inside) continue;
        sum += read(x, c, y, z);
        most = std::max(most, read(x, c, y, z));
      }
    }
    return largest ? most : sum / taps;
  });
}

Plain normalize(const Node& node, const Inputs& in) {
  Plain y = *in[0];
  const auto epsilon = static_cast<double>(value_of<float>(node, "epsilon", 1e-5F));
  const auto inner = static_cast<std::size_t>(product({y.shape.begin() + 2, y.shape.end()}));
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    const std::size_t c = i / inner % static_cast<std::size_t>(y.shape[1]);
    y.values[i] =
        (y.values[i] - in[3]->values[c]) / std::sqrt(in[4]->values[c] + epsilon) * in[1]->values[c] + in[2]->values[c];
  }
  return y;
}

/// Index of an element of `operand` under the indices of the broadcast result.
std::size_t under(const Plain& operand, const Extents& index) {
  std::int64_t at = 0;
  const std::size_t skip = index.size() - operand.shape.size();
  for (std::size_t k = 0; k < operand.shape.size(); ++k) {
    at = at * operand.shape[k] + (operand.shape[k] == 1 ? 0 : index[skip + k]);
  }
  return static_cast<std::size_t>(at);
}

Plain arithmetic(const Node& node, const Inputs& in) {
  const Plain &a = *in[0], &b = *in[1];
  Extents shape(std::max(a.shape.size(), b.shape.size()), 1);
  for (const Plain* operand : {&a, &b}) {
    const std::size_t skip = shape.size() - operand->shape.size();
    for (std::size_t k = 0; k < operand->shape.size(); ++k)
      shape[skip + k] = std::max(shape[skip + k], operand->shape[k]);
  }
  Plain y = zeros(shape);
  Extents index(shape.size());
  for (double& value : y.values) {
    const double left = a.values[under(a, index)], right = b.values[under(b, index)];
    if (node.op == "Add") value = left + right;
    if (node.op == "Sub") value = left - right;
    if (node.op == "Mul") value = left * right;
    if (node.op == "Div") value = left / right;
    for (std::size_t k = shape.size(); k-- > 0;) {
      if (++index[k] < shape[k]) break;
      index[k] = 0;
    }
  }
  return y;
}

Plain matrix(const Node& node, const Inputs& in) {
  const bool transposed = value_of<std::int64_t>(node, "transB", 0) != 0;
  const Plain &x = *in[0], &w = *in[1];
  const std::int64_t depth = x.shape[1], outputs = transposed ? w.shape[0] : w.shape[1];
  const auto alpha = static_cast<double>(value_of<float>(node, "alpha", 1));
  const auto beta = static_cast<double>(value_of<float>(node, "beta", 1));
  Plain y = zeros({1, outputs});
  for (std::int64_t n = 0; n < outputs; ++n) {
    double sum = 0;
    for (std::int64_t k = 0; k < depth; ++k) {
      sum += x.values[static_cast<std::size_t>(k)] *
             w.values[static_cast<std::size_t>(transposed ? n * depth + k : k * outputs + n)];
    }
    y.values[static_cast<std::size_t>(n)] = alpha * sum;
    if (in.size() > 2) {
      const auto& c = in[2]->values;
      y.values[static_cast<std::size_t>(n)] += beta * c[c.size() == 1 ? 0 : static_cast<std::size_t>(n)];
    }
  }
  return y;
}

Plain bounded(const Node& node, const Inputs& in) {
  Plain y = *in[0];
  double low = 0, high = kInfinity;
  if (node.op == "Clip") {
    const auto bound = [&](std::size_t i, const char* name, double otherwise) {
      if (in.size() > i && in[i] != nullptr) return in[i]->values[0];
      return static_cast<double>(value_of<float>(node, name, static_cast<float>(otherwise)));
    };
    low = bound(1, "min", -kInfinity);
    high = bound(2, "max", kInfinity);
  }
  for (double& value : y.values) value = std::min(std::max(value, low), high);
  return y;
}

Plain padded(const Node& node, const Inputs& in) {
  const Plain& x = *in[0];
  Extents pads = value_of<Extents>(node, "pads", {});
  if (in.size() > 1) pads.assign(in[1]->values.begin(), in[1]->values.end());
  Plain y = zeros({1, x.shape[1], x.shape[2] + pads[2] + pads[6], x.shape[3] + pads[3] + pads[7]});
  for (std::int64_t c = 0; c < x.shape[1]; ++c) {
    for (std::int64_t r = 0; r < x.shape[2]; ++r) {
      for (std::int64_t q = 0; q < x.shape[3]; ++q) pixel(y, c, r + pads[2], q + pads[3]) = read(x, c, r, q);
    }
  }
  return y;
}

/// Along axis 1, batch 1: one after another.
Plain joined(const Inputs& in) {
  Plain y = *in[0];
  for (std::size_t i = 1; i < in.size(); ++i) {
    y.values.insert(y.values.end(), in[i]->values.begin(), in[i]->values.end());
    y.shape[1] += in[i]->shape[1];
  }
  return y;
}

/// The two orders that maps have.
Plain moved(const Node& node, const Inputs& in) {
  const Plain& x = *in[0];
  const auto perm = value_of<Extents>(node, "perm", {});
  Plain y = zeros({x.shape[0], x.shape[static_cast<std::size_t>(perm[1])], x.shape[static_cast<std::size_t>(perm[2])],
                   x.shape[static_cast<std::size_t>(perm[3])]});
  Extents index(4);
  for (index[1] = 0; index[1] < x.shape[1]; ++index[1]) {
    for (index[2] = 0; index[2] < x.shape[2]; ++index[2]) {
      for (index[3] = 0; index[3] < x.shape[3]; ++index[3]) {
        const std::int64_t a = index[static_cast<std::size_t>(perm[1])], b = index[static_cast<std::size_t>(perm[2])];
        pixel(y, a, b, index[static_cast<std::size_t>(perm[3])]) = read(x, index[1], index[2], index[3]);
      }
    }
  }
  return y;
}

Plain reshaped(const Node& node, const Inputs& in) {
  Plain y = *in[0];
  Extents shape{1, product(y.shape)};
  if (node.op == "Reshape") {
    shape.assign(in[1]->values.begin(), in[1]->values.end());
    std::int64_t known = 1;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == 0) shape[i] = y.shape[i];
      if (shape[i] > 0) known *= shape[i];
    }
    for (std::int64_t& extent : shape) extent = extent < 0 ? product(y.shape) / known : extent;
  }
  y.shape = shape;
  return y;
}

Plain computed(const Node& node, const Inputs& in) {
  if (node.op == "Conv") return conv(node, in);
  if (node.op.ends_with("Pool")) return pool(node, in);
  if (node.op == "BatchNormalization") return normalize(node, in);
  if (node.op == "Gemm" || node.op == "MatMul") return matrix(node, in);
  if (node.op == "Relu" || node.op == "Clip") return bounded(node, in);
  if (node.op == "Add" || node.op == "Sub" || node.op == "Mul" || node.op == "Div") return arithmetic(node, in);
  if (node.op == "Pad") return padded(node, in);
  if (node.op == "Concat") return joined(in);
  if (node.op == "Transpose") return moved(node, in);
  if (node.op == "Flatten" || node.op == "Reshape") return reshaped(node, in);
  if (node.op == "Identity" || node.op == "Dropout") return *in[0];
  throw std::logic_error("no plain loops for " + node.op);
}

}  // namespace

std::map<std::string, Plain> plain_values(const model::onnx::Graph& graph, const Plain& input) {
  std::map<std::string, Plain> values{{graph.inputs[0], input}};
  for (const auto& [name, constant] : graph.constants) values[name] = {constant.shape, constant.values};
  for (const Node& node : graph.nodes) {
    if (values.contains(node.outputs[0]) || node.op.ends_with("Softmax"))
      continue;  // a Constant; what is left to the host
    Inputs inputs;
    for (const std::string& name : node.inputs) inputs.push_back(name.empty() ? nullptr : &values.at(name));
    values[node.outputs[0]] = computed(node, inputs);
  }
  return values;
}

}  // namespace systole::test
