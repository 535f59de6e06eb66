// SPDX-License-Identifier: Apache-2.0
#include "golden/study/mixed_search.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "golden/fixed/counter_random.h"
#include "golden/format/network_file.h"
#include "golden/quant/conversion.h"
#include "models/dataset/accuracy.h"
#include "models/dataset/dataset.h"
#include "tests/unit/model/bad_input.h"

namespace {

using namespace systole;
using study::MixedLayer;
using study::MixedSearch;
using study::Widths;

constexpr int kUnlimited = 1 << 20;

/// 1 less a loss for every layer and bit below 8.
study::MixedAccuracy losing(const std::vector<double>& per_bit) {
  return [per_bit](const Widths& bits) {
    double accuracy = 1;
    for (std::size_t i = 0; i < bits.size(); ++i) accuracy -= per_bit[i] * (8 - bits[i]);
    return accuracy;
  };
}

/// b is the cheapest to narrow for its bytes; what it loses keeps a, which would save more, from fitting.
MixedSearch trap(study::MixedAccuracy accuracy) {
  return {{{"a", 1000, 0}, {"b", 600, 0}, {"c", 100, 0}}, {4, 8}, std::move(accuracy)};
}

TEST_CASE("study.mixed_search.exchange_leaves_the_greedy_result") {
  const auto accuracy = losing({0.02 / 4, 0.01 / 4, 0.05 / 4});
  const auto found = trap(accuracy).run(0.98, kUnlimited);
  REQUIRE(found.has_value());
  CHECK(found->uniform.bits == Widths{8, 8, 8});
  CHECK(found->by_sensitivity.bits == Widths{8, 4, 8});
  CHECK(found->exchanged.bits == Widths{4, 8, 8});
  CHECK(found->exchanged.bytes == 1200);
  CHECK(found->complete);
  // Without the exchange the network is larger.
  const auto greedy = trap(accuracy).run(0.98, 0);
  CHECK(greedy->exchanged.bits == found->by_sensitivity.bits);
  CHECK(greedy->exchanged.bytes == 1400);
  CHECK_FALSE(greedy->complete);
}

TEST_CASE("study.mixed_search.no_common_width_is_enough") {
  CHECK_FALSE(trap([](const Widths&) { return 0.5; }).run(0.6, kUnlimited).has_value());
  const auto single = MixedSearch({{"a", 10, 2}}, {8}, [](const Widths&) { return 0.6; }).run(0.6, kUnlimited);
  REQUIRE(single.has_value());
  CHECK(single->exchanged.bytes == 18);
  CHECK(single->path.size() == 1);
}

TEST_CASE("study.mixed_search.never_larger_and_always_enough") {
  const fixed::CounterRandom random(3, "study.mixed_search", "losses");
  const std::vector<int> widths{2, 3, 4, 6, 8};
  int exchange_won = 0, least = 0;
  constexpr int kCases = 60;
  for (std::uint64_t i = 0; i < kCases; ++i) {
    std::vector<MixedLayer> layers;
    std::vector<double> losses;
    for (std::uint64_t layer = 0; layer < 3; ++layer) {
      layers.push_back({"", random.between(20 * i + 2 * layer, 10, 900), 1});
      losses.push_back(0.01 * random.real(20 * i + 2 * layer + 1));
    }
    const auto accuracy = losing(losses);
    const double target = 1 - 0.05 * random.real(20 * i + 10);
    const auto found = MixedSearch(layers, widths, accuracy).run(target, kUnlimited);
    REQUIRE(found.has_value());
    CHECK(found->exchanged.bytes <= found->by_sensitivity.bytes);
    CHECK(found->by_sensitivity.bytes <= found->uniform.bytes);
    CHECK(MixedSearch::meets(accuracy(found->exchanged.bits), target));
    for (std::size_t step = 1; step < found->path.size(); ++step) {
      CHECK(found->path[step].bytes < found->path[step - 1].bytes);
    }
    exchange_won += found->exchanged.bytes < found->by_sensitivity.bytes ? 1 : 0;
    std::int64_t best = found->uniform.bytes;
    for (const int a : widths) {
      for (const int b : widths) {
        for (const int c : widths) {
          const Widths bits{a, b, c};
          std::int64_t bytes = 12;
          for (std::size_t layer = 0; layer < 3; ++layer) bytes += (layers[layer].weights * bits[layer] + 7) / 8;
          if (MixedSearch::meets(accuracy(bits), target)) best = std::min(best, bytes);
        }
      }
    }
    CHECK(best <= found->exchanged.bytes);
    least += best == found->exchanged.bytes ? 1 : 0;
  }
  MESSAGE("the exchange helped in " << exchange_won << ", the least of all in " << least << " of " << kCases);
  CHECK(exchange_won >= 5);
  CHECK(least >= kCases * 3 / 4);
}

TEST_CASE("study.mixed_search.lenet_is_smaller_than_with_one_width") {
  const model::FloatNetwork network = model::load_float_network("models/lenet-float");
  const auto drawn = dataset::open_dataset("glyphs:calibration");
  std::vector<op::Tensor> images;
  for (int i = 0; i < 20; ++i) images.push_back(drawn->at(i).pixels);
  const auto calibration = quant::affine_calibration(network, images);
  const auto test = dataset::open_dataset("glyphs:test");
  const auto layers = study::mixed_layers(network);
  const auto made = [&](const Widths& bits) {
    return quant::quantize_affine(network, calibration, study::mixed_options(layers, bits)).network;
  };
  MixedSearch search(layers, {2, 3, 4, 8},
                     [&](const Widths& bits) { return dataset::accuracy(made(bits), *test, 0, 100); });
  const auto found = search.run(0.97, kUnlimited);
  REQUIRE(found.has_value());
  CHECK(found->exchanged.accuracy >= 0.97);
  CHECK(found->exchanged.bytes <= found->by_sensitivity.bytes);
  CHECK(found->exchanged.bytes < found->uniform.bytes);
  CHECK(quant::parameter_bytes(made(found->exchanged.bits)) == found->exchanged.bytes);
  CHECK(quant::parameter_bytes(made(found->uniform.bits)) == found->uniform.bytes);
}

TEST_CASE("study.mixed_search.smallest_of_those_that_are_enough") {
  const std::vector<study::MixedNetwork> networks{
      {{8}, 80, 0.99}, {{4}, 40, 0.95}, {{5}, 40, 0.96}, {{3}, 30, 0.80}, {{2}, 20, 0.5}};
  const auto bits = [&](double target) { return study::smallest(networks, target)->bits.front(); };
  CHECK(bits(0.99) == 8);
  CHECK(bits(0.955) == 5);
  CHECK(bits(0.95) == 5);  // the better of two of one size
  CHECK(bits(0.8) == 3);   // met exactly
  CHECK_FALSE(study::smallest(networks, 0.995).has_value());
}

TEST_CASE("study.mixed_layers.refused") {
  model::FloatNetwork network = model::load_float_network("models/lenet-float");
  const std::vector<MixedLayer> layers = study::mixed_layers(network);
  REQUIRE(layers.size() == 5);
  CHECK(layers[1].name == "conv2");
  CHECK(layers[1].weights == 2400);
  CHECK(layers[1].biases == network.nodes[2].layer.bias.size());
  network.nodes[2].layer.name = "conv1";
  CHECK(test::refusal([&] { (void)study::mixed_layers(network); }) ==
        "lenet: layer 'conv1': expected a name that no other layer has");
  network.nodes.assign(1, network.nodes[1]);
  CHECK(test::mentions(test::refusal([&] { (void)study::mixed_layers(network); }), "expected a layer with weights"));
}

}  // namespace
