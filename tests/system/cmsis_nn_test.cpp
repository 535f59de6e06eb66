// SPDX-License-Identifier: Apache-2.0
// The layer sets of CMSIS-NN as network folders: what is stored answers as the set says, on the golden and on the RTL.
#include "tests/support/cmsis_nn.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "golden/format/network_file.h"
#include "sim/session/session.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/import/data_folder.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

/// Every output of the RTL is compared with the golden's, so that both answer as the samples say.
void check_on_rtl(const model::Network& network, const std::vector<model::Sample>& samples, kernel::Stall stall) {
  const session::ImageSource source = [&](std::int64_t i) {
    return session::InputImage{.index = i, .label = -1, .input = samples[static_cast<std::size_t>(i)].input};
  };
  session::RunOptions options;
  options.test = "system.cmsis_nn." + network.name;
  options.stall = stall;
  const session::RunReport report =
      session::run_network(network, options, source, static_cast<std::int64_t>(samples.size()));
  for (const std::string& failure : report.failures) MESSAGE(failure);
  CHECK_MESSAGE(report.outcome == kernel::Outcome::passed, to_string(report.outcome), ": ", report.detail);
  CHECK(report.images == samples.size());
  CHECK(report.mismatches == 0);
  CHECK(report.compared == report.expected_compared);
  CHECK(report.compared > 0);
}

TEST_CASE("system.cmsis_nn.as_network_folders") {
  const fs::path folder = data_folder("cmsis_nn");
  const std::vector<fs::path> files = cmsis_nn_files(folder);
  if (files.empty()) {
    MESSAGE("skipped: no sets in " << folder.string() << " (set SYSTOLE_DATA)");
    return;
  }
  const TemporaryFolder temporary;
  for (const fs::path& file : files) {
    CAPTURE(file.string());
    const CmsisNnSet set = read_cmsis_nn(file);
    const fs::path net = temporary.path() / set.network.name;
    model::save_network(set.network, net);
    model::save_samples(set.samples, net);
    const model::Network stored = model::load_network(net);
    const std::vector<model::Sample> samples = model::load_samples(stored, net);
    REQUIRE(samples.size() == set.samples.size());
    CHECK(samples.back().expected == set.samples.back().expected);
    CHECK(differing(stored, samples) == 0);
    check_on_rtl(stored, samples, kernel::Stall::none);
    check_on_rtl(stored, samples, kernel::Stall::both);
  }
}

}  // namespace
}  // namespace systole::test
