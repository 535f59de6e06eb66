// SPDX-License-Identifier: Apache-2.0
#include "golden/format/network_file.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"
#include "tests/unit/model/networks.h"

namespace {

using namespace systole;
using Json = nlohmann::ordered_json;

void check_same_output(const op::Requantization& a, const op::Requantization& b) {
  CHECK(a.raw == b.raw);
  CHECK(a.rule == b.rule);
  CHECK(a.multiply == b.multiply);
  CHECK(a.m0 == b.m0);
  CHECK(a.lshift == b.lshift);
  CHECK(a.n == b.n);
  CHECK(a.zero_out == b.zero_out);
  CHECK(a.act_min == b.act_min);
  CHECK(a.act_max == b.act_max);
}

void check_same_window(const op::Window& a, const op::Window& b) {
  CHECK(a.kernel_h == b.kernel_h);
  CHECK(a.kernel_w == b.kernel_w);
  CHECK(a.stride_h == b.stride_h);
  CHECK(a.stride_w == b.stride_w);
  CHECK(a.dilation_h == b.dilation_h);
  CHECK(a.dilation_w == b.dilation_w);
  CHECK(a.pad_top == b.pad_top);
  CHECK(a.pad_left == b.pad_left);
}

void check_same_operand(const op::AddOperand& a, const op::AddOperand& b) {
  CHECK(a.zero == b.zero);
  CHECK(a.m0 == b.m0);
  CHECK(a.lshift == b.lshift);
  CHECK(a.n == b.n);
}

void check_same_layer(const op::Layer& a, const op::Layer& b) {
  CHECK(a.name == b.name);
  CHECK(a.kind == b.kind);
  CHECK(std::vector{a.in_h, a.in_w, a.in_c, a.out_h, a.out_w, a.out_c} ==
        std::vector{b.in_h, b.in_w, b.in_c, b.out_h, b.out_w, b.out_c});
  check_same_window(a.window, b.window);
  CHECK(a.act_signed == b.act_signed);
  CHECK(a.act_bits == b.act_bits);
  CHECK(a.wgt_signed == b.wgt_signed);
  CHECK(a.wgt_bits == b.wgt_bits);
  CHECK(a.zero_in == b.zero_in);
  CHECK(a.zero_wgt == b.zero_wgt);
  CHECK(a.codebook == b.codebook);
  CHECK(a.psum_width == b.psum_width);
  CHECK(a.saturate == b.saturate);
  CHECK(a.psum_bits == b.psum_bits);
  CHECK(a.align == b.align);
  CHECK(a.tile_channels == b.tile_channels);
  CHECK(a.exclude_padding == b.exclude_padding);
  check_same_output(a.out, b.out);
  check_same_operand(a.add_a, b.add_a);
  check_same_operand(a.add_b, b.add_b);
  CHECK(a.weights == b.weights);
  CHECK(a.bias == b.bias);
}

/// A saved network whose description can be spoiled before it is read back.
class Spoiled {
 public:
  Spoiled() { model::save_network(test::every_kind(), folder_ / "net"); }

  /// The refusal after `change`; the file on disk is good again afterwards.
  std::string refusal(const std::function<void(Json&)>& change) {
    const std::string good = test::read_text(description());
    Json json = Json::parse(good);
    change(json);
    test::write_text(description(), json.dump());
    std::string message = reading();
    test::write_text(description(), good);
    return message;
  }
  /// The refusal of any text in place of the description.
  std::string refusal_of_text(const std::string& text) {
    test::write_text(description(), text);
    return reading();
  }
  std::string refusal_of_weights(const std::function<std::string(std::string)>& change) {
    const std::string good = test::read_text(weights());
    test::write_text(weights(), change(good));
    std::string message = reading();
    test::write_text(weights(), good);
    return message;
  }
  [[nodiscard]] std::string reading() const {
    return test::refusal([this] { (void)model::load_network(folder_ / "net"); });
  }
  [[nodiscard]] std::filesystem::path description() const { return folder_ / "net/network.json"; }
  [[nodiscard]] std::filesystem::path weights() const { return folder_ / "net/weights.bin"; }

 private:
  test::TemporaryFolder folder_;
};

TEST_CASE("format.network_file.round_trip.every_kind") {
  const test::TemporaryFolder folder;
  const model::Network saved = test::every_kind();
  model::save_network(saved, folder / "net");
  const model::Network read = model::load_network(folder / "net");
  CHECK(read.name == saved.name);
  CHECK(read.classes == saved.classes);
  CHECK(read.input.height == 4);
  CHECK(read.input.width == 6);
  CHECK(read.input.channels == 3);
  CHECK(read.input.is_signed);
  CHECK(read.input.bits == 8);
  CHECK(read.input.pixel_offset == -128);
  CHECK(read.input.pixel_shift == 0);
  REQUIRE(read.nodes.size() == saved.nodes.size());
  for (std::size_t i = 0; i < saved.nodes.size(); ++i) {
    CAPTURE(saved.nodes[i].layer.name);
    CHECK(read.nodes[i].inputs == saved.nodes[i].inputs);
    check_same_layer(read.nodes[i].layer, saved.nodes[i].layer);
  }
}

TEST_CASE("format.network_file.concat") {
  const test::TemporaryFolder folder;
  model::Network network = test::concat_network();
  model::save_network(network, folder / "net");
  const model::Network read = model::load_network(folder / "net");
  CHECK(read.nodes[1].inputs == std::vector{0, 1, 0});
  CHECK(read.nodes[1].layer.concat == network.nodes[1].layer.concat);
  const auto refusal = [&] { return test::refusal([&] { model::check_network(network, "net"); }); };
  REQUIRE(refusal().empty());
  network.nodes[1].inputs = {0, 0, 1};
  CHECK(test::mentions(refusal(), "nodes[1] 'concat'.concat[1]: expected an input of shape [1, 1, 3]"));
  network.nodes[1].inputs = {0, 1};
  CHECK(test::mentions(refusal(), "'concat'.concat: expected 2 entries, one per input, found 3"));
  network = test::concat_network();
  network.nodes[1].layer.concat[1].align = 32;
  CHECK(test::mentions(refusal(), "concat[1].align is 32, expected 0 .. 31"));
  network = test::concat_network();
  network.nodes[1].layer.out_c = 8;
  CHECK(test::mentions(refusal(), "out_c is 8, expected 7 (the channels of all inputs of a concat)"));
}

TEST_CASE("format.network_file.scales_of_every_node") {
  const test::TemporaryFolder folder;
  model::Network network = test::every_kind();
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    network.scales.push_back({{0.1 + static_cast<double>(i)}, static_cast<int>(i)});
  }
  network.scales[0].scale.assign(static_cast<std::size_t>(network.nodes[0].layer.out_c), 0.3);
  model::save_network(network, folder / "net");
  CHECK(model::load_network(folder / "net").scales == network.scales);
  const auto refusal = [&] { return test::refusal([&] { model::check_network(network, "net"); }); };
  network.scales[1].scale = {-1};
  CHECK(test::mentions(refusal(), "net: scales[1].scale: expected finite scales above 0"));
  network.scales.pop_back();
  CHECK(test::mentions(refusal(),
                       "net: scales: expected " + std::to_string(network.nodes.size()) + " objects, one per node"));
}

TEST_CASE("format.network_file.round_trip.wgt_bits_16") {
  for (const bool is_signed : {true, false}) {
    const test::TemporaryFolder folder;
    model::Network network = test::every_kind();
    op::Layer& fc = network.nodes.back().layer;
    fc.wgt_signed = is_signed;
    fc.wgt_bits = 16;
    const int low = is_signed ? -32768 : 0;
    fc.weights << low, low + 1, low + 255, low + 256, low + 65534, low + 65535;
    model::save_network(network, folder / "net");
    CHECK(model::load_network(folder / "net").nodes.back().layer.weights == fc.weights);
  }
}

TEST_CASE("format.network_file.saving_twice_gives_the_same_bytes") {
  const test::TemporaryFolder folder;
  model::save_network(test::every_kind(), folder / "a");
  model::save_network(model::load_network(folder / "a"), folder / "b");
  CHECK(test::read_text(folder / "a/network.json") == test::read_text(folder / "b/network.json"));
  CHECK(test::read_text(folder / "a/weights.bin") == test::read_text(folder / "b/weights.bin"));
}

TEST_CASE("format.network_file.refuses_every_missing_key") {
  Spoiled file;
  REQUIRE(file.reading().empty());
  const Json good = Json::parse(test::read_text(file.description()));
  const auto optional = [](const std::string& key) { return key == "codebook" || key == "align" || key == "bias"; };
  int removed = 0;
  const Json leaves = good.flatten();
  for (const auto& [path, value] : leaves.items()) {
    // Every prefix of a leaf's path that ends in a key, such as /nodes/0/window and /nodes/0/window/pad.
    for (nlohmann::json_pointer<std::string> at(path); !at.empty(); at.pop_back()) {
      if (good.at(at.parent_pointer()).is_array() || optional(at.back())) continue;
      const std::string message = file.refusal([&](Json& json) { json.at(at.parent_pointer()).erase(at.back()); });
      CAPTURE(at.to_string());
      CHECK(test::mentions(message, at.back() + ": missing key"));
      ++removed;
    }
  }
  CHECK(removed > 150);
}

TEST_CASE("format.network_file.refuses_unknown_key") {
  Spoiled file;
  const std::vector<std::string> places{"",
                                        "/input",
                                        "/nodes/0",
                                        "/nodes/0/window",
                                        "/nodes/0/activation",
                                        "/nodes/0/psum",
                                        "/nodes/0/weights",
                                        "/nodes/0/weights/data",
                                        "/nodes/0/bias",
                                        "/nodes/0/requantization",
                                        "/nodes/2/add",
                                        "/nodes/2/add/a"};
  for (const std::string& place : places) {
    CAPTURE(place);
    const std::string message = file.refusal([&](Json& json) { json.at(Json::json_pointer(place))["colour"] = 1; });
    CHECK(test::mentions(message, "colour: unknown key"));
  }
  CHECK(test::mentions(file.refusal([](Json& json) { json["nodes"][5]["window"] = json["nodes"][0]["window"]; }),
                       "window: unknown key"));
  CHECK(test::mentions(file.refusal([](Json& json) { json["nodes"][0]["exclude_padding"] = true; }),
                       "exclude_padding: unknown key"));
}

struct Wrong {
  const char* path;
  Json value;
  const char* message;
};

TEST_CASE("format.network_file.refuses_wrong_value") {
  Spoiled file;
  const std::vector<Wrong> cases{
      {"/format", "other", "format: expected 'systole-network'"},
      {"/version", 2, "version: expected 1, found 2"},
      {"/version", "1", "version: expected an integer"},
      {"/number", "float32", "number: expected 'integer', found 'float32'"},
      {"/name", 7, "name: expected printable text"},
      {"/name", "a\nb", "name: expected printable text"},
      {"/classes/1", 4, "classes[1]: expected printable text"},
      {"/classes", {"a", "b"}, "classes: expected 3 names"},
      {"/input/shape", {4, 6}, "input.shape: expected an array of 3"},
      {"/input/shape", {4, 6, 0}, "input.shape[2]: expected an integer in 1 .."},
      {"/input/shape", {4096, 4096, 65536}, "input.shape: expected height and width"},
      {"/input/bits", 17, "input.bits: expected an integer in 2 .. 16"},
      {"/input/signed", 1, "input.signed: expected true or false"},
      {"/input/signed", false,
       "nodes[0] 'conv'.activation: expected an input of values in -128 .. 127, found 0 .. 255"},
      {"/nodes", Json::array(), "nodes: expected an array"},
      {"/nodes/0", 3, "nodes[0]: expected an object"},
      {"/nodes/0/name", "input", "nodes[0] 'input'.name: expected a name that is not 'input'"},
      {"/nodes/1/name", "conv", "nodes[1] 'conv'.name: expected a name"},
      {"/nodes/0/kind", "softmax", "nodes[0] 'conv'.kind: expected one of conv2d"},
      {"/nodes/1/inputs",
       {"later"},
       "nodes[1] 'depthwise'.inputs: expected 'input' or the name of an earlier node, found 'later'"},
      {"/nodes/1/inputs", {"conv", "conv"}, "nodes[1] 'depthwise'.inputs: expected 1 inputs, found 2"},
      {"/nodes/2/inputs", {"conv"}, "nodes[2] 'add'.inputs: expected 2 inputs, found 1"},
      {"/nodes/0/out_shape", {4, 6, 5}, "nodes[0] 'conv'.weights.data.count: expected 135"},
      {"/nodes/3/out_shape", {9, 3, 2}, "nodes[3] 'max'"},
      {"/nodes/0/window/kernel", {3, 16}, "window.kernel[1]: expected an integer in 1 .. 15, found 16"},
      {"/nodes/0/window/stride", {0, 1}, "window.stride[0]: expected an integer in 1 .. 15"},
      {"/nodes/0/activation/bits", 1, "activation.bits: expected an integer in 2 .. 16"},
      {"/nodes/0/activation/zero", -129, "zero_in"},
      {"/nodes/0/activation/bits", 7, "nodes[0] 'conv'.activation: expected an input of values in -64 .. 63"},
      {"/nodes/0/psum/width", 33, "psum.width: expected an integer in 2 .. 32"},
      {"/nodes/1/psum/bits", 16, "psum.bits: expected an integer in 0 .. 15, found 16"},
      {"/nodes/0/align", {1}, "length of align"},
      {"/nodes/0/align/0", 32, "align[0]: expected an integer in 0 .. 31"},
      {"/nodes/0/tile_channels", 0, "tile_channels: expected an integer in 1 .."},
      {"/nodes/0/weights/codebook", {1, 2, 3}, "weights.codebook: expected an array of 4"},
      {"/nodes/0/weights/codebook/0", 128, "codebook"},
      {"/nodes/0/weights/data/dtype", "int8", "weights.data.dtype: expected 'uint8', found 'int8'"},
      {"/nodes/0/weights/data/offset", 1, "weights.data.offset: expected 0"},
      {"/nodes/0/weights/data/count", 53, "weights.data.count: expected 54"},
      {"/nodes/0/bias/offset", 54, "bias.offset: expected 56"},
      {"/nodes/0/requantization/rule", "nearest", "requantization.rule: expected one of round_shift_floor"},
      {"/nodes/0/requantization/rule", "requantize_double_rounding", "multiply"},
      {"/nodes/0/requantization/m0", {-1}, "requantization.m0[0]: expected an integer in 0 .. 2147483647"},
      {"/nodes/0/requantization/m0", {1.5}, "requantization.m0[0]: expected an integer"},
      {"/nodes/1/requantization/n", {1, 2, 3}, "requantization.n: expected an array of 1 .. 2"},
      {"/nodes/0/requantization/lshift/0", 32, "requantization.lshift[0]: expected an integer in 0 .. 31"},
      {"/nodes/0/requantization/act_min", 128, "act_max"},
      {"/nodes/0/requantization/act_max", 300,
       "nodes[1] 'depthwise'.activation: expected an input of values in -128 .. 127"},
      {"/nodes/0/requantization/raw", true, "nodes[1] 'depthwise'.inputs: expected quantized values"},
      {"/nodes/2/add/a/lshift", 32, "add.a.lshift: expected an integer in 0 .. 31"},
      {"/nodes/2/add/b/zero", 500, "add_b.zero"},
      {"/nodes/2/inputs", {"conv", "input"}, "nodes[2] 'add'.inputs: expected two inputs of one shape"},
  };
  for (const Wrong& wrong : cases) {
    CAPTURE(wrong.path);
    CAPTURE(wrong.value.dump());
    const std::string message =
        file.refusal([&](Json& json) { json.at(Json::json_pointer(wrong.path)) = wrong.value; });
    CAPTURE(message);
    CHECK(test::mentions(message, wrong.message));
    CHECK(test::mentions(message, "network.json: "));
  }
}

TEST_CASE("format.network_file.refuses_damaged_text") {
  Spoiled file;
  const std::string good = test::read_text(file.description());
  CHECK(test::mentions(file.refusal_of_text(""), "expected JSON text"));
  CHECK(test::mentions(file.refusal_of_text("[1]"), "expected a JSON object"));
  CHECK(test::mentions(file.refusal_of_text(good + "}"), "expected JSON text"));
  CHECK(test::mentions(file.refusal_of_text(R"({"format": 1, "format": 2})"), "format: expected each key once"));
  CHECK(file.refusal_of_text(std::string(100'000, '[')).find('\n') == std::string::npos);
  for (std::size_t length = 0; length < good.size() - 2; length += 17) {
    CHECK_FALSE(file.refusal_of_text(good.substr(0, length)).empty());
  }
}

TEST_CASE("format.network_file.refuses_weights_of_wrong_length") {
  Spoiled file;
  const auto size = std::filesystem::file_size(file.weights());
  for (std::size_t length = 0; length < size; ++length) {
    const std::string message =
        file.refusal_of_weights([length](const std::string& bytes) { return bytes.substr(0, length); });
    CHECK(test::mentions(message, "(truncated)"));
  }
  CHECK(test::mentions(file.refusal_of_weights([](const std::string& bytes) { return bytes + '\0'; }), "(overlong)"));
  std::filesystem::remove(file.weights());
  CHECK(test::mentions(file.reading(), "weights.bin: cannot be read"));
}

TEST_CASE("format.network_file.refuses_code_out_of_range") {
  Spoiled file;
  const std::string message = file.refusal_of_weights([](std::string bytes) {
    bytes[5] = 4;  // a 2-bit code is 0 .. 3
    return bytes;
  });
  CHECK(test::mentions(message, "nodes[0] 'conv': "));
  CHECK(test::mentions(message, "weights[5] is 4"));
}

TEST_CASE("format.network_file.refuses_missing_folder") {
  const test::TemporaryFolder folder;
  CHECK(test::mentions(test::refusal([&] { (void)model::load_network(folder / "none"); }),
                       "none: expected a network folder"));
  CHECK(
      test::mentions(test::refusal([&] { (void)model::load_network(folder.path()); }), "network.json: cannot be read"));
}

TEST_CASE("format.network_file.save_replaces_a_network_and_leaves_nothing_else") {
  const test::TemporaryFolder folder;
  model::Network network = test::every_kind();
  model::save_network(network, folder / "net");
  std::filesystem::create_directory(folder / "net/samples");
  network.name = "second";
  model::save_network(network, (folder / "net").string() + "/");
  CHECK(model::load_network(folder / "net").name == "second");
  CHECK_FALSE(std::filesystem::exists(folder / "net/samples"));  // they belonged to the network that is gone
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("format.network_file.save_leaves_foreign_folders_alone") {
  const test::TemporaryFolder folder;
  test::write_text(folder / "thesis.txt", "ten years");
  CHECK(test::mentions(test::refusal([&] { model::save_network(test::every_kind(), folder.path()); }), "thesis.txt"));
  CHECK(test::read_text(folder / "thesis.txt") == "ten years");
  CHECK(test::mentions(test::refusal([&] { model::save_network(test::every_kind(), folder / "thesis.txt"); }),
                       "expected a folder"));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("format.network_file.save_refuses_what_load_would_refuse") {
  const test::TemporaryFolder folder;
  model::Network network = test::every_kind();
  network.nodes[1].layer.weights(0, 0) = 256;
  const std::string message = test::refusal([&] { model::save_network(network, folder / "net"); });
  CHECK(test::mentions(message, "nodes[1] 'depthwise'"));
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("format.network_file.real_values") {
  const test::TemporaryFolder folder;
  model::Network network = test::every_kind();
  model::save_network(network, folder / "net");
  CHECK(!model::load_network(folder / "net").input.real);
  CHECK(!model::load_network(folder / "net").output);
  network.input.real = model::TensorScale{.scale = {0.1}, .zero = -128};
  network.output = model::TensorScale{.scale = {1e-30, 0.3, 7}, .zero = 5};
  model::save_network(network, folder / "net");
  const model::Network read = model::load_network(folder / "net");
  CHECK(read.input.real == network.input.real);
  CHECK(read.output == network.output);
  const auto refusal = [&](const model::TensorScale& input, const model::TensorScale& output) {
    network.input.real = input;
    network.output = output;
    return test::refusal([&] { model::save_network(network, folder / "other"); });
  };
  CHECK(test::mentions(refusal({.scale = {1, 2}}, {}), "input.real.scale: expected 1 or 3 scales, found 2"));
  CHECK(test::mentions(refusal({.scale = {0}}, {}), "input.real.scale: expected finite scales above 0"));
  CHECK(test::mentions(refusal({}, {.scale = {1}, .zero = 70000}), "output.scale: expected a zero of -32768 .. 65535"));
  CHECK(!std::filesystem::exists(folder / "other"));
}

TEST_CASE("format.network_file.pixel_shift") {
  const test::TemporaryFolder folder;
  model::Network network = test::every_kind();
  model::save_network(network, folder / "net");
  CHECK(!test::mentions(test::read_text(folder / "net/network.json"), "pixel_shift"));  // as before it was a key
  network.input.pixel_shift = 7;
  model::save_network(network, folder / "net");
  CHECK(model::load_network(folder / "net").input.pixel_shift == 7);
  for (const int shift : {-1, 8}) {
    network.input.pixel_shift = shift;
    CHECK(test::mentions(test::refusal([&] { model::save_network(network, folder / "other"); }),
                         "input.pixel_shift: expected 0 .. 7"));
  }
}

TEST_CASE("format.network_file.with_samples") {
  const test::TemporaryFolder folder;
  const model::Network network = test::every_kind();
  const model::Sample sample{op::Tensor(4, 6, 3), op::Tensor(1, 1, 3)};
  model::save_network(network, folder / "net", {sample, sample});
  CHECK(model::load_samples(network, folder / "net").size() == 2);
  model::save_network(network, folder / "net");
  CHECK(model::load_samples(network, folder / "net").empty());
}

}  // namespace
