// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "golden/import/import.h"
#include "golden/import/tflite/graph.h"
#include "golden/import/tflite/import.h"
#include "golden/model/execute.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/import/networks.h"
#include "tests/unit/model/bad_input.h"

namespace systole {
namespace {

using namespace test::tflite_code;  // the numbers only
using test::RandomGraph;
using test::TfliteFile;

model::Import import_file(const TfliteFile& file) {
  return model::tflite::import_graph(model::tflite::parse_graph(file.bytes(), "net.tflite"));
}

/// The imported network's output equals the interpreter's, for `images` random inputs.
model::Import check_against_interpreter(RandomGraph& graph, int images = 3) {
  const TfliteFile file = graph.file();
  model::Import import = import_file(file);
  model::Executor executor(import.network);
  const model::Input& in = import.network.input;
  op::Tensor input(in.height, in.width, in.channels);
  for (int image = 0; image < images; ++image) {
    const std::vector<int> values = graph.draw_values(static_cast<std::size_t>(input.data.size()));
    std::copy(values.begin(), values.end(), input.data.data());
    const std::vector<int> expected = test::interpret(file, values)[static_cast<std::size_t>(file.outputs[0])];
    const op::Tensor& found = executor.run(input).back();
    REQUIRE(static_cast<std::size_t>(found.data.size()) == expected.size());
    CHECK(std::equal(expected.begin(), expected.end(), found.data.data()));
  }
  return import;
}

std::string refusal(const TfliteFile& file) {
  return test::refusal([&] { import_file(file); });
}

/// A file with one convolution that `change` may spoil.
TfliteFile spoiled(const std::function<void(TfliteFile&)>& change) {
  RandomGraph g("spoiled", 6, 6, 3);
  g.conv(4, {.kernel_h = 3, .kernel_w = 3});
  TfliteFile file = g.file();
  change(file);
  return file;
}

TEST_CASE("import.tflite.conv_2d.random") {
  for (const int padding : {kSame, kValid}) {
    for (const int stride : {1, 2, 3}) {
      for (const int dilation : {1, 2}) {
        CAPTURE(padding);
        CAPTURE(stride);
        CAPTURE(dilation);
        RandomGraph g("conv" + std::to_string(padding * 100 + stride * 10 + dilation), 9, 8, 5);
        g.conv(7, {.padding = padding,
                   .stride_h = stride,
                   .stride_w = 1 + stride % 2,
                   .dilation_h = dilation,
                   .dilation_w = 1,
                   .kernel_h = 3,
                   .kernel_w = 2,
                   .activation = stride == 1 ? kNone : kRelu6});
        check_against_interpreter(g);
      }
    }
  }
}

TEST_CASE("import.tflite.depthwise_conv_2d.random") {
  for (const int multiplier : {1, 3}) {
    RandomGraph g("depthwise" + std::to_string(multiplier), 7, 9, 4);
    g.depthwise(multiplier, {.padding = kSame, .stride_h = 2, .kernel_h = 3, .kernel_w = 5, .activation = kRelu});
    const model::Import import = check_against_interpreter(g);
    CHECK(import.network.nodes[0].layer.kind == op::Kind::depthwise);
  }
}

TEST_CASE("import.tflite.fully_connected.random") {
  for (const bool per_channel : {false, true}) {
    RandomGraph g(per_channel ? "fc_channels" : "fc", 3, 4, 5);
    g.fully_connected(11, per_channel, kRelu);
    check_against_interpreter(g);
  }
}

TEST_CASE("import.tflite.add.random") {
  RandomGraph g("add", 5, 4, 6);
  g.conv(6, {.kernel_h = 1, .kernel_w = 1}).add(0, kNone).add(0, kRelu);
  check_against_interpreter(g, 20);
}

TEST_CASE("import.tflite.average_pool_2d.negative_ties") {
  for (const int padding : {kSame, kValid}) {
    RandomGraph g("average", 6, 7, 3);
    g.pool(kAveragePool, {.padding = padding, .stride_h = 2, .kernel_h = 2, .kernel_w = 2});
    check_against_interpreter(g, 20);
  }
}

TEST_CASE("import.tflite.max_pool_2d.random") {
  RandomGraph g("max", 6, 7, 3);
  g.pool(kMaxPool, {.padding = kSame, .stride_w = 2, .kernel_h = 3, .kernel_w = 3, .activation = kRelu});
  check_against_interpreter(g);
}

TEST_CASE("import.tflite.pad.folded_into_conv") {
  RandomGraph g("pad_conv", 6, 5, 3);
  g.pad(2, 1, 0, 1).conv(4, {.padding = kSame, .stride_h = 2, .kernel_h = 3, .kernel_w = 3});
  const model::Import import = check_against_interpreter(g);
  CHECK(import.network.nodes.size() == 1);
  CHECK(import.steps[0].became == "folded into the windows that read it");
}

TEST_CASE("import.tflite.pad.layer_for_max_pool") {
  RandomGraph g("pad_max", 6, 5, 3);
  g.pad(2, 1, 0, 3).pool(kMaxPool, {.kernel_h = 2, .kernel_w = 2});
  const model::Import import = check_against_interpreter(g);
  REQUIRE(import.network.nodes.size() == 2);
  CHECK(import.steps[0].became == "depthwise '00_pad' with a weight of one");
}

TEST_CASE("import.tflite.pad.layer_for_average_pool_counts_padding") {
  RandomGraph g("pad_average", 4, 4, 2);
  g.pad(1, 1, 1, 1).pool(kAveragePool, {.stride_h = 2, .stride_w = 2, .kernel_h = 3, .kernel_w = 3});
  check_against_interpreter(g, 10);
}

TEST_CASE("import.tflite.pad.layer_where_no_window_may_start_behind_the_map") {
  RandomGraph g("pad_point", 4, 4, 2);
  g.pad(0, 2, 0, 2).conv(3, {.kernel_h = 1, .kernel_w = 1});
  CHECK(check_against_interpreter(g).network.nodes.size() == 2);
}

TEST_CASE("import.tflite.pad.read_twice_and_twice_in_a_row") {
  RandomGraph g("pad_twice", 4, 4, 2);
  g.pad(1, 1, 1, 1).pad(0, 1, 1, 0);
  const int padded = g.last();
  g.conv(3, {.kernel_h = 3, .kernel_w = 3});
  const int left = g.last();
  g.at(padded).conv(3, {.kernel_h = 3, .kernel_w = 3}).add(left, kNone);
  check_against_interpreter(g);
}

TEST_CASE("import.tflite.pad.at_the_end") {
  RandomGraph g("pad_end", 4, 4, 2);
  g.conv(3, {.kernel_h = 3, .kernel_w = 3}).pad(1, 0, 2, 1);
  check_against_interpreter(g);
}

TEST_CASE("import.tflite.every_operator.random") {
  const TfliteFile file = test::every_operator();
  const model::Import import = import_file(file);
  CHECK(import.steps.size() == file.ops.size());
  RandomGraph values("every_operator_values", 1, 1, 1);
  model::Executor executor(import.network);
  op::Tensor input(7, 6, 3);
  for (int image = 0; image < 10; ++image) {
    const std::vector<int> pixels = values.draw_values(static_cast<std::size_t>(input.data.size()));
    std::copy(pixels.begin(), pixels.end(), input.data.data());
    const auto expected = test::interpret(file, pixels);
    const op::Tensor& found = executor.run(input).back();
    const std::vector<int>& logits = expected[static_cast<std::size_t>(file.ops.back().inputs[0])];
    CHECK(std::equal(logits.begin(), logits.end(), found.data.data()));
  }
}

TEST_CASE("import.tflite.refuses.operator_by_name_and_index") {
  const std::string mean = refusal(
      spoiled([](TfliteFile& f) { f.ops.push_back({.code = kMean, .inputs = {f.outputs[0]}, .outputs = {0}}); }));
  CHECK(test::mentions(mean, "operators[1] 'mean'"));
  CHECK(test::mentions(mean, "conv_2d, depthwise_conv_2d, fully_connected"));
  const std::string unknown = refusal(spoiled([](TfliteFile& f) { f.ops[0].code = 120 + 60; }));
  CHECK(test::mentions(unknown, "operators[0] 'operator code 180'"));
}

/// An operator outside of the list may have tensors whose shapes and types no layer has: the operator is what is named.
TEST_CASE("import.tflite.refuses.every_operator_once_and_first") {
  const std::string line = refusal(spoiled([](TfliteFile& f) {
    const int state = f.add({.shape = {0, 7}, .type = kFloat32});
    const int huge = f.add({.shape = {260480}});
    f.ops.insert(f.ops.begin(), {{.code = kLstm, .inputs = {0}, .outputs = {state}},
                                 {.code = kCustom, .inputs = {state}, .outputs = {huge}},
                                 {.code = kLstm, .inputs = {state}, .outputs = {huge}}});
  }));
  CAPTURE(line);
  CHECK(test::mentions(line,
                       "net.tflite: operators: 2 x lstm (first operators[0] 'lstm'), 1 x custom Foo (first "
                       "operators[1] 'custom Foo'): not an operator of the import, expected one of conv_2d"));
  CHECK(test::mentions(line,
                       "the model: TFLite, 4 operators, tensors 1 float32, 1 int32, 4 int8, input int8 [1, 6, 6, 3]"));
}

/// A float model has whatever strides and windows it likes.
TEST_CASE("import.tflite.refuses.float_model_as_such") {
  const std::string line = refusal(spoiled([](TfliteFile& f) {
    for (test::TfliteTensor& tensor : f.tensors) tensor.type = kFloat32;
    f.ops[0].stride_h = 16;
  }));
  CHECK(test::mentions(line, "found float32 inputs; the model: TFLite, 1 operators, tensors 4 float32"));
}

TEST_CASE("import.file.is_something_else") {
  const test::TemporaryFolder folder;
  const auto message = [&](const char* name, const std::string& text) {
    test::write_text(folder / name, text);
    return test::refusal([&] { model::import_model(folder / name); });
  };
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
  for (const char* name : {"a.tflite", "a.onnx"}) {
    CHECK(test::mentions(message(name, pointer),
                         "is a Git LFS pointer, not the file itself: fetch it with `git lfs pull`"));
    CHECK(test::mentions(message(name, "<!DOCTYPE html><html>"), ", found an HTML page"));
    CHECK(test::mentions(message(name, "\x89HDF\r\n\x1a\n"), ", found an HDF5 file"));
    CHECK(test::mentions(message(name, ""), "is empty"));
  }
}

TEST_CASE("import.tflite.scales") {
  RandomGraph g("scales", 6, 6, 3);
  g.conv(4, {.kernel_h = 3, .kernel_w = 3});
  const TfliteFile file = g.file();
  const model::Network network = import_file(file).network;
  REQUIRE(network.input.real);
  CHECK(network.input.real->scale == std::vector{static_cast<double>(file.tensors[0].scale[0])});
  CHECK(network.input.real->zero == file.tensors[0].zero[0]);
  const test::TfliteTensor& out = file.tensors[static_cast<std::size_t>(file.outputs[0])];
  REQUIRE(network.output);
  CHECK(network.output->scale == std::vector{static_cast<double>(out.scale[0])});
  CHECK(network.output->zero == out.zero[0]);
}

TEST_CASE("import.tflite.refuses.what_it_cannot_carry_exactly") {
  const auto says = [](const std::function<void(TfliteFile&)>& change, const std::string& part) {
    const std::string line = refusal(spoiled(change));
    CHECK_MESSAGE(test::mentions(line, part), line);
  };
  says([](TfliteFile& f) { f.tensors[0].type = kFloat32; },
       "expected an int8 model (full integer quantization with int8 inputs and outputs), found float32 inputs");
  says([](TfliteFile& f) { f.tensors[0].shape[0] = 2; }, "expected shape [1, height, width, channels]");
  says([](TfliteFile& f) { f.tensors[0].scale = {0.1F, 0.2F}; }, "expected one scale and one zero point");
  says([](TfliteFile& f) { f.tensors[0].scale = {-1}; }, "expected finite values above 0");
  says([](TfliteFile& f) { f.tensors[0].zero = {128}; }, "expected a zero point of -128 .. 127");
  says([](TfliteFile& f) { f.tensors[1].zero[2] = 1; }, "expected weights with zero point 0");
  says([](TfliteFile& f) { f.tensors[1].dimension = 3; }, "along dimension 0");
  says([](TfliteFile& f) { f.tensors[1].data.pop_back(); }, "expected 108 bytes for its shape, found 107");
  says([](TfliteFile& f) { f.tensors[1].data.clear(); }, "expected a constant");
  says([](TfliteFile& f) { f.tensors[2].type = kInt8; }, "expected 4 bytes for its shape, found 16");
  says([](TfliteFile& f) { f.tensors[3].shape[1] = 5; }, "expected shape [4, 4, 4] of its operator's output");
  says([](TfliteFile& f) { f.tensors[3].shape[3] = -1; }, "expected extents of 1 .. 65536");
  says([](TfliteFile& f) { f.ops[0].stride_h = 16; }, "expected 1 .. 15, found 16");
  says([](TfliteFile& f) { f.ops[0].stride_w = 0; }, "expected 1 .. 15, found 0");
  says([](TfliteFile& f) { f.ops[0].activation = kTanh; }, "expected none, relu, relu_n1_to_1 or relu6, found tanh");
  says([](TfliteFile& f) { f.ops[0].padding = 7; }, "expected 0 (SAME) or 1 (VALID), found 7");
  says([](TfliteFile& f) { f.ops[0].inputs[0] = 9; }, "expected a tensor 0 .. 3, found 9");
  says([](TfliteFile& f) { f.ops[0].inputs[0] = 3; },
       "expected the graph's input or the output of an earlier operator");
  says([](TfliteFile& f) { f.outputs = {0}; }, "expected the graph's output to come from its last operator");
  says([](TfliteFile& f) { f.outputs = {3, 0}; }, "expected one input and one output");
  says([](TfliteFile& f) { f.version = 2; }, "version: expected 3, found 2");
}

TEST_CASE("import.tflite.refuses.groups_and_broadcast") {
  RandomGraph groups("groups", 4, 4, 4);
  groups.conv(4, {.kernel_h = 3, .kernel_w = 3});
  TfliteFile file = groups.file();
  file.tensors[1].shape[3] = 2;
  file.tensors[1].data.resize(file.tensors[1].data.size() / 2);
  CHECK(test::mentions(refusal(file), "expected filters of 4 channels, as the input has, found 2 (groups)"));

  RandomGraph broadcast("broadcast", 4, 4, 4);
  broadcast.pool(kMaxPool, {.kernel_h = 4, .kernel_w = 4}).add(0, kNone);
  CHECK(test::mentions(refusal(broadcast.file()), "expected operands of one shape"));
}

TEST_CASE("import.tflite.refuses.work_behind_softmax") {
  RandomGraph g("behind_softmax", 1, 1, 6);
  g.fully_connected(5, false, kNone).softmax().fully_connected(3, false, kNone);
  CHECK(test::mentions(refusal(g.file()), "left to the host"));
}

TEST_CASE("import.tflite.refuses.map_behind_reshape") {
  RandomGraph g("behind_reshape", 4, 4, 2);
  g.reshape({1, 2, 8, 2}).conv(3, {.kernel_h = 1, .kernel_w = 1});
  CHECK(test::mentions(refusal(g.file()), "which a reshape made"));
}

TEST_CASE("import.tflite.file.reads_from_disk") {
  const test::TemporaryFolder folder;
  const std::vector<std::byte> bytes = test::every_operator().bytes();
  const auto file = folder / "small.tflite";
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  const model::Import import = model::import_model(file);
  CHECK(import.network.name == "small");
  CHECK(import.format == "TFLite int8");
  CHECK(test::mentions(test::refusal([&] { model::import_model(folder / "absent.tflite"); }), "cannot be read"));
  test::write_text(folder / "text.tflite", "not a model at all");
  CHECK(test::mentions(test::refusal([&] { model::import_model(folder / "text.tflite"); }), "expected a TFLite file"));
}

}  // namespace
}  // namespace systole
