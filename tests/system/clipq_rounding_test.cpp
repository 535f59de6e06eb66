// SPDX-License-Identifier: Apache-2.0
// The two rules of ClipQ's output stage: on the RTL over every sum, and on the command line.
#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "golden/format/network_file.h"
#include "sim/session/session.h"
#include "tests/support/every_sum.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

TEST_CASE("system.clipq.every_sum_on_the_rtl") {
  for (const fixed::Rounding rule : {fixed::Rounding::clipq, fixed::Rounding::trunc}) {
    // All multiples of 32 that the rules tell apart, some that saturate, some above zero.
    const model::Network network = every_sum(rule, -4300, 300);
    session::RunOptions options;
    options.test = "system.clipq";
    const session::RunReport report = session::run_network(
        network, options, [](std::int64_t i) { return session::InputImage{.index = i, .input = op::Tensor(1, 1, 1)}; },
        1);
    for (const std::string& failure : report.failures) MESSAGE(failure);
    CHECK_MESSAGE(report.outcome == kernel::Outcome::passed, to_string(report.outcome), ": ", report.detail);
    CHECK(report.mismatches == 0);
  }
}

TEST_CASE("system.cli_quantize.clipq_rounding") {
  for (const std::string rule : {"round_shift_clipq", "round_shift_trunc"}) {
    const TemporaryFolder folder;
    const std::string net = folder.path() / "net";
    const Finished result = run({"quantize", "models/nin-clipq-float", "--scheme", "clipq", "--rounding", rule,
                                 "--images", "1", "--calibration-images", "1", "-o", net});
    CAPTURE(result.err);
    REQUIRE(result.code == 0);
    const model::Network made = model::load_network(net);
    for (const model::Node& node : made.nodes) {
      if (!node.layer.codebook.empty()) CHECK(fixed::to_string(node.layer.out.rule) == rule);
    }
  }
  const Finished wrong =
      run({"quantize", "models/nin-clipq-float", "--scheme", "clipq", "--rounding", "half", "-o", "x"});
  CHECK(wrong.code == 2);
  CHECK(wrong.err.find("--rounding") != std::string::npos);
}

}  // namespace
}  // namespace systole::test
