// SPDX-License-Identifier: Apache-2.0
// Imported networks on the RTL, every pin and cell compared.
#include "golden/import/import.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "golden/fixed/counter_random.h"
#include "golden/format/pixels.h"
#include "golden/import/onnx/import.h"
#include "golden/import/tflite/import.h"
#include "golden/op/validate.h"
#include "models/dataset/dataset.h"
#include "sim/session/session.h"
#include "tests/support/onnx_networks.h"
#include "tests/support/rounds.h"
#include "tests/unit/import/data_folder.h"
#include "tests/unit/import/networks.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

void check_passed(const session::RunReport& report, std::uint64_t images) {
  for (const std::string& failure : report.failures) MESSAGE(failure);
  CHECK_MESSAGE(report.outcome == kernel::Outcome::passed, to_string(report.outcome), ": ", report.detail);
  CHECK(report.images == images);
  CHECK(report.mismatches == 0);
  CHECK(report.compared == report.expected_compared);
  CHECK(report.compared > 0);
}

TEST_CASE("system.import.tflite_every_operator.stall_both") {
  const model::Import import =
      model::tflite::import_graph(model::tflite::parse_graph(test::every_operator().bytes(), "every_operator.tflite"));
  test::RandomGraph draws("system.import", 1, 1, 1);
  const session::ImageSource source = [&](std::int64_t i) {
    const model::Input& in = import.network.input;
    session::InputImage image{.index = i, .label = -1, .input = op::Tensor(in.height, in.width, in.channels)};
    const std::vector<int> values = draws.draw_values(static_cast<std::size_t>(image.input.data.size()));
    std::copy(values.begin(), values.end(), image.input.data.data());
    return image;
  };
  session::RunOptions options;
  options.test = "system.import";
  options.stall = kernel::Stall::both;
  check_passed(session::run_network(import.network, options, source, 3), 3);
}

/// Runs the network of a graph on random elements.
void run_onnx(const test::OnnxGraph& graph, std::uint64_t images, kernel::Stall stall) {
  const model::onnx::Translation translation = model::onnx::import_graph(graph.graph());
  const model::Network& network = translation.import.network;
  const session::ImageSource source = [&](std::int64_t i) {
    const fixed::CounterRandom random(static_cast<std::uint64_t>(i), "system.import", network.name);
    const op::ElementRange range = op::element_range(network.input.is_signed, network.input.bits);
    const model::Input& in = network.input;
    session::InputImage image{.index = i, .label = -1, .input = op::Tensor(in.height, in.width, in.channels)};
    for (Eigen::Index k = 0; k < image.input.data.size(); ++k) {
      image.input.data.data()[k] = random.between(static_cast<std::uint64_t>(k), range.low, range.high);
    }
    return image;
  };
  session::RunOptions options;
  options.test = "system.import." + network.name;
  options.stall = stall;
  check_passed(session::run_network(network, options, source, static_cast<std::int64_t>(images)), images);
}

TEST_CASE("system.import.onnx_networks.stall_none") { run_onnx(test::qlinear_lenet(), 1, kernel::Stall::none); }

TEST_CASE("system.import.onnx_networks.stall_both") {
  run_onnx(test::qdq_residual(), 2, kernel::Stall::both);
  run_onnx(test::concat_branches(), 2, kernel::Stall::both);
  run_onnx(test::conv_integer(), 2, kernel::Stall::both);
}

TEST_CASE("system.import.onnx_operators.random") {
  for (std::uint64_t seed = 1000; seed < 1000 + test::rounds(12U); ++seed) {
    CAPTURE(seed);
    run_onnx(test::random_operator(seed), 1, kernel::Stall::none);
  }
}

TEST_CASE("system.import.mlperf_tiny.all_images") {
  const fs::path folder = test::data_folder("mlperf_tiny");
  if (!fs::exists(folder)) {
    MESSAGE("skipped: no folder " << folder.string() << " (set SYSTOLE_DATA)");
    return;
  }
  const model::Import import = model::import_model(folder / "pretrainedResnet_quant.tflite");
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder / "ic01")) {
    if (entry.path().extension() == ".bin") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  REQUIRE(files.size() == 20);
  const session::ImageSource source = [&](std::int64_t i) {
    const op::Tensor pixels = dataset::read_image(files[static_cast<std::size_t>(i)]);
    return session::InputImage{.index = i, .label = -1, .input = model::to_input(import.network.input, pixels)};
  };
  session::RunOptions options;
  options.test = "system.import.mlperf_tiny";
  const session::RunReport report = session::run_network(import.network, options, source, 20);
  check_passed(report, 20);
  for (const session::Prediction& prediction : report.predictions) CHECK(prediction.rtl == prediction.golden);
}

}  // namespace
}  // namespace systole
