// SPDX-License-Identifier: Apache-2.0
#include "golden/study/bfp_study.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "golden/quant/conversion.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using quant::BfpExponent;
using quant::BfpOptions;

model::FloatNetwork two_layers() {
  model::FloatNetwork network{"two", {4, 4, 3, 128, 1.0F / 128}, {}, {}};
  auto first = test::float_layer("first", op::Kind::conv2d, {4, 4, 3}, {4, 4, 16}, test::kSame3x3);
  first.weights = test::random_matrix(16, 27, 0);
  auto second = test::float_layer("second", op::Kind::conv2d, {4, 4, 16}, {4, 4, 5});
  second.weights = test::random_matrix(5, 16, 600);
  network.nodes = {{first, {0}}, {second, {1}}};
  return network;
}

TEST_CASE("study.bfp.sweeps") {
  const auto sweeps = study::bfp_sweeps(std::vector<int>{1, 8, 16, 0});
  REQUIRE(sweeps.size() == 3);
  std::vector<int> mantissas, exponents, groups, rows;
  for (const BfpOptions& options : sweeps[0].settings) mantissas.push_back(options.mantissa_bits);
  for (const BfpOptions& options : sweeps[1].settings) exponents.push_back(options.exponent_bits);
  for (const BfpOptions& options : sweeps[2].settings) {
    groups.push_back(options.group);
    rows.push_back(options.rows);
  }
  CHECK(mantissas == std::vector<int>{5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12});
  CHECK(exponents == std::vector<int>{2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9});
  CHECK(groups == std::vector<int>{1, 1, 8, 8, 16, 16, 0, 0});
  CHECK(rows == std::vector<int>{1, 1, 8, 8, 8, 8, 8, 8});
  for (const study::BfpSweep& sweep : sweeps) {
    for (std::size_t i = 0; i < sweep.settings.size(); ++i) {
      CHECK(sweep.settings[i].exponent == (i % 2 == 0 ? BfpExponent::kl : BfpExponent::maximum));
    }
  }
}

TEST_CASE("study.bfp.outcomes_are_those_of_their_settings") {
  const model::FloatNetwork network = two_layers();
  const auto images = test::random_images(4, 4, 4, 3);
  std::vector<BfpOptions> settings;
  for (const study::BfpSweep& sweep : study::bfp_sweeps(std::vector<int>{1, 16})) {
    settings.insert(settings.end(), sweep.settings.begin(), sweep.settings.end());
  }
  std::int64_t last = 0;
  // The "accuracy" names the network that it was given: its first weight and shift.
  const auto fingerprint = [](const model::Network& made) {
    return made.nodes[0].layer.weights(0, 0) + 1e-3 * made.nodes[0].layer.out.n[0];
  };
  const auto outcomes =
      study::run_bfp_study(network, images, settings, fingerprint, [&](std::int64_t done) { last = done; });
  REQUIRE(outcomes.size() == settings.size());
  CHECK(last == static_cast<std::int64_t>(settings.size()));
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const quant::Quantized made = quant::quantize_bfp(network, images, settings[i]);
    CHECK(outcomes[i].accuracy == fingerprint(made.network));
    CHECK(outcomes[i].bytes == quant::parameter_bytes(made.network));
  }
  CHECK(outcomes[0].bytes < outcomes[14].bytes);  // 5 and 12 bit weights
}

TEST_CASE("study.bfp.errors_come_out") {
  const model::FloatNetwork network = two_layers();
  const auto images = test::random_images(2, 4, 4, 3);
  std::atomic<int> calls = 0;
  const auto fails = [&](const model::Network&) -> double {
    ++calls;
    throw std::runtime_error("broken");
  };
  const std::vector<BfpOptions> settings(20);
  CHECK_THROWS_WITH_AS((void)study::run_bfp_study(network, images, settings, fails), "broken", std::runtime_error);
  CHECK(calls < 20);  // the rest is not begun
}

}  // namespace
