// SPDX-License-Identifier: Apache-2.0
// The partial-sum study and the head-room certificate as commands, and against the RTL.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "golden/format/network_file.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;
using Row = std::vector<std::string>;

/// A CSV file without quoted fields, header first.
std::vector<Row> read_csv(const fs::path& file) {
  std::vector<Row> rows;
  std::istringstream lines(read_text(file));
  for (std::string line; std::getline(lines, line);) {
    Row& row = rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
  }
  return rows;
}

std::int64_t number(const std::string& cell) { return std::stoll(cell); }

}  // namespace

TEST_CASE("system.study_psum.rtl_agrees_at_narrow_widths") {
  const TemporaryFolder folder;
  const fs::path to = folder.path() / "study";
  const Finished result = run({"study", "psum", "models/lenet", "--images", "30", "--order", "array", "--widths",
                               "32,17,14", "--rtl", "2", "--questions", "30", "-o", to.string()});
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  const std::vector<Row> sweep = read_csv(to / "sweep.csv");
  REQUIRE(sweep.size() == 4);
  CHECK(sweep[0] == Row{"b", "correct", "accuracy %", "energy", "rtl images", "rtl"});
  const std::vector<std::string> widths{"32", "17", "14"};
  for (std::size_t i = 0; i < widths.size(); ++i) {
    CHECK(sweep[i + 1][0] == widths[i]);
    CHECK(sweep[i + 1][4] == "2");
    CHECK(sweep[i + 1][5] == "passed");
  }
  CHECK(number(sweep[3][1]) < number(sweep[1][1]));  // 14 bits lose images, so the clamp did act on the RTL
  const std::vector<Row> overflow = read_csv(to / "overflow.csv");
  REQUIRE(overflow.size() == 1 + 3 * 5);
  for (std::size_t i = 1; i <= 5; ++i) CHECK(overflow[i][3] == "0");  // 32 bits: no flag
  CHECK(overflow[11] == Row{"14", "conv1", "30", overflow[11][3]});
  for (const char* plot : {"histogram.svg", "accuracy.svg"})
    CHECK(read_text(to / plot).find("<svg") != std::string::npos);
}

TEST_CASE("system.study_psum.widths_of_each_layer") {
  const TemporaryFolder folder;
  const fs::path to = folder.path() / "study";
  const Finished result = run({"study", "psum", "models/lenet", "--images", "20", "--order", "array", "--widths",
                               "18,14,17,14,17", "--rtl", "2", "-o", to.string()});
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
  const std::vector<Row> sweep = read_csv(to / "sweep.csv");
  REQUIRE(sweep.size() == 2);
  CHECK(sweep[1][0] == "18 14 17 14 17");
  CHECK(sweep[1][5] == "passed");
  const std::vector<Row> overflow = read_csv(to / "overflow.csv");
  REQUIRE(overflow.size() == 6);
  CHECK(overflow[2][1] == "conv2");
  CHECK(overflow[2][2] == "20");  // narrow here
  CHECK(overflow[5][2] == "0");   // and wide here
  CHECK_FALSE(fs::exists(to / "search.csv"));
  const Finished published = run({"study", "psum", "models/lenet", "--images", "1", "--widths", "18,16,17,16,17"});
  CHECK(published.out.find(" 204032186\n") != std::string::npos);  // the published energy of these widths
}

TEST_CASE("system.study_psum.histogram_counts_every_accumulation") {
  const TemporaryFolder folder;
  const Finished result = run({"study", "psum", "models/lenet", "--images", "3", "--widths", "18", "--questions", "1",
                               "-o", folder.path().string()});
  REQUIRE(result.code == 0);
  const std::vector<Row> layers = read_csv(folder.path() / "layers.csv");
  REQUIRE(layers.size() == 7);
  // Adds of conv1 as published.
  CHECK(layers[1][0] == "conv1");
  CHECK(number(layers[1][1]) == 3 * 366912);
  std::int64_t conv1 = 0;
  for (const Row& row : read_csv(folder.path() / "histogram.csv")) {
    if (row[0] != "conv1") continue;
    conv1 += number(row[3]);
    CHECK(number(row[2]) >= number(layers[1][2]));
    CHECK(number(row[1]) <= number(layers[1][3]));
  }
  CHECK(conv1 == number(layers[1][1]));
  std::int64_t sum = 0;
  for (std::size_t i = 1; i <= 5; ++i) sum += number(layers[i][1]);
  CHECK(number(layers[6][1]) == sum);
  const std::vector<Row> search = read_csv(folder.path() / "search.csv");
  REQUIRE(search.size() == 4);
  CHECK(search[1][0] == "A: loses nothing");
}

TEST_CASE("system.study_headroom.extremes_attained_on_the_rtl") {
  const TemporaryFolder folder;
  const Finished result = run({"study", "headroom", "models/lenet", "--run", "-o", folder.path().string()});
  CAPTURE(result.out);
  REQUIRE(result.code == 0);
  const std::vector<Row> layers = read_csv(folder.path() / "headroom.csv");
  REQUIRE(layers.size() == 6);
  for (std::size_t i = 1; i < layers.size(); ++i) {
    CHECK(layers[i][5].ends_with("of 32 bits: proved"));
    CHECK(layers[i][6] == "attained");
  }
  const std::vector<Row> channels = read_csv(folder.path() / "channels.csv");
  CHECK(channels.size() == 1 + 6 + 16 + 120 + 84 + 10);
}

TEST_CASE("system.study_headroom.adds_and_aligned_layers") {
  const Finished result = run({"study", "headroom", "models/resnet-bfp", "--run"});
  CAPTURE(result.out);
  CHECK(result.code == 0);
  CHECK(result.out.find("attained") != std::string::npos);
  CHECK(result.out.find("showed") == std::string::npos);
}

TEST_CASE("system.study_headroom.narrow_register_is_not_proved") {
  const TemporaryFolder folder;
  model::Network network = model::load_network("models/lenet");
  network.nodes[0].layer.psum_width = 16;
  network.nodes[0].layer.psum_bits = 15;
  const fs::path narrow = folder.path() / "narrow";
  model::save_network(network, narrow);
  const Finished result = run({"study", "headroom", narrow.string()});
  CHECK(result.code == 1);
  CHECK(result.out.find("of 16 bits: may overflow") != std::string::npos);
}

TEST_CASE("system.study_psum.bad_input") {
  const TemporaryFolder folder;
  model::Network aligned = model::load_network("models/lenet");
  aligned.nodes[0].layer.align = {0};
  model::save_network(aligned, folder.path() / "aligned");
  check_refused({"study", "psum", "models/lenet", "--widths", "18,x"}, "--widths");
  check_refused({"study", "psum", "models/lenet", "--widths", "0"}, "1 .. 32");
  check_refused({"study", "psum", "models/lenet", "--widths", "18,16,17,16"}, "5 numbers");
  check_refused({"study", "psum", "models/lenet", "--rtl", "1"}, "--order array");
  check_refused({"study", "psum", (folder.path() / "aligned").string(), "--images", "1"}, "align");
  check_refused({"study", "psum", "models/lenet", "--images", "1000000"}, "at most");
  check_refused({"study", "headroom", "models/lenet", "--layer", "conv9"}, "conv9");
  check_refused({"study", "headroom", "models/nothing"}, "models/nothing");
}

TEST_CASE("system.study_psum.help_shows_examples") {
  for (const char* name : {"psum", "headroom"}) {
    const Finished result = run({"study", name, "--help"});
    CHECK(result.code == 0);
    CHECK(result.out.find(std::string("systole study ") + name + " models/lenet") != std::string::npos);
  }
}

TEST_CASE("system.study_psum.interrupt") {
  const TemporaryFolder folder;
  const Finished result =
      run({"study", "psum", "models/lenet", "--images", "20000", "-o", (folder.path() / "s").string()},
          {.interrupt_after = std::chrono::milliseconds(700)});
  CHECK(result.code == 130);
  CHECK_FALSE(result.signalled);
  CHECK(fs::is_empty(folder.path() / "s"));
}

}  // namespace systole::test
