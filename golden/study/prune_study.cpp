// SPDX-License-Identifier: Apache-2.0
#include "golden/study/prune_study.h"

#include <algorithm>
#include <map>
#include <utility>

#include "golden/fixed/ceil_div.h"
#include "golden/quant/conversion.h"

namespace systole::study {

namespace {

using model::FloatNetwork;
using quant::PruneUnit;

constexpr std::size_t kParts = 16;  // steps in which a layer may lose everything that is not required
/// Accuracy that every step is charged besides its own loss: below it losses on some hundred images are noise, and
/// what counts is the bytes.
constexpr double kNoise = 5e-4;

/// A layer's units that may leave, smallest norm first, and how many leave at a time.
struct Queue {
  std::vector<std::size_t> units;
  std::size_t part = 1;
};

std::vector<Queue> queues(const std::vector<PruneUnit>& units) {
  std::map<int, std::vector<std::size_t>> by_layer;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (!units[i].required) by_layer[units[i].layer].push_back(i);
  }
  std::vector<Queue> result;
  for (auto& [layer, members] : by_layer) {
    std::ranges::stable_sort(members, {}, [&](std::size_t i) { return units[i].norm; });
    const std::size_t part = fixed::ceil_div(members.size(), std::size_t{kParts});
    result.push_back({std::move(members), part});
  }
  return result;
}

/// What is removed after one more step of a layer.
std::vector<bool> one_more(std::vector<bool> removed, const Queue& queue) {
  std::size_t left = queue.part;
  for (const std::size_t unit : queue.units) {
    if (removed[unit]) continue;
    if (left-- == 0) break;
    removed[unit] = true;
  }
  return removed;
}

/// A step that could be taken.
struct Step {
  std::vector<bool> removed;
  FloatNetwork network;
  double accuracy = 0;
};

std::vector<Step> possible_steps(const quant::Pruner& pruner, const std::vector<Queue>& layers,
                                 const std::vector<bool>& removed) {
  std::vector<Step> steps;
  for (const Queue& queue : layers) {
    std::vector<bool> more = one_more(removed, queue);
    if (more == removed) continue;
    FloatNetwork network = pruner.without(more);
    steps.push_back({std::move(more), std::move(network), 0});
  }
  return steps;
}

}  // namespace

std::vector<FloatNetwork> prune_path(const FloatNetwork& network, quant::PruneBy by, double lowest,
                                     const FloatAccuracy& accuracy, const Progress& progress) {
  const quant::Pruner pruner(network, by);
  const std::vector<Queue> layers = queues(pruner.units());
  std::vector<bool> removed(pruner.units().size(), false);
  std::vector<FloatNetwork> path{network};
  double now = accuracy(network);
  std::int64_t measured = 1;
  while (now >= lowest) {
    std::vector<Step> steps = possible_steps(pruner, layers, removed);
    if (steps.empty()) break;
    const auto measure = [&](bool /*worker*/, std::int64_t i) {
      Step& step = steps[static_cast<std::size_t>(i)];
      step.accuracy = accuracy(step.network);
      return true;
    };
    for_each_index(
        static_cast<std::int64_t>(steps.size()), [] { return true; }, measure,
        [&](std::int64_t done) {
          if (progress) progress(measured + done);
        });
    measured += static_cast<std::int64_t>(steps.size());
    const std::int64_t bytes = quant::parameter_bytes(path.back());
    Step& best = *std::ranges::min_element(steps, {}, [&](const Step& step) {
      const auto saved = static_cast<double>(bytes - quant::parameter_bytes(step.network));
      return (std::max(now - step.accuracy, 0.0) + kNoise) / saved;
    });
    now = best.accuracy;
    removed = std::move(best.removed);
    path.push_back(std::move(best.network));
  }
  return path;
}

quant::AffineOptions affine_options(int weight_bits) {
  quant::AffineOptions options;
  options.weight_bits = weight_bits;
  options.optimal_weights = weight_bits == 4;
  return options;
}

std::vector<PrunedNetwork> measure_networks(std::span<const FloatNetwork> path, std::span<const op::Tensor> calibration,
                                            const FloatAccuracy& float_accuracy, const IntegerAccuracy& accuracy,
                                            const Progress& progress) {
  std::vector<PrunedNetwork> models;
  for (std::size_t step = 0; step < path.size(); ++step) {
    for (const int bits : kWeightBits) models.push_back({step, bits, 0, 0});
  }
  const auto measure = [&](bool /*worker*/, std::int64_t i) {
    PrunedNetwork& model = models[static_cast<std::size_t>(i)];
    const FloatNetwork& network = path[model.step];
    if (model.weight_bits == kFloatBits) {
      model.bytes = quant::parameter_bytes(network);
      model.accuracy = float_accuracy(network);
    } else {
      const quant::AffineNetwork made = quant::quantize_affine(network, calibration, affine_options(model.weight_bits));
      model.bytes = quant::parameter_bytes(made.network);
      model.accuracy = accuracy(made.network);
    }
    return true;
  };
  for_each_index(
      static_cast<std::int64_t>(models.size()), [] { return true; }, measure, progress);
  return models;
}

std::optional<PrunedNetwork> smallest_network(std::span<const PrunedNetwork> models, double accuracy, Means means) {
  std::optional<PrunedNetwork> best;
  for (const PrunedNetwork& model : models) {
    if (model.accuracy < accuracy) continue;
    if (means == Means::pruning && model.weight_bits != kFloatBits) continue;
    if (means == Means::quantization && model.step != 0) continue;
    const bool smaller = !best || std::pair(model.bytes, -model.accuracy) < std::pair(best->bytes, -best->accuracy);
    if (smaller) best = model;
  }
  return best;
}

}  // namespace systole::study
