// SPDX-License-Identifier: Apache-2.0
// LeNet on the RTL, all layers back to back, under every stall policy.
#include <doctest/doctest.h>

#include <memory>

#include "accel/contract/pins.h"
#include "golden/format/network_file.h"
#include "golden/format/pixels.h"
#include "models/dataset/dataset.h"
#include "sim/session/session.h"

namespace systole {
namespace {

constexpr std::int64_t kImages = 2;

session::RunReport run_lenet(session::RunOptions options) {
  const model::Network network = model::load_network("models/lenet");
  const auto images = dataset::open_dataset("glyphs");
  const session::ImageSource source = [&](std::int64_t i) {
    return session::InputImage{
        .index = i, .label = images->at(i).label, .input = model::to_input(network.input, images->at(i).pixels)};
  };
  options.test = "system";
  return session::run_network(network, options, source, kImages);
}

void check_passed(const session::RunReport& report) {
  for (const std::string& failure : report.failures) MESSAGE(failure);
  CHECK_MESSAGE(report.outcome == kernel::Outcome::passed, to_string(report.outcome), ": ", report.detail);
  CHECK(report.compared == report.expected_compared);
  CHECK(report.mismatches == 0);
  REQUIRE(report.predictions.size() == kImages);
  for (const session::Prediction& prediction : report.predictions) CHECK(prediction.rtl == prediction.golden);
}

void run_stalled(kernel::Stall stall) {
  session::RunOptions options;
  options.stall = stall;
  check_passed(run_lenet(options));
}

TEST_CASE("system.lenet.stall_none") {
  const session::RunReport report = run_lenet({});
  check_passed(report);
  REQUIRE(report.layers.size() == 7);
  for (const session::LayerReport& layer : report.layers) {
    CAPTURE(layer.name);
    const auto& counters = layer.totals.counters;
    CHECK(counters[accel::kCompute] > 0);
    CHECK(layer.utilisation > 0);
    CHECK(layer.utilisation <= layer.roofline);
    CHECK(counters[accel::kStallOut] == 0);
  }
}
TEST_CASE("system.lenet.stall_in") { run_stalled(kernel::Stall::in); }
TEST_CASE("system.lenet.stall_out") { run_stalled(kernel::Stall::out); }
TEST_CASE("system.lenet.stall_both") { run_stalled(kernel::Stall::both); }
TEST_CASE("system.lenet.stall_bursts") { run_stalled(kernel::Stall::bursts); }

TEST_CASE("system.lenet.4x4") {
  session::RunOptions options;
  options.configuration = "4x4";
  check_passed(run_lenet(options));
}
TEST_CASE("system.lenet.16x16") {
  session::RunOptions options;
  options.configuration = "16x16";
  check_passed(run_lenet(options));
}

TEST_CASE("system.lenet.same_cycles_whatever_is_checked") {
  session::RunOptions pe, pins;
  pe.stall = pins.stall = kernel::Stall::both;
  pins.check = check::CheckLevel::pins;
  const session::RunReport a = run_lenet(pe), b = run_lenet(pins);
  CHECK(a.cycles == b.cycles);
  CHECK(a.compared > b.compared);
}

TEST_CASE("system.lenet.one_image_repeats_itself") {
  // Image 1 alone does in the same number of cycles what it did after image 0.
  const model::Network network = model::load_network("models/lenet");
  const auto images = dataset::open_dataset("glyphs");
  session::RunOptions options;
  options.stall = kernel::Stall::both;
  const auto run = [&](std::int64_t first, std::int64_t count) {
    const session::ImageSource source = [&, first](std::int64_t i) {
      return session::InputImage{
          .index = first + i, .label = -1, .input = model::to_input(network.input, images->at(first + i).pixels)};
    };
    return session::run_network(network, options, source, count).cycles;
  };
  CHECK(run(0, 2) == run(0, 1) + run(1, 1));
}

TEST_CASE("system.lenet.max_cycles.unfinished") {
  session::RunOptions options;
  options.max_cycles = 300;
  const session::RunReport report = run_lenet(options);
  CHECK(report.outcome == kernel::Outcome::unfinished);
  CHECK(report.failures.size() == 1);
}

}  // namespace
}  // namespace systole
