// SPDX-License-Identifier: Apache-2.0
#include "golden/study/psum_study.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "golden/fixed/saturate.h"
#include "golden/op/validate.h"
#include "golden/study/headroom.h"
#include "golden/study/operations.h"

namespace systole::study {
namespace {

std::vector<std::size_t> accumulating_nodes(const model::Network& network) {
  std::vector<std::size_t> nodes;
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    if (accumulates(network.nodes[i].layer)) nodes.push_back(i);
  }
  return nodes;
}

model::Network unlimited(const model::Network& network) {
  const std::vector<int> bits(accumulating_nodes(network).size(), kUnlimitedBits);
  return with_psum_bits(network, bits);
}

/// A histogram for what the layer's weights can reach within the 32 bits of the register.
fast::PartialSums histogram_for(const op::Layer& layer) {
  const Bounds bounds = Headroom(layer, op::element_range(layer.act_signed, layer.act_bits)).layer();
  fast::Extent range = bounds.column;
  range.widen(bounds.accumulator);
  return fast::PartialSums(
      {.low = std::max(range.low, fixed::kInt32Min), .high = std::min(range.high, fixed::kInt32Max)});
}

/// More than an image can miss: those that are wrong without clamp are most likely to be wrong with it.
constexpr int kAlwaysFirst = 1 << 24;

}  // namespace

model::Network with_psum_bits(const model::Network& network, std::span<const int> bits) {
  model::Network result = network;
  const std::vector<std::size_t> nodes = accumulating_nodes(network);
  if (nodes.size() != bits.size()) {
    throw std::invalid_argument(std::to_string(bits.size()) + " widths, expected " + std::to_string(nodes.size()) +
                                ", one per layer that accumulates");
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    op::Layer& layer = result.nodes[nodes[i]].layer;
    layer.psum_width = 32;
    layer.saturate = bits[i] < kUnlimitedBits;
    layer.psum_bits = std::min(bits[i], kUnlimitedBits - 1);
  }
  return result;
}

/// One thread's histograms, and the widths and answers of its images.
struct PsumStudy::Recorder {
  Recorder(const PsumStudy& study, const model::Network& network)
      : images(study.images_), layers(study.layers_), executor(network, study.order_), stats(network.nodes.size()) {
    for (LayerSums& layer : layers) stats[layer.node].every = &layer.sums;
  }

  void record(std::int64_t i) {
    const Sample& image = images[static_cast<std::size_t>(i)];
    const int answer = op::arg_max(executor.run(image.input, &stats).back());
    Result& result = results.emplace_back(Result{.image = i, .right = answer == image.label, .needed = {}});
    for (LayerSums& layer : layers) result.needed.push_back(layer.sums.take_extent().psum_bits());
  }

  struct Result {
    std::int64_t image;
    bool right;
    std::vector<int> needed;
  };
  const std::vector<Sample>& images;
  std::vector<LayerSums> layers;
  model::Executor executor;
  std::vector<fast::RunStats> stats;
  std::vector<Result> results;
};

PsumStudy::PsumStudy(const model::Network& network, op::PsumOrder order, const std::vector<Sample>& images,
                     const Progress& progress)
    : network_(network),
      order_(order),
      images_(images),
      needed_(images.size()),
      right_(images.size()),
      misses_(images.size(), 0) {
  const model::Network wide = unlimited(network);
  for (const std::size_t node : accumulating_nodes(network)) {
    op::validate(wide.nodes[node].layer);
    layers_.push_back({node, histogram_for(wide.nodes[node].layer)});
  }
  if (layers_.empty()) throw std::invalid_argument("network '" + network.name + "': no layer adds up products");
  if (images.empty()) throw std::invalid_argument("partial-sum study: expected at least one image");
  const auto recorders = for_each_index(
      static_cast<std::int64_t>(images.size()), [&] { return std::make_unique<Recorder>(*this, wide); },
      [](const std::unique_ptr<Recorder>& recorder, std::int64_t i) {
        recorder->record(i);
        return true;
      },
      progress);
  for (const auto& recorder : recorders) {
    for (std::size_t i = 0; i < layers_.size(); ++i) layers_[i].sums.merge(recorder->layers[i].sums);
    for (const Recorder::Result& result : recorder->results) {
      needed_[static_cast<std::size_t>(result.image)] = result.needed;
      right_[static_cast<std::size_t>(result.image)] = result.right;
    }
  }
  correct_ = std::ranges::count(right_, true);
}

std::vector<int> PsumStudy::widest() const {
  std::vector<int> bits(layers_.size(), 0);
  for (const std::vector<int>& image : needed_) {
    std::ranges::transform(bits, image, bits.begin(), [](int a, int b) { return std::max(a, b); });
  }
  return bits;
}

PsumStudy::Split PsumStudy::split(std::span<const int> bits) const {
  Split result;
  for (std::size_t i = 0; i < images_.size(); ++i) {
    const bool fits = std::ranges::equal(needed_[i], bits, [](int needed, int given) { return needed <= given; });
    if (!fits) result.affected.push_back(static_cast<std::int64_t>(i));
    if (fits && right_[i]) ++result.correct;
  }
  return result;
}

std::int64_t PsumStudy::affected(std::span<const int> bits) const {
  return static_cast<std::int64_t>(split(bits).affected.size());
}

/// One thread's saturating runs.
struct PsumStudy::Runner {
  Runner(const PsumStudy& whole, const model::Network& network)
      : study(whole), executor(network, whole.order_), stats(network.nodes.size()), overflows(whole.layers_.size()) {}

  bool right(std::int64_t i, std::vector<fast::RunStats>* seen = nullptr) {
    const Sample& image = study.images_[static_cast<std::size_t>(i)];
    return op::arg_max(executor.run(image.input, seen).back()) == image.label;
  }

  bool right_and_counted(std::int64_t i) {
    for (fast::RunStats& layer : stats) layer = {};
    const bool result = right(i, &stats);
    for (std::size_t layer = 0; layer < overflows.size(); ++layer) {
      const auto flags = std::ranges::count(stats[study.layers_[layer].node].overflow, 1);
      overflows[layer].flags += flags;
      overflows[layer].images += flags != 0 ? 1 : 0;
    }
    return result;
  }

  const PsumStudy& study;
  model::Executor executor;
  std::vector<fast::RunStats> stats;
  std::vector<Overflows> overflows;
};

LimitedRun PsumStudy::run(std::span<const int> bits, const Progress& progress) const {
  const model::Network limited = with_psum_bits(network_, bits);
  const Split images = split(bits);
  std::atomic<std::int64_t> correct{images.correct};
  const auto runners = for_each_index(
      static_cast<std::int64_t>(images.affected.size()), [&] { return std::make_unique<Runner>(*this, limited); },
      [&](const std::unique_ptr<Runner>& runner, std::int64_t i) {
        if (runner->right_and_counted(images.affected[static_cast<std::size_t>(i)])) ++correct;
        return true;
      },
      progress);
  LimitedRun result{.correct = correct, .overflows = std::vector<Overflows>(layers_.size())};
  for (const auto& runner : runners) {
    for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
      result.overflows[layer].images += runner->overflows[layer].images;
      result.overflows[layer].flags += runner->overflows[layer].flags;
    }
  }
  return result;
}

bool PsumStudy::reaches(std::int64_t correct, std::span<const int> bits, const std::function<void()>& on_image) {
  const model::Network limited = with_psum_bits(network_, bits);
  Split images = split(bits);
  std::ranges::stable_sort(images.affected, std::greater<>(), [this](std::int64_t i) {
    const auto image = static_cast<std::size_t>(i);
    return misses_[image] + (right_[image] ? 0 : kAlwaysFirst);
  });
  std::atomic<std::int64_t> right{images.correct};
  std::atomic<std::int64_t> possible{images.correct + static_cast<std::int64_t>(images.affected.size())};
  if (possible < correct || right >= correct) return right >= correct;
  (void)for_each_index(
      static_cast<std::int64_t>(images.affected.size()), [&] { return std::make_unique<Runner>(*this, limited); },
      [&](const std::unique_ptr<Runner>& runner, std::int64_t i) {
        const std::int64_t image = images.affected[static_cast<std::size_t>(i)];
        if (runner->right(image)) {
          ++right;
        } else {
          --possible;
          ++misses_[static_cast<std::size_t>(image)];
        }
        return right < correct && possible >= correct;
      },
      [&on_image](std::int64_t) {
        if (on_image) on_image();
      });
  return right >= correct;
}

}  // namespace systole::study
