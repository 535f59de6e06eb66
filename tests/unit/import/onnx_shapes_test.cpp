// SPDX-License-Identifier: Apache-2.0
// Float ONNX graphs of one axis, with shapes computed in the graph, and means of large maps: held against the graphs
// that say the same in the plain way, which other tests hold against loops.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "golden/import/onnx/float_compare.h"
#include "golden/import/onnx/float_import.h"
#include "golden/import/onnx/ops.h"
#include "golden/model/float_execute.h"
#include "tests/support/damage.h"
#include "tests/support/onnx_graph.h"
#include "tests/unit/model/bad_input.h"

namespace systole {
namespace {

namespace onnx = model::onnx;

using onnx::FloatTranslation;
using op::Kind;
using test::OnnxAttributes;
using test::OnnxGraph;
using test::OnnxShape;
using test::OnnxType;

using Strings = std::vector<std::string>;
using Body = std::function<std::string(OnnxGraph&, std::string)>;

OnnxGraph graph_of(const OnnxShape& shape, const Body& body) {
  OnnxGraph g("g");
  const std::string x = g.input(OnnxType::float32, shape);
  g.output(body(g, x));
  return g;
}

FloatTranslation imported(const OnnxShape& shape, const Body& body) {
  return onnx::import_float_graph(graph_of(shape, body).graph());
}

std::string refused(const OnnxShape& shape, const Body& body) {
  return test::refusal([&] { (void)imported(shape, body); });
}

std::string integers(OnnxGraph& g, const std::vector<double>& values) {
  return g.constant(test::array(OnnxType::int64, {static_cast<std::int64_t>(values.size())}, values));
}

std::vector<int> numbers(const op::Window& w) {
  return {w.kernel_h, w.kernel_w, w.stride_h, w.stride_w, w.dilation_h, w.dilation_w, w.pad_top, w.pad_left};
}

/// Layers and weights are the same; names come from the operators.
void check_same(const FloatTranslation& found, const FloatTranslation& expected) {
  REQUIRE(found.network.nodes.size() == expected.network.nodes.size());
  for (std::size_t i = 0; i < found.network.nodes.size(); ++i) {
    const model::FloatLayer& a = found.network.nodes[i].layer;
    const model::FloatLayer& b = expected.network.nodes[i].layer;
    CAPTURE(i);
    CHECK(a.kind == b.kind);
    CHECK(a.weights == b.weights);
    CHECK(a.bias == b.bias);
    CHECK(a.relu == b.relu);
    CHECK(numbers(a.window) == numbers(b.window));
    CHECK(std::vector{a.in_h, a.in_w, a.in_c, a.out_h, a.out_w, a.out_c} ==
          std::vector{b.in_h, b.in_w, b.in_c, b.out_h, b.out_w, b.out_c});
    CHECK(found.network.nodes[i].inputs == expected.network.nodes[i].inputs);
  }
}

/// The network beside ONNX's own arithmetic on the graph itself.
void check_evaluates(const OnnxShape& shape, const Body& body) {
  const onnx::Graph graph = graph_of(shape, body).graph();
  const FloatTranslation translation = onnx::import_float_graph(graph);
  onnx::FloatComparison comparison(graph, translation);
  comparison.add(onnx::random_sample(translation, 1));
  CHECK(comparison.layers().back().compared > 0);
  for (const onnx::FloatDifference& layer : comparison.layers()) CHECK(layer.relative() < 2e-5);
}

/// A damaged file is refused in one line, or a graph whose sample the import can run.
void check_damaged(const std::vector<std::byte>& whole) {
  int refusals = 0;
  const auto judge = [&](const std::vector<std::byte>& bytes) {
    const std::string line = test::refusal([&] {
      const onnx::Graph graph = onnx::parse_graph(bytes, "d.onnx");
      const FloatTranslation translation = onnx::import_float_graph(graph);
      onnx::FloatComparison comparison(graph, translation);
      comparison.add(onnx::random_sample(translation, 1));
    });
    CHECK((line.empty() || (line.starts_with("d.onnx: ") && line.find('\n') == std::string::npos)));
    refusals += line.empty() ? 0 : 1;
  };
  test::for_each_damage(whole, 97, 1000, fixed::CounterRandom(5, "import.onnx_shapes", "flips"), judge);
  CHECK(refusals > 0);
}

/// Attributes of one axis, or of two with nothing along the first.
OnnxAttributes window(bool line, std::int64_t kernel, std::int64_t stride, std::int64_t dilation, std::int64_t before,
                      std::int64_t after) {
  if (line) {
    return {{"kernel_shape", OnnxShape{kernel}},
            {"strides", OnnxShape{stride}},
            {"dilations", OnnxShape{dilation}},
            {"pads", OnnxShape{before, after}}};
  }
  return {{"kernel_shape", OnnxShape{1, kernel}},
          {"strides", OnnxShape{1, stride}},
          {"dilations", OnnxShape{1, dilation}},
          {"pads", OnnxShape{0, before, 0, after}}};
}

/// Convolutions, normalisation, activation, pools, padding, a residual and a concatenation over [1, 3, 40].
Body line_network(bool line) {
  return [line](OnnxGraph& g, std::string x) {
    const auto conv = [&](const std::string& from, std::int64_t out, std::int64_t in, std::int64_t kernel,
                          OnnxAttributes attributes) {
      const OnnxShape shape = line ? OnnxShape{out, in, kernel} : OnnxShape{out, in, 1, kernel};
      return g.node("Conv", {from, g.draw_reals(shape, -0.5, 0.5), g.draw_reals({out}, -0.5, 0.5)},
                    std::move(attributes));
    };
    const std::string stem = conv(x, 6, 3, 5, window(line, 5, 2, 1, 1, 3));
    const std::string normal = g.node("BatchNormalization", {stem, g.draw_reals({6}, 0.5, 1), g.draw_reals({6}, -1, 1),
                                                             g.draw_reals({6}, -1, 1), g.draw_reals({6}, 0.5, 1)});
    const std::string relu = g.node("Relu", {normal});
    OnnxAttributes deep = window(line, 3, 1, 2, 2, 2);
    deep["group"] = std::int64_t{6};
    const std::string depthwise = conv(relu, 6, 1, 3, deep);
    const std::string sum = g.node("Relu", {g.node("Add", {depthwise, relu})});
    const std::string padded = g.node("Pad", {sum, integers(g, line ? std::vector<double>{0, 0, 1, 0, 0, 2}
                                                                    : std::vector<double>{0, 0, 0, 1, 0, 0, 0, 2})});
    const std::string joined =
        g.node("Concat", {conv(padded, 4, 6, 4, window(line, 4, 1, 1, 0, 0)), sum}, {{"axis", std::int64_t{1}}});
    OnnxAttributes most = window(line, 3, 2, 1, 0, 1), mean = window(line, 2, 2, 1, 0, 0);
    most.erase("dilations");
    mean.erase("dilations");
    const std::string pooled = g.node("AveragePool", {g.node("MaxPool", {joined}, most)}, mean);
    const std::string flat = g.node("Flatten", {pooled});
    return g.node("Gemm", {flat, g.draw_reals({50, 7}, -0.5, 0.5), g.draw_reals({7}, -0.5, 0.5)});
  };
}

TEST_CASE("import.onnx_shapes.one_axis.as_a_map_of_height_1") {
  check_same(imported({1, 3, 40}, line_network(true)), imported({1, 3, 1, 40}, line_network(false)));
  check_evaluates({1, 3, 40}, line_network(true));
  check_damaged(graph_of({1, 3, 40}, line_network(true)).bytes());
}

TEST_CASE("import.onnx_shapes.one_axis.global_pools") {
  for (const char* op : {"GlobalAveragePool", "GlobalMaxPool"}) {
    const auto pooled = [op](OnnxGraph& g, const std::string& x) { return g.node(op, {x}); };
    check_same(imported({1, 3, 14}, pooled), imported({1, 3, 1, 14}, pooled));
    check_evaluates({1, 3, 14}, pooled);
  }
}

TEST_CASE("import.onnx_shapes.one_axis.refused") {
  const auto conv = [](const OnnxShape& weights, const OnnxAttributes& attributes) {
    return [=](OnnxGraph& g, const std::string& x) {
      return g.node("Conv", {x, g.draw_reals(weights, -1, 1)}, attributes);
    };
  };
  CHECK(
      test::mentions(refused({1, 3, 9}, conv({2, 3, 1, 3}, {})), "expected weights of 3 extents, found [2, 3, 1, 3]"));
  CHECK(test::mentions(refused({1, 3, 1, 9}, conv({2, 3, 3}, {})), "expected weights of 4 extents, found [2, 3, 3]"));
  CHECK(test::mentions(refused({1, 3, 9}, conv({2, 3, 3}, {{"pads", OnnxShape{0, 1, 0, 1}}})),
                       "attribute pads: expected two values"));
  CHECK(test::mentions(refused({1, 3, 9}, conv({2, 3, 3}, {{"strides", OnnxShape{1, 1}}})),
                       "attribute strides: expected one value"));
  CHECK(test::mentions(refused({2, 3, 9}, conv({2, 3, 3}, {})), "[1, channels, length]"));
}

TEST_CASE("import.onnx_shapes.squeeze_and_unsqueeze") {
  for (const bool inputs : {false, true}) {  // of opset 13
    const auto axes = [&](OnnxGraph& g, const char* op, const std::string& x, std::int64_t axis) {
      if (inputs) return g.node(op, {x, integers(g, {static_cast<double>(axis)})});
      return g.node(op, {x}, {{"axes", OnnxShape{axis}}});
    };
    const auto body = [&](OnnxGraph& g, const std::string& x) {
      const std::string map = axes(g, "Unsqueeze", x, 2);  // [1, 3, 1, 8]
      const std::string conv = g.node("Conv", {map, g.draw_reals({5, 3, 1, 8}, -1, 1)});
      const std::string row = axes(g, "Squeeze", axes(g, "Squeeze", conv, 3), -1);
      return g.node("MatMul", {row, g.draw_reals({5, 4}, -1, 1)});
    };
    const auto plain = [](OnnxGraph& g, const std::string& x) {
      const std::string conv = g.node("Conv", {x, g.draw_reals({5, 3, 1, 8}, -1, 1)});
      return g.node("MatMul", {g.node("Flatten", {conv}), g.draw_reals({5, 4}, -1, 1)});
    };
    check_same(imported({1, 3, 8}, body), imported({1, 3, 1, 8}, plain));
    check_evaluates({1, 3, 8}, body);
  }
  const auto squeeze = [](OnnxGraph& g, const std::string& x) {
    return g.node("Squeeze", {x}, {{"axes", OnnxShape{1}}});
  };
  CHECK(test::mentions(refused({1, 3, 8}, squeeze), "axes: expected extents of 1, found [1, 3, 8]"));
  const auto beyond = [](OnnxGraph& g, const std::string& x) {
    return g.node("Unsqueeze", {x}, {{"axes", OnnxShape{5}}});
  };
  CHECK(test::mentions(refused({1, 3, 8}, beyond), "axes: expected -4 .. 3, found 5"));
}

TEST_CASE("import.onnx_shapes.reduce_mean.is_a_global_average") {
  const auto global = [](OnnxGraph& g, const std::string& x) {
    return g.node("MatMul", {g.node("Flatten", {g.node("GlobalAveragePool", {x})}), g.draw_reals({3, 4}, -1, 1)});
  };
  for (const bool keeps : {false, true}) {
    const auto mean = [keeps](OnnxGraph& g, const std::string& x) {
      std::string y = g.node("ReduceMean", {x}, {{"axes", OnnxShape{-1, 2}}, {"keepdims", std::int64_t{keeps}}});
      if (keeps) y = g.node("Flatten", {y});
      return g.node("MatMul", {y, g.draw_reals({3, 4}, -1, 1)});
    };
    check_same(imported({1, 3, 6, 7}, mean), imported({1, 3, 6, 7}, global));
    check_evaluates({1, 3, 6, 7}, mean);
  }
  const auto of_line = [](OnnxGraph& g, const std::string& x) {
    return g.node("ReduceMean", {x}, {{"axes", OnnxShape{-1}}});
  };
  const auto global_of_line = [](OnnxGraph& g, const std::string& x) { return g.node("GlobalAveragePool", {x}); };
  check_same(imported({1, 3, 14}, of_line), imported({1, 3, 14}, global_of_line));
  check_evaluates({1, 3, 14}, of_line);
  const auto of_channels = [](OnnxGraph& g, const std::string& x) {
    return g.node("ReduceMean", {x}, {{"axes", OnnxShape{1}}});
  };
  CHECK(test::mentions(refused({1, 3, 6, 7}, of_channels), "expected the axes behind the channels of a map"));
}

TEST_CASE("import.onnx_shapes.global_pools_of_large_maps") {
  struct Case {
    std::int64_t height, width;
    std::size_t layers;
  };
  for (const Case& c : {Case{16, 16, 2}, Case{28, 1, 2}, Case{7, 224, 3}, Case{15, 15, 1}}) {
    for (const char* op : {"GlobalAveragePool", "GlobalMaxPool"}) {
      const auto body = [op](OnnxGraph& g, const std::string& x) { return g.node(op, {x}); };
      CAPTURE(c.height);
      CAPTURE(c.width);
      const FloatTranslation translation = imported({1, 2, c.height, c.width}, body);
      CHECK(translation.network.nodes.size() == (op == std::string("GlobalMaxPool") && c.width == 224 ? 2 : c.layers));
      check_evaluates({1, 2, c.height, c.width}, body);
    }
  }
  // A maximum may be split as one likes.
  const auto most = [](OnnxGraph& g, const std::string& x) { return g.node("GlobalMaxPool", {x}); };
  CHECK(imported({1, 2, 17, 31}, most).network.nodes.size() == 2);
  check_evaluates({1, 2, 17, 31}, most);
  const auto mean = [](OnnxGraph& g, const std::string& x) { return g.node("GlobalAveragePool", {x}); };
  CHECK(test::mentions(refused({1, 2, 17, 4}, mean),
                       "products of numbers up to 15 (a mean is split into equal windows), found 17 x 4"));
}

TEST_CASE("import.onnx_shapes.arithmetic_on_shapes_is_folded") {
  const auto flat = [](OnnxGraph& g, const std::string& x) {
    const std::string conv = g.node("Conv", {x, g.draw_reals({4, 2, 3, 3}, -1, 1)});
    return g.node("MatMul", {g.node("Flatten", {conv}), g.draw_reals({4 * 16, 3}, -1, 1)});
  };
  // x.view(x.size(0), -1), and the length by a product of extents, as an export without constant folding has them.
  const auto viewed = [](bool product) {
    return [product](OnnxGraph& g, const std::string& x) {
      const std::string conv = g.node("Conv", {x, g.draw_reals({4, 2, 3, 3}, -1, 1)});
      const auto extent = [&](double axis) {
        const std::string index = g.constant_node(test::scalar(OnnxType::int64, axis));
        return g.node("Gather", {g.node("Shape", {conv}), index}, {{"axis", std::int64_t{0}}});
      };
      const auto in_a_list = [&](const std::string& value) { return g.node("Unsqueeze", {value, integers(g, {0})}); };
      const std::string length = product ? g.node("Mul", {g.node("Mul", {extent(1), extent(2)}), extent(-1)})
                                         : g.constant_node(test::scalar(OnnxType::int64, -1));
      const std::string wanted =
          g.node("Concat", {in_a_list(extent(0)), in_a_list(length)}, {{"axis", std::int64_t{0}}});
      const std::string cast = g.node("Cast", {wanted}, {{"to", std::int64_t{7}}});
      return g.node("MatMul", {g.node("Reshape", {conv, cast}), g.draw_reals({4 * 16, 3}, -1, 1)});
    };
  };
  for (const bool product : {false, true}) {
    check_same(imported({1, 2, 6, 6}, viewed(product)), imported({1, 2, 6, 6}, flat));
    check_evaluates({1, 2, 6, 6}, viewed(product));
  }
  check_damaged(graph_of({1, 2, 6, 6}, viewed(true)).bytes());
  // torch.nn.functional.pad: extents counted from behind, filled up with zeros, as pairs in reverse order.
  const auto padded = [&](bool computed) {
    return [computed](OnnxGraph& g, const std::string& x) {
      std::string pads = integers(g, {0, 0, 2, 1, 0, 0, 0, 3});
      if (computed) {
        const std::string zeros =
            g.node("ConstantOfShape", {integers(g, {4})}, {{"value", test::array(OnnxType::int64, {1}, {0})}});
        const std::string all = g.node("Concat", {integers(g, {1, 3, 2, 0}), zeros}, {{"axis", std::int64_t{0}}});
        const std::string pairs = g.node("Reshape", {all, integers(g, {-1, 2})});
        const std::string reversed =
            g.node("Slice", {pairs, integers(g, {-1}), integers(g, {-99}), integers(g, {0}), integers(g, {-1})});
        pads = g.node("Reshape", {g.node("Transpose", {reversed}, {{"perm", OnnxShape{1, 0}}}), integers(g, {-1})});
        pads = g.node("Cast", {pads}, {{"to", std::int64_t{7}}});
      }
      return g.node("Conv", {g.node("Pad", {x, pads}), g.draw_reals({4, 2, 3, 3}, -1, 1)});
    };
  };
  check_same(imported({1, 2, 6, 6}, padded(true)), imported({1, 2, 6, 6}, padded(false)));
  check_evaluates({1, 2, 6, 6}, padded(true));
  check_damaged(graph_of({1, 2, 6, 6}, padded(true)).bytes());
  const auto sliced = [](OnnxGraph& g, const std::string& x) {
    const std::string conv = g.node("Conv", {x, g.draw_reals({4, 2, 3, 3}, -1, 1)});
    const std::string first = g.node("Slice", {g.node("Shape", {conv}), integers(g, {-4}), integers(g, {1})});
    const std::string wanted = g.node("Concat", {first, integers(g, {-1})}, {{"axis", std::int64_t{0}}});
    return g.node("MatMul", {g.node("Reshape", {conv, wanted}), g.draw_reals({4 * 16, 3}, -1, 1)});
  };
  check_same(imported({1, 2, 6, 6}, sliced), imported({1, 2, 6, 6}, flat));
  const auto computed = [](OnnxGraph& g, const std::string& x) {
    return g.node("Gather", {x, integers(g, {0})}, {{"axis", std::int64_t{1}}});
  };
  CHECK(test::mentions(refused({1, 2, 6, 6}, computed), "is known only at run time"));
  const auto table = [](OnnxGraph& g, const std::string& x) {
    return g.node("Add", {x, g.node("Gather", {g.draw_reals({2, 2}, 0, 1), integers(g, {0})})});
  };
  CHECK(test::mentions(refused({1, 2, 6, 6}, table), "expected 1 extents, found [2, 2]"));
}

TEST_CASE("import.onnx_shapes.values_of_the_reference") {
  const auto evaluated = [](const char* op, const Strings& names, const std::map<std::string, test::OnnxArray>& values,
                            const OnnxAttributes& attributes) {
    onnx::Graph graph;
    graph.file = "g";
    graph.nodes.push_back({.op = op, .name = "", .inputs = names, .outputs = {"y"}, .attributes = attributes});
    return onnx::evaluate_node(graph, 0, values);
  };
  const auto list = [](std::vector<double> values) {
    const auto count = static_cast<std::int64_t>(values.size());
    return test::array(OnnxType::int64, {count}, std::move(values));
  };
  const auto slice = [&](double start, double end, double step) {
    return evaluated("Slice", {"x", "s", "e", "a", "t"},
                     {{"x", list({0, 1, 2, 3, 4})},
                      {"s", list({start})},
                      {"e", list({end})},
                      {"a", list({0})},
                      {"t", list({step})}},
                     {})
        .values;
  };
  CHECK(slice(1, 4, 2) == std::vector<double>{1, 3});
  CHECK(slice(-1, -9, -2) == std::vector<double>{4, 2, 0});
  CHECK(slice(3, 1, 1).empty());
  CHECK(slice(-99, 99, 3) == std::vector<double>{0, 3});
  const auto shape = [&](const OnnxAttributes& attributes) {
    return evaluated("Shape", {"x"}, {{"x", test::array(OnnxType::float32, {2, 1, 3}, std::vector<double>(6))}},
                     attributes)
        .values;
  };
  CHECK(shape({}) == std::vector<double>{2, 1, 3});
  CHECK(shape({{"start", std::int64_t{-2}}}) == std::vector<double>{1, 3});
  CHECK(shape({{"start", std::int64_t{0}}, {"end", std::int64_t{-1}}}) == std::vector<double>{2, 1});
  const auto divided = evaluated("Div", {"a", "b"}, {{"a", list({-7, 7})}, {"b", list({2, 2})}}, {});
  CHECK(divided.values == std::vector<double>{-3, 3});  // integers: toward zero
  CHECK(divided.type == OnnxType::int64);
  CHECK(test::mentions(test::refusal([&] {
                         (void)evaluated("Div", {"a", "b"}, {{"a", list({1})}, {"b", list({0})}}, {});
                       }),
                       "2^53"));
  const auto filled = [&](std::vector<double> extents, const OnnxAttributes& attributes) {
    return evaluated("ConstantOfShape", {"x"}, {{"x", list(std::move(extents))}}, attributes);
  };
  CHECK(filled({2, 3}, {}) == test::array(OnnxType::float32, {2, 3}, std::vector<double>(6)));
  const OnnxAttributes seven{{"value", test::array(OnnxType::int64, {1}, {7})}};
  CHECK(filled({2}, seven) == test::array(OnnxType::int64, {2}, {7, 7}));
  CHECK(filled({}, seven) == test::scalar(OnnxType::int64, 7));
  CHECK(filled({0, 5}, seven).values.empty());
  CHECK(test::mentions(test::refusal([&] { (void)filled({32, 33}, {}); }), "expected at most 1024 values"));
  CHECK(test::mentions(test::refusal([&] { (void)filled({-1}, {}); }), "expected at most 1024 values"));
  CHECK(test::mentions(test::refusal([&] {
                         (void)filled({1}, {{"value", test::array(OnnxType::int64, {2}, {1, 2})}});
                       }),
                       "attribute value: expected one value"));
  CHECK(test::mentions(test::refusal([&] { (void)filled({1}, {{"value", std::int64_t{1}}}); }), "not of its type"));
  const auto mean = evaluated("ReduceMean", {"x"}, {{"x", test::array(OnnxType::float32, {2, 3}, {1, 2, 3, 5, 6, 7})}},
                              {{"axes", OnnxShape{1}}, {"keepdims", std::int64_t{0}}});
  CHECK(mean.shape == OnnxShape{2});
  CHECK(mean.values == std::vector<double>{2, 6});
}

}  // namespace
}  // namespace systole
