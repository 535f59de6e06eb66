// SPDX-License-Identifier: Apache-2.0
// `systole import` of float ONNX files from the shell: what it prints and writes, what it refuses, and the way on to
// the RTL.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/npy.h"
#include "golden/fixed/counter_random.h"
#include "tests/support/onnx_float_networks.h"
#include "tests/support/onnx_plain.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

bool says(const Finished& result, const std::string& part) { return result.out.find(part) != std::string::npos; }

void check_well(const Finished& result) {
  CHECK_MESSAGE(result.code == 0, result.out, result.err);
  CHECK(result.err.empty());
}

constexpr std::size_t kSide = 28;

/// `count` drawn samples of the graph's input, and what it answers by the plain loops.
struct Samples {
  base::NpyArray inputs{.shape = {}, .values = std::vector<float>()},
      answers{.shape = {}, .values = std::vector<float>()};
};
Samples draw_samples(const OnnxGraph& graph, std::size_t count) {
  const model::onnx::Graph source = graph.graph();
  const fixed::CounterRandom random(1, "system.cli_import", "float samples");
  Samples samples;
  auto& x = std::get<std::vector<float>>(samples.inputs.values);
  auto& y = std::get<std::vector<float>>(samples.answers.values);
  for (std::size_t i = 0; i < count; ++i) {
    Plain input{.shape = {1, 1, kSide, kSide}, .values = {}};
    for (std::size_t k = 0; k < kSide * kSide; ++k) {
      x.push_back(static_cast<float>(random.real(x.size())));
      input.values.push_back(static_cast<double>(x.back()));
    }
    const auto values = plain_values(source, input);
    for (const double value : values.at(source.outputs[0]).values) y.push_back(static_cast<float>(value));
  }
  samples.inputs.shape = {count, 1, kSide, kSide};
  samples.answers.shape = {count, y.size() / count};
  return samples;
}

/// uint8 [count, 28, 28, 1]
void write_images(const fs::path& file, std::size_t count) {
  const fixed::CounterRandom random(2, "system.cli_import", "images");
  std::vector<std::uint8_t> pixels(count * kSide * kSide);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(random.between(i, 0, 255));
  base::write_npy(file, {.shape = {count, kSide, kSide, 1}, .values = std::move(pixels)});
}

TEST_CASE("system.cli_import.onnx_float.quantized_on_the_rtl") {
  const TemporaryFolder folder;
  const fs::path file = folder / "small.onnx", real = folder / "real", net = folder / "net";
  const fs::path report = folder / "import.json", images = folder / "images.npy";
  float_residual().save(file);
  write_images(images, 24);
  const Finished imported = run({"import", file, "-o", real, "--random", "2", "--report", report});
  check_well(imported);
  CHECK(says(imported, "small: ONNX, float32, input 28 x 28 x 1, 7 layers"));
  CHECK(says(imported, "0 Sub                  with nodes[1] 'Div'"));
  CHECK(says(imported, "1 Div                  weights of '02_conv'"));
  CHECK(says(imported, "pixels: real = (pixel - 0) * 0.00392156886"));
  CHECK(says(imported, "on 2 samples, 2 of them drawn"));
  const nlohmann::json json = nlohmann::json::parse(read_text(report));
  CHECK(json.at("kind") == "ONNX, float32");
  CHECK(json.at("differences").at("tensors").size() == 7);
  CHECK(json.at("differences").at("tensors").at(6).at("compared") == 20);
  const std::string dataset = "npy:" + images.string();
  check_well(run({"quantize", real, "--scheme", "affine", "--dataset", dataset, "--images", "8", "--calibration-images",
                  "16", "-o", net}));
  check_well(run({"golden", net, "--dataset", dataset, "--images", "4"}));
  const Finished on_rtl = run({"run", net, "--dataset", dataset, "--images", "1", "--check", "pe"});
  check_well(on_rtl);
}

TEST_CASE("system.cli_import.onnx_float.answers_of_the_framework") {
  const TemporaryFolder folder;
  const fs::path file = folder / "small.onnx", net = folder / "net", data = folder / "data";
  const OnnxGraph graph = float_residual(false);
  graph.save(file);
  Samples samples = draw_samples(graph, 3);
  base::write_npy(folder / "x.npy", samples.inputs);
  base::write_npy(folder / "y.npy", samples.answers);
  const Finished same = run({"import", file, "-o", net, "--samples", folder / "x.npy", "--expected", folder / "y.npy"});
  check_well(same);
  CHECK(says(same, "answers given"));
  CHECK(says(same, "on 3 samples, 0 of them drawn"));
  // One value off by a thousandth of the largest: beyond 1e-4, named, and nothing is written.
  auto& y = std::get<std::vector<float>>(samples.answers.values);
  y[7] += 1e-3F * std::abs(*std::max_element(y.begin(), y.end()));
  fs::create_directory(data);
  base::write_npy(data / "input_0.npy", samples.inputs);
  base::write_npy(data / "output_0.npy", samples.answers);
  const fs::path other = folder / "other";
  const Finished differs = run({"import", file, "-o", other, "--samples", data});
  CHECK(differs.code == 6);
  CHECK(says(differs, "answers given: differs by"));
  CHECK(says(differs, "not written: the network differs from its source"));
  CHECK(!fs::exists(other));
}

TEST_CASE("system.cli_import.onnx_float.refusals") {
  const TemporaryFolder folder;
  const fs::path file = folder / "small.onnx", hosted = folder / "softmax.onnx", net = folder / "net";
  const OnnxGraph graph = float_residual(false);
  graph.save(file);
  float_residual().save(hosted);
  const Samples samples = draw_samples(graph, 2);
  const fs::path x = folder / "x.npy", y = folder / "y.npy", one = folder / "one.npy";
  base::write_npy(x, samples.inputs);
  base::write_npy(y, samples.answers);
  base::write_npy(one, {.shape = {10}, .values = std::vector<float>(10)});
  const auto refused = [&](const Arguments& more, const std::string& words) {
    Arguments arguments{"import", file, "-o", net};
    arguments.insert(arguments.end(), more.begin(), more.end());
    check_refused(arguments, words);
    CHECK(!fs::exists(net));
  };
  refused({"--input", x}, "--input: expected with a quantized model");
  refused({"--tolerance", "2"}, "--tolerance: expected with a quantized model");
  refused({"--expected", y}, "--expected: expected with --samples");
  refused({"--samples", x, "--expected", one}, "expected an answer for each of the 2 samples, found 1");
  refused({"--samples", x, "--expected", x}, "expected answers of 10 float32 values each, found 1568");
  refused({"--samples", y}, "y.npy: shape: expected [1, 1, 28, 28]");
  refused({"--pixel-scale", "1e9"}, "--pixel-scale, --pixel-zero: input.pixel_scale");
  check_refused({"import", hosted, "-o", net, "--samples", x, "--expected", y}, "expected a graph without Softmax");
}

}  // namespace
}  // namespace systole::test
