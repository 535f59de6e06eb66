// SPDX-License-Identifier: Apache-2.0
// A golden with a fault, on a design without: the run fails, and its folder says that the reference is suspect. The
// linker puts the function below in front of the golden's own (--wrap, CMakeLists.txt).
#include <doctest/doctest.h>

#include <span>
#include <string>

#include "base/temporary_folder.h"
#include "debug/failure_folder.h"
#include "golden/fast/op.h"
#include "golden/format/network_file.h"
#include "sim/session/session.h"

using systole::fast::Op;
using systole::fast::RunStats;
using systole::fast::Workspace;
using systole::op::Tensor;
using Inputs = std::span<const Tensor* const>;

namespace {
bool wrong = false;
constexpr int kWrongChannels = 84, kWrongChannel = 5;  // fc2 of LeNet alone has so many
}  // namespace

void real_run(const Op* self, Inputs inputs, Tensor& out, Workspace& workspace, RunStats* stats)  //
    asm("__real__ZNK7systole4fast2Op3runESt4spanIKPKNS_2op6TensorELm18446744073709551615EERS4_RNS0_9WorkspaceEPNS0_"
        "8RunStatsE");
void wrap_run(const Op* self, Inputs inputs, Tensor& out, Workspace& workspace, RunStats* stats)  //
    asm("__wrap__ZNK7systole4fast2Op3runESt4spanIKPKNS_2op6TensorELm18446744073709551615EERS4_RNS0_9WorkspaceEPNS0_"
        "8RunStatsE");
void wrap_run(const Op* self, Inputs inputs, Tensor& out, Workspace& workspace, RunStats* stats) {
  real_run(self, inputs, out, workspace, stats);
  if (wrong && out.channels() == kWrongChannels) out.data(0, kWrongChannel) ^= 1;
}

namespace systole {
namespace {

TEST_CASE("selftest.wrong_golden.the_reference_is_suspect") {
  const std::string folder = "models/lenet";
  const model::Network network = model::load_network(folder);
  const session::InputImage image{
      .index = 0, .input = op::Tensor(network.input.height, network.input.width, network.input.channels)};
  const session::RunOptions options;
  const auto run = [&] {
    return session::run_network(
        network, options, [&](std::int64_t) { return image; }, 1);
  };
  CHECK(run().outcome == kernel::Outcome::passed);
  wrong = true;
  const session::RunReport report = run();
  CHECK(report.outcome == kernel::Outcome::mismatch);
  REQUIRE(report.failure);
  CHECK(report.failure->layer == "fc2");
  const base::TemporaryFolder place;
  const debug::FailureFolder left = debug::leave_failure_folder({.network = network,
                                                                 .options = options,
                                                                 .image = image,
                                                                 .outcome = "mismatch",
                                                                 .token = "S1",
                                                                 .command = "systole",
                                                                 .folder = folder,
                                                                 .inputs = {},
                                                                 .dataset = {}},
                                                                place.path(), [](double) {});
  wrong = false;
  REQUIRE(!left.blame.empty());
  CAPTURE(left.blame.front());
  CHECK(left.blame.front().starts_with("the reference is suspect: golden says "));
  CHECK(left.blame.front().find(" for oc 5 oh 0 ow 0 of fc2, golden/op ") != std::string::npos);
}

}  // namespace
}  // namespace systole
