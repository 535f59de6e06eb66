// SPDX-License-Identifier: Apache-2.0
#include "golden/study/bits_study.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "golden/study/parallel.h"
#include "tests/unit/model/bad_input.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using op::Kind;
using quant::ScaleShare;
using study::BitsAccuracy;
using study::BitsOutcome;
using study::BitsSetting;
using study::BitsStudy;

model::FloatNetwork network() {
  model::FloatNetwork result{"net", {6, 6, 2, 128, 1.0F / 64}, {}, {}};
  auto conv = test::float_layer("conv", Kind::conv2d, {6, 6, 2}, {6, 6, 4}, test::kSame3x3);
  conv.weights = test::random_matrix(4, 18, 0);
  conv.bias = test::random_matrix(4, 1, 100);
  conv.relu = true;
  const auto pool = test::float_layer("pool", Kind::max_pool, {6, 6, 4}, {3, 3, 4}, test::kHalve);
  auto fc = test::float_layer("fc", Kind::fully_connected, {3, 3, 4}, {1, 1, 5});
  fc.weights = test::random_matrix(5, 36, 200);
  fc.bias = test::random_matrix(5, 1, 400);
  result.nodes = {{conv, {0}}, {pool, {1}}, {fc, {2}}};
  return result;
}

/// Accuracies that tell which function measured.
const BitsAccuracy kConstant{[](const model::FloatNetwork&) { return 0.25; },
                             [](const model::Network&) { return 0.75; }};

TEST_CASE("study.bits.settings_are_all_combinations") {
  const auto settings = study::bits_settings({4, 8, 12, 16});
  CHECK(settings.size() == 96);
  std::set<std::tuple<bool, ScaleShare, bool, bool, int>> seen;
  for (const BitsSetting& s : settings) seen.emplace(s.weights_only, s.scale, s.symmetric, s.optimal, s.bits);
  CHECK(seen.size() == 96);
  CHECK(settings[1].bits == 8);
  const quant::AffineOptions options = BitsSetting{false, ScaleShare::layer, true, true, 12}.options();
  CHECK(options.weight_bits == 12);
  CHECK(options.activation_bits == 12);
  CHECK(options.symmetric_weights);
  CHECK(options.symmetric_activations);
  CHECK(options.optimal_weights);
  CHECK(options.optimal_activations);
  CHECK(options.scale == ScaleShare::layer);
}

TEST_CASE("study.bits.noise_and_size_follow_the_width") {
  const model::FloatNetwork net = network();
  const auto images = test::random_images(12, 6, 6, 2);
  const BitsStudy study(net, images);
  for (const bool weights_only : {true, false}) {
    double before = -100;
    for (const int bits : {4, 8, 12}) {
      const BitsOutcome o = study.run({weights_only, ScaleShare::channel, true, false, bits}, kConstant);
      CHECK(o.problem.empty());
      CHECK(o.accuracy == (weights_only ? 0.25 : 0.75));
      CHECK(o.sqnr > before + 12);  // 6 dB a bit, less what chance takes
      before = o.sqnr;
      CHECK(o.bytes == (72 + 180) * bits / 8 + 4 * 9);
      CHECK(o.weights.decibels() == 0);
      CHECK(o.weights.values == 72 + 180);
      CHECK(o.bits_given_up == 0);
      CHECK((o.sum_bits == 0) == weights_only);
    }
  }
  const auto at = [&](bool weights_only, int bits) {
    return study.run({weights_only, ScaleShare::channel, false, false, bits}, kConstant);
  };
  CHECK(at(true, 8).sqnr > at(false, 8).sqnr);
  CHECK(at(true, 16).sqnr > at(true, 12).sqnr + 12);  // no sums to fit: 16 bits are 16
  CHECK(at(false, 12).sum_bits <= 32);
  CHECK(at(false, 16).sum_bits > 32);
  CHECK(at(false, 16).bits_given_up > 0);
  CHECK(at(true, 16).bits_given_up == 0);
}

TEST_CASE("study.bits.optimal_range_gains") {
  model::FloatNetwork net = network();
  net.nodes[0].layer.weights(0, 0) = 6.0F;  // an outlier
  const auto images = test::random_images(12, 6, 6, 2);
  const BitsStudy study(net, images);
  for (const bool weights_only : {true, false}) {
    const BitsOutcome full = study.run({weights_only, ScaleShare::layer, true, false, 4}, kConstant);
    const BitsOutcome best = study.run({weights_only, ScaleShare::layer, true, true, 4}, kConstant);
    CHECK(best.weights.decibels() > 0.5);
    CHECK(best.weights.clipped > 0);
    CHECK(best.weights.full_error == full.weights.error);
    CHECK(best.activations.decibels() >= 0);
    CHECK((best.activations.values > 0) == !weights_only);
  }
}

TEST_CASE("study.bits.threads_agree_with_one") {
  const model::FloatNetwork net = network();
  const auto images = test::random_images(3, 6, 6, 2);
  const BitsStudy study(net, images);
  const auto settings = study::bits_settings({4, 16});
  std::vector<BitsOutcome> outcomes(settings.size());
  std::atomic<int> measured = 0;
  const BitsAccuracy counting{[&measured](const model::FloatNetwork&) { return ++measured, 0.0; },
                              [&measured](const model::Network&) { return ++measured, 1.0; }};
  (void)study::for_each_index(
      static_cast<std::int64_t>(settings.size()), [] { return 0; },
      [&](int&, std::int64_t i) {
        const auto s = static_cast<std::size_t>(i);
        outcomes[s] = study.run(settings[s], counting);
        return true;
      });
  CHECK(measured == 48);
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const BitsOutcome alone = study.run(settings[i], kConstant);
    CHECK(outcomes[i].sqnr == alone.sqnr);
    CHECK(outcomes[i].sum_bits == alone.sum_bits);
    CHECK(outcomes[i].accuracy == (settings[i].weights_only ? 0 : 1));
  }
}

TEST_CASE("study.bits.refused_setting_says_why") {
  model::FloatNetwork net = network();
  net.nodes[2].layer.weights.setZero();
  const auto images = test::random_images(2, 6, 6, 2);
  const BitsStudy study(net, images);
  for (const bool weights_only : {true, false}) {
    const BitsOutcome o = study.run({weights_only, ScaleShare::layer, true, false, 8}, kConstant);
    CHECK(test::mentions(o.problem, "net: layer 'fc': expected weights that are not all zero"));
    CHECK(o.accuracy == 0);
  }
  CHECK_FALSE(test::refusal([&] { (void)BitsStudy(net, {}); }).empty());
}

}  // namespace
