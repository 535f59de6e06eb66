// SPDX-License-Identifier: Apache-2.0
// The ResNet-8 of MLPerf Tiny: every layer of one image and the logits of all images, as an independent interpreter
// computed them.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/npy.h"
#include "golden/format/network_file.h"
#include "golden/format/pixels.h"
#include "golden/import/import.h"
#include "golden/model/execute.h"
#include "models/dataset/dataset.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/import/data_folder.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = test::data_folder("mlperf_tiny");
const fs::path kModel = kFolder / "pretrainedResnet_quant.tflite";

bool absent() {
  if (fs::exists(kModel)) return false;
  MESSAGE("skipped: no file " << kModel.string() << " (set SYSTOLE_DATA)");
  return true;
}

op::Tensor input_of(const model::Network& network, const std::string& image) {
  return model::to_input(network.input, dataset::read_image(kFolder / "ic01" / image));
}

/// "00_conv_2d" -> its int8 values.
std::map<std::string, std::vector<std::int8_t>> expected_layers() {
  std::map<std::string, std::vector<std::int8_t>> layers;
  for (const auto& entry : fs::directory_iterator(kFolder / "layers")) {
    layers[entry.path().stem().string()] = std::get<std::vector<std::int8_t>>(base::read_npy(entry.path()).values);
  }
  return layers;
}

/// Image name -> logits.
std::map<std::string, std::vector<int>> expected_logits() {
  std::map<std::string, std::vector<int>> rows;
  std::ifstream file(kFolder / "expected_logits.csv");
  std::string line;
  std::getline(file, line);  // header
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string name, value;
    std::getline(fields, name, ',');
    while (std::getline(fields, value, ',')) rows[name].push_back(std::stoi(value));
  }
  return rows;
}

TEST_CASE("import.mlperf_tiny.every_layer") {
  if (absent()) return;
  const model::Import import = model::import_model(kModel);
  model::Executor executor(import.network);
  const std::vector<op::Tensor>& outputs = executor.run(input_of(import.network, "airbus_s_002266.bin"));
  const auto layers = expected_layers();
  REQUIRE(layers.size() == outputs.size());
  std::size_t node = 0;
  for (const auto& layer : layers) {  // in graph order: the names start with the operator's index
    const auto& name = layer.first;
    const auto& values = layer.second;
    CAPTURE(name);
    CHECK(import.network.nodes[node].layer.name == name);
    const auto found = outputs[node++].data.reshaped<Eigen::RowMajor>();
    REQUIRE(static_cast<std::size_t>(found.size()) == values.size());
    CHECK(std::equal(values.begin(), values.end(), found.begin()));
  }
}

TEST_CASE("import.mlperf_tiny.logits") {
  if (absent()) return;
  const model::Import import = model::import_model(kModel);
  model::Executor executor(import.network);
  const auto logits = expected_logits();
  CHECK(logits.size() == 20);
  for (const auto& image : logits) {
    const auto& name = image.first;
    const auto& values = image.second;
    CAPTURE(name);
    const auto found = executor.run(input_of(import.network, name)).back().data.reshaped<Eigen::RowMajor>();
    REQUIRE(static_cast<std::size_t>(found.size()) == values.size());
    CHECK(std::equal(values.begin(), values.end(), found.begin()));
  }
}

TEST_CASE("import.mlperf_tiny.saved_and_loaded") {
  if (absent()) return;
  const model::Import import = model::import_model(kModel);
  const test::TemporaryFolder folder;
  model::save_network(import.network, folder / "resnet8");
  const model::Network loaded = model::load_network(folder / "resnet8");
  const op::Tensor input = input_of(loaded, "cat_s_000526.bin");
  model::Executor first(import.network);
  model::Executor second(loaded);
  CHECK(first.run(input).back() == second.run(input).back());
}

TEST_CASE("import.mlperf_tiny.reports_every_operator") {
  if (absent()) return;
  const model::Import import = model::import_model(kModel);
  REQUIRE(import.steps.size() == 16);
  for (std::size_t i = 0; i < import.steps.size(); ++i) CHECK(import.steps[i].index == i);
  CHECK(import.steps[13].op == "reshape");
  CHECK(import.steps[15].op == "softmax");
  CHECK(import.steps[15].became == "left to the host");
}

}  // namespace
}  // namespace systole
