// SPDX-License-Identifier: Apache-2.0
// Layers with the expected outputs of the TFLite interpreter, as CMSIS-NN publishes them. Any set of its five operators
// found in SYSTOLE_DATA/cmsis_nn takes part.
#include "tests/support/cmsis_nn.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <vector>

#include "golden/op/run_layer.h"
#include "tests/unit/import/data_folder.h"

namespace systole::test {
namespace {

/// Samples that the specification answers otherwise.
int specified_differing(const CmsisNnSet& set) {
  REQUIRE(set.network.nodes.size() == 1);
  int differing = 0;
  for (const model::Sample& sample : set.samples) {
    const op::Tensor* input = &sample.input;
    differing += op::run_layer(set.network.nodes[0].layer, {&input, 1}) == sample.expected ? 0 : 1;
  }
  return differing;
}

TEST_CASE("fast.cmsis_nn.bit_exact") {
  const std::filesystem::path folder = data_folder("cmsis_nn");
  const std::vector<std::filesystem::path> files = cmsis_nn_files(folder);
  if (files.empty()) {
    MESSAGE("skipped: no sets in " << folder.string() << " (set SYSTOLE_DATA)");
    return;
  }
  for (const std::filesystem::path& file : files) {
    CAPTURE(file.string());
    CmsisNnSet set = read_cmsis_nn(file);
    CHECK(differing(set.network, set.samples) == 0);
    CHECK(specified_differing(set) == 0);
    set.samples[0].expected.data(0, 0) ^= 1;
    CHECK(differing(set.network, set.samples) == 1);
  }
}

}  // namespace
}  // namespace systole::test
