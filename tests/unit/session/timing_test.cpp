// SPDX-License-Identifier: Apache-2.0
#include "sim/session/timing.h"

#include <doctest/doctest.h>

#include <fstream>

#include "base/input_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"

namespace systole::session {
namespace {

Timing two_layers() {
  return {.network = "net",
          .configuration = "8x8",
          .stall = "both",
          .seed = 7,
          .images = 3,
          .layers = {{"conv1", 1000}, {"fc1", 20}}};
}

TEST_CASE("session.timing.file_gives_the_same_back") {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "timing.json";
  std::ofstream(file) << timing_json(two_layers());
  const Timing read = read_timing(file);
  CHECK(timing_json(read) == timing_json(two_layers()));
  CHECK(compare_timing(file, read, two_layers()).empty());
}

TEST_CASE("session.timing.of_a_run") {
  RunReport report;
  report.configuration = "4x4";
  report.images = 2;
  report.layers.resize(2);
  report.layers[0].name = "conv1";
  report.layers[0].totals.counters = {70, 1, 2};
  report.layers[1].name = "idle";
  RunOptions options;
  options.stall = kernel::Stall::in;
  options.seed = 9;
  const Timing timing = timing_of(report, options, "net");
  CHECK(timing.network == "net");
  CHECK(timing.configuration == "4x4");
  CHECK(timing.stall == "in");
  CHECK(timing.seed == 9);
  CHECK(timing.images == 2);
  REQUIRE(timing.layers.size() == 2);
  CHECK(timing.layers[0] == std::pair<std::string, std::uint64_t>("conv1", 70));
  CHECK(timing.layers[1] == std::pair<std::string, std::uint64_t>("idle", 0));
}

TEST_CASE("session.timing.names_every_layer_that_changed") {
  Timing now = two_layers();
  now.layers[0].second = 999;
  now.layers[1].second = 21;
  const std::vector<TimingChange> changes = compare_timing("t.json", two_layers(), now);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].layer == "conv1");
  CHECK(changes[0].recorded == 1000);
  CHECK(changes[0].now == 999);
  CHECK(changes[1].layer == "fc1");
  CHECK(changes[1].now == 21);
}

TEST_CASE("session.timing.refuses_another_run") {
  const auto line = [](const Timing& now) {
    return test::refusal([&] { (void)compare_timing("t.json", two_layers(), now); });
  };
  const std::string end = ": repeat that run, or record this one";
  Timing now = two_layers();
  now.network = "other";
  CHECK(line(now) == "t.json: network: recorded with net, this run has other" + end);
  now = two_layers();
  now.configuration = "4x4";
  CHECK(line(now) == "t.json: configuration: recorded with 8x8, this run has 4x4" + end);
  now = two_layers();
  now.stall = "none";
  CHECK(line(now) == "t.json: stall: recorded with both, this run has none" + end);
  now = two_layers();
  now.seed = 8;
  CHECK(line(now) == "t.json: seed: recorded with 7, this run has 8" + end);
  now = two_layers();
  now.images = 1;
  CHECK(line(now) == "t.json: images: recorded with 3, this run has 1" + end);
  now = two_layers();
  now.layers.pop_back();
  CHECK(line(now) == "t.json: layers: recorded with conv1 fc1, this run has conv1" + end);
}

}  // namespace
}  // namespace systole::session
