// SPDX-License-Identifier: Apache-2.0
#include "golden/study/prune_study.h"

#include <algorithm>

#include "golden/fixed/ceil_div.h"
#include "golden/quant/conversion.h"
#include "golden/study/exchange.h"

namespace systole::study {

namespace {

using model::FloatNetwork;

constexpr int kParts = 16;  // steps in which a layer may lose everything that is not required
/// Accuracy that every step of the path is charged besides its own loss: below it losses on some hundred images are
/// noise, and what counts is the bytes.
constexpr double kNoise = 5e-4;

bool whole(const Cuts& cuts) {
  return std::ranges::all_of(cuts, [](int gone) { return gone == 0; });
}

}  // namespace

quant::AffineOptions affine_options(int weight_bits) {
  quant::AffineOptions options;
  options.weight_bits = weight_bits;
  options.optimal_weights = weight_bits == 4;
  return options;
}

PruneOrder::PruneOrder(const FloatNetwork& network, quant::PruneBy by) : pruner_(network, by) {
  const std::vector<quant::PruneUnit>& units = pruner_.units();
  std::map<int, std::vector<std::size_t>> by_layer;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (!units[i].required) by_layer[units[i].layer].push_back(i);
  }
  for (auto& [layer, members] : by_layer) {
    std::ranges::stable_sort(members, {}, [&](std::size_t i) { return units[i].norm; });
    leaving_.push_back(std::move(members));
  }
}

int PruneOrder::part(std::size_t layer) const { return fixed::ceil_div(most(layer), kParts); }

FloatNetwork PruneOrder::network(const Cuts& cuts) const {
  std::vector<bool> removed(pruner_.units().size(), false);
  for (std::size_t layer = 0; layer < layers(); ++layer) {
    for (int i = 0; i < cuts.at(layer); ++i) removed[leaving_[layer].at(static_cast<std::size_t>(i))] = true;
  }
  return pruner_.without(removed);
}

std::optional<PrunedNetwork> smallest_network(std::span<const PrunedNetwork> models, double accuracy, Means means) {
  std::optional<PrunedNetwork> best;
  for (const PrunedNetwork& model : models) {
    if (model.accuracy < accuracy) continue;
    if (means == Means::pruning && model.weight_bits != kFloatBits) continue;
    if (means == Means::quantization && !whole(model.cuts)) continue;
    const bool smaller = !best || std::pair(model.bytes, -model.accuracy) < std::pair(best->bytes, -best->accuracy);
    if (smaller) best = model;
  }
  return best;
}

PruneSearch::PruneSearch(const PruneOrder& order, PruneAccuracy accuracy, Progress progress)
    : order_(order), accuracy_(std::move(accuracy)), progress_(std::move(progress)) {}

void PruneSearch::measure(std::span<const Key> wanted) {
  std::vector<Key> unknown;
  for (const Key& key : wanted) {
    if (!accuracies_.contains(key)) unknown.push_back(key);
  }
  std::vector<double> found(unknown.size());
  const auto one = [&](bool /*worker*/, std::int64_t i) {
    const auto& [cuts, bits] = unknown[static_cast<std::size_t>(i)];
    found[static_cast<std::size_t>(i)] = accuracy_(order_.network(cuts), bits);
    return true;
  };
  const std::int64_t before = count();
  for_each_index(
      static_cast<std::int64_t>(unknown.size()), [] { return true; }, one,
      [&](std::int64_t done) {
        if (progress_) progress_(before + done);
      });
  for (std::size_t i = 0; i < unknown.size(); ++i) accuracies_.emplace(unknown[i], found[i]);
}

std::vector<PrunedNetwork> PruneSearch::measured(std::vector<PrunedNetwork> models) {
  std::vector<Key> keys;
  for (const PrunedNetwork& model : models) keys.emplace_back(model.cuts, model.weight_bits);
  measure(keys);
  for (std::size_t i = 0; i < models.size(); ++i) {
    models[i].bytes = quant::parameter_bytes(order_.network(models[i].cuts), models[i].weight_bits);
    models[i].accuracy = accuracies_.at(keys[i]);
  }
  return models;
}

std::vector<PrunedNetwork> PruneSearch::networks(std::span<const Cuts> path) {
  std::vector<PrunedNetwork> models;
  for (const Cuts& cuts : path) {
    for (const int bits : kWeightBits) models.push_back({cuts, bits, 0, 0});
  }
  return measured(std::move(models));
}

std::vector<Cuts> PruneSearch::path(double lowest) {
  PrunedNetwork now = measured({{Cuts(order_.layers(), 0), kFloatBits, 0, 0}}).front();
  std::vector<Cuts> result{now.cuts};
  while (now.accuracy >= lowest) {
    std::vector<PrunedNetwork> steps;
    for (std::size_t layer = 0; layer < order_.layers(); ++layer) {
      PrunedNetwork step = now;
      step.cuts[layer] = std::min(now.cuts[layer] + order_.part(layer), order_.most(layer));
      if (step.cuts != now.cuts) steps.push_back(std::move(step));
    }
    if (steps.empty()) break;
    steps = measured(std::move(steps));
    now = *std::ranges::min_element(steps, {}, [&](const PrunedNetwork& step) {
      return (std::max(now.accuracy - step.accuracy, 0.0) + kNoise) / static_cast<double>(now.bytes - step.bytes);
    });
    result.push_back(now.cuts);
  }
  return result;
}

PruneExchange PruneSearch::exchange(const PrunedNetwork& from, double target, int limit) {
  PruneExchange result;
  const int bits = from.weight_bits;
  const auto measured_at = [&](std::span<const Cuts> points) {
    std::vector<PrunedNetwork> models;
    for (const Cuts& cuts : points) models.push_back({cuts, bits, 0, 0});
    return measured(std::move(models));
  };
  Exchange search;
  search.bytes = [&](const Cuts& cuts) { return quant::parameter_bytes(order_.network(cuts), bits); };
  search.good = [&](std::span<const Cuts> points) {
    std::vector<bool> good;
    for (const PrunedNetwork& model : measured_at(points)) good.push_back(model.accuracy >= target);
    return good;
  };
  Cuts last = from.cuts;
  for (const bool parts : {true, false}) {
    search.stepped = [&](const Cuts& cuts, std::size_t layer, int steps) -> std::optional<Cuts> {
      Cuts next = cuts;
      const int step = parts ? order_.part(layer) : 1;
      next[layer] = std::clamp(cuts[layer] - steps * step, 0, order_.most(layer));
      return next == cuts ? std::nullopt : std::optional(std::move(next));
    };
    const Exchanged found = study::exchange(last, search, limit);
    limit -= found.asked;
    result.complete = result.complete && found.complete;
    for (const PrunedNetwork& model : measured_at(found.path)) result.path.push_back(model);
    if (!found.path.empty()) last = found.path.back();
  }
  return result;
}

}  // namespace systole::study
