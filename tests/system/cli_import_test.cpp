// SPDX-License-Identifier: Apache-2.0
// `systole import` of ONNX files from the shell: what it prints and writes, and what it refuses.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/npy.h"
#include "golden/import/onnx/compare.h"
#include "tests/support/onnx_networks.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

bool mentions(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void check_passed(const Finished& result) {
  CHECK_MESSAGE(result.code == 0, result.out, result.err);
  CHECK(result.err.empty());
}

/// Exit code 2, one line, no folder.
void check_refused(const Arguments& arguments, const std::string& words, const fs::path& folder) {
  const Finished result = run(arguments);
  CAPTURE(result.err);
  CHECK(result.code == 2);
  CHECK(result.out.empty());
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(mentions(result.err, words));
  CHECK(!fs::exists(folder));
}

TEST_CASE("system.cli_import.onnx.import_and_run") {
  const TemporaryFolder folder;
  const fs::path file = folder / "lenet.onnx", net = folder / "net", report = folder / "import.json";
  qlinear_lenet().save(file);
  const Finished result = run({"import", file, "-o", net, "--random", "3", "--report", report});
  check_passed(result);
  CHECK(mentions(result.out, "lenet: ONNX, uint8 elements, input 32 x 32 x 3, 7 layers"));
  CHECK(mentions(result.out, "4 Flatten              no work"));
  CHECK(mentions(result.out, "on 3 samples, 3 of them drawn"));
  const Json json = Json::parse(read_text(report));
  CHECK(json.at("steps").size() == 8);
  CHECK(json.at("differences").at("layers").size() == 7);
  CHECK(json.at("differences").at("layers").at(0).at("compared") == 3 * 28 * 28 * 6);
  CHECK(json.at("differences").at("output").at("compared") == 30);
  check_passed(run({"run", net, "--images", "1"}));
  check_passed(run({"golden", net, "--images", "2"}));
}

TEST_CASE("system.cli_import.onnx.samples_in_nchw") {
  const TemporaryFolder folder;
  const fs::path file = folder / "net.onnx", net = folder / "net";
  const OnnxGraph graph = qdq_residual();
  graph.save(file);
  const model::onnx::Translation translation = model::onnx::import_graph(graph.graph());
  base::NpyArray npy{.shape = {2, 3, 8, 8}, .values = std::vector<float>()};
  auto& values = std::get<std::vector<float>>(npy.values);
  for (std::uint64_t i = 0; i < 2; ++i) {
    for (const double value : model::onnx::random_sample(translation, i).values)
      values.push_back(static_cast<float>(value));
  }
  base::write_npy(folder / "two.npy", npy);
  const Finished result = run({"import", file, "-o", net, "--samples", folder / "two.npy"});
  check_passed(result);
  CHECK(mentions(result.out, "on 2 samples, 0 of them drawn"));
  const base::NpyArray kept = base::read_npy(net / "samples" / "input_1.npy");
  CHECK(kept.shape == std::vector<std::size_t>{8, 8, 3});
  // Channel 2 of pixel (0, 1): plane 2, second value of the second sample.
  const std::int8_t element = std::get<std::vector<std::int8_t>>(kept.values).at(5);
  CHECK(std::int32_t{element} == static_cast<int>(values.at(192 + 128 + 1) * 64) - 128);
  check_passed(run({"run", net, "--input", net / "samples" / "input_1.npy"}));  // as it reads them
  base::write_npy(folder / "hwc.npy", {.shape = {8, 8, 3}, .values = std::vector<float>(192)});
  check_refused({"import", file, "-o", folder / "other", "--samples", folder / "hwc.npy"},
                "hwc.npy: shape: expected [1, 3, 8, 8] as the graph's input has", folder / "other");
  base::write_npy(folder / "bytes.npy", {.shape = {3, 8, 8}, .values = std::vector<std::uint8_t>(192)});
  check_refused({"import", file, "-o", folder / "other", "--samples", folder / "bytes.npy"},
                "bytes.npy: type: expected float32, found uint8", folder / "other");
}

TEST_CASE("system.cli_import.onnx.pictures_as_input") {
  const TemporaryFolder folder;
  const fs::path file = folder / "net.onnx", net = folder / "net";
  qlinear_lenet().save(file);
  std::string pixels;
  for (int i = 0; i < 32 * 32 * 3; ++i) pixels.push_back(static_cast<char>(i * 7));
  write_text(folder / "a.bin", pixels);
  const Finished result = run({"import", file, "-o", net, "--input", folder / "a.bin"});
  check_passed(result);
  CHECK(mentions(result.out, "on 1 samples, 0 of them drawn"));
  const auto kept = base::read_npy(net / "samples" / "input_0.npy");
  const auto& values = std::get<std::vector<std::uint8_t>>(kept.values);
  CHECK(std::string(values.begin(), values.end()) == pixels);
  const Finished on_rtl = run({"run", net, "--input", folder / "a.bin"});
  check_passed(on_rtl);
  const Finished golden = run({"golden", net, "--input", folder / "a.bin", "--input", folder / "a.bin"});
  check_passed(golden);
  CHECK(std::count(golden.out.begin(), golden.out.end(), '\n') == 2);
  const std::string predicted = golden.out.substr(golden.out.find("predicted"), std::string("predicted 0").size());
  CHECK(mentions(on_rtl.out, predicted));
  const Finished other_shape = run({"golden", net, "--input", net / "weights.bin"});
  CHECK(other_shape.code == 2);
}

TEST_CASE("system.cli_import.onnx.refusals") {
  const TemporaryFolder folder;
  const fs::path file = folder / "net.onnx", net = folder / "net";
  const OnnxGraph graph = concat_branches();
  graph.save(file);
  const std::string whole = read_text(file);
  write_text(folder / "cut.onnx", whole.substr(0, whole.size() / 2));
  check_refused({"import", folder / "cut.onnx", "-o", net}, "cut.onnx: expected an ONNX model", net);
  write_text(folder / "text.onnx", "not a model\n");
  check_refused({"import", folder / "text.onnx", "-o", net}, "text.onnx: expected an ONNX model", net);
  check_refused({"import", folder / "none.onnx", "-o", net}, "none.onnx: cannot be read", net);
  OnnxGraph other = graph;
  other.nodes().back().op = "Sigmoid";
  other.save(folder / "sigmoid.onnx");
  check_refused({"import", folder / "sigmoid.onnx", "-o", net}, "'Sigmoid' (n_", net);
  check_refused({"import", file, "-o", net, "--samples", folder.path()}, "found none", net);
  check_refused({"import", file, "-o", net, "--report", folder / "no" / "report.json"}, "report.json", net);
}

}  // namespace
}  // namespace systole::test
