// SPDX-License-Identifier: Apache-2.0
#include "sim/session/result.h"

#include <doctest/doctest.h>

#include <fstream>

#include "base/input_error.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/model/bad_input.h"

namespace systole::session {
namespace {

/// A report of `images` images from `first` on, no field of which is as a default leaves it.
RunReport report_of(std::int64_t first, std::uint64_t images, std::int64_t psum_min) {
  RunReport report;
  report.outcome = kernel::Outcome::passed;
  report.detail = "";
  report.configuration = "4x4";
  LayerReport layer;
  layer.name = "conv\xc3\xa9";
  layer.kind = "conv2d";
  layer.shape = "1x1x2 -> 1x1x2";
  layer.totals = {.counters = {10 * images, images},
                  .macs = static_cast<std::int64_t>(100 * images),
                  .images = images,
                  .compared = 7 * images,
                  .mismatches = 0};
  layer.roofline = 0.1;
  layer.psum_min = psum_min;
  layer.psum_max = psum_min + 9;
  report.macs_per_cycle = 16;
  set_utilisation(layer, report.macs_per_cycle);
  report.layers = {layer};
  for (std::uint64_t i = 0; i < images; ++i) {
    Prediction prediction;
    prediction.image = first + static_cast<std::int64_t>(i);
    prediction.label = 3;
    prediction.rtl = prediction.golden = 1;
    prediction.largest = "5";
    prediction.output = op::Tensor(1, 1, 2);
    prediction.output.at(0, 0, 1) = -4;
    report.predictions.push_back(prediction);
  }
  report.images = images;
  report.cycles = 11 * images;
  report.compared = report.expected_compared = 7 * images;
  report.compared_by = {3 * images, 2 * images, 0, 2 * images};
  report.seconds = 0.5;
  report.counters = {"busy", "stall_in"};
  report.skipped = {"pool1: no"};
  report.in_part = {"conv: half"};
  report.canaries = {"pins"};
  report.exercised.saw(cover::Item::tie, images);
  report.exercised.leave_out("tiling");
  report.trace_empty = true;
  return report;
}

TEST_CASE("session.result.file_gives_the_same_back") {
  const test::TemporaryFolder folder;
  RunReport report = report_of(5, 2, -3);
  report.outcome = kernel::Outcome::mismatch;
  report.detail = "conv of image 6: 1 value differs";
  report.failures = {"a block\n  of lines"};
  report.mismatches = 1;
  const check::Mismatch origin{.checker = check::Checker::registers,
                               .signal = "u_c.act_q",
                               .cycle = 7,
                               .index = 3,
                               .rtl = -1,
                               .golden = 2,
                               .coordinate = "oc 1 oh 0 ow 0"};
  FailurePoint& failure = report.failure.emplace();
  failure.image = 6;
  failure.layer = "conv";
  failure.cycle = 9;
  failure.origin = origin;
  failure.first = {origin};
  std::ofstream(folder.path() / "r.json") << result_text(report);
  const RunReport read = read_result(folder.path() / "r.json");
  CHECK(result_text(read) == result_text(report));
  CHECK(read.layers[0].utilisation == report.layers[0].utilisation);
  CHECK(read.predictions[1].output == report.predictions[1].output);
  CHECK(read.exercised.missed() == report.exercised.missed());
}

TEST_CASE("session.result.half_a_file") {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "r.json";
  const std::string text = result_text(report_of(0, 1, 0));
  std::ofstream(file) << text.substr(0, text.size() / 2);
  CHECK(test::refusal([&] { (void)read_result(file); }).starts_with(file.string() + ": is no whole result: "));
  CHECK(test::refusal([&] { (void)read_result(folder.path() / "none"); }).find("none: is no whole result") !=
        std::string::npos);
}

TEST_CASE("session.merge.as_one_process_would_report") {
  RunReport whole = report_of(0, 5, -3);
  const RunReport merged = merge({report_of(0, 2, -3), report_of(2, 2, -3), report_of(4, 1, -3)});
  CHECK(result_text(merged) == result_text(whole));
  CHECK(merged.layers[0].utilisation == whole.layers[0].utilisation);
}

TEST_CASE("session.merge.ranges_of_layers_that_ended") {
  RunReport none = report_of(0, 0, 0);  // its 0 .. 9 is the range of no image
  CHECK(merge({none, report_of(0, 1, 50)}).layers[0].psum_min == 50);
  CHECK(merge({report_of(0, 1, 50), none}).layers[0].psum_min == 50);
  CHECK(merge({report_of(0, 1, 50), report_of(1, 1, -20)}).layers[0].psum_min == -20);
  CHECK(merge({report_of(0, 1, 50), report_of(1, 1, -20)}).layers[0].psum_max == 59);
}

TEST_CASE("session.merge.stops_at_the_first_failure") {
  RunReport failed = report_of(2, 1, -3);
  failed.outcome = kernel::Outcome::timeout;
  failed.detail = "hangs";
  failed.failures = {"block"};
  const RunReport merged = merge({report_of(0, 2, -3), failed, report_of(4, 2, -3)});
  CHECK(merged.outcome == kernel::Outcome::timeout);
  CHECK(merged.detail == "hangs");
  CHECK(merged.images == 3);
  CHECK(merged.predictions.size() == 3);
  CHECK(merged.failures == std::vector<std::string>{"block"});
}

}  // namespace
}  // namespace systole::session
