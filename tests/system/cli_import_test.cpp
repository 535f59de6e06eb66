// SPDX-License-Identifier: Apache-2.0
// `systole import` of ONNX files from the shell: what it prints and writes, and what it refuses.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/npy.h"
#include "golden/import/onnx/compare.h"
#include "tests/support/onnx_networks.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

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
  const nlohmann::json json = nlohmann::json::parse(read_text(report));
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

/// The README's commands on an import that came with nothing but its file, of a shape that no data set has.
TEST_CASE("system.cli_import.samples.run_golden_vectors") {
  const TemporaryFolder folder;
  const fs::path file = folder / "net.onnx", net = folder / "net";
  qdq_residual().save(file);
  check_passed(run({"import", file, "-o", net}));
  CHECK(fs::exists(net / "samples" / "expected_7.npy"));
  CHECK(!fs::exists(net / "samples" / "input_8.npy"));
  const Finished on_rtl = run({"run", net, "--images", "3", "--outputs", folder / "out.npy"});
  check_passed(on_rtl);
  CHECK(mentions(on_rtl.out, "3 samples: 0 of "));
  CHECK(!mentions(on_rtl.out, "labels met"));
  const Finished golden = run({"golden", net, "--outputs", folder / "golden.npy"});
  check_passed(golden);
  CHECK(mentions(golden.out, "8 samples: 0 of "));
  const base::NpyArray rtl_outputs = base::read_npy(folder / "out.npy");
  const base::NpyArray golden_outputs = base::read_npy(folder / "golden.npy");
  REQUIRE(rtl_outputs.shape.size() == 4);
  CHECK(rtl_outputs.shape[0] == 3);
  CHECK(golden_outputs.shape[0] == 8);
  const auto& values = std::get<std::vector<std::int32_t>>(rtl_outputs.values);
  CHECK(std::equal(values.begin(), values.end(), std::get<std::vector<std::int32_t>>(golden_outputs.values).begin()));
  const std::string layer = nlohmann::json::parse(read_text(net / "network.json")).at("nodes").back().at("name");
  check_passed(run({"vectors", net, "--layer", layer, "--format", "npy", "--image", "2", "--output", folder / "set"}));
  CHECK(nlohmann::json::parse(read_text(folder / "set" / "manifest.json")).at("origin").at("input") ==
        "samples image 2");
  fs::remove_all(net / "samples");
  for (const Arguments& arguments : {Arguments{"run", net}, Arguments{"golden", net}}) {
    const Finished refused = run(arguments);
    CHECK(refused.code == 2);
    CHECK(mentions(refused.err, "expected --input FILE or --dataset NAME: the network reads [8, 8, 3]"));
  }
}

TEST_CASE("system.cli_import.samples.differ") {
  const TemporaryFolder folder;
  const fs::path file = folder / "net.onnx", net = folder / "net";
  qdq_residual().save(file);
  check_passed(run({"import", file, "-o", net}));
  base::NpyArray answer = base::read_npy(net / "samples" / "expected_1.npy");
  auto& values = std::get<std::vector<std::int8_t>>(answer.values);
  values.back() = static_cast<std::int8_t>(values.back() ^ 1);
  base::write_npy(net / "samples" / "expected_1.npy", answer);
  const Finished on_rtl = run({"run", net, "--images", "2"});
  CHECK(on_rtl.code == 6);
  CHECK(mentions(on_rtl.out, "2 samples: 1 of "));
  CHECK(mentions(on_rtl.out, fmt::format("first value {} of sample 1: expected ", values.size() - 1)));
  CHECK(mentions(on_rtl.out, "\ndiffers: the network does not answer its samples as expected\n"));
  CHECK(run({"run", net, "--images", "1"}).code == 0);
  CHECK(run({"golden", net}).code == 6);
}

TEST_CASE("system.cli_import.outputs.csv_and_info") {
  const TemporaryFolder folder;
  const fs::path file = folder / "net.onnx", net = folder / "net";
  qdq_residual().save(file);
  check_passed(run({"import", file, "-o", net}));
  const nlohmann::json json = nlohmann::json::parse(read_text(net / "network.json"));
  const double scale = json.at("output").at("scale").at(0);
  const int zero = json.at("output").at("zero");
  check_passed(run({"run", net, "--images", "12", "--outputs", folder / "out.csv"}));
  std::istringstream lines(read_text(folder / "out.csv"));
  std::string line;
  REQUIRE(std::getline(lines, line));
  CHECK(line == "image,label,output,class,integer,real");
  REQUIRE(std::getline(lines, line));
  const base::NpyArray first = base::read_npy(net / "samples" / "expected_0.npy");
  const auto value = std::int32_t{std::get<std::vector<std::int8_t>>(first.values).front()};
  CHECK(line == fmt::format("0,,0,,{},{:.9g}", value, scale * (value - zero)));
  const Finished info = run({"info", net});
  check_passed(info);
  CHECK(mentions(info.out, "input   8 x 8 x 3 (height, width, channels), 8 bit signed, -128 .. 127\n"));
  CHECK(mentions(info.out, fmt::format("real = {:.9g} * ", scale)));
  CHECK(mentions(info.out, "8 samples"));
  CHECK(run({"run", net, "--outputs", folder / "out.txt"}).code == 2);
  CHECK(run({"run", net, "--outputs", folder / "none" / "out.csv"}).code == 2);
  const std::string layer = json.at("nodes").front().at("name");
  CHECK(
      mentions(run({"run", net, "--layer", layer, "--outputs", folder / "out.csv"}).err, "--outputs: expected with "));
}

TEST_CASE("system.cli_import.expected.differs") {
  const TemporaryFolder folder;
  const fs::path file = folder / "net.onnx", net = folder / "net", report = folder / "import.json";
  qlinear_lenet().save(file);
  write_text(folder / "a.bin", std::string(3072, '\x40'));
  check_passed(run({"import", file, "-o", net, "--input", folder / "a.bin"}));
  base::NpyArray answer = base::read_npy(net / "samples" / "expected_0.npy");
  std::visit([](auto& values) { values.front() = static_cast<std::decay_t<decltype(values[0])>>(values[0] + 2); },
             answer.values);
  base::write_npy(folder / "answer.npy", answer);
  const Arguments differing{
      "import",   file,  "-o", folder / "other", "--input", folder / "a.bin", "--expected", folder / "answer.npy",
      "--report", report};
  const Finished result = run(differing);
  CHECK(result.code == 6);
  CHECK(mentions(result.out, "1 of 10 values differ from those expected, at most by 2\n"));
  CHECK(mentions(result.out, "not written: "));
  CHECK(!fs::exists(folder / "other"));
  CHECK(nlohmann::json::parse(read_text(report)).at("network") == "net");
  Arguments tolerant = differing;
  tolerant.insert(tolerant.end(), {"--tolerance", "1"});
  CHECK(run(tolerant).code == 6);
  tolerant.back() = "2";
  check_passed(run(tolerant));
  CHECK(fs::exists(folder / "other" / "samples" / "expected_0.npy"));
  const auto before = listing(folder / "other");  // a network that is there stays as it is
  Arguments again = differing;
  again[3] = folder / "other";
  CHECK(run(again).code == 6);
  CHECK(listing(folder / "other") == before);
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
