// SPDX-License-Identifier: Apache-2.0
// `systole quantize`: what it writes, and input that it refuses with exit code 2, one line and nothing left behind.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/npy.h"
#include "golden/format/network_file.h"
#include "golden/format/network_folder.h"
#include "golden/model/float_network.h"
#include "golden/quant/weight_file.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

Arguments quantize(const std::string& network, const fs::path& to, const Arguments& more = {}) {
  Arguments arguments{
      "quantize", network, "--scheme", "affine", "-o", to.string(), "--images", "50", "--calibration-images", "20"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// Exit code 2, one line that holds every word, and the folder as it was.
void refused_in(const TemporaryFolder& folder, const Arguments& arguments, const std::vector<std::string>& words) {
  const auto before = listing(folder.path());
  const Finished result = run(arguments);
  CAPTURE(result.err);
  CHECK(result.code == 2);
  CHECK(result.out.empty());
  CHECK(result.err.starts_with("systole: "));
  CHECK(std::ranges::count(result.err, '\n') == 1);
  for (const std::string& word : words) CHECK_MESSAGE(result.err.find(word) != std::string::npos, word);
  CHECK(listing(folder.path()) == before);
}

TEST_CASE("system.cli_quantize.affine_options_reach_the_network") {
  const TemporaryFolder folder;
  const Finished result =
      run(quantize(kLenetFloat, folder / "net",
                   {"--weight-bits", "4", "--activation-bits", "12", "--asymmetric", "--range", "optimal", "--scale",
                    "layer", "--rule", "round_shift_half_up", "--export", (folder / "weights").string()}));
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.out.find("optimal range of weights gains") != std::string::npos);
  CHECK(result.out.find("accuracy on 50 images: float") != std::string::npos);
  const model::Network network = model::load_network(folder / "net");
  const op::Layer& conv2 = network.nodes[2].layer;
  CHECK(conv2.wgt_bits == 4);
  CHECK(conv2.act_bits == 12);
  CHECK(network.nodes[4].layer.zero_wgt + network.nodes[5].layer.zero_wgt != 0);
  CHECK(conv2.out.rule == fixed::Rounding::half_up);
  CHECK(std::ranges::all_of(conv2.out.m0, [&](std::int32_t m) { return m == conv2.out.m0[0]; }));
  const quant::WeightFile weights = quant::load_weights(folder / "weights");
  REQUIRE(weights.layers.size() == 5);
  CHECK(weights.layers[1].codes == conv2.weights);
  CHECK(weights.layers[1].scale.zero == conv2.zero_wgt);
  CHECK(weights.layers[1].scale.scale.size() == 1);
}

TEST_CASE("system.cli_quantize.symmetric_network_scale") {
  const TemporaryFolder folder;
  REQUIRE(run(quantize(kLenetFloat, folder / "net", {"--symmetric", "--scale", "network"})).code == 0);
  const model::Network network = model::load_network(folder / "net");
  for (const auto& [layer, inputs] : network.nodes) {
    CHECK(layer.zero_wgt == 0);
    CHECK(layer.out.zero_out == 0);
  }
}

TEST_CASE("system.cli_quantize.degenerate_network") {
  const TemporaryFolder folder;
  model::FloatNetwork network = model::load_float_network(kLenetFloat);
  network.nodes[2].layer.weights.setZero();
  model::save_float_network(network, folder / "zero");
  refused_in(folder, quantize(folder / "zero", folder / "net"), {"lenet: layer 'conv2': expected"});
  // A NaN cannot be saved by the library; it is planted into the file.
  fs::copy(kLenetFloat, folder / "nan");
  std::string bytes = read_text(folder / "nan/weights.bin");
  bytes.replace(0, 4, std::string("\x00\x00\xc0\x7f", 4));
  write_text(folder / "nan/weights.bin", bytes);
  refused_in(folder, quantize(folder / "nan", folder / "net"), {"nan", "'conv1'.weights: expected finite numbers"});
}

TEST_CASE("system.cli_quantize.refuses_arguments") {
  const TemporaryFolder folder;
  const fs::path to = folder / "net";
  refused_in(folder, quantize(kLenetFloat, to, {"--weight-bits", "5"}),
             {"weight bits: expected 4, 8, 12 or 16, found 5"});
  refused_in(folder, quantize(kLenetFloat, to, {"--activation-bits", "9"}),
             {"activation bits: expected 4, 8, 12 or 16"});
  refused_in(folder, quantize(kLenetFloat, to, {"--rule", "round_shift_clipq"}), {"rule: expected round_shift_floor"});
  refused_in(folder, quantize(kLenetFloat, to, {"--symmetric", "--asymmetric"}), {"--asymmetric"});
  refused_in(folder, quantize(kLenetFloat, to, {"--scale", "row"}), {"--scale", "row"});
  refused_in(folder, {"quantize", kLenetFloat, "--scheme", "affine", "-o", to.string(), "--calibration-images", "0"},
             {"--calibration-images: Value 0 not in range"});
  refused_in(folder, quantize(kLenetFloat, to, {"--export", to.string()}), {"--export: expected another folder"});
  refused_in(folder, quantize(kLenetFloat, to, {"--dataset", "cifar10:none"}), {"none"});
}

TEST_CASE("system.cli_quantize.weights_of_every_scheme") {
  const TemporaryFolder folder;
  for (const char* scheme : {"bfp", "pact4"}) {
    const std::string net = folder / scheme, weights = net + "-weights", again = net + "-again";
    const Finished made = run({"quantize", "models/resnet-float", "--scheme", scheme, "--images", "10",
                               "--calibration-images", "4", "-o", net, "--export", weights});
    CAPTURE(made.err);
    REQUIRE(made.code == 0);
    const Finished exported = run({"export", net, "-o", again});
    CHECK(exported.code == 0);
    CHECK(exported.out.find("block1_1") != std::string::npos);
    CHECK(quant::load_weights(again) == quant::load_weights(weights));
    CHECK(read_text(fs::path(again) / "weights.json") == read_text(fs::path(weights) / "weights.json"));
  }
  const Finished stored = run({"export", "models/lenet", "-o", folder / "stored", "--json", "-"});
  CHECK(stored.code == 0);
  CHECK(stored.err.find("without scales") != std::string::npos);
  CHECK(quant::load_weights(folder / "stored").layers.size() == 5);
  refused_in(folder, {"export", "models/lenet-float", "-o", folder / "x"}, {"models/lenet-float"});
  refused_in(folder, {"export", "models/lenet", "-o", "models/lenet"}, {"--output"});
}

TEST_CASE("system.cli_quantize.bits_of_single_layers") {
  const TemporaryFolder folder;
  const Finished result = run(quantize(kLenetFloat, folder / "net",
                                       {"--bits", "conv2=3,fc1=5", "--bits", "fc3=7", "--range", "percentile=99.9",
                                        "--export", (folder / "weights").string()}));
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.out.find("weights of 3 bits") != std::string::npos);
  CHECK(result.out.find("percentile of outputs gains") != std::string::npos);
  const model::Network made = model::load_network(folder / "net");
  const std::vector<int> expected{8, 8, 3, 8, 5, 8, 7};  // pools have none
  REQUIRE(made.nodes.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(made.nodes[i].layer.wgt_bits == expected[i]);
  CHECK(quant::load_weights(folder / "weights").layers[1].bits == 3);
  CHECK(run({"run", folder / "net", "--images", "1"}).code == 0);
  for (const char* scheme : {"bfp", "pact4"}) {
    const std::string net = folder / scheme;
    const std::string source = scheme == std::string("bfp") ? "models/resnet-float" : "models/lenet-pact4-float";
    const std::string bits = scheme == std::string("bfp") ? "stem=5" : "conv2=8,fc1=2";
    const Finished other = run({"quantize", source, "--scheme", scheme, "--images", "20", "--calibration-images", "5",
                                "--bits", bits, "-o", net});
    CAPTURE(other.err);
    REQUIRE(other.code == 0);
    CHECK(run({"run", net, "--images", "1"}).code == 0);
  }
}

TEST_CASE("system.cli_quantize.refuses_bits_and_percentiles") {
  const TemporaryFolder folder;
  const fs::path to = folder / "net";
  const auto refuses = [&](const std::string& bits, const std::string& word) {
    refused_in(folder, quantize(kLenetFloat, to, {"--bits", bits}), {word});
  };
  refuses("conv9=8", "lenet: layer 'conv9': expected a layer that has weights: conv1, conv2, fc1, fc2, fc3");
  refuses("pool1=8", "lenet: layer 'pool1': expected a layer that has weights");
  refuses("conv1=1", "lenet: layer 'conv1': expected 2 .. 16 bits, found 1");
  refuses("conv1", "--bits: expected LAYER=BITS");
  refuses("conv1=x", "--bits: expected LAYER=BITS");
  refuses("=4", "--bits: expected LAYER=BITS");
  refuses("conv1=4,conv1=5", "--bits: expected each layer once, found another conv1=5");
  refused_in(folder,
             {"quantize", "models/nin-clipq-float", "--scheme", "clipq", "-o", to.string(), "--bits", "conv1=4"},
             {"--bits: expected --scheme affine, pact4 or bfp"});
  for (const char* range : {"percentile", "percentile=", "percentile=50", "percentile=101", "percentile=nan", "wide"}) {
    refused_in(folder, quantize(kLenetFloat, to, {"--range", range}), {"--range: expected full, optimal or"});
  }
}

TEST_CASE("system.cli_quantize.bfp_as_published") {
  const TemporaryFolder folder;
  const Finished result = run({"quantize", "models/resnet-float", "--scheme", "bfp", "--as-published", "--images", "20",
                               "--calibration-images", "5", "-o", folder / "net"});
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  CHECK(result.out.find(" of 40960 values not as published\n") != std::string::npos);  // 5 x 32 x 32 x 8
  CHECK(result.out.find("in the authors' arithmetic: ") != std::string::npos);
  const model::Network made = model::load_network(folder / "net");
  CHECK(made.nodes[0].layer.out.act_max == 126);  // 2 (1 - 2^-6) 2^e
  const Finished on_rtl = run({"run", folder / "net", "--images", "1"});
  CHECK(on_rtl.code == 0);
  refused_in(folder,
             {"quantize", "models/resnet-float", "--scheme", "bfp", "--as-published", "--group", "8",
              "--calibration-images", "2", "-o", folder / "net"},
             {"group", "shifts all filters of a pass alike"});
  refused_in(folder, {"quantize", kLenetFloat, "--scheme", "affine", "--as-published", "-o", folder / "net"},
             {"--as-published", "found affine"});
}

model::FloatLayer layer_of(const char* name, op::Kind kind, const model::Shape& in, const model::Shape& out) {
  model::FloatLayer layer;
  layer.name = name;
  layer.kind = kind;
  layer.in_h = in.height;
  layer.in_w = in.width;
  layer.in_c = in.channels;
  layer.out_h = out.height;
  layer.out_w = out.width;
  layer.out_c = out.channels;
  return layer;
}

model::FloatMatrix wave(Eigen::Index rows, Eigen::Index columns) {
  model::FloatMatrix matrix(rows, columns);
  for (Eigen::Index i = 0; i < matrix.size(); ++i) {
    matrix.data()[i] = std::sin(static_cast<float>(i) * 1.7F) * (i % 5 == 0 ? 0.9F : 0.4F);
  }
  return matrix;
}

/// Convolution of 3 columns (and rows, where there are any), ReLU, fully connected to four classes. Pixels are as the
/// import has them where nothing is said, of a scale that is no power of two.
model::FloatNetwork network_of(const model::Shape& input) {
  model::FloatNetwork network{"any", {input.height, input.width, input.channels, 0, 1.0F / 255}, {}, {}};
  const model::Shape map{input.height, input.width, 4}, classes{1, 1, 4};
  model::FloatLayer conv = layer_of("conv", op::Kind::conv2d, input, map);
  conv.window.kernel_w = 3;
  conv.window.pad_left = 1;
  if (input.height > 1) conv.window.kernel_h = 3;
  if (input.height > 1) conv.window.pad_top = 1;
  conv.relu = true;
  conv.weights = wave(4, Eigen::Index{conv.window.kernel_h} * 3 * input.channels);
  model::FloatLayer fc = layer_of("fc", op::Kind::fully_connected, map, classes);
  fc.weights = wave(4, map.elements());
  network.nodes = {{conv, {0}}, {fc, {1}}};
  return network;
}

/// Images without labels in an array, quantized by every scheme, run on the RTL.
void try_input(const model::Shape& input) {
  const TemporaryFolder folder;
  CAPTURE(model::to_string(input));
  model::save_float_network(network_of(input), folder.path() / "float");
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(6 * input.elements()));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * i % 253);
  const auto extent = [](int value) { return static_cast<std::size_t>(value); };
  base::write_npy(folder.path() / "images.npy",
                  {{6, extent(input.height), extent(input.width), extent(input.channels)}, pixels});
  const std::string dataset = "npy:" + (folder.path() / "images.npy").string();
  for (const char* scheme : {"affine", "bfp", "pact4", "clipq"}) {
    CAPTURE(scheme);
    const Finished made =
        run({"quantize", folder / "float", "--scheme", scheme, "--dataset", dataset, "-o", folder / scheme});
    CHECK_MESSAGE(made.code == 0, made.err);
    CHECK(made.out.find("agreement with float on 6 images: float 100.00 %") != std::string::npos);
    const bool binary = scheme == std::string("bfp") || scheme == std::string("clipq");
    CHECK(binary == (made.out.find("pixels: scale 0.00392156886 becomes 2^-8, weights that read the image times "
                                   "1.00392\n") != std::string::npos));
    const double unit = model::load_network(folder / scheme).input.real->scale.at(0);
    CHECK(unit == static_cast<double>(1.0F / 255));  // what real values are read in
    const Finished on_rtl = run({"run", folder / scheme, "--dataset", dataset, "--images", "1"});
    CHECK_MESSAGE(on_rtl.code == 0, on_rtl.err);
  }
}

TEST_CASE("system.cli_quantize.inputs_of_any_shape.28x28x1") { try_input({28, 28, 1}); }
TEST_CASE("system.cli_quantize.inputs_of_any_shape.64x64x3") { try_input({64, 64, 3}); }
TEST_CASE("system.cli_quantize.inputs_of_any_shape.1x128x2") { try_input({1, 128, 2}); }

TEST_CASE("system.cli_quantize.empty_calibration_set") {
  const TemporaryFolder folder;
  write_text(folder / "images", std::string("\0\0\x08\x03\0\0\0\0\0\0\0\x20\0\0\0\x20", 16));
  write_text(folder / "labels", std::string("\0\0\x08\x01\0\0\0\0", 8));
  const std::string empty = "idx:" + (folder / "images").string() + "," + (folder / "labels").string();
  for (const char* scheme : {"clipq", "pact4", "bfp", "affine"}) {
    CAPTURE(scheme);
    refused_in(folder,
               {"quantize", kLenetFloat, "--scheme", scheme, "--calibration-dataset", empty, "-o", folder / "net"},
               {empty + ": expected at least one image, found none"});
  }
}

TEST_CASE("system.cli_quantize.interrupted") {
  const TemporaryFolder folder;
  const Finished result = run({"quantize", kLenetFloat, "--scheme", "affine", "-o", folder / "net", "--images",
                               "10000000", "--calibration-images", "10"},
                              {.interrupt_after = std::chrono::milliseconds(700)});
  CHECK(result.code == 130);
  CHECK(listing(folder.path()).empty());
}

}  // namespace
}  // namespace systole::test
