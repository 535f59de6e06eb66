// SPDX-License-Identifier: Apache-2.0
// `systole compare`, and the layers and float answers of `systole golden`.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "base/npy.h"
#include "golden/model/float_network.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

/// The table's rows, split at spaces.
std::vector<std::vector<std::string>> rows_of(const std::string& table) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(table);
  std::string line;
  std::getline(lines, line);  // the header
  while (std::getline(lines, line)) {
    if (line.starts_with("only in")) continue;
    std::istringstream words(line);
    std::vector<std::string>& row = rows.emplace_back();
    for (std::string word; words >> word;) row.push_back(word);
  }
  return rows;
}

}  // namespace

TEST_CASE("system.compare.stored_layers_are_the_networks") {
  const TemporaryFolder folder;
  const std::string layers = (folder.path() / "layers").string();
  const Finished written = run({"golden", "models/resnet-float", "--layers", "--outputs", layers, "--images", "2"});
  CHECK_MESSAGE(written.code == 0, written.err);
  CHECK(written.out == "14 layers of 2 images: " + layers + "\n");
  const base::NpyArray stem = base::read_npy(fs::path(layers) / "00_stem.npy");
  CHECK(stem.shape == std::vector<std::size_t>{2, 32, 32, 8});
  CHECK(std::holds_alternative<std::vector<float>>(stem.values));
  const Finished same = run({"compare", "models/resnet-float", layers, "--images", "2"});
  CHECK_MESSAGE(same.code == 0, same.err);
  const auto rows = rows_of(same.out);
  REQUIRE(rows.size() == 14);
  for (const auto& row : rows) {
    CHECK(row[2] == "0");
    CHECK(row[4] == "inf");
  }
  const Finished again = run({"golden", "models/lenet", "--layers", "--outputs", layers, "--images", "1"});
  CHECK(again.code == 0);
  CHECK(std::holds_alternative<std::vector<std::int32_t>>(base::read_npy(fs::path(layers) / "00_conv1.npy").values));
}

TEST_CASE("system.compare.names_the_layer_that_went_wrong") {
  const TemporaryFolder folder;
  model::FloatNetwork network = model::load_float_network("models/resnet-float");
  REQUIRE(network.nodes[4].layer.name == "block2_1");
  network.nodes[4].layer.weights(0, 0) += 0.5F;
  model::save_float_network(network, folder.path() / "wrong");
  const Finished result = run({"compare", "models/resnet-float", (folder.path() / "wrong").string(), "--images", "2"});
  REQUIRE(result.code == 0);
  const auto rows = rows_of(result.out);
  REQUIRE(rows.size() == 14);
  for (std::size_t i = 0; i < 14; ++i) {
    if (i < 4) CHECK(rows[i][4] == "inf");
    if (i == 4) CHECK(std::stod(rows[i][4]) < 60);
  }
}

TEST_CASE("system.compare.float_and_integer") {
  const Finished result = run({"compare", "models/resnet-float", "models/resnet-bfp", "--images", "4"});
  REQUIRE(result.code == 0);
  const auto rows = rows_of(result.out);
  REQUIRE(rows.size() == 14);
  for (const auto& row : rows) {
    REQUIRE(row.size() == 7);
    CHECK(std::stod(row[4]) > 18);  // dB
    const double exponent = std::log2(std::stod(row[5]));
    CHECK(std::abs(exponent - std::round(exponent)) < 0.05);  // block floating point: a power of two
  }
}

TEST_CASE("system.compare.golden_of_a_float_network") {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "out.npy").string();
  const Finished accuracy = run({"golden", "models/lenet-float", "--images", "100"});
  CHECK(accuracy.code == 0);
  CHECK(accuracy.out.starts_with("100 images: 9"));
  const Finished answers = run({"golden", "models/lenet-float", "--images", "3", "--outputs", file});
  CHECK(answers.code == 0);
  CHECK(base::read_npy(file).shape == std::vector<std::size_t>{3, 1, 1, 10});
}

TEST_CASE("system.compare.bad_input") {
  const TemporaryFolder folder;
  check_refused({"golden", "models/lenet", "--layers"}, "needs --outputs FOLDER");
  check_refused({"compare", "models/lenet", "models/nothing"}, "models/nothing");
  check_refused({"compare", "models/lenet", folder.path().string()}, "expected a network or .npy files");
  base::write_npy(folder.path() / "03_conv1.npy", {{1}, std::vector<float>{1}});
  check_refused({"compare", "models/lenet", folder.path().string(), "--images", "1"},
                "layer 'conv1': expected 4704 values as models/lenet has, found 1");
  fs::remove(folder.path() / "03_conv1.npy");
  base::write_npy(folder.path() / "other.npy", {{1}, std::vector<float>{1}});
  check_refused({"compare", "models/lenet", (folder.path() / "other.npy").string(), "--images", "1"},
                "expected a layer with the name of one of models/lenet");
  write_text(folder.path() / "note.txt", "mine");
  check_refused({"golden", "models/lenet", "--layers", "--outputs", folder.path().string(), "--images", "1"},
                "found note.txt");
}

}  // namespace systole::test
