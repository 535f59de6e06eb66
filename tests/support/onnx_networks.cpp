// SPDX-License-Identifier: Apache-2.0
#include "tests/support/onnx_networks.h"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

namespace systole::test {

namespace {

using Strings = std::vector<std::string>;
using model::onnx::Attribute;

constexpr double kWeightScale = 0.01;

/// A quantized tensor of a graph.
struct Tensor {
  std::string name;
  double scale = 1;
  OnnxType type = OnnxType::int8;
  int zero = 0;
};

/// Scale at which a sum of `count` products of uniform bytes has a deviation of a quarter of the range.
double sum_scale(double input_scale, std::int64_t count) {
  return input_scale * kWeightScale * std::sqrt(static_cast<double>(count)) * 73 * 73 / 64;
}

std::int64_t taps(const OnnxShape& weights) { return weights[1] * weights[2] * weights[3]; }

Attribute ints(OnnxShape values) { return {std::move(values)}; }

Tensor qlinear_conv(OnnxGraph& g, const Tensor& x, const OnnxShape& weights, Tensor y, OnnxAttributes attributes = {}) {
  y.scale = sum_scale(x.scale, taps(weights));
  y.name = g.node(
      "QLinearConv",
      {x.name, g.constant(real(x.scale)), g.constant(scalar(x.type, x.zero)),
       g.draw(OnnxType::int8, weights, -127, 127), g.draw_scales(weights[0], kWeightScale),
       g.constant(array(OnnxType::int8, {weights[0]}, std::vector<double>(static_cast<std::size_t>(weights[0])))),
       g.constant(real(y.scale)), g.constant(scalar(y.type, y.zero)),
       g.draw(OnnxType::int32, {weights[0]}, -5000, 5000)},
      std::move(attributes));
  return y;
}

Tensor qlinear_matmul(OnnxGraph& g, const Tensor& x, std::int64_t depth, std::int64_t columns, Tensor y) {
  y.scale = sum_scale(x.scale, depth);
  y.name = g.node("QLinearMatMul", {x.name, g.constant(real(x.scale)), g.constant(scalar(x.type, x.zero)),
                                    g.draw(OnnxType::int8, {depth, columns}, -127, 127), g.constant(real(kWeightScale)),
                                    g.constant(scalar(OnnxType::int8, 0)), g.constant(real(y.scale)),
                                    g.constant(scalar(y.type, y.zero))});
  return y;
}

/// A quantized tensor read as real values.
struct Reals {
  std::string name;
  double scale = 1;
};

Reals requantize(OnnxGraph& g, const std::string& x, double scale, int zero = 3, OnnxType type = OnnxType::int8) {
  return {.name = g.requantize(x, scale, type, zero), .scale = scale};
}

/// Conv with int32 bias in steps of the sums behind its own DequantizeLinear, as quantizers write it.
std::string qdq_conv(OnnxGraph& g, const Reals& x, const OnnxShape& shape, OnnxAttributes attributes) {
  const std::string weights = g.weights(shape, 0, kWeightScale);
  const std::string scales = g.nodes().back().inputs[1];
  OnnxArray bias_scales = g.constants().at(scales);
  for (double& scale : bias_scales.values) {
    scale = static_cast<double>(static_cast<float>(scale) * static_cast<float>(x.scale));
  }
  const std::string bias =
      g.node("DequantizeLinear", {g.draw(OnnxType::int32, {shape[0]}, -5000, 5000), g.constant(bias_scales)},
             {{"axis", std::int64_t{0}}});
  return g.node("Conv", {x.name, weights, bias}, std::move(attributes));
}

}  // namespace

OnnxGraph qlinear_lenet() {
  OnnxGraph g("qlinear_lenet");
  const OnnxAttributes pool{{"kernel_shape", ints({2, 2})}, {"strides", ints({2, 2})}};
  const Tensor body{.name = "", .scale = 1, .type = OnnxType::uint8, .zero = 100};
  Tensor t{.name = g.input(OnnxType::uint8, {-1, 3, 32, 32}), .scale = 1.0 / 255, .type = OnnxType::uint8, .zero = 128};
  t = qlinear_conv(g, t, {6, 3, 5, 5}, body);
  t.name = g.node("MaxPool", {t.name}, pool);
  t = qlinear_conv(g, t, {16, 6, 5, 5}, body);
  t.name = g.node("MaxPool", {t.name}, pool);
  t.name = g.node("Flatten", {t.name});
  t = qlinear_matmul(g, t, 400, 120, body);
  t = qlinear_matmul(g, t, 120, 84, body);
  t = qlinear_matmul(g, t, 84, 10, {.name = "", .scale = 1, .type = OnnxType::int8, .zero = -7});
  g.output(t.name);
  return g;
}

OnnxGraph qdq_residual() {
  OnnxGraph g("qdq_residual");
  const OnnxAttributes same{{"pads", ints({1, 1, 1, 1})}};
  Reals x = requantize(g, g.input(OnnxType::float32, {1, 3, 8, 8}), 1.0 / 64, -128);
  std::string t = qdq_conv(g, x, {8, 3, 3, 3}, same);
  const Reals first = requantize(g, g.node("Relu", {t}), sum_scale(x.scale, 27), -128);
  t = qdq_conv(g, first, {8, 8, 3, 3}, same);
  const Reals second = requantize(g, t, sum_scale(first.scale, 72));
  t = g.node("Relu", {g.node("Add", {first.name, second.name})});
  Reals sum = requantize(g, t, second.scale * 1.25, -100);
  OnnxAttributes depthwise{
      {"auto_pad", std::string("SAME_UPPER")}, {"group", std::int64_t{8}}, {"strides", ints({2, 2})}};
  t = qdq_conv(g, sum, {16, 1, 3, 3}, depthwise);
  const double scale = sum_scale(sum.scale, 9);
  t = g.node("Clip", {t, g.constant(real(0)), g.constant(real(100 * scale))});
  const Reals clipped = requantize(g, t, scale, -128);
  const Reals mean = requantize(g, g.node("GlobalAveragePool", {clipped.name}), clipped.scale * 0.7, -120);
  const std::string flat = g.node("Reshape", {mean.name, g.constant_node(array(OnnxType::int64, {2}, {1, -1}))});
  const std::string logits =
      g.node("Gemm",
             {flat, g.weights({10, 16}, 0, kWeightScale),
              g.constant(array(OnnxType::float32, {10}, {0.1, -0.2, 0.3, 0, 0, 1, -1, 0.5, 0.25, 0}))},
             {{"transB", std::int64_t{1}}});
  g.output(requantize(g, logits, sum_scale(mean.scale, 16)).name);
  return g;
}

OnnxGraph concat_branches() {
  OnnxGraph g("concat_branches");
  const std::string x = g.dequantize(g.input(OnnxType::int8, {1, 4, 9, 7}), 0.05, OnnxType::int8, 2);
  const Reals in{.name = x, .scale = 0.05};
  const Reals a = requantize(g, qdq_conv(g, in, {5, 4, 1, 1}, {}), sum_scale(0.05, 4));
  const Reals b =
      requantize(g, qdq_conv(g, in, {6, 2, 3, 3}, {{"group", std::int64_t{2}}, {"pads", ints({1, 1, 1, 1})}}),
                 sum_scale(0.05, 18), -5);
  const OnnxAttributes window{{"kernel_shape", ints({3, 3})}, {"pads", ints({1, 1, 1, 1})}};
  const Reals c = requantize(g, g.node("AveragePool", {x}, window), 0.05, 2);
  const Reals d = requantize(g, g.node("MaxPool", {x}, window), 0.04, -9);
  const double scale = 1.5 * b.scale;
  const std::string joined = g.quantize(g.node("Concat", {a.name, b.name, c.name, d.name}, {{"axis", std::int64_t{1}}}),
                                        scale, OnnxType::int8, 11);
  const std::string s = g.constant(real(scale));
  const std::string z = g.constant(scalar(OnnxType::int8, 11));
  const std::string pooled = g.node("MaxPool", {joined}, window);
  g.output(g.node("QLinearAdd", {joined, s, z, pooled, s, z, g.constant(real(scale * 1.7)), z}));
  return g;
}

OnnxGraph conv_integer() {
  OnnxGraph g("conv_integer");
  const std::string x = g.input(OnnxType::uint8, {1, 3, 6, 5});
  g.output(g.node("ConvInteger",
                  {x, g.draw(OnnxType::uint8, {9, 3, 3, 2}, 0, 255), g.constant(scalar(OnnxType::uint8, 120)),
                   g.constant(scalar(OnnxType::uint8, 131))},
                  {{"dilations", ints({1, 2})}, {"pads", ints({1, 2, 1, 0})}}));
  return g;
}

namespace {

/// Draws of one random operator.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : random_(seed, "onnx networks", "operator") {}
  int between(int low, int high) { return random_.between(next_++, low, high); }
  bool coin() { return between(0, 1) == 1; }
  double scale() { return static_cast<double>(static_cast<float>(0.002 + 0.1 * random_.real(next_++))); }
  OnnxType type() { return coin() ? OnnxType::int8 : OnnxType::uint8; }
  int zero(OnnxType type) { return type == OnnxType::int8 ? between(-128, 127) : between(0, 255); }

  Tensor tensor(std::string name, OnnxType type) {
    return {.name = std::move(name), .scale = scale(), .type = type, .zero = zero(type)};
  }

  /// Window attributes; kernels of k x l.
  OnnxAttributes window(int k, int l, bool dilations) {
    OnnxAttributes result{{"strides", ints({between(1, 3), between(1, 3)})}};
    if (dilations) result["dilations"] = ints({between(1, 2), between(1, 2)});
    const int pad = between(0, 4);
    if (pad == 0) result["auto_pad"] = std::string("SAME_UPPER");
    if (pad == 1) result["auto_pad"] = std::string("SAME_LOWER");
    if (pad == 2) result["auto_pad"] = std::string("VALID");
    if (pad > 2) result["pads"] = ints({between(0, k - 1), between(0, l - 1), between(0, k - 1), between(0, l - 1)});
    return result;
  }

 private:
  fixed::CounterRandom random_;
  std::uint64_t next_ = 0;
};

/// Kernel, groups and channels of a random convolution.
struct Convolution {
  OnnxShape map, weights;
  OnnxAttributes attributes;
};

Convolution random_convolution(Draws& d) {
  constexpr int kGroups[] = {1, 2, 4, 8};
  const int groups = kGroups[d.between(0, 3)];
  const int channels = groups * d.between(1, 2);
  const int k = d.between(1, 3), l = d.between(1, 3);
  Convolution c;
  c.map = {1, channels, d.between(6, 11), d.between(6, 11)};
  c.weights = {std::int64_t{groups} * d.between(1, 3), channels / groups, k, l};
  c.attributes = d.window(k, l, true);
  c.attributes["group"] = std::int64_t{groups};
  return c;
}

void random_qlinear(OnnxGraph& g, Draws& d) {
  const OnnxType type = d.type();
  const OnnxType out = d.type();
  Tensor y{.name = "", .scale = 1, .type = out, .zero = d.zero(out)};
  if (d.coin()) {
    const Convolution c = random_convolution(d);
    y = qlinear_conv(g, d.tensor(g.input(type, c.map), type), c.weights, y, c.attributes);
  } else {
    const std::int64_t depth = d.between(1, 60);
    const std::int64_t rows = d.coin() ? 1 : d.between(2, 5);
    y = qlinear_matmul(g, d.tensor(g.input(type, {rows, depth}), type), depth, d.between(1, 20), y);
  }
  g.output(y.name);
}

void random_integer(OnnxGraph& g, Draws& d) {
  const OnnxType type = d.type(), weight = d.type();
  const int low = weight == OnnxType::int8 ? -128 : 0;
  const auto zero = [&](OnnxType of) { return g.constant(scalar(of, d.zero(of))); };
  if (d.coin()) {
    const Convolution c = random_convolution(d);
    const std::string x = g.input(type, c.map);
    g.output(
        g.node("ConvInteger", {x, g.draw(weight, c.weights, low, low + 255), zero(type), zero(weight)}, c.attributes));
  } else {
    const int depth = d.between(1, 60);
    const std::string x = g.input(type, {1, depth});
    g.output(g.node("MatMulInteger",
                    {x, g.draw(weight, {depth, d.between(1, 20)}, low, low + 255), zero(type), zero(weight)}));
  }
}

/// A float operator over x, and the scale that its output has.
Reals random_float(OnnxGraph& g, Draws& d, const Tensor& x, const OnnxShape& map) {
  const Reals in{.name = x.name, .scale = x.scale};
  const auto channels = static_cast<int>(map[1]);
  switch (d.between(0, 5)) {
    case 0: {
      const int k = d.between(1, 3), l = d.between(1, 3);
      const OnnxShape weights{d.between(1, 12), channels, k, l};
      return {qdq_conv(g, in, weights, d.window(k, l, true)), sum_scale(x.scale, taps(weights))};
    }
    case 1: {
      const std::int64_t depth = map[1] * map[2] * map[3];
      const std::int64_t outputs = d.between(1, 12);
      const std::string flat = g.node("Flatten", {x.name});
      if (d.coin()) {
        const std::string product = g.node("MatMul", {flat, g.weights({depth, outputs}, 1, kWeightScale)});
        const std::string bias = g.draw_scales(outputs, x.scale);
        return {g.node("Add", {product, bias}), sum_scale(x.scale, depth)};
      }
      return {g.node("Gemm", {flat, g.weights({outputs, depth}, 0, kWeightScale), g.draw_scales(outputs, x.scale)},
                     {{"transB", std::int64_t{1}}, {"beta", 0.5F}}),
              sum_scale(x.scale, depth)};
    }
    case 2: {
      const int k = d.between(1, 3), l = d.between(1, 3);
      OnnxAttributes window = d.window(k, l, false);
      window["kernel_shape"] = ints({k, l});
      window["count_include_pad"] = std::int64_t{1};
      return {g.node("AveragePool", {x.name}, window), x.scale * 0.6};
    }
    case 3:
      return {g.node("GlobalAveragePool", {x.name}), x.scale * 0.3};
    case 4: {
      const std::string other = g.requantize(x.name, x.scale * 0.7, x.type, x.zero);
      return {g.node("Add", {x.name, other}), x.scale * 1.9};
    }
    default: {
      const std::string other = g.requantize(x.name, x.scale * 0.7, x.type, x.zero);
      // Not 0.8, which makes every fourth value a tie: those have a test of their own.
      return {g.node("Concat", {x.name, other, x.name}, {{"axis", std::int64_t{-3}}}), x.scale * 0.83};
    }
  }
}

void random_qdq(OnnxGraph& g, Draws& d) {
  const OnnxType type = d.type();
  const OnnxShape map{1, d.between(1, 10), d.between(6, 9), d.between(6, 9)};
  Tensor x = d.tensor(g.input(OnnxType::float32, map), type);
  x.name = g.requantize(x.name, x.scale, x.type, x.zero);
  Reals y = random_float(g, d, x, map);
  if (d.coin()) y.name = g.node("Relu", {y.name});
  if (d.coin()) y.name = g.node("Clip", {y.name, g.constant(real(-30 * y.scale)), g.constant(real(70 * y.scale))});
  const OnnxType out = d.type();
  g.output(g.quantize(y.name, y.scale, out, d.zero(out)));
}

}  // namespace

OnnxGraph random_operator(std::uint64_t seed) {
  OnnxGraph g(fmt::format("random_{}", seed), seed);
  Draws d(seed);
  const int kind = d.between(0, 5);
  if (kind == 0) {
    random_integer(g, d);
  } else if (kind <= 2) {
    random_qlinear(g, d);
  } else {
    random_qdq(g, d);
  }
  return g;
}

}  // namespace systole::test
