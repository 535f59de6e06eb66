// SPDX-License-Identifier: Apache-2.0
// Float ONNX graphs as float networks, held against plain loops in double.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "golden/import/onnx/float_compare.h"
#include "golden/import/onnx/float_import.h"
#include "golden/import/onnx/import.h"
#include "tests/support/damage.h"
#include "tests/support/onnx_float_networks.h"
#include "tests/support/onnx_plain.h"
#include "tests/support/rounds.h"
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
using test::real;

using Strings = std::vector<std::string>;

constexpr double kClose = 2e-5;  // of a tensor's largest value: float32 sums over a few layers

FloatTranslation import_float(const OnnxGraph& graph) { return onnx::import_float_graph(graph.graph()); }

/// The largest distance of a layer's values from the plain loops, of the layer's largest value.
double distance(const model::FloatTensor& found, const test::Plain& expected, bool last) {
  double largest = 0, reference = 0;
  const auto channels = static_cast<std::size_t>(found.channels());
  const std::size_t pixels = static_cast<std::size_t>(found.height) * static_cast<std::size_t>(found.width);
  REQUIRE(expected.values.size() == channels * pixels);
  for (std::size_t p = 0; p < pixels; ++p) {
    for (std::size_t c = 0; c < channels; ++c) {
      const double value = expected.values[last ? p * channels + c : c * pixels + p];
      const float ours = found.data(static_cast<Eigen::Index>(p), static_cast<Eigen::Index>(c));
      largest = std::max(largest, std::abs(static_cast<double>(ours) - value));
      reference = std::max(reference, std::abs(value));
    }
  }
  return reference > 0 ? largest / reference : largest;
}

/// Runs the network of a graph on a drawn input; the largest distance of any layer.
double largest_distance(const onnx::Graph& graph, const FloatTranslation& translation, std::uint64_t seed) {
  const fixed::CounterRandom random(seed, "import.onnx_float", "input");
  const onnx::GraphInput& in = translation.input;
  test::Plain sample{.shape = in.shape, .values = {}};
  model::FloatTensor input(in.map.height, in.map.width, in.map.channels);
  for (std::int64_t i = 0; i < onnx::element_count(in.shape); ++i) {
    sample.values.push_back(
        static_cast<double>(static_cast<float>(2 * random.real(static_cast<std::uint64_t>(i)) - 1)));
  }
  const std::int64_t pixels = std::int64_t{in.map.height} * in.map.width;
  for (std::int64_t p = 0; p < pixels; ++p) {
    for (std::int64_t c = 0; c < in.map.channels; ++c) {
      const std::int64_t there = in.last ? p * in.map.channels + c : c * pixels + p;
      input.data(p, c) = static_cast<float>(sample.values[static_cast<std::size_t>(there)]);
    }
  }
  const auto expected = test::plain_values(graph, sample);
  model::FloatExecutor executor(translation.network);
  const std::vector<model::FloatTensor>& found = executor.run(input);
  double largest = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const onnx::FloatSource& source = translation.layers[i];
    largest = std::max(largest, distance(found[i], expected.at(source.tensor), source.last));
  }
  return largest;
}

/// The same of a graph from the start; its network as kinds.
std::vector<Kind> check_close(const OnnxGraph& source) {
  const onnx::Graph graph = source.graph();
  const FloatTranslation translation = onnx::import_float_graph(graph);
  CHECK(largest_distance(graph, translation, 3) < kClose);
  CHECK(translation.steps.size() == graph.nodes.size());
  std::vector<Kind> kinds;
  for (const model::FloatNode& node : translation.network.nodes) kinds.push_back(node.layer.kind);
  return kinds;
}

/// One map through a chain of nodes.
OnnxGraph chain(const OnnxShape& shape, const std::function<std::string(OnnxGraph&, std::string)>& nodes) {
  OnnxGraph g("g");
  const std::string x = g.input(OnnxType::float32, shape);
  g.output(nodes(g, x));
  return g;
}

std::string conv(OnnxGraph& g, const std::string& x, const OnnxShape& weights, OnnxAttributes attributes = {},
                 bool bias = true) {
  Strings inputs{x, g.draw_reals(weights, -0.5, 0.5)};
  if (bias) inputs.push_back(g.draw_reals({weights[0]}, -0.5, 0.5));
  return g.node("Conv", inputs, std::move(attributes));
}

std::string normalized(OnnxGraph& g, const std::string& x, std::int64_t channels) {
  const OnnxShape c{channels};
  return g.node("BatchNormalization", {x, g.draw_reals(c, -1.5, 1.5), g.draw_reals(c, -0.5, 0.5),
                                       g.draw_reals(c, -0.5, 0.5), g.draw_reals(c, 0.1, 1.5)});
}

std::string float_refusal(const OnnxGraph& source) {
  return test::refusal([&] { import_float(source); });
}

std::string float_refusal(const OnnxShape& shape, const std::function<std::string(OnnxGraph&, std::string)>& nodes) {
  return float_refusal(chain(shape, nodes));
}

const OnnxAttributes kPadded{{"pads", OnnxShape{1, 1, 1, 1}}};

TEST_CASE("import.onnx_float.network.residual") {
  const std::vector<Kind> kinds = check_close(test::float_residual());
  CHECK(kinds == std::vector{Kind::conv2d, Kind::max_pool, Kind::conv2d, Kind::conv2d, Kind::add, Kind::avg_pool,
                             Kind::fully_connected});
}

TEST_CASE("import.onnx_float.random_networks.plain_loops") {
  std::map<Kind, int> kinds;
  for (std::uint64_t seed = 0; seed < test::rounds(200U); ++seed) {
    CAPTURE(seed);
    for (const Kind kind : check_close(test::random_float_network(seed))) ++kinds[kind];
  }
  CHECK(kinds.size() == 7);  // all of them
}

TEST_CASE("import.onnx_float.comparison.sees_a_planted_difference") {
  const onnx::Graph graph = test::float_residual().graph();
  FloatTranslation translation = onnx::import_float_graph(graph);
  const auto differences = [&] {
    onnx::FloatComparison comparison(graph, translation);
    for (std::uint64_t i = 0; i < 2; ++i) comparison.add(onnx::random_sample(translation, i));
    return comparison.layers();
  };
  for (const onnx::FloatDifference& layer : differences()) {
    CHECK(layer.compared > 0);
    CHECK(layer.relative() < onnx::kFloatTolerance);
  }
  translation.network.nodes[2].layer.bias.array() += 0.01F;
  const std::vector<onnx::FloatDifference> planted = differences();
  CHECK(planted[1].relative() < onnx::kFloatTolerance);
  CHECK(planted[2].relative() > onnx::kFloatTolerance);
}

TEST_CASE("import.onnx_float.comparison.difference_of_no_number") {
  onnx::FloatDifference difference;
  difference.add(1, std::nan(""));
  difference.add(1, 1);
  CHECK(std::isinf(difference.relative()));
}

TEST_CASE("import.onnx_float.normalization.into_the_convolution_before") {
  const OnnxGraph g = chain({1, 3, 6, 5}, [](OnnxGraph& graph, const std::string& x) {
    return graph.node("Relu", {normalized(graph, conv(graph, x, {4, 3, 3, 3}, kPadded, false), 4)});
  });
  CHECK(check_close(g) == std::vector{Kind::conv2d});
  const model::FloatLayer layer = import_float(g).network.nodes[0].layer;
  CHECK(layer.relu);
  CHECK(layer.bias.size() == 4);
  CHECK(layer.name == "00_conv");
}

/// What is normalised in front of a layer goes into its weights, unless a window would read padding that is shifted.
TEST_CASE("import.onnx_float.normalization.of_the_input") {
  const auto graph = [](const OnnxAttributes& attributes, bool shifts) {
    return chain({1, 3, 6, 5}, [&](OnnxGraph& g, std::string x) {
      if (shifts) x = g.node("Sub", {x, g.draw_reals({3, 1, 1}, 0.2, 0.7)});
      return conv(g, g.node("Div", {x, g.draw_reals({3, 1, 1}, 0.2, 0.7)}), {4, 3, 3, 3}, attributes);
    });
  };
  CHECK(check_close(graph({}, true)) == std::vector{Kind::conv2d});
  CHECK(check_close(graph(kPadded, false)) == std::vector{Kind::conv2d});
  CHECK(check_close(graph(kPadded, true)) == std::vector{Kind::depthwise, Kind::conv2d});
  const FloatTranslation kept = import_float(graph(kPadded, true));
  CHECK(kept.network.nodes[0].layer.name == "01_div");
  CHECK(kept.steps[0].became == "with nodes[1] 'Div'");
  CHECK(kept.steps[1].became == "depthwise '01_div'");
  CHECK(import_float(graph({}, true)).steps[1].became == "weights of '02_conv'");
}

TEST_CASE("import.onnx_float.normalization.behind_a_relu") {
  const OnnxGraph g = chain({1, 3, 6, 5}, [](OnnxGraph& graph, const std::string& x) {
    const std::string t = normalized(graph, graph.node("Relu", {conv(graph, x, {4, 3, 3, 3})}), 4);
    return graph.node("Gemm", {graph.node("Flatten", {t}), graph.draw_reals({48, 3}, -0.3, 0.3)});
  });
  CHECK(check_close(g) == std::vector{Kind::conv2d, Kind::fully_connected});
}

TEST_CASE("import.onnx_float.convolution.groups") {
  const auto kinds = [](std::int64_t group, const OnnxShape& weights) {
    return check_close(chain({1, 4, 6, 5}, [&](OnnxGraph& g, const std::string& x) {
      return conv(g, x, weights, {{"group", group}, {"strides", OnnxShape{2, 1}}});
    }));
  };
  CHECK(kinds(1, {3, 4, 1, 3}) == std::vector{Kind::conv2d});
  CHECK(kinds(4, {8, 1, 3, 2}) == std::vector{Kind::depthwise});
  CHECK(kinds(2, {6, 2, 3, 3}) == std::vector{Kind::conv2d});
}

/// A result with two readers keeps its values for the other one.
TEST_CASE("import.onnx_float.activation.of_a_shared_result") {
  const OnnxGraph g = chain({1, 2, 4, 4}, [](OnnxGraph& graph, const std::string& x) {
    const std::string t = conv(graph, x, {2, 2, 1, 1});
    return graph.node("Add", {t, graph.node("Relu", {t})});
  });
  CHECK(check_close(g) == std::vector{Kind::conv2d, Kind::max_pool, Kind::add});
}

TEST_CASE("import.onnx_float.activation.bounds") {
  const auto layer = [](const std::function<std::string(OnnxGraph&, std::string)>& nodes) {
    const OnnxGraph g = chain({1, 2, 4, 4}, [&](OnnxGraph& graph, const std::string& x) {
      return nodes(graph, conv(graph, x, {3, 2, 1, 1}));
    });
    CHECK(check_close(g) == std::vector{Kind::conv2d});
    return import_float(g).network.nodes[0].layer;
  };
  const model::FloatLayer six = layer([](OnnxGraph& g, const std::string& x) {
    return g.node("Clip", {x, g.constant(real(0)), g.constant(real(0.5))});
  });
  CHECK((six.relu && six.clip == 0.5F));
  const model::FloatLayer both = layer([](OnnxGraph& g, const std::string& x) {
    return g.node("Clip", {g.node("Relu", {x}), g.constant(real(-3)), g.constant(real(0.25))});
  });
  CHECK((both.relu && both.clip == 0.25F));
  const model::FloatLayer open = layer([](OnnxGraph& g, const std::string& x) {
    return g.node("Clip", {x, g.constant(real(0)), g.constant(real(3.4028234663852886e38))});
  });
  CHECK((open.relu && open.clip == 0));
}

TEST_CASE("import.onnx_float.pool.padding_divisors") {
  const auto kinds = [](std::int64_t all, const OnnxShape& pads) {
    return check_close(chain({1, 2, 7, 6}, [&](OnnxGraph& g, const std::string& x) {
      return g.node("AveragePool", {x},
                    {{"kernel_shape", OnnxShape{3, 2}},
                     {"strides", OnnxShape{2, 2}},
                     {"pads", pads},
                     {"count_include_pad", all}});
    }));
  };
  CHECK(kinds(0, {1, 1, 1, 1}) == std::vector{Kind::avg_pool});
  CHECK(kinds(1, {1, 1, 1, 1}) == std::vector{Kind::depthwise});
  CHECK(kinds(1, {0, 0, 0, 0}) == std::vector{Kind::avg_pool});
}

TEST_CASE("import.onnx_float.pad.into_the_window") {
  const auto kinds = [](bool relu, const std::function<std::string(OnnxGraph&, std::string)>& reader) {
    return check_close(chain({1, 2, 6, 6}, [&](OnnxGraph& g, const std::string& x) {
      std::string t = conv(g, x, {3, 2, 1, 1});
      if (relu) t = g.node("Relu", {t});
      const std::string pads = g.constant(test::array(OnnxType::int64, {8}, {0, 0, 1, 2, 0, 0, 1, 0}));
      return reader(g, g.node("Pad", {t, pads}));
    }));
  };
  const auto pool = [](const char* op) {
    return [op](OnnxGraph& g, const std::string& x) {
      return g.node(op, {x}, {{"kernel_shape", OnnxShape{3, 3}}, {"strides", OnnxShape{2, 2}}});
    };
  };
  const auto product = [](OnnxGraph& g, const std::string& x) { return conv(g, x, {2, 3, 3, 3}); };
  const auto add = [](OnnxGraph& g, const std::string& x) { return g.node("Add", {x, x}); };
  CHECK(kinds(false, product) == std::vector{Kind::conv2d, Kind::conv2d});
  CHECK(kinds(true, pool("MaxPool")) == std::vector{Kind::conv2d, Kind::max_pool});
  CHECK(kinds(false, pool("MaxPool")) == std::vector{Kind::conv2d, Kind::depthwise, Kind::max_pool});
  CHECK(kinds(false, pool("AveragePool")) == std::vector{Kind::conv2d, Kind::depthwise});
  CHECK(kinds(false, add) == std::vector{Kind::conv2d, Kind::depthwise, Kind::add});
}

TEST_CASE("import.onnx_float.opsets.attributes_and_inputs") {
  const auto graph = [](std::int64_t opset) {
    OnnxGraph g = chain({1, 2, 6, 6}, [&](OnnxGraph& made, std::string x) {
      if (opset >= 18) {
        const std::string pads = made.constant(test::array(OnnxType::int64, {4}, {1, 0, 1, 2}));
        const std::string axes = made.constant(test::array(OnnxType::int64, {2}, {2, -1}));
        x = made.node("Pad", {x, pads, "", axes});
      } else if (opset >= 11) {
        x = made.node("Pad", {x, made.constant(test::array(OnnxType::int64, {8}, {0, 0, 1, 0, 0, 0, 1, 2}))});
      } else {
        x = made.node("Pad", {x}, {{"pads", OnnxShape{0, 0, 1, 0, 0, 0, 1, 2}}, {"value", 0.0F}});
      }
      x = conv(made, x, {3, 2, 3, 3});
      if (opset < 11) return made.node("Clip", {x}, {{"min", 0.0F}, {"max", 0.5F}});
      return made.node("Clip", {x, made.constant(real(0)), made.constant_node(real(0.5))});
    });
    g.set_opset(opset);
    return g;
  };
  const FloatTranslation first = import_float(graph(7));
  for (const std::int64_t opset : {7, 10, 11, 13, 17, 18, 21}) {
    CAPTURE(opset);
    const FloatTranslation other = import_float(graph(opset));
    CHECK(other.network.nodes[0].layer.window.pad_top == 1);
    CHECK(other.network.nodes[0].layer.weights.isApprox(first.network.nodes[0].layer.weights));
    CHECK(other.network.nodes[0].layer.out_w == 6);
    CHECK(other.network.nodes[0].layer.clip == 0.5F);
  }
  CHECK(test::mentions(float_refusal(graph(6)), "g.onnx: opset_import: expected opset 7 .. 21, found 6"));
  CHECK(test::mentions(float_refusal(graph(22)), "g.onnx: opset_import: expected opset 7 .. 21, found 22"));
}

TEST_CASE("import.onnx_float.input.channels_last") {
  const auto nodes = [](OnnxGraph& g, std::string x) {
    x = g.node("Mul", {x, g.draw_reals({3}, 0.5, 1.5)});
    x = g.node("Transpose", {x}, {{"perm", OnnxShape{0, 3, 1, 2}}});
    x = g.node("Transpose", {conv(g, x, {4, 3, 2, 2})}, {{"perm", OnnxShape{0, 2, 3, 1}}});
    return g.node("Gemm", {g.node("Flatten", {x}), g.draw_reals({80, 3}, -0.3, 0.3)});
  };
  const OnnxGraph g = chain({1, 5, 6, 3}, nodes);
  CHECK(check_close(g) == std::vector{Kind::conv2d, Kind::fully_connected});
  CHECK(import_float(g).network.input.channels == 3);
}

TEST_CASE("import.onnx_float.refuses.operators") {
  const std::string line = float_refusal({1, 4}, [](OnnxGraph& g, const std::string& x) {
    return g.node("Resize", {g.node("Sigmoid", {g.node("Sigmoid", {x})})});
  });
  CHECK(line ==
        "g.onnx: operators: 2 x Sigmoid (first nodes[0] 'Sigmoid' (n_t_0)), 1 x Resize (first nodes[2] 'Resize' "
        "(n_t_2)): not an operator of the import, expected one of Add, AveragePool, BatchNormalization, Cast, Clip, "
        "Concat, Constant, ConstantOfShape, Conv, Div, Dropout, Flatten, Gather, Gemm, GlobalAveragePool, "
        "GlobalMaxPool, Identity, "
        "LogSoftmax, MatMul, MaxPool, Mul, Pad, ReduceMean, Relu, Reshape, Shape, Slice, Softmax, Squeeze, Sub, "
        "Transpose, Unsqueeze; the model: float32, not quantized, ONNX opset 13, "
        "3 nodes, input 'x' float32 [1, 4]");
}

/// Each line names the node and what was expected.
TEST_CASE("import.onnx_float.refuses.what_no_layer_has") {
  const auto line = [](const OnnxShape& shape, const char* op, Strings constants, const OnnxAttributes& attributes) {
    return float_refusal(shape, [&](OnnxGraph& g, const std::string& x) {
      Strings inputs{x};
      inputs.insert(inputs.end(), constants.begin(), constants.end());
      return g.node(op, inputs, attributes);
    });
  };
  const auto with = [](const OnnxShape& shape, const char* op, const test::OnnxArray& constant, bool first = false) {
    return float_refusal(shape, [&](OnnxGraph& g, const std::string& x) {
      const std::string c = g.constant(constant);
      return g.node(op, first ? Strings{c, x} : Strings{x, c});
    });
  };
  const OnnxShape map{1, 2, 6, 6};
  const auto reals = [](OnnxShape shape, double value) {
    const auto count = static_cast<std::size_t>(onnx::element_count(shape));
    return test::array(OnnxType::float32, std::move(shape), std::vector<double>(count, value));
  };
  CHECK(
      test::mentions(line(map, "GlobalAveragePool", {}, {{"axis", std::int64_t{1}}}), "nodes[0] 'GlobalAveragePool'"));
  CHECK(test::mentions(line({1, 2, 17, 16}, "GlobalAveragePool", {}, {}), "numbers up to 15"));
  CHECK(test::mentions(line(map, "Mul", {"x"}, {}), "expected a constant operand (an initializer or a Constant node)"));
  CHECK(test::mentions(with(map, "Div", real(0)), "input 1: expected a divisor other than 0"));
  CHECK(test::mentions(with(map, "Div", real(1), true), "found a constant that is divided"));
  CHECK(test::mentions(with(map, "Add", reals({6}, 1)), "one for each of the 2 channels, found [6]"));
  CHECK(test::mentions(with(map, "Add", reals({2, 1, 0}, 1)), "one for each of the 2 channels, found [2, 1, 0]"));
  CHECK(test::mentions(with(map, "Conv", reals({2, 3, 1, 1}, 1)), "expected weights of 2 / group channels"));
  CHECK(test::mentions(with(map, "MatMul", reals({72, 3}, 1)), "expected [1, k] times [k, n], found [1, 2, 6, 6]"));
  CHECK(test::mentions(with(map, "Clip", real(-1)), "expected bounds of 0 and above (or none), found -1 .. inf"));
  CHECK(test::mentions(with(map, "Clip", real(0.5)), "expected bounds of 0 and above (or none), found 0.5 .. inf"));
  const auto pads = [](std::vector<double> values) { return test::array(OnnxType::int64, {8}, std::move(values)); };
  CHECK(test::mentions(with(map, "Pad", pads({0, 1, 0, 0, 0, 0, 0, 0})), "found 1 along axis 1"));
  CHECK(test::mentions(with(map, "Pad", pads({0, 0, 9, 0, 0, 0, 9, 0})), "at most 15 rows and columns, found 18"));
  CHECK(test::mentions(with(map, "Pad", pads({0, 0, -1, 0, 0, 0, 0, 0})), "expected pads of 0 .. 4096, found -1"));
  CHECK(test::mentions(line(map, "Pad", {}, {{"mode", std::string("reflect")}}), "expected constant, found reflect"));
  CHECK(test::mentions(line(map, "Pad", {}, {{"pads", OnnxShape(8)}, {"value", 1.0F}}), "a padding of zeros, found 1"));
  CHECK(test::mentions(line(map, "Transpose", {}, {{"perm", OnnxShape{0, 1, 3, 2}}}), "expected perm [0, 2, 3, 1]"));
  const auto pool = [](OnnxShape kernel, OnnxShape pads_of) {
    return OnnxAttributes{{"kernel_shape", std::move(kernel)}, {"pads", std::move(pads_of)}};
  };
  CHECK(test::mentions(line(map, "MaxPool", {}, pool({16, 2}, {8, 0, 8, 0})), "at most 15, the limit of a layer"));
  CHECK(
      test::mentions(line(map, "MaxPool", {}, pool({2, 2}, {2, 0, 0, 0})), "a tap inside of the map in every window"));
}

TEST_CASE("import.onnx_float.refuses.normalization") {
  const auto graph = [](const char* attribute, std::int64_t value, double variance) {
    return chain({1, 2, 4, 4}, [&](OnnxGraph& g, const std::string& x) {
      const std::string c = g.draw_reals({2}, 0.5, 1);
      const std::string v = g.constant(test::array(OnnxType::float32, {2}, {1, variance}));
      return g.node("BatchNormalization", {conv(g, x, {2, 2, 1, 1}), c, c, c, v}, {{attribute, value}});
    });
  };
  CHECK(float_refusal(graph("training_mode", 0, 1)).empty());
  CHECK(test::mentions(float_refusal(graph("training_mode", 1, 1)), "attribute training_mode: expected 0"));
  CHECK(test::mentions(float_refusal(graph("spatial", 0, 1)), "attribute spatial: expected 1"));
  CHECK(test::mentions(float_refusal(graph("is_test", 1, 1)), "attribute is_test: not known"));
  CHECK(test::mentions(float_refusal(graph("spatial", 1, -1)), "input 4: expected variances above 0, found -1"));
  OnnxGraph many = graph("spatial", 1, 1);
  many.nodes()[1].outputs.push_back("saved_mean");
  CHECK(test::mentions(float_refusal(many), "output 'saved_mean' is read by no node"));
}

TEST_CASE("import.onnx_float.refuses.whole_graphs") {
  const auto identity = [](OnnxGraph& g, const std::string& x) { return g.node("Identity", {x}); };
  CHECK(test::mentions(float_refusal({1, 2, 4, 4}, identity), "expected it to come from the last layer"));
  CHECK(test::mentions(float_refusal({1, 2, 4, 4, 4}, identity),
                       "input 'x': expected shape [1, channels, height, width]"));
  CHECK(
      test::mentions(float_refusal({2, 2, 4, 4}, identity), "input 'x': expected shape [1, channels, height, width]"));
  OnnxGraph early =
      chain({1, 4}, [](OnnxGraph& g, const std::string& x) { return g.node("Relu", {g.node("Softmax", {x})}); });
  CHECK(test::mentions(float_refusal(early), "nodes[0] 'Softmax' (n_t_0): expected it at the end of the graph"));
  OnnxGraph infinite = chain({1, 2, 4, 4}, [](OnnxGraph& g, const std::string& x) { return conv(g, x, {1, 2, 1, 1}); });
  infinite.constants().at(infinite.nodes()[0].inputs[1]).values[0] = HUGE_VAL;
  CHECK(test::mentions(float_refusal(infinite), "'00_conv'.weights: expected finite numbers"));
  infinite.constants().at(infinite.nodes()[0].inputs[1]) = test::array(OnnxType::int8, {1, 2, 1, 1}, {1, 1});
  CHECK(test::mentions(float_refusal(infinite), "input 1: type int8 is not allowed here"));
  CHECK(
      test::mentions(test::refusal([] { onnx::import_graph(test::float_residual().graph()); }), "operators: 1 x Sub"));
}

TEST_CASE("import.onnx_float.file.damaged_graph") {
  const std::vector<std::byte> whole = test::float_residual().bytes();
  const fixed::CounterRandom random(5, "import.onnx_float", "graph flips");
  int refused = 0;
  const auto judge = [&](const std::vector<std::byte>& bytes) {
    const std::string line = test::refusal([&] { onnx::import_float_graph(onnx::parse_graph(bytes, "d.onnx")); });
    CHECK((line.empty() || (line.starts_with("d.onnx: ") && line.find('\n') == std::string::npos)));
    refused += line.empty() ? 0 : 1;
  };
  test::for_each_damage(whole, 97, 1000, random, judge);
  CHECK(refused > 0);
}

}  // namespace
}  // namespace systole
