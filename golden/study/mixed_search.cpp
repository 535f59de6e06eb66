// SPDX-License-Identifier: Apache-2.0
#include "golden/study/mixed_search.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "base/input_error.h"
#include "golden/op/validate.h"
#include "golden/study/exchange.h"

namespace systole::study {

std::vector<MixedLayer> mixed_layers(const model::FloatNetwork& network) {
  std::vector<MixedLayer> layers;
  std::set<std::string> names;
  for (const auto& [layer, inputs] : network.nodes) {
    if (!op::has_weights(layer.kind)) continue;
    if (!names.insert(layer.name).second) {
      throw base::InputError(network.name, "layer '" + layer.name + "'", "expected a name that no other layer has");
    }
    layers.push_back({layer.name, layer.weights.size(), layer.bias.size()});
  }
  if (layers.empty()) throw base::InputError(network.name, "", "expected a layer with weights, found none");
  return layers;
}

quant::AffineOptions mixed_options(std::span<const MixedLayer> layers, const Widths& bits) {
  quant::AffineOptions options;
  options.optimal_weights = true;
  for (std::size_t i = 0; i < layers.size(); ++i) options.layer_bits.emplace(layers[i].name, bits.at(i));
  return options;
}

MixedSearch::MixedSearch(std::vector<MixedLayer> layers, std::vector<int> widths, MixedAccuracy accuracy,
                         Progress progress)
    : layers_(std::move(layers)),
      widths_(std::move(widths)),
      accuracy_(std::move(accuracy)),
      progress_(std::move(progress)) {}

std::optional<MixedNetwork> smallest(std::span<const MixedNetwork> networks, double target) {
  std::optional<MixedNetwork> best;
  for (const MixedNetwork& network : networks) {
    if (!MixedSearch::meets(network.accuracy, target)) continue;
    const bool smaller = !best || std::pair(network.bytes, -network.accuracy) < std::pair(best->bytes, -best->accuracy);
    if (smaller) best = network;
  }
  return best;
}

std::vector<MixedNetwork> MixedSearch::networks(std::span<const Widths> wanted) {
  measure(wanted);
  std::vector<MixedNetwork> result;
  for (const Widths& bits : wanted) result.push_back(network(bits));
  return result;
}

std::vector<MixedNetwork> MixedSearch::uniform() {
  std::vector<Widths> wanted;
  for (const int width : widths_) wanted.emplace_back(layers_.size(), width);
  return networks(wanted);
}

std::vector<std::vector<double>> MixedSearch::sensitivity() {
  const Widths widest(layers_.size(), widths_.back());
  std::vector<Widths> wanted;
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    for (std::size_t width = 0; width + 1 < widths_.size(); ++width) {
      wanted.push_back(widest);
      wanted.back()[layer] = widths_[width];
    }
  }
  measure(wanted);
  std::vector<std::vector<double>> result(layers_.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    result[i / (widths_.size() - 1)].push_back(network(wanted[i]).accuracy);
  }
  return result;
}

std::optional<MixedResult> MixedSearch::run(double target, int limit) {
  for (const MixedNetwork& start : uniform()) {
    if (!meets(start.accuracy, target)) continue;
    MixedResult result{.uniform = start, .by_sensitivity = {}, .exchanged = {}, .path = {start}};
    narrow(target, result);
    result.by_sensitivity = result.path.back();
    exchange(target, limit, result);
    result.exchanged = result.path.back();
    return result;
  }
  return std::nullopt;
}

std::int64_t MixedSearch::bytes(const Widths& bits) const {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    sum += (layers_[i].weights * bits[i] + 7) / 8 + layers_[i].biases * static_cast<std::int64_t>(sizeof(std::int32_t));
  }
  return sum;
}

/// `steps` further in the list of widths, or none where that ends before.
std::optional<Widths> MixedSearch::stepped(Widths bits, std::size_t layer, int steps) const {
  const auto place = std::ranges::lower_bound(widths_, bits[layer]) - widths_.begin() + steps;
  if (place < 0 || place >= std::ssize(widths_)) return std::nullopt;
  bits[layer] = widths_[static_cast<std::size_t>(place)];
  return bits;
}

void MixedSearch::measure(std::span<const Widths> wanted) {
  std::vector<Widths> unknown;
  for (const Widths& bits : wanted) {
    if (!measured_.contains(bits)) unknown.push_back(bits);
  }
  std::vector<double> found(unknown.size());
  const auto one = [&](bool /*worker*/, std::int64_t i) {
    found[static_cast<std::size_t>(i)] = accuracy_(unknown[static_cast<std::size_t>(i)]);
    return true;
  };
  const auto before = static_cast<std::int64_t>(measured_.size());
  for_each_index(
      static_cast<std::int64_t>(unknown.size()), [] { return true; }, one,
      [&](std::int64_t done) {
        if (progress_) progress_(before + done);
      });
  for (std::size_t i = 0; i < unknown.size(); ++i) measured_.emplace(unknown[i], found[i]);
}

MixedNetwork MixedSearch::network(const Widths& bits) {
  measure(std::span(&bits, 1));
  return {bits, bytes(bits), measured_.at(bits)};
}

/// Layers, the least sensitive first: ties by their place.
std::vector<std::size_t> MixedSearch::order() {
  std::vector<std::size_t> layers(layers_.size());
  std::iota(layers.begin(), layers.end(), std::size_t{0});
  if (widths_.size() < 2) return layers;
  const std::vector<std::vector<double>> alone = sensitivity();
  const MixedNetwork widest = network(Widths(layers_.size(), widths_.back()));
  std::vector<double> loss_per_byte;
  for (const std::size_t layer : layers) {
    Widths narrowest = widest.bits;
    narrowest[layer] = widths_.front();
    const auto saved = static_cast<double>(std::max<std::int64_t>(1, widest.bytes - bytes(narrowest)));
    loss_per_byte.push_back((widest.accuracy - alone[layer].front()) / saved);
  }
  std::ranges::stable_sort(layers, {}, [&](std::size_t layer) { return loss_per_byte[layer]; });
  return layers;
}

void MixedSearch::narrow(double target, MixedResult& result) {
  for (const std::size_t layer : order()) {
    for (;;) {
      const auto narrower = stepped(result.path.back().bits, layer, -1);
      if (!narrower) break;
      const MixedNetwork next = network(*narrower);
      if (!meets(next.accuracy, target)) break;
      result.path.push_back(next);
    }
  }
}

void MixedSearch::exchange(double target, int limit, MixedResult& result) {
  const auto good = [&](std::span<const Widths> points) {
    measure(points);
    std::vector<bool> met;
    for (const Widths& bits : points) met.push_back(meets(network(bits).accuracy, target));
    return met;
  };
  const Exchanged found = study::exchange(
      result.path.back().bits,
      {.stepped = [this](const Widths& bits, std::size_t layer, int steps) { return stepped(bits, layer, steps); },
       .bytes = [this](const Widths& bits) { return bytes(bits); },
       .good = good},
      limit);
  for (const Widths& bits : found.path) result.path.push_back(network(bits));
  result.complete = found.complete;
}

}  // namespace systole::study
