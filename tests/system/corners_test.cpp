// SPDX-License-Identifier: Apache-2.0
// models/corners on the RTL: it passes, and nothing of sim/cover's list is left out.
#include "models/train/corners.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/file_bytes.h"
#include "golden/format/network_file.h"
#include "golden/format/pixels.h"
#include "models/dataset/dataset.h"
#include "sim/session/session.h"
#include "tests/support/temporary_folder.h"

namespace systole {
namespace {

session::RunReport run(const char* folder, session::RunOptions options) {
  const model::Network network = model::load_network(folder);
  const auto images = dataset::open_dataset("glyphs");
  const session::ImageSource source = [&](std::int64_t i) {
    return session::InputImage{
        .index = i, .label = images->at(i).label, .input = model::to_input(network.input, images->at(i).pixels)};
  };
  options.test = "system.corners";
  return session::run_network(network, options, source, 1);
}

TEST_CASE("system.corners.exercises_every_item") {
  session::RunOptions options;
  options.stall = kernel::Stall::bursts;
  const session::RunReport report = run("models/corners", options);
  for (const std::string& failure : report.failures) MESSAGE(failure);
  CHECK_MESSAGE(report.outcome == kernel::Outcome::passed, to_string(report.outcome), ": ", report.detail);
  CHECK(cover::missed_text(report.exercised).empty());
}

TEST_CASE("system.corners.lenet_leaves_items_out") {
  const std::string missed = cover::missed_text(run("models/lenet", {}).exercised);
  for (const char* group : {"kinds: ", "rounding: ", "operands: ", "stalls: input withheld, output withheld"}) {
    CAPTURE(group);
    CHECK(missed.find(std::string("not exercised: ") + group) != std::string::npos);
  }
}

TEST_CASE("system.corners.folder_is_the_generators") {
  const test::TemporaryFolder folder;
  model::save_network(train::corners_network(), folder / "corners");
  for (const char* file : {"network.json", "weights.bin"}) {
    CAPTURE(file);
    CHECK(base::read_bytes(folder / "corners" / file) ==
          base::read_bytes(std::filesystem::path("models/corners") / file));
  }
}

}  // namespace
}  // namespace systole
