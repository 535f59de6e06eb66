// SPDX-License-Identifier: Apache-2.0
#include "golden/study/prune_study.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "golden/quant/conversion.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using model::FloatNetwork;
using quant::PruneBy;
using study::Means;
using study::PrunedNetwork;

/// a (32 filters), b (8 filters), outputs.
FloatNetwork three_layers() {
  FloatNetwork network{"three", {4, 4, 3, 128, 1.0F / 128}, {}, {}};
  auto a = test::float_layer("a", op::Kind::conv2d, {4, 4, 3}, {4, 4, 32}, test::kSame3x3);
  a.weights = test::random_matrix(32, 27, 0);
  a.relu = true;
  auto b = test::float_layer("b", op::Kind::conv2d, {4, 4, 32}, {4, 4, 8});
  b.weights = test::random_matrix(8, 32, 2000);
  b.relu = true;
  auto fc = test::float_layer("fc", op::Kind::fully_connected, {4, 4, 8}, {1, 1, 5});
  fc.weights = test::random_matrix(5, 128, 3000);
  network.nodes = {{a, {0}}, {b, {1}}, {fc, {2}}};
  return network;
}

int filters(const FloatNetwork& network, std::size_t node) { return network.nodes[node].layer.out_c; }

TEST_CASE("study.prune_path.takes_from_the_layer_that_does_not_matter") {
  const FloatNetwork network = three_layers();
  const auto only_a = [](const FloatNetwork& small) { return 0.9 - 0.05 * (32 - filters(small, 0)); };
  std::int64_t measured = 0;
  const auto path =
      study::prune_path(network, PruneBy::filter, 0.85, only_a, [&](std::int64_t done) { measured = done; });
  // Seven steps empty b but for its largest filter, then a loses two (a sixteenth of 31, rounded up) and is below.
  REQUIRE(path.size() == 1 + 7 + 1);
  for (std::size_t step = 0; step < 8; ++step) {
    CHECK(filters(path[step], 0) == 32);
    CHECK(filters(path[step], 1) == 8 - static_cast<int>(step));
  }
  CHECK(filters(path[8], 0) == 30);
  CHECK(filters(path[8], 1) == 1);
  CHECK(measured == 1 + 7 * 2 + 1);
}

TEST_CASE("study.prune_path.ends_where_nothing_may_leave") {
  const auto path = study::prune_path(three_layers(), PruneBy::channel, 0.5, [](const FloatNetwork&) { return 1.0; });
  CHECK(filters(path.back(), 0) == 1);
  CHECK(filters(path.back(), 1) == 1);
  for (std::size_t step = 1; step < path.size(); ++step) {
    CHECK(quant::parameter_bytes(path[step]) < quant::parameter_bytes(path[step - 1]));
  }
}

TEST_CASE("study.prune_path.whole_network_below") {
  const auto path = study::prune_path(three_layers(), PruneBy::filter, 0.5, [](const FloatNetwork&) { return 0.4; });
  CHECK(path.size() == 1);
}

TEST_CASE("study.measure_networks.every_step_at_every_width") {
  const FloatNetwork network = three_layers();
  const quant::Pruner pruner(network, PruneBy::filter);
  const std::vector<FloatNetwork> path{network, pruner.without(quant::smallest_fraction(pruner.units(), 0.5))};
  const auto images = test::random_images(4, 4, 4, 3);
  const auto models = study::measure_networks(
      path, images, [](const FloatNetwork& small) { return filters(small, 0) / 100.0; },
      [](const model::Network& small) { return small.nodes[0].layer.wgt_bits / 1000.0; });
  REQUIRE(models.size() == 10);
  for (std::size_t i = 0; i < 10; ++i) {
    CAPTURE(i);
    CHECK(models[i].step == i / 5);
    CHECK(models[i].weight_bits == study::kWeightBits[i % 5]);
    if (i % 5 != 0) {
      CHECK(models[i].accuracy == models[i].weight_bits / 1000.0);
      CHECK(models[i].bytes < models[i - 1].bytes);
    }
  }
  CHECK(models[0].accuracy == 0.32);
  CHECK(models[5].accuracy == 0.16);
  CHECK(models[5].bytes == quant::parameter_bytes(path[1]));
}

TEST_CASE("study.smallest_network.worked") {
  const std::vector<PrunedNetwork> models{{0, 32, 400, 0.99}, {0, 8, 100, 0.98}, {0, 4, 50, 0.90},
                                          {1, 32, 200, 0.97}, {1, 8, 50, 0.95},  {1, 4, 25, 0.80}};
  const auto bytes = [&](double accuracy, Means means) {
    return study::smallest_network(models, accuracy, means)->bytes;
  };
  CHECK(bytes(0.98, Means::pruning) == 400);
  CHECK(bytes(0.97, Means::pruning) == 200);  // a target met exactly is met
  CHECK(bytes(0.98, Means::quantization) == 100);
  CHECK(bytes(0.90, Means::quantization) == 50);
  CHECK(bytes(0.95, Means::both) == 50);
  CHECK(study::smallest_network(models, 0.85, Means::both)->accuracy == 0.95);  // the better of two with 50
  CHECK(bytes(0.8, Means::both) == 25);
  CHECK_FALSE(study::smallest_network(models, 0.995, Means::both).has_value());
  CHECK(bytes(0.985, Means::quantization) == 400);  // nothing done
}

}  // namespace
