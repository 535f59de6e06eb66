// SPDX-License-Identifier: Apache-2.0
// A pruned network on the RTL, and the command that makes one.
#include "golden/quant/prune.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "golden/format/network_file.h"
#include "golden/format/pixels.h"
#include "golden/model/float_network.h"
#include "golden/quant/affine.h"
#include "golden/quant/conversion.h"
#include "sim/session/labelled_images.h"
#include "sim/session/session.h"
#include "tests/support/temporary_folder.h"
#include "tests/system/cli_process.h"

namespace systole::test {
namespace {

constexpr const char* kFloat = "models/lenet-float";

/// One image, every cell checked in every cycle.
session::RunReport run_on_rtl(const model::Network& network) {
  const std::vector<op::Tensor> images = session::first_images("glyphs", 1, dataset::kColour32);
  session::RunOptions options;
  options.test = "system.prune";
  options.check = check::CheckLevel::pe;
  session::RunReport report = session::run_network(
      network, options,
      [&](std::int64_t i) {
        return session::InputImage{.index = i, .input = model::to_input(network.input, images.front())};
      },
      1);
  for (const std::string& failure : report.failures) MESSAGE(failure);
  CHECK_MESSAGE(report.outcome == kernel::Outcome::passed, to_string(report.outcome), ": ", report.detail);
  CHECK(report.mismatches == 0);
  return report;
}

TEST_CASE("system.prune.lenet_runs_smaller_and_in_fewer_cycles") {
  const model::FloatNetwork network = model::load_float_network(kFloat);
  const quant::Pruner pruner(network, quant::PruneBy::filter);
  const std::vector<op::Tensor> calibration = session::first_images("glyphs:calibration", 20, dataset::kColour32);
  const auto quantized = [&](double fraction) {
    return quant::quantize_affine(pruner.without(quant::smallest_fraction(pruner.units(), fraction)), calibration)
        .network;
  };
  const model::Network whole = quantized(0), half = quantized(0.5);
  CHECK(3 * quant::parameter_bytes(half) < quant::parameter_bytes(whole));
  CHECK(half.nodes[2].layer.out_c == 8);
  const session::RunReport slow = run_on_rtl(whole), fast = run_on_rtl(half);
  REQUIRE(slow.layers.size() == fast.layers.size());
  for (const std::size_t layer : {2U, 4U, 5U}) {  // conv2, fc1, fc2: a tile less, and more
    CAPTURE(fast.layers[layer].name);
    CHECK(fast.layers[layer].totals.counters[0] < slow.layers[layer].totals.counters[0]);
  }
  CHECK(fast.cycles < slow.cycles);
}

TEST_CASE("system.cli_prune.then_quantize_then_run") {
  const TemporaryFolder folder;
  const std::string small = folder.path() / "small", net = folder.path() / "net";
  const Finished pruned = run({"prune", kFloat, "--fraction", "0.25", "--images", "50", "-o", small});
  REQUIRE(pruned.code == 0);
  CHECK(pruned.err.empty());
  CHECK(pruned.out.find("conv2") != std::string::npos);
  CHECK(pruned.out.find("size: 247.1 kB, pruned 140.7 kB") != std::string::npos);
  CHECK(model::load_float_network(small).nodes[0].layer.out_c == 5);
  CHECK(run({"quantize", small, "--scheme", "affine", "--images", "50", "-o", net}).code == 0);
  CHECK(run({"run", net, "--images", "1", "--check", "pe"}).code == 0);
}

TEST_CASE("system.cli_prune.by_channel_and_threshold") {
  const TemporaryFolder folder;
  const std::string filters = folder.path() / "filters", channels = folder.path() / "channels";
  CHECK(run({"prune", kFloat, "--threshold", "1.5", "--images", "10", "-o", filters}).code == 0);
  CHECK(run({"prune", kFloat, "--threshold", "1.5", "--by", "channel", "--images", "10", "-o", channels}).code == 0);
  // conv1's own norms are below 1.5, its readers' above: one filter stays, or all.
  CHECK(model::load_float_network(filters).nodes[0].layer.out_c == 1);
  CHECK(model::load_float_network(channels).nodes[0].layer.out_c == 6);
}

TEST_CASE("system.cli_prune.bad_input") {
  const TemporaryFolder folder;
  const std::string to = folder.path() / "small";
  const auto refused = [&](const Arguments& arguments, const std::string& message) {
    const Finished result = run(arguments);
    CAPTURE(result.err);
    CHECK(result.code == 2);
    CHECK(result.err.find(message) != std::string::npos);
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    CHECK(listing(folder.path()).empty());
  };
  refused({"prune", kFloat, "-o", to}, "Exactly 1 option from [--fraction,--threshold] is required");
  refused({"prune", kFloat, "--fraction", "0.5", "--threshold", "1", "-o", to}, "Exactly 1 option");
  refused({"prune", kFloat, "--fraction", "1.5", "-o", to}, "--fraction: Value 1.5 not in range");
  refused({"prune", kFloat, "--threshold", "-1", "-o", to}, "--threshold");
  refused({"prune", "models/lenet", "--fraction", "0.5", "-o", to}, "models/lenet");
  refused({"prune", kFloat, "--fraction", "0.5", "--dataset", "idx:none,none", "-o", to}, "none");
}

}  // namespace
}  // namespace systole::test
