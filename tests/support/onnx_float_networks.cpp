// SPDX-License-Identifier: Apache-2.0
#include "tests/support/onnx_float_networks.h"

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace systole::test {

namespace {

OnnxShape pair(std::int64_t a, std::int64_t b) { return {a, b}; }

/// A tensor of a graph and its shape.
struct Map {
  std::string name;
  OnnxShape shape;
};

/// Adds operators whose parameters are drawn.
class FloatDraws {
 public:
  FloatDraws(OnnxGraph& graph, std::uint64_t seed) : g_(graph), random_(seed, "onnx float networks", "operator") {}

  int between(int low, int high) { return random_.between(next_++, low, high); }
  bool coin() { return between(0, 1) == 1; }

  Map conv(const Map& x, std::int64_t outputs, const OnnxShape& kernel, OnnxAttributes attributes, bool bias) {
    const auto group = attributes.contains("group") ? std::get<std::int64_t>(attributes.at("group")) : 1;
    const OnnxShape shape{outputs, x.shape[1] / group, kernel[0], kernel[1]};
    const double reach = 1.7 / std::sqrt(static_cast<double>(shape[1] * shape[2] * shape[3]));
    std::vector<std::string> inputs{x.name, g_.draw_reals(shape, -reach, reach)};
    if (bias) inputs.push_back(g_.draw_reals({outputs}, -0.5, 0.5));
    return sized("Conv", inputs, x, outputs, kernel, std::move(attributes));
  }

  Map normalize(const Map& x) {
    const OnnxShape c{x.shape[1]};
    return {g_.node("BatchNormalization",
                    {x.name, g_.draw_reals(c, -1.5, 1.5), g_.draw_reals(c, -0.5, 0.5), g_.draw_reals(c, -0.5, 0.5),
                     g_.draw_reals(c, 0.1, 1.5)},
                    {{"epsilon", 1e-3F}}),
            x.shape};
  }

  Map random_conv(const Map& x) {
    const std::int64_t channels = x.shape[1];
    OnnxAttributes attributes = window(x, true);
    const OnnxShape kernel = std::get<OnnxShape>(attributes.at("kernel_shape"));
    std::int64_t group = 1;
    if (coin()) group = coin() || channels % 2 != 0 ? channels : 2;
    attributes["group"] = group;
    return conv(x, group * between(1, group == 1 ? 6 : 2), kernel, attributes, coin());
  }

  /// Something that keeps the shape.
  Map same_shape(const Map& x) {
    switch (between(0, 6)) {
      case 0:
        return normalize(x);
      case 1:
        return {g_.node("Relu", {x.name}), x.shape};
      case 2:
        return {g_.node("Clip", {x.name, g_.constant(real(0)), coin() ? g_.constant(real(0.75)) : std::string()}),
                x.shape};
      case 3:
        return by_constant(x);
      case 4:
        return {g_.node(coin() ? "Identity" : "Dropout", {x.name}), x.shape};
      case 5: {
        const std::string last = g_.node("Transpose", {x.name}, {{"perm", OnnxShape{0, 2, 3, 1}}});
        return {g_.node("Transpose", {last}, {{"perm", OnnxShape{0, 3, 1, 2}}}), x.shape};
      }
      default:
        return conv(x, x.shape[1], {3, 1}, {{"auto_pad", std::string(coin() ? "SAME_UPPER" : "SAME_LOWER")}}, coin());
    }
  }

  Map by_constant(const Map& x) {
    constexpr const char* kOps[] = {"Add", "Sub", "Mul", "Div"};
    const int op = between(0, 3);
    const OnnxShape shape = coin() ? OnnxShape{x.shape[1], 1, 1} : OnnxShape{};
    const std::string by = g_.draw_reals(shape, 0.3, 1.7);
    const bool first = op != 3 && coin();
    return {g_.node(kOps[op], first ? std::vector{by, x.name} : std::vector{x.name, by}), x.shape};
  }

  Map pooled(const Map& x) {
    OnnxAttributes attributes = window(x, false);
    const OnnxShape kernel = std::get<OnnxShape>(attributes.at("kernel_shape"));
    const bool largest = coin();
    if (!largest && coin()) {
      attributes["count_include_pad"] = std::int64_t{1};
    } else if (coin()) {
      attributes["ceil_mode"] = std::int64_t{1};
    }
    return sized(largest ? "MaxPool" : "AveragePool", {x.name}, x, x.shape[1], kernel, std::move(attributes));
  }

  Map padded(const Map& x) {
    OnnxShape pads{0, 0, between(0, 2), between(0, 2), 0, 0, between(0, 2), between(0, 2)};
    const OnnxShape shape{1, x.shape[1], x.shape[2] + pads[2] + pads[6], x.shape[3] + pads[3] + pads[7]};
    const std::vector<double> values(pads.begin(), pads.end());
    return {g_.node("Pad", {x.name, g_.constant(array(OnnxType::int64, {8}, values))}), shape};
  }

  Map joined(const Map& x) {
    const Map other = same_shape(x);
    if (coin()) return {g_.node("Add", {x.name, other.name}), x.shape};
    return {g_.node("Concat", {other.name, x.name}, {{"axis", std::int64_t{coin() ? 1 : -3}}}),
            {1, x.shape[1] * 2, x.shape[2], x.shape[3]}};
  }

  Map random_operator(const Map& x) {
    const bool large = x.shape[2] > 4 && x.shape[3] > 4;
    switch (between(0, 5)) {
      case 0:
        return random_conv(x);
      case 1:
        return large ? pooled(x) : same_shape(x);
      case 2:
        return x.shape[2] <= 11 && x.shape[3] <= 11 ? padded(x) : same_shape(x);
      case 3:
        return x.shape[1] <= 8 ? joined(x) : same_shape(x);
      default:
        return same_shape(x);
    }
  }

  /// Ends the graph in a matrix product.
  void classify(Map x) {
    if (between(0, 2) == 0) {
      x = {g_.node(coin() ? "GlobalAveragePool" : "GlobalMaxPool", {x.name}), {1, x.shape[1], 1, 1}};
    }
    const std::int64_t depth = x.shape[1] * x.shape[2] * x.shape[3];
    if (between(0, 3) == 0) x.name = g_.node("Transpose", {x.name}, {{"perm", OnnxShape{0, 2, 3, 1}}});
    x.name = coin() ? g_.node("Flatten", {x.name})
                    : g_.node("Reshape", {x.name, g_.constant(array(OnnxType::int64, {2}, {1, -1}))});
    const int outputs = between(2, 9);
    const double reach = 1.7 / std::sqrt(static_cast<double>(depth));
    if (coin()) {
      x.name =
          g_.node("Gemm", {x.name, g_.draw_reals({outputs, depth}, -reach, reach), g_.draw_reals({outputs}, -1, 1)},
                  {{"transB", std::int64_t{1}}, {"alpha", 0.75F}});
    } else {
      x.name = g_.node("MatMul", {x.name, g_.draw_reals({depth, outputs}, -reach, reach)});
      x.name = g_.node("Add", {g_.draw_reals({outputs}, -1, 1), x.name});
    }
    if (coin()) x.name = g_.node("Relu", {x.name});
    g_.output(coin() ? g_.node("Softmax", {x.name}) : x.name);
  }

 private:
  /// Window attributes; kernels of 1 .. 3 that leave an output.
  OnnxAttributes window(const Map& x, bool dilations) {
    const std::int64_t k = between(1, 3), l = between(1, 3);
    OnnxAttributes result{{"kernel_shape", pair(k, l)}, {"strides", pair(between(1, 2), between(1, 2))}};
    const bool wide = x.shape[2] > 4 && x.shape[3] > 4;
    if (dilations && wide) result["dilations"] = pair(between(1, 2), between(1, 2));
    const int pad = wide ? between(0, 3) : 0;
    if (pad == 0) result["auto_pad"] = std::string(coin() ? "SAME_UPPER" : "SAME_LOWER");
    if (pad >= 2) {
      const auto some = [&](std::int64_t kernel) { return std::int64_t{between(0, static_cast<int>(kernel) - 1)}; };
      result["pads"] = OnnxShape{some(k), some(l), some(k), some(l)};
    }
    return result;
  }

  /// The node, with the shape that its windows leave.
  Map sized(const std::string& op, const std::vector<std::string>& inputs, const Map& x, std::int64_t channels,
            const OnnxShape& kernel, OnnxAttributes attributes) {
    OnnxShape shape{1, channels};
    for (std::size_t i = 0; i < 2; ++i) {
      const auto entry = [&](const char* name, std::int64_t otherwise, std::size_t at) {
        return attributes.contains(name) ? std::get<OnnxShape>(attributes.at(name))[at] : otherwise;
      };
      const std::int64_t in = x.shape[i + 2], stride = entry("strides", 1, i);
      const std::int64_t before = entry("pads", 0, i);
      const std::int64_t room = in + before + entry("pads", 0, i + 2) - (kernel[i] - 1) * entry("dilations", 1, i) - 1;
      std::int64_t out = room / stride + 1;
      if (attributes.contains("auto_pad")) out = (in + stride - 1) / stride;
      if (attributes.contains("ceil_mode") && room % stride != 0 && out * stride < in + before) ++out;
      shape.push_back(out);
    }
    return {g_.node(op, inputs, std::move(attributes)), shape};
  }

  OnnxGraph& g_;
  fixed::CounterRandom random_;
  std::uint64_t next_ = 0;
};

}  // namespace

OnnxGraph float_residual(bool softmax) {
  OnnxGraph g("float_residual");
  FloatDraws d(g, 1);
  Map x{g.input(OnnxType::float32, {-1, 1, 28, 28}), {1, 1, 28, 28}};
  x.name = g.node("Sub", {x.name, g.constant(real(0.1307))});
  x.name = g.node("Div", {x.name, g.constant(real(0.3081))});
  const auto relu = [&g](const Map& map) { return Map{g.node("Relu", {map.name}), map.shape}; };
  const OnnxAttributes same{{"pads", OnnxShape{1, 1, 1, 1}}};
  x = relu(d.normalize(d.conv(x, 8, {3, 3}, {{"strides", pair(2, 2)}}, false)));
  x = {g.node("MaxPool", {x.name}, {{"kernel_shape", pair(2, 2)}, {"strides", pair(2, 2)}}), {1, 8, 6, 6}};
  const Map branch = d.normalize(d.conv(relu(d.normalize(d.conv(x, 8, {3, 3}, same, false))), 8, {3, 3}, same, false));
  x = relu({g.node("Add", {x.name, branch.name}), x.shape});
  const std::string flat = g.node("Flatten", {g.node("GlobalAveragePool", {x.name})});
  const std::string sums = g.node("Gemm", {flat, g.draw_reals({10, 8}, -0.6, 0.6), g.draw_reals({10}, -0.3, 0.3)},
                                  {{"transB", std::int64_t{1}}});
  g.output(softmax ? g.node("Softmax", {sums}) : sums);
  return g;
}

OnnxGraph random_float_network(std::uint64_t seed) {
  OnnxGraph g(fmt::format("random_float_{}", seed), seed);
  FloatDraws d(g, seed);
  const OnnxShape shape{1, d.between(1, 4), d.between(5, 9), d.between(5, 9)};
  Map x{g.input(OnnxType::float32, shape), shape};
  const int count = d.between(2, 7);
  for (int i = 0; i < count; ++i) x = d.random_operator(x);
  d.classify(x);
  return g;
}

}  // namespace systole::test
