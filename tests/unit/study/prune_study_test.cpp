// SPDX-License-Identifier: Apache-2.0
#include "golden/study/prune_study.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "golden/quant/conversion.h"
#include "tests/unit/quant/float_networks.h"

namespace {

using namespace systole;
using model::FloatNetwork;
using quant::PruneBy;
using study::Cuts;
using study::Means;
using study::PrunedNetwork;
using study::PruneOrder;
using study::PruneSearch;

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

TEST_CASE("study.prune_order.smallest_norms_leave_first") {
  const FloatNetwork network = three_layers();
  const PruneOrder order(network, PruneBy::filter);
  REQUIRE(order.layers() == 2);
  CHECK(order.most(0) == 31);
  CHECK(order.part(0) == 2);  // a sixteenth of 31, rounded up
  CHECK(order.most(1) == 7);
  CHECK(order.part(1) == 1);
  const FloatNetwork small = order.network({5, 2});
  CHECK(filters(small, 0) == 27);
  CHECK(filters(small, 1) == 6);
  // What left a are the five filters with the smallest norms.
  std::vector<float> norms, left;
  for (int oc = 0; oc < 32; ++oc) norms.push_back(network.nodes[0].layer.weights.row(oc).norm());
  for (int oc = 0; oc < 27; ++oc) left.push_back(small.nodes[0].layer.weights.row(oc).norm());
  std::ranges::sort(norms);
  CHECK(std::ranges::min(left) == norms[5]);
}

/// A search by the accuracy of float networks alone.
PruneSearch search_by(const PruneOrder& order, const std::function<double(const FloatNetwork&)>& accuracy,
                      study::Progress progress = {}) {
  return {order, [accuracy](const FloatNetwork& small, int /*bits*/) { return accuracy(small); }, std::move(progress)};
}

TEST_CASE("study.prune_path.takes_from_the_layer_that_does_not_matter") {
  const FloatNetwork network = three_layers();
  const PruneOrder order(network, PruneBy::filter);
  std::int64_t measured = 0;
  const auto path = search_by(
                        order, [](const FloatNetwork& small) { return 0.9 - 0.05 * (32 - filters(small, 0)); },
                        [&](std::int64_t done) { measured = done; })
                        .path(0.85);
  // Seven steps empty b but for its largest filter, then a loses two and is below.
  REQUIRE(path.size() == 1 + 7 + 1);
  for (int step = 0; step < 8; ++step) CHECK(path[static_cast<std::size_t>(step)] == Cuts{0, step});
  CHECK(path[8] == Cuts{2, 7});
  CHECK(measured == 1 + 7 * 2 + 1);
}

TEST_CASE("study.prune_path.ends_where_nothing_may_leave") {
  const FloatNetwork network = three_layers();
  const PruneOrder order(network, PruneBy::channel);
  const auto path = search_by(order, [](const FloatNetwork&) { return 1.0; }).path(0.5);
  CHECK(path.back() == Cuts{31, 7});
  for (std::size_t step = 1; step < path.size(); ++step) {
    CHECK(quant::parameter_bytes(order.network(path[step])) < quant::parameter_bytes(order.network(path[step - 1])));
  }
}

TEST_CASE("study.prune_path.whole_network_below") {
  const FloatNetwork network = three_layers();
  const PruneOrder order(network, PruneBy::filter);
  CHECK(search_by(order, [](const FloatNetwork&) { return 0.4; }).path(0.5).size() == 1);
}

TEST_CASE("study.prune_search.every_step_at_every_width") {
  const FloatNetwork network = three_layers();
  const PruneOrder order(network, PruneBy::filter);
  const auto images = test::random_images(4, 4, 4, 3);
  PruneSearch search(order, [](const FloatNetwork& small, int bits) { return filters(small, 0) / 100.0 + bits; });
  const std::vector<Cuts> path{{0, 0}, {16, 3}};
  const auto models = search.networks(path);
  REQUIRE(models.size() == 10);
  for (std::size_t i = 0; i < 10; ++i) {
    CAPTURE(i);
    CHECK(models[i].cuts == path[i / 5]);
    CHECK(models[i].weight_bits == study::kWeightBits[i % 5]);
    CHECK(models[i].accuracy == (i < 5 ? 0.32 : 0.16) + models[i].weight_bits);
    const FloatNetwork small = order.network(models[i].cuts);
    const std::int64_t stored =
        models[i].weight_bits == study::kFloatBits
            ? quant::parameter_bytes(small)
            : quant::parameter_bytes(
                  quant::quantize_affine(small, images, study::affine_options(models[i].weight_bits)).network);
    CHECK(models[i].bytes == stored);
  }
  CHECK(search.count() == 10);
}

/// What may leave a and b is limited by the sum of losses; b is dear for its bytes but the first to be taken.
double losing(const FloatNetwork& small, double per_a, double per_b) {
  return 1 - per_a * (32 - filters(small, 0)) - per_b * (8 - filters(small, 1));
}

TEST_CASE("study.prune_search.exchange_leaves_the_greedy_result") {
  const FloatNetwork network = three_layers();
  const PruneOrder order(network, PruneBy::filter);
  // b gone costs what a needs: the search has to give it back.
  PruneSearch search = search_by(order, [](const FloatNetwork& small) { return losing(small, 0.003, 0.02); });
  const auto greedy = search.measured({{{0, 5}, study::kFloatBits, 0, 0}}).front();
  CHECK(greedy.accuracy == doctest::Approx(0.9));
  const auto found = search.exchange(greedy, 0.9, 10000);
  CHECK(found.complete);
  REQUIRE_FALSE(found.path.empty());
  std::int64_t bytes = greedy.bytes;
  for (const auto& model : found.path) {
    CHECK(model.bytes < bytes);
    CHECK(model.accuracy >= 0.9);
    CHECK(model.weight_bits == study::kFloatBits);
    bytes = model.bytes;
  }
  // Nothing smaller holds: every network of the two layers, one by one.
  std::int64_t least = greedy.bytes;
  for (int a = 0; a <= order.most(0); ++a) {
    for (int b = 0; b <= order.most(1); ++b) {
      const FloatNetwork small = order.network({a, b});
      if (losing(small, 0.003, 0.02) >= 0.9) least = std::min(least, quant::parameter_bytes(small));
    }
  }
  CHECK(bytes == least);
  CHECK(search.exchange(greedy, 0.9, 0).path.empty());
  CHECK_FALSE(search.exchange(greedy, 0.9, 0).complete);
}

TEST_CASE("study.smallest_network.worked") {
  const std::vector<PrunedNetwork> models{{{0}, 32, 400, 0.99}, {{0}, 8, 100, 0.98}, {{0}, 4, 50, 0.90},
                                          {{1}, 32, 200, 0.97}, {{1}, 8, 50, 0.95},  {{1}, 4, 25, 0.80}};
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
