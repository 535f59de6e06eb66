// SPDX-License-Identifier: Apache-2.0
// The ONNX operators against worked values of the operator specification, and the node tests of ONNX itself.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "golden/fixed/counter_random.h"
#include "golden/import/onnx/graph.h"
#include "golden/import/onnx/ops.h"
#include "tests/support/damage.h"
#include "tests/unit/import/data_folder.h"
#include "tests/unit/import/onnx_builder.h"
#include "tests/unit/model/bad_input.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

using model::onnx::Attribute;
using test::array;
using test::real;
using test::run_one;
using test::scalar;
using Type = model::onnx::Type;
using Ints = std::vector<std::int64_t>;
using Doubles = std::vector<double>;

const test::OnnxArray kNone{};

std::string refusal(const std::string& op, const std::vector<test::OnnxArray>& inputs,
                    const std::map<std::string, Attribute>& attributes = {}) {
  return test::refusal([&] { run_one(op, inputs, attributes); });
}

/// One folder of ONNX's node tests: the graph's inputs in order, its one output.
void run_node_test(const fs::path& folder) {
  CAPTURE(folder.filename().string());
  const model::onnx::Graph graph = model::onnx::read_graph(folder / "model.onnx");
  std::map<std::string, test::OnnxArray> inputs;
  const fs::path data = folder / "test_data_set_0";
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    inputs[graph.inputs[i]] = model::onnx::read_tensor(data / fmt::format("input_{}.pb", i));
  }
  const auto values = model::onnx::evaluate(graph, inputs);
  CHECK(values.at(graph.outputs.at(0)) == model::onnx::read_tensor(data / "output_0.pb"));
}

TEST_CASE("import.onnx.node_tests") {
  const fs::path folder = test::data_folder("onnx_node");
  if (!fs::exists(folder)) {
    MESSAGE("skipped: no folder " << folder.string() << " (set SYSTOLE_DATA)");
    return;
  }
  const std::vector<std::string_view> names = model::onnx::operator_names();
  int run = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (!fs::exists(entry.path() / "model.onnx")) continue;
    const model::onnx::Graph graph = model::onnx::read_graph(entry.path() / "model.onnx");
    const bool known = std::all_of(graph.nodes.begin(), graph.nodes.end(), [&](const model::onnx::Node& node) {
      return std::find(names.begin(), names.end(), node.op) != names.end();
    });
    if (!known) continue;  // the folder may hold tests of other operators
    run_node_test(entry.path());
    ++run;
  }
  CHECK(run > 0);
}

TEST_CASE("import.onnx.round_half_even.ties") {
  using model::onnx::round_half_even;
  const Doubles in{-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4999, 0.0, -0.75};
  const Doubles out{-2, -2, 0, 0, 2, 2, 2, 0, -1};
  for (std::size_t i = 0; i < in.size(); ++i) CHECK(round_half_even(in[i]) == out[i]);
}

TEST_CASE("import.onnx.quantize_linear.saturates_and_ties") {
  const auto x = array(Type::float32, {6}, {0, 1, 3, 1000, -254, -1000});
  CHECK(run_one("QuantizeLinear", {x, real(2), scalar(Type::uint8, 128)}) ==
        array(Type::uint8, {6}, {128, 128, 130, 255, 1, 0}));
  CHECK(run_one("QuantizeLinear", {x, real(2), scalar(Type::int8, 1)}) ==
        array(Type::int8, {6}, {1, 1, 3, 127, -126, -128}));
  CHECK(run_one("QuantizeLinear", {x, real(2)}).type == Type::uint8);
}

TEST_CASE("import.onnx.quantize_linear.per_channel") {
  const auto x = array(Type::float32, {2, 2}, {1, 2, 3, 4});
  const auto y = run_one("QuantizeLinear", {x, array(Type::float32, {2}, {1, 0.5}), array(Type::int8, {2}, {0, 10})},
                         {{"axis", Attribute{std::int64_t{-1}}}});
  CHECK(y == array(Type::int8, {2, 2}, {1, 14, 3, 18}));
}

TEST_CASE("import.onnx.dequantize_linear.values") {
  const auto x = array(Type::uint8, {4}, {0, 3, 128, 255});
  CHECK(run_one("DequantizeLinear", {x, real(2), scalar(Type::uint8, 128)}) ==
        array(Type::float32, {4}, {-256, -250, 0, 254}));
  CHECK(run_one("DequantizeLinear", {array(Type::int32, {1}, {-7}), real(0.5)}) == array(Type::float32, {1}, {-3.5}));
}

TEST_CASE("import.onnx.conv_integer.zero_point_and_padding") {
  const auto x = array(Type::uint8, {1, 1, 3, 3}, {2, 3, 4, 5, 6, 7, 8, 9, 10});
  const auto w = array(Type::uint8, {1, 1, 2, 2}, {1, 1, 1, 1});
  CHECK(run_one("ConvInteger", {x, w, scalar(Type::uint8, 1)}) == array(Type::int32, {1, 1, 2, 2}, {12, 16, 24, 28}));
  const auto padded = run_one("ConvInteger", {x, w, scalar(Type::uint8, 1)}, {{"pads", Attribute{Ints{1, 1, 1, 1}}}});
  CHECK(padded == array(Type::int32, {1, 1, 4, 4}, {1, 3, 5, 3, 5, 12, 16, 9, 11, 24, 28, 15, 7, 15, 17, 9}));
}

TEST_CASE("import.onnx.conv_integer.groups_strides_dilations") {
  const auto x = array(Type::int8, {1, 2, 1, 5}, {1, 2, 3, 4, 5, 10, 20, 30, 40, 50});
  const auto w = array(Type::int8, {2, 1, 1, 2}, {1, -1, 2, 1});
  const auto y = run_one("ConvInteger", {x, w},
                         {{"group", Attribute{std::int64_t{2}}},
                          {"dilations", Attribute{Ints{1, 2}}},
                          {"strides", Attribute{Ints{1, 2}}}});
  CHECK(y == array(Type::int32, {1, 2, 1, 2}, {-2, -2, 50, 110}));
}

TEST_CASE("import.onnx.matmul_integer.zero_points") {
  const auto a = array(Type::uint8, {2, 2}, {11, 7, 10, 6});
  const auto b = array(Type::uint8, {2, 1}, {1, 4});
  CHECK(run_one("MatMulInteger", {a, b, scalar(Type::uint8, 12), scalar(Type::uint8, 0)}) ==
        array(Type::int32, {2, 1}, {-21, -26}));
}

TEST_CASE("import.onnx.qlinear_conv.bias_per_channel_negative_ties") {
  const auto x = array(Type::int8, {1, 1, 1, 2}, {5, -5});
  const auto w = array(Type::int8, {2, 1, 1, 1}, {1, 3});
  const auto y = run_one(
      "QLinearConv", {x, real(0.5), scalar(Type::int8, 0), w, array(Type::float32, {2}, {1, 0.5}),
                      array(Type::int8, {2}, {0, 0}), real(1), scalar(Type::int8, 1), array(Type::int32, {2}, {0, 3})});
  // 2.5 -> 2, -2.5 -> -2; (15 + 3) / 4 = 4.5 -> 4, (-15 + 3) / 4 = -3; plus the zero point 1
  CHECK(y == array(Type::int8, {1, 2, 1, 2}, {3, -1, 5, -2}));
}

TEST_CASE("import.onnx.qlinear_matmul.saturates") {
  const auto a = array(Type::uint8, {1, 2}, {200, 10});
  const auto b = array(Type::uint8, {2, 2}, {2, 0, 1, 1});
  const auto y = run_one("QLinearMatMul", {a, real(1), scalar(Type::uint8, 0), b, real(0.5), scalar(Type::uint8, 0),
                                           real(0.5), scalar(Type::uint8, 7)});
  CHECK(y == array(Type::uint8, {1, 2}, {255, 17}));
}

TEST_CASE("import.onnx.pools.padding_and_ceil") {
  const auto x = array(Type::float32, {1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const std::map<std::string, Attribute> window{{"kernel_shape", Attribute{Ints{2, 2}}},
                                                {"strides", Attribute{Ints{2, 2}}}};
  CHECK(run_one("MaxPool", {x}, window).values == Doubles{5});
  auto ceil = window;
  ceil["ceil_mode"] = std::int64_t{1};
  CHECK(run_one("MaxPool", {x}, ceil).values == Doubles{5, 6, 8, 9});
  auto padded = window;
  padded["pads"] = Ints{1, 1, 0, 0};
  CHECK(run_one("AveragePool", {x}, padded).values == Doubles{1, 2.5, 5.5, 7});
  padded["count_include_pad"] = std::int64_t{1};
  CHECK(run_one("AveragePool", {x}, padded).values == Doubles{0.25, 1.25, 2.75, 7});
  auto same = window;
  same["auto_pad"] = std::string("SAME_UPPER");
  CHECK(run_one("MaxPool", {x}, same).values == Doubles{5, 6, 8, 9});
  same["auto_pad"] = std::string("SAME_LOWER");
  CHECK(run_one("MaxPool", {x}, same).values == Doubles{1, 3, 7, 9});
}

TEST_CASE("import.onnx.gemm.transposed_with_bias") {
  const auto a = array(Type::float32, {2, 1}, {1, 2});
  const auto b = array(Type::float32, {2, 2}, {3, 4, 5, 6});
  const auto c = array(Type::float32, {2}, {10, 20});
  const auto y = run_one("Gemm", {a, b, c},
                         {{"transA", Attribute{std::int64_t{1}}},
                          {"transB", Attribute{std::int64_t{1}}},
                          {"alpha", Attribute{2.0F}},
                          {"beta", Attribute{0.5F}}});
  CHECK(y == array(Type::float32, {1, 2}, {27, 44}));
}

TEST_CASE("import.onnx.qlinear_add.negative_ties") {
  const auto a = array(Type::int8, {4}, {3, -3, 127, 2});
  const auto b = array(Type::int8, {4}, {2, -2, 100, 1});
  const auto y = run_one("QLinearAdd", {a, real(1), scalar(Type::int8, 0), b, real(1), scalar(Type::int8, 0), real(2),
                                        scalar(Type::int8, 1)});
  CHECK(y == array(Type::int8, {4}, {3, -1, 115, 3}));  // 2.5 -> 2, -2.5 -> -2, 113.5 -> 114, 1.5 -> 2, plus 1
}

TEST_CASE("import.onnx.matmul_and_global_average.values") {
  CHECK(run_one("MatMul", {array(Type::float32, {1, 2}, {1, 2}), array(Type::float32, {2, 2}, {3, 4, 5, 6})}).values ==
        Doubles{13, 16});
  const auto y = run_one("GlobalAveragePool", {array(Type::float32, {1, 2, 1, 2}, {1, 2, 3, 5})});
  CHECK(y == array(Type::float32, {1, 2, 1, 1}, {1.5, 4}));
}

TEST_CASE("import.onnx.shapes.flatten_reshape_concat") {
  const auto x = array(Type::int8, {1, 2, 1, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(run_one("Flatten", {x}).shape == Ints{1, 6});
  CHECK(run_one("Flatten", {x}, {{"axis", Attribute{std::int64_t{-1}}}}).shape == Ints{2, 3});
  CHECK(run_one("Reshape", {x, array(Type::int64, {3}, {0, -1, 2})}).shape == Ints{1, 3, 2});
  const auto y = run_one("Concat", {x, x}, {{"axis", Attribute{std::int64_t{-1}}}});
  CHECK(y == array(Type::int8, {1, 2, 1, 6}, {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6}));
}

TEST_CASE("import.onnx.shapes.transpose_identity_dropout") {
  const auto x = array(Type::int8, {1, 2, 1, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(run_one("Transpose", {x}, {{"perm", Attribute{Ints{0, 3, 1, 2}}}}) ==
        array(Type::int8, {1, 3, 2, 1}, {1, 4, 2, 5, 3, 6}));
  CHECK(run_one("Transpose", {array(Type::int8, {2, 3}, {1, 2, 3, 4, 5, 6})}) ==
        array(Type::int8, {3, 2}, {1, 4, 2, 5, 3, 6}));
  CHECK(test::mentions(refusal("Transpose", {x}, {{"perm", Attribute{Ints{0, 1}}}}), "expected the numbers 0 .. 3"));
  CHECK(run_one("Identity", {x}) == x);
  CHECK(run_one("Dropout", {x, real(0.5)}) == x);
  CHECK(test::mentions(refusal("Dropout", {x, real(0.5), scalar(Type::int8, 1)}), "expected training_mode 0"));
}

TEST_CASE("import.onnx.elementwise.values") {
  const auto x = array(Type::float32, {3}, {-1, 0.5, 9});
  CHECK(run_one("Relu", {x}).values == Doubles{0, 0.5, 9});
  CHECK(run_one("Clip", {x, kNone, real(6)}).values == Doubles{-1, 0.5, 6});
  CHECK(run_one("Clip", {x}, {{"min", Attribute{0.0F}}, {"max", Attribute{6.0F}}}).values == Doubles{0, 0.5, 6});
  CHECK(run_one("Add", {x, x}).values == Doubles{-2, 1, 18});
  const auto map = array(Type::float32, {1, 2, 1, 2}, {1, 2, 3, 4});
  CHECK(run_one("Add", {map, array(Type::float32, {2, 1, 1}, {10, 20})}).values == Doubles{11, 12, 23, 24});
  CHECK(run_one("Add", {real(5), map}).values == Doubles{6, 7, 8, 9});
  CHECK(test::mentions(refusal("Add", {map, x}), "that broadcast"));
}

TEST_CASE("import.onnx.conv.qdq_equals_qlinear_conv") {
  // DequantizeLinear -> Conv -> QuantizeLinear with powers of two as scales is exact, so both ways agree.
  const auto x = array(Type::int8, {1, 2, 2, 2}, {1, -7, 3, 100, -128, 12, 9, 5});
  const auto w = array(Type::int8, {2, 2, 1, 1}, {3, -2, 7, 1});
  const auto real_x = run_one("DequantizeLinear", {x, real(0.5), scalar(Type::int8, 4)});
  const auto real_w = run_one("DequantizeLinear", {w, real(0.25), scalar(Type::int8, 0)});
  const auto real_y = run_one("Conv", {real_x, real_w, array(Type::float32, {2}, {1, -2})});
  const auto y = run_one("QuantizeLinear", {real_y, real(4), scalar(Type::int8, -3)});
  CHECK(y == run_one("QLinearConv", {x, real(0.5), scalar(Type::int8, 4), w, real(0.25), scalar(Type::int8, 0), real(4),
                                     scalar(Type::int8, -3), array(Type::int32, {2}, {8, -16})}));
}

TEST_CASE("import.onnx.refuses.by_name") {
  const std::string line = refusal("Sigmoid", {real(1)});
  CHECK(test::mentions(line, "nodes[0] 'Sigmoid' (n)"));
  CHECK(test::mentions(line, "Add, AveragePool, BatchNormalization, Cast, Clip, Concat, ConstantOfShape, Conv"));
  CHECK(test::mentions(refusal("Relu", {real(1)}, {{"slope", Attribute{1.0F}}}), "attribute slope"));
  CHECK(test::mentions(refusal("QuantizeLinear", {real(1), real(0)}), "scales above 0"));
  CHECK(test::mentions(refusal("QuantizeLinear", {real(std::numeric_limits<double>::quiet_NaN()), real(1)}), "NaN"));
  CHECK(test::mentions(refusal("MaxPool", {real(1)}), "expected 3 or 4 extents"));
  CHECK(test::mentions(refusal("ConvInteger", {real(1), real(1)}), "type float32 is not allowed"));
  const auto wide = array(Type::uint8, {1, 40000}, Doubles(40000, 255));
  const auto tall = array(Type::uint8, {40000, 1}, Doubles(40000, 255));
  CHECK(test::mentions(refusal("MatMulInteger", {wide, tall}), "leaves int32"));
}

TEST_CASE("import.onnx.file.raw_and_typed_data") {
  for (const bool raw : {false, true}) {
    const model::onnx::Graph graph = model::onnx::parse_graph(test::onnx_bytes("Add", "", raw), "a.onnx");
    REQUIRE(graph.nodes.size() == 1);
    CHECK(graph.constants.at("c") == array(Type::float32, {2}, {1.5, -2}));
    CHECK(graph.inputs == std::vector<std::string>{"x"});
    const auto values = model::onnx::evaluate(graph, {{"x", array(Type::float32, {2}, {1, 1})}});
    CHECK(values.at("y").values == Doubles{2.5, -1});
    CHECK(test::mentions(test::refusal([&] { model::onnx::evaluate(graph, {}); }), "no value given for 'x'"));
  }
  const model::onnx::Graph other = model::onnx::parse_graph(test::onnx_bytes("Add", "com.other", true), "a.onnx");
  CHECK(test::mentions(test::refusal([&] {
                         model::onnx::evaluate(other, {{"x", real(1)}});
                       }),
                       "'com.other.Add': is not an operator of the import"));
}

TEST_CASE("import.onnx.file.damaged") {
  const std::vector<std::byte> whole = test::onnx_bytes("Add", "", true);
  int refused = 0;
  const auto judge = [&](const std::vector<std::byte>& bytes) {
    try {
      static_cast<void>(
          model::onnx::evaluate(model::onnx::parse_graph(bytes, "d.onnx"), {{"x", array(Type::float32, {2}, {1, 1})}}));
    } catch (const base::InputError& error) {
      const std::string line = error.what();
      CHECK_MESSAGE((line.starts_with("d.onnx: ") && line.find('\n') == std::string::npos), line);
      ++refused;
    } catch (const std::exception& error) {
      FAIL_CHECK("not an InputError: " << error.what());
    }
  };
  const fixed::CounterRandom random(33, "import.onnx", "flips");
  test::for_each_damage(whole, 1, 3000, random, judge);
  CHECK(refused > 0);
}

}  // namespace
}  // namespace systole
