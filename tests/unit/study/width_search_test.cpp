// SPDX-License-Identifier: Apache-2.0
// The width searches against brute force.
#include "golden/study/width_search.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

#include "golden/fixed/counter_random.h"

namespace systole::study {
namespace {

constexpr int kUnlimited = 1 << 20;

/// All combinations of 1 .. widest per layer.
void for_all(const Widths& widest, const std::function<void(const Widths&)>& visit) {
  Widths widths(widest.size(), 1);
  while (true) {
    visit(widths);
    std::size_t layer = 0;
    while (layer < widths.size() && widths[layer] == widest[layer]) widths[layer++] = 1;
    if (layer == widths.size()) return;
    ++widths[layer];
  }
}

Cost brute_force(const Judge::Verdict& good, const std::vector<Operations>& layers, const Widths& widest) {
  std::optional<Cost> best;
  for_all(widest, [&](const Widths& widths) {
    const Cost here = cost(layers, widths);
    if (good(widths) && (!best || here < *best)) best = here;
  });
  return best.value();
}

std::vector<Operations> random_layers(const fixed::CounterRandom& random) {
  std::vector<Operations> layers;
  for (std::uint64_t i = 0; i < 3; ++i) {
    layers.push_back({.adds = random.between(2 * i, 1, 500), .multiplies = random.between(2 * i + 1, 0, 500)});
  }
  return layers;
}

/// Good where the layers' losses, each falling with the layer's width, together stay within a limit: narrower never
/// mends what wider spoils.
Judge::Verdict monotone(const fixed::CounterRandom& random) {
  Widths knees;
  Widths slopes;
  for (std::uint64_t i = 0; i < 3; ++i) {
    knees.push_back(random.between(100 + i, 2, 6));
    slopes.push_back(random.between(105 + i, 1, 5));
  }
  const int limit = random.between(110, 0, 9);
  return [knees, slopes, limit](const Widths& widths) {
    int loss = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) loss += std::max(0, knees[i] - widths[i]) * slopes[i];
    return loss <= limit;
  };
}

/// Good or not at random, but good where nothing is clamped.
Judge::Verdict erratic(const fixed::CounterRandom& random, const Widths& widest) {
  return [random, widest](const Widths& widths) {
    std::uint64_t index = 1000;
    for (const int width : widths) index = index * 8 + static_cast<std::uint64_t>(width);
    return widths == widest || random.between(index, 0, 1) == 1;
  };
}

}  // namespace

TEST_CASE("study.width_search.brute_force.monotone") {
  const Widths widest{6, 6, 6};
  int improved = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    const fixed::CounterRandom random(seed, "width_search", "monotone");
    const std::vector<Operations> layers = random_layers(random);
    Judge good(monotone(random));
    const PerLayer found = cheapest_per_layer(good, layers, widest, widest, kUnlimited);
    CHECK(found.proved);
    CHECK_FALSE(found.greedy < found.best);
    CHECK(found.best == brute_force(monotone(random), layers, widest));
    improved += found.best < found.greedy ? 1 : 0;
  }
  CHECK(improved > 5);  // the greedy descent alone would not do
}

TEST_CASE("study.width_search.never_worse_than_greedy.erratic") {
  const Widths widest{5, 5, 5};
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    const fixed::CounterRandom random(seed, "width_search", "erratic");
    const std::vector<Operations> layers = random_layers(random);
    const Judge::Verdict verdict = erratic(random, widest);
    Judge good(verdict);
    const PerLayer found = cheapest_per_layer(good, layers, widest, widest, kUnlimited);
    CHECK(verdict(found.greedy.widths));
    CHECK(verdict(found.best.widths));
    CHECK_FALSE(found.greedy < found.best);
  }
}

TEST_CASE("study.width_search.limit_ends_the_search") {
  const Widths widest{6, 6, 6};
  const fixed::CounterRandom random(3, "width_search", "monotone");
  const std::vector<Operations> layers = random_layers(random);
  for (const int limit : {1, 4, 9}) {
    int asked = 0;
    const Judge::Verdict verdict = monotone(random);
    Judge good([&](const Widths& widths) {
      ++asked;
      return verdict(widths);
    });
    const PerLayer found = cheapest_per_layer(good, layers, widest, widest, limit);
    CHECK(asked <= limit);
    CHECK_FALSE(found.proved);
    CHECK(verdict(found.best.widths));
  }
}

TEST_CASE("study.width_search.answers_are_remembered") {
  int asked = 0;
  Judge good([&asked](const Widths&) {
    ++asked;
    return true;
  });
  CHECK(good({3, 4}));
  CHECK(good({3, 4}));
  CHECK(good.asked() == 1);
  CHECK(asked == 1);
}

TEST_CASE("study.width_search.smallest_common") {
  const auto from = [](int least) {
    return Judge([least](const Widths& widths) { return widths[0] >= least && widths[0] == widths[1]; });
  };
  for (int least = 1; least <= 12; ++least) {
    Judge good = from(least);
    CHECK(smallest_common(good, 2, 5, 12) == least);
  }
  Judge never = from(13);
  CHECK_FALSE(smallest_common(never, 2, 5, 12).has_value());
  Judge above = from(2);
  CHECK(smallest_common(above, 2, 15, 12) == 2);
}

TEST_CASE("study.width_search.ties_take_the_smaller_sum") {
  // Without multiplies, energy is adds times width: (2, 1) and (1, 3) of adds 2 and 1 cost 5 each.
  const std::vector<Operations> layers{{.adds = 2, .multiplies = 0}, {.adds = 1, .multiplies = 0}};
  CHECK(cost(layers, {2, 1}).energy == cost(layers, {1, 3}).energy);
  CHECK(cost(layers, {2, 1}) < cost(layers, {1, 3}));
}

}  // namespace systole::study
