// SPDX-License-Identifier: Apache-2.0
// ONNX graphs as networks, held against ONNX's own arithmetic.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "golden/format/network_file.h"
#include "golden/import/onnx/compare.h"
#include "golden/import/onnx/import.h"
#include "golden/import/onnx/ops.h"
#include "tests/support/damage.h"
#include "tests/support/onnx_networks.h"
#include "tests/support/rounds.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/import/data_folder.h"
#include "tests/unit/model/bad_input.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
namespace onnx = model::onnx;

using test::OnnxGraph;
using test::OnnxType;
using test::real;
using test::scalar;

/// Differences of a graph's network over random samples.
struct Result {
  std::vector<model::Difference> layers;
  model::Difference output;
  std::vector<op::Kind> kinds;
  bool raw = false;
};

Result compare(const OnnxGraph& source, std::uint64_t samples) {
  const onnx::Graph graph = source.graph();
  const onnx::Translation translation = onnx::import_graph(graph);
  onnx::Comparison comparison(graph, translation);
  for (std::uint64_t i = 0; i < samples; ++i) comparison.add(onnx::random_sample(translation, i));
  Result result{.layers = comparison.layers(), .output = comparison.output(), .kinds = {}, .raw = false};
  for (const model::Node& node : translation.import.network.nodes) result.kinds.push_back(node.layer.kind);
  result.raw = translation.import.network.nodes.back().layer.out.raw;
  return result;
}

void check_one_step(const Result& result) {
  for (const model::Difference& layer : result.layers) {
    CHECK(layer.compared > 0);
    CHECK(layer.largest <= 1);
  }
}

std::string refusal(const OnnxGraph& source) {
  return test::refusal([&] { onnx::import_graph(source.graph()); });
}

/// Whether the values of a layer are neither all equal nor mostly at the ends of their range.
bool uses_range(const OnnxGraph& source) {
  const onnx::Graph graph = source.graph();
  const onnx::Translation translation = onnx::import_graph(graph);
  const auto values = onnx::evaluate(graph, {{translation.input, onnx::random_sample(translation, 0)}});
  const std::vector<double>& out = values.at(graph.outputs[0]).values;
  const double low = *std::min_element(out.begin(), out.end());
  const double high = *std::max_element(out.begin(), out.end());
  const auto at_ends = std::count_if(out.begin(), out.end(), [&](double v) { return v == low || v == high; });
  return low < high && 2 * at_ends <= static_cast<std::ptrdiff_t>(out.size());
}

TEST_CASE("import.onnx.network.qlinear_lenet") {
  const Result result = compare(test::qlinear_lenet(), 3);
  check_one_step(result);
  CHECK(result.kinds == std::vector{op::Kind::conv2d, op::Kind::max_pool, op::Kind::conv2d, op::Kind::max_pool,
                                    op::Kind::fully_connected, op::Kind::fully_connected, op::Kind::fully_connected});
  CHECK(uses_range(test::qlinear_lenet()));
}

TEST_CASE("import.onnx.network.qdq_residual") {
  const Result result = compare(test::qdq_residual(), 10);
  check_one_step(result);
  CHECK(result.kinds == std::vector{op::Kind::conv2d, op::Kind::conv2d, op::Kind::add, op::Kind::depthwise,
                                    op::Kind::avg_pool, op::Kind::fully_connected});
  CHECK(uses_range(test::qdq_residual()));
}

TEST_CASE("import.onnx.network.concat_branches") {
  const Result result = compare(test::concat_branches(), 10);
  check_one_step(result);
  CHECK(std::count(result.kinds.begin(), result.kinds.end(), op::Kind::concat) == 1);
  CHECK(uses_range(test::concat_branches()));
}

TEST_CASE("import.onnx.network.conv_integer_raw_sums") {
  const Result result = compare(test::conv_integer(), 5);
  CHECK(result.raw);
  CHECK(result.output.compared == 5 * 9 * 6 * 5);
  CHECK(result.output.unequal == 0);
}

/// A quantized convolution; `wrap` may put nodes behind the graph's input.
OnnxGraph small_conv(const test::OnnxShape& shape, const std::function<std::string(OnnxGraph&, std::string)>& wrap) {
  OnnxGraph g("g");
  const std::string x = wrap(g, g.input(OnnxType::float32, shape));
  const std::string sums =
      g.node("Conv", {g.requantize(x, 0.03, OnnxType::uint8, 120), g.weights({4, 3, 3, 3}, 0, 0.01)});
  g.output(g.requantize(sums, 0.1, OnnxType::uint8, 90));
  return g;
}

std::string as_it_is(OnnxGraph&, std::string x) { return x; }

void check_same_network(const OnnxGraph& one, const OnnxGraph& other) {
  const onnx::Translation a = onnx::import_graph(one.graph());
  const onnx::Translation b = onnx::import_graph(other.graph());
  const model::Input &in = a.import.network.input, &same = b.import.network.input;
  CHECK(in.height == same.height);
  CHECK(in.width == same.width);
  CHECK(in.channels == same.channels);
  REQUIRE(a.import.network.nodes.size() == b.import.network.nodes.size());
  for (std::size_t i = 0; i < a.import.network.nodes.size(); ++i) {
    CHECK(a.import.network.nodes[i].layer.weights == b.import.network.nodes[i].layer.weights);
    CHECK(a.import.network.nodes[i].layer.out.m0 == b.import.network.nodes[i].layer.out.m0);
  }
  check_one_step(compare(one, 3));
}

TEST_CASE("import.onnx.no_work.identity_and_dropout") {
  const OnnxGraph plain = small_conv({1, 3, 5, 6}, as_it_is);
  OnnxGraph wrapped = small_conv({1, 3, 5, 6}, [](OnnxGraph& g, const std::string& x) {
    return g.node("Identity", {g.node("Dropout", {x}, {{"ratio", 0.5F}})});
  });
  check_same_network(wrapped, plain);
  OnnxGraph shared = plain;  // the weights come through an Identity
  const auto conv = std::find_if(shared.nodes().begin(), shared.nodes().end(),
                                 [](const onnx::Node& node) { return node.op == "Conv"; });
  const onnx::Node between{
      .op = "Identity", .name = "between", .inputs = {conv->inputs[1]}, .outputs = {"same"}, .attributes = {}};
  conv->inputs[1] = "same";
  shared.nodes().insert(conv, between);
  check_same_network(shared, plain);
}

TEST_CASE("import.onnx.no_work.channels_last_input") {
  const OnnxGraph plain = small_conv({1, 3, 5, 6}, as_it_is);
  const auto transposed = [](const test::OnnxShape& perm) {
    return small_conv({1, 5, 6, 3}, [perm](OnnxGraph& g, const std::string& x) {
      return g.node("Transpose", {g.requantize(x, 0.03, OnnxType::uint8, 120)}, {{"perm", perm}});
    });
  };
  const OnnxGraph last = transposed({0, 3, 1, 2});
  check_same_network(last, plain);
  const onnx::Translation translation = onnx::import_graph(last.graph());
  CHECK(onnx::random_sample(translation, 0).values ==
        onnx::to_sample(translation,
                        onnx::Comparison(last.graph(), translation).add(onnx::random_sample(translation, 0)).input)
            .values);
  CHECK(test::mentions(refusal(transposed({0, 3, 2, 1})),
                       "expected the graph's input [1, height, width, channels] and perm"));
  CHECK(test::mentions(refusal(transposed({0, 3, 3, 1})), "attribute perm: expected the numbers 0 .. 3, each once"));
}

TEST_CASE("import.onnx.softmax.left_to_the_host") {
  const auto with_softmax = [](bool in_the_middle) {
    OnnxGraph g("g");
    const std::string x = g.requantize(g.input(OnnxType::float32, {1, 20}), 0.03, OnnxType::int8, 0);
    const std::string logits = g.node("Gemm", {x, g.weights({20, 10}, 1, 0.01)});
    const std::string p =
        g.node("Softmax", {g.requantize(logits, 0.1, OnnxType::int8, 3)}, {{"axis", std::int64_t{-1}}});
    g.output(in_the_middle ? g.requantize(p, 0.01, OnnxType::int8, 0) : p);
    return g;
  };
  const Result result = compare(with_softmax(false), 3);
  check_one_step(result);
  CHECK(result.output.compared == 30);
  CHECK(result.kinds == std::vector{op::Kind::fully_connected});
  CHECK(test::mentions(refusal(with_softmax(true)), "expected it at the end of the graph"));
}

TEST_CASE("import.onnx.random_operators.one_step") {
  std::int64_t compared = 0, unequal = 0;
  for (std::uint64_t seed = 0; seed < test::rounds(400U); ++seed) {
    CAPTURE(seed);
    const Result result = compare(test::random_operator(seed), 1);
    check_one_step(result);
    CHECK(result.output.largest <= static_cast<std::int64_t>(result.layers.size()));
    compared += result.output.compared;
    unequal += result.output.unequal;
  }
  MESSAGE(unequal << " of " << compared << " outputs differ");
  CHECK(compared > 10000);
  CHECK(unequal * 100 < compared);
}

/// M = 1.25: every q = 2 (mod 4) is a tie. ONNX rounds it to even, numerics.md half up, so they part where q = 2 (mod
/// 8).
TEST_CASE("import.onnx.concat.ties_differ_exactly_where_half_up_is_odd") {
  constexpr double kScaleIn = 1.25, kScaleOut = 1.0;  // exact in float32
  OnnxGraph source("ties");
  const std::string x = source.input(OnnxType::float32, {1, 1, 32, 32});
  const std::string q = source.requantize(x, kScaleIn, OnnxType::int8, 0);
  source.output(
      source.requantize(source.node("Concat", {q, q}, {{"axis", std::int64_t{1}}}), kScaleOut, OnnxType::int8, 0));
  const onnx::Translation translation = onnx::import_graph(source.graph());
  std::int64_t expected = 0;
  for (const double value : onnx::random_sample(translation, 0).values) {
    const int code = static_cast<int>(std::nearbyint(value / kScaleIn));
    const bool saturates = code > 101 || code < -102;  // 1.25 code beyond -128 .. 127 under both rules
    if (!saturates && (code & 7) == 2) expected += 2;  // both inputs of the concatenation
  }
  const Result result = compare(source, 1);
  check_one_step(result);
  CHECK(expected > 100);
  CHECK(result.output.compared == 2 * 32 * 32);
  CHECK(result.output.unequal == expected);
}

TEST_CASE("import.onnx.comparison.sees_a_planted_difference") {
  const onnx::Graph graph = test::qdq_residual().graph();
  const onnx::Translation sound = onnx::import_graph(graph);
  const auto largest_after = [&](const std::function<void(op::Layer&)>& spoil) {
    onnx::Translation translation = sound;
    spoil(translation.import.network.nodes[1].layer);
    onnx::Comparison comparison(graph, translation);
    comparison.add(onnx::random_sample(translation, 0));
    CHECK(comparison.layers()[0].largest <= 1);
    return comparison.layers()[1].largest;
  };
  CHECK(largest_after([](op::Layer&) {}) <= 1);
  CHECK(largest_after([](op::Layer& layer) { layer.weights(0, 0) += layer.weights(0, 0) > 0 ? -100 : 100; }) > 1);
  CHECK(largest_after([](op::Layer& layer) { layer.out.zero_out += 2; }) > 1);
  CHECK(largest_after([](op::Layer& layer) { layer.out.n.assign(layer.out.n.size(), 31); }) > 1);
}

TEST_CASE("import.onnx.node_tests.as_networks") {
  const fs::path folder = test::data_folder("onnx_node");
  if (!fs::exists(folder)) {
    MESSAGE("skipped: no folder " << folder.string() << " (set SYSTOLE_DATA)");
    return;
  }
  int run = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!fs::exists(entry.path() / "model.onnx")) continue;
    CAPTURE(entry.path().filename().string());
    onnx::Graph graph = onnx::read_graph(entry.path() / "model.onnx");
    const std::string& op = graph.nodes.at(0).op;
    if (op != "QLinearConv" && op != "ConvInteger" && op != "QLinearMatMul" && op != "MatMulInteger") continue;
    CHECK(test::mentions(test::refusal([&] { onnx::import_graph(graph); }), "expected one runtime input"));
    const auto file = [&](std::size_t i) { return entry.path() / "test_data_set_0" / fmt::format("input_{}.pb", i); };
    for (std::size_t i = 1; i < graph.inputs.size(); ++i) graph.constants[graph.inputs[i]] = onnx::read_tensor(file(i));
    graph.inputs.resize(1);
    const onnx::Array input = onnx::read_tensor(file(0));
    if (input.shape.size() != 2 && input.shape.size() != 4) continue;
    const onnx::Translation translation = onnx::import_graph(graph);
    onnx::Comparison comparison(graph, translation);
    for (const onnx::Array& sample : onnx::read_samples(file(0), translation)) comparison.add(sample);
    CHECK(comparison.output().compared > 0);
    CHECK(comparison.output().largest <= 1);
    ++run;
  }
  CHECK(run > 0);
}

TEST_CASE("import.onnx.file.round_trip") {
  const test::TemporaryFolder folder;
  test::qdq_residual().save(folder.path() / "net.onnx");
  const model::Import import = model::import_model(folder.path() / "net.onnx");
  CHECK(import.network.name == "net");
  CHECK(import.format == "ONNX, int8 elements");
  CHECK(import.network.input.pixel_offset == -128);
  CHECK(import.steps.size() == test::qdq_residual().nodes().size());
  model::save_network(import.network, folder.path() / "net");
  const model::Network again = model::load_network(folder.path() / "net");
  CHECK(again.nodes.size() == import.network.nodes.size());
  CHECK(again.nodes.back().layer.weights == import.network.nodes.back().layer.weights);
}

// --- bounds of integers: how Brevitas writes values of less than 8 bits

/// Behind QuantizeLinear the integers are clipped to 4 bits, signed or not.
std::string clipped(OnnxGraph& g, const std::string& x, OnnxType type) {
  const double low = type == OnnxType::int8 ? -8 : 0;
  const double high = type == OnnxType::int8 ? 7 : 15;
  return g.node("Clip", {x, g.constant(scalar(type, low)), g.constant(scalar(type, high))});
}

/// A convolution whose input and output are clipped; `weights` makes the dequantized weights from their scale.
OnnxGraph clipped_conv(OnnxType type, const std::function<std::string(OnnxGraph&)>& weights) {
  OnnxGraph g("g");
  const std::string x = clipped(g, g.quantize(g.input(OnnxType::float32, {1, 3, 5, 6}), 0.25, type, 0), type);
  const std::string sums = g.node("Conv", {g.dequantize(x, 0.25, type, 0), weights(g)});
  g.output(clipped(g, g.quantize(sums, 0.25, type, 0), type));
  return g;
}

std::string stored_weights(OnnxGraph& g) { return g.weights({4, 3, 3, 3}, 0, 0.005); }

TEST_CASE("import.onnx.clip.of_integers") {
  for (const OnnxType type : {OnnxType::int8, OnnxType::uint8}) {
    CAPTURE(to_string(type));
    const OnnxGraph graph = clipped_conv(type, stored_weights);
    const onnx::Translation translation = onnx::import_graph(graph.graph());
    REQUIRE(translation.import.network.nodes.size() == 3);
    for (const std::size_t node : {0U, 2U}) {
      const op::Requantization& out = translation.import.network.nodes[node].layer.out;
      CHECK(out.act_min == (type == OnnxType::int8 ? -8 : 0));
      CHECK(out.act_max == (type == OnnxType::int8 ? 7 : 15));
      CHECK(out.zero_out == 0);
    }
    CHECK(translation.import.network.nodes[0].layer.act_signed == (type == OnnxType::int8));
    const Result result = compare(graph, 5);
    check_one_step(result);
    CHECK(result.layers[0].unequal == 0);
    CHECK(result.layers[2].unequal == 0);
  }
}

TEST_CASE("import.onnx.relu.of_integers") {
  OnnxGraph g("g");
  g.output(g.node("Relu", {g.input(OnnxType::int8, {1, 2, 4, 4})}));
  const Result result = compare(g, 2);
  CHECK(result.output.compared == 2 * 32);
  CHECK(result.output.unequal == 0);
}

/// Weights that are quantized in the graph and clipped to 4 bits before they are dequantized.
TEST_CASE("import.onnx.clip.of_constants") {
  const OnnxGraph graph = clipped_conv(OnnxType::int8, [](OnnxGraph& g) {
    std::vector<double> values;
    constexpr int kValues = 4 * 3 * 3 * 3;
    values.reserve(kValues);
    for (int i = 0; i < kValues; ++i) values.push_back(static_cast<double>(i % 41 - 20) / 64);
    const std::string real_weights = g.constant(test::array(OnnxType::float32, {4, 3, 3, 3}, values));
    const std::string codes = clipped(g, g.quantize(real_weights, 1.0 / 32, OnnxType::int8, 0), OnnxType::int8);
    return g.dequantize(codes, 1.0 / 32, OnnxType::int8, 0);
  });
  const onnx::Translation translation = onnx::import_graph(graph.graph());
  const op::Matrix& weights = translation.import.network.nodes.at(1).layer.weights;
  CHECK(weights.minCoeff() == -8);
  CHECK(weights.maxCoeff() == 7);
  check_one_step(compare(graph, 5));
}

// --- refusals

TEST_CASE("import.onnx.refuses.operators_and_attributes") {
  OnnxGraph sigmoid("g");
  sigmoid.output(sigmoid.node("Sigmoid", {sigmoid.input(OnnxType::int8, {1, 4})}));
  const std::string unknown = sigmoid.node("Resize", {sigmoid.node("Sigmoid", {"t_0"})});
  sigmoid.constant(test::array(OnnxType::int8, {-1}, {}));  // what such a model holds beside is judged after
  CHECK(refusal(sigmoid) ==
        "g.onnx: operators: 2 x Sigmoid (first nodes[0] 'Sigmoid' (n_t_0)), 1 x Resize (first "
        "nodes[2] 'Resize' (n_t_2)): not an operator of the import, expected one of Add, "
        "AveragePool, Clip, Concat, Constant, Conv, ConvInteger, DequantizeLinear, Dropout, "
        "Flatten, Gemm, GlobalAveragePool, Identity, MatMul, MatMulInteger, MaxPool, QLinearAdd, "
        "QLinearConv, QLinearMatMul, QuantizeLinear, Relu, Reshape, Softmax, Transpose; the model: "
        "quantized, ONNX opset 13, 3 nodes, input 'x' int8 [1, 4]");
  OnnxGraph pool("g");
  pool.output(pool.node("MaxPool", {pool.input(OnnxType::int8, {1, 4, 4, 4})},
                        {{"kernel_shape", test::OnnxShape{2, 2}}, {"shape", std::int64_t{1}}}));
  CHECK(test::mentions(refusal(pool), "attribute shape"));
  pool.nodes()[0].attributes = {{"kernel_shape", test::OnnxShape{16, 2}}};
  CHECK(test::mentions(refusal(pool), "fits into its padded input"));
  pool.nodes()[0].attributes = {{"kernel_shape", test::OnnxShape{2, 2}}, {"strides", test::OnnxShape{16, 1}}};
  CHECK(test::mentions(refusal(pool), "at most 15"));
  pool.nodes()[0].attributes = {{"kernel_shape", test::OnnxShape{2}}};
  CHECK(test::mentions(refusal(pool), "expected two values"));
  pool.nodes()[0].attributes = {{"kernel_shape", std::monostate{}}};
  CHECK(test::mentions(refusal(pool), "attribute kernel_shape: not of its type"));
}

TEST_CASE("import.onnx.refuses.order_and_missing_values") {
  OnnxGraph cyclic("g");
  cyclic.input(OnnxType::int8, {1, 4});
  const std::string first = cyclic.node("Flatten", {"t_1"});
  cyclic.output(cyclic.node("Flatten", {first}));
  CHECK(test::mentions(refusal(cyclic), "nodes[0] 'Flatten' (n_t_0): input 0 't_1' is given by nodes[1]"));
  CHECK(test::mentions(refusal(cyclic), "without a cycle"));
  OnnxGraph lenet = test::qlinear_lenet();
  lenet.constants().erase(lenet.nodes()[0].inputs[3]);
  CHECK(test::mentions(refusal(lenet), "input 3 'c_2' is given by no initializer"));
  OnnxGraph runtime = test::qlinear_lenet();
  runtime.constants().erase(runtime.nodes()[0].inputs[3]);
  runtime.input(OnnxType::int8, {6, 3, 5, 5}, runtime.nodes()[0].inputs[3]);
  CHECK(test::mentions(refusal(runtime), "expected one runtime input, found 2 (x, c_2): weights, scales"));
  OnnxGraph loose = test::qlinear_lenet();
  loose.node("Flatten", {"x"});
  CHECK(test::mentions(refusal(loose), "is read by no node"));
}

TEST_CASE("import.onnx.refuses.types_and_extents") {
  const auto line = [](OnnxType type, const test::OnnxShape& shape) {
    OnnxGraph g("g");
    g.output(g.node("MaxPool", {g.input(type, shape)}, {{"kernel_shape", test::OnnxShape{2, 2}}}));
    return refusal(g);
  };
  CHECK(line(OnnxType::int8, {-1, 2, 4, 4}).empty());
  for (const test::OnnxShape& shape : {test::OnnxShape{2, 2, 4, 4},
                                       {1, 2, -1, 4},
                                       {1, -2, 4, 4},
                                       {1, 0, 4, 4},
                                       {1, 2, 4},
                                       {},
                                       {1, std::int64_t{1} << 40, 4, 4},
                                       {1, 4, 65536, 65536}}) {
    CHECK(test::mentions(line(OnnxType::int8, shape), "g.onnx: input 'x': expected"));
  }
  CHECK(test::mentions(line(OnnxType::int64, {1, 2, 4, 4}), "expected a tensor of float32, int8 or uint8"));
  CHECK(test::mentions(line(OnnxType::float32, {1, 2, 4, 4}), "expected a quantized model (QLinear operators"));
  CHECK(test::mentions(line(OnnxType::float32, {1, 2, 4, 4}),
                       "the model: float32, not quantized, ONNX opset 13, 1 nodes"));
  CHECK(test::mentions(line(OnnxType::int64, {1, 2, 4, 4}), ", found int64"));
  OnnxGraph wrong = test::qlinear_lenet();
  wrong.constants().at(wrong.nodes()[0].inputs[3]).type = OnnxType::float32;
  CHECK(test::mentions(refusal(wrong), "input 3: type float32 is not allowed here"));
  OnnxGraph huge("g");
  huge.output(huge.node("Flatten", {huge.input(OnnxType::int8, {1, 4})}));
  huge.constant(test::array(OnnxType::int8, {-1}, {}));
  CHECK(test::mentions(refusal(huge), "expected extents of 0 or more"));
  huge.constants().begin()->second.shape = {std::int64_t{1} << 30, std::int64_t{1} << 30};
  CHECK(test::mentions(refusal(huge), "at most 67108864 elements"));
  huge.constants().begin()->second.shape = {1000000};
  CHECK(test::mentions(refusal(huge), "expected 1000000 values for its shape, found 0"));
}

TEST_CASE("import.onnx.type_names") {
  CHECK(onnx::type_name(1) == "float32");
  CHECK(onnx::type_name(5) == "int16");
  CHECK(onnx::type_name(16) == "bfloat16");
  CHECK(onnx::type_name(22) == "int4");
  CHECK(onnx::type_name(24) == "type 24");
  CHECK(onnx::type_name(-1) == "type -1");
}

/// A QuantizeLinear without a zero point whose type is asked for (opset 21).
OnnxGraph with_output_type(std::int64_t type, const std::optional<OnnxType>& zero = {}) {
  OnnxGraph g("g");
  std::vector<std::string> inputs{g.input(OnnxType::float32, {1, 3, 4, 4}), g.constant(real(0.5))};
  if (zero) inputs.push_back(g.constant(scalar(*zero, 0)));
  const std::string q = g.node("QuantizeLinear", inputs, {{"output_dtype", type}, {"saturate", std::int64_t{1}}});
  g.output(g.node("MaxPool", {q}, {{"kernel_shape", test::OnnxShape{2, 2}}}));
  return g;
}

TEST_CASE("import.onnx.quantize.output_dtype") {
  constexpr std::int64_t kUint8 = 2, kInt8 = 3, kInt16 = 5, kInt4 = 22;
  CHECK(onnx::import_graph(with_output_type(kInt8).graph()).import.network.input.is_signed);
  CHECK(!onnx::import_graph(with_output_type(kUint8).graph()).import.network.input.is_signed);
  CHECK(!onnx::import_graph(with_output_type(0).graph()).import.network.input.is_signed);
  CHECK(onnx::import_graph(with_output_type(kInt8, OnnxType::int8).graph()).import.network.input.is_signed);
  check_one_step(compare(with_output_type(kInt8), 3));
  CHECK(
      test::mentions(refusal(with_output_type(kInt16)), "attribute output_dtype: expected int8 or uint8, found int16"));
  CHECK(test::mentions(refusal(with_output_type(kInt4)), "attribute output_dtype: expected int8 or uint8, found int4"));
  CHECK(test::mentions(refusal(with_output_type(kInt8, OnnxType::uint8)),
                       "attribute output_dtype: expected the zero point's type uint8, found int8"));
  OnnxGraph blocks = with_output_type(kInt8);
  blocks.nodes()[0].attributes["block_size"] = std::int64_t{16};
  CHECK(test::mentions(refusal(blocks), "attribute block_size: expected 0 (one scale, or one per channel), found 16"));
}

TEST_CASE("import.onnx.scales") {
  const model::Network residual = onnx::import_graph(test::qdq_residual().graph()).import.network;
  CHECK(residual.input.real);
  REQUIRE(residual.output);
  const onnx::Graph graph = small_conv({1, 3, 5, 6}, as_it_is).graph();
  const model::Network network = onnx::import_graph(graph).import.network;
  CHECK(network.input.real == model::TensorScale{.scale = {static_cast<double>(0.03F)}, .zero = 120});
  CHECK(network.output == model::TensorScale{.scale = {static_cast<double>(0.1F)}, .zero = 90});
  const model::Network lenet = onnx::import_graph(test::qlinear_lenet().graph()).import.network;
  CHECK(lenet.input.real);
  CHECK(lenet.output);
  CHECK(!onnx::import_graph(test::conv_integer().graph()).import.network.output);
}

TEST_CASE("import.onnx.refuses.what_no_layer_has") {
  OnnxGraph zeros = test::qlinear_lenet();
  zeros.constants().at(zeros.nodes()[0].inputs[5]).values[3] = 1;
  CHECK(test::mentions(refusal(zeros), "one zero point for all channels"));
  OnnxGraph padded = test::concat_branches();
  for (onnx::Node& node : padded.nodes()) {
    if (node.op == "AveragePool") node.attributes["count_include_pad"] = std::int64_t{0};
  }
  const auto pool = std::find_if(padded.nodes().begin(), padded.nodes().end(),
                                 [](const onnx::Node& node) { return node.op == "AveragePool"; });
  padded.constants().at((pool + 1)->inputs[1]).values = {0.06F};
  CHECK(test::mentions(refusal(padded), "expected one scale on both sides of an average"));
  OnnxGraph unquantized("g");
  const std::string x = unquantized.dequantize(unquantized.input(OnnxType::int8, {1, 3, 4, 4}), 0.5, OnnxType::int8, 0);
  unquantized.output(
      unquantized.node("Relu", {unquantized.node("Conv", {x, unquantized.weights({2, 3, 1, 1}, 0, 0.5)})}));
  CHECK(test::mentions(refusal(unquantized), "expected a QuantizeLinear before it"));
  unquantized.nodes().back().op = "Flatten";
  CHECK(refusal(unquantized).empty());  // the sums leave as they are
}

TEST_CASE("import.onnx.file.damaged_graph") {
  const std::vector<std::byte> whole = test::concat_branches().bytes();
  const fixed::CounterRandom random(5, "import.onnx", "graph flips");
  int refused = 0;
  const auto judge = [&](const std::vector<std::byte>& bytes) {
    const std::string line = test::refusal([&] { onnx::import_graph(onnx::parse_graph(bytes, "d.onnx")); });
    CHECK((line.empty() || (line.starts_with("d.onnx: ") && line.find('\n') == std::string::npos)));
    refused += line.empty() ? 0 : 1;
  };
  test::for_each_damage(whole, 7, 2000, random, judge);
  CHECK(refused > 0);
}

}  // namespace
}  // namespace systole
