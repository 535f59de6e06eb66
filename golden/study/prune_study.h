// SPDX-License-Identifier: Apache-2.0
#pragma once
// The smallest model for an accuracy: by pruning filters, by narrower weights, by both. docs/studies.md.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "golden/model/float_network.h"
#include "golden/quant/affine.h"
#include "golden/quant/prune.h"
#include "golden/study/parallel.h"

namespace systole::study {

inline constexpr int kFloatBits = 32;
/// kFloatBits, then the widths of the affine quantizer, wide to narrow.
inline constexpr int kWeightBits[] = {kFloatBits, 16, 12, 8, 4};

/// int8 activations, a scale per channel; 4-bit weights take the range of least squared error, wider ones the full one.
quant::AffineOptions affine_options(int weight_bits);

/// How many units are gone, for each layer that may lose any.
using Cuts = std::vector<int>;

/// The order in which the units of each layer leave: smallest norm first, the earlier of equals.
class PruneOrder {
 public:
  /// `network` must outlive it. Throws base::InputError where it is not valid.
  PruneOrder(const model::FloatNetwork& network, quant::PruneBy by);

  [[nodiscard]] std::size_t layers() const { return leaving_.size(); }
  /// How many units a layer may lose, at least 1.
  [[nodiscard]] int most(std::size_t layer) const { return static_cast<int>(leaving_[layer].size()); }
  /// A sixteenth of that, rounded up.
  [[nodiscard]] int part(std::size_t layer) const;
  /// The network without that many units; `cuts` has layers() entries, 0 .. most(layer).
  [[nodiscard]] model::FloatNetwork network(const Cuts& cuts) const;

 private:
  quant::Pruner pruner_;
  std::vector<std::vector<std::size_t>> leaving_;  ///< of each layer with units that may leave
};

/// A pruned network with weights of one width.
struct PrunedNetwork {
  Cuts cuts;
  int weight_bits = kFloatBits;  ///< of kWeightBits
  std::int64_t bytes = 0;        ///< of parameters
  double accuracy = 0;
};

/// Accuracy (0 .. 1) of a pruned float network, or of the affine one with weights of that many bits; several threads
/// call at once.
using PruneAccuracy = std::function<double(const model::FloatNetwork&, int weight_bits)>;

/// What may be done to make a model small; nothing done is among each.
enum class Means { pruning, quantization, both };

/// The model of fewest bytes with at least this accuracy; the more accurate of equals. None where no model has it.
std::optional<PrunedNetwork> smallest_network(std::span<const PrunedNetwork> models, double accuracy, Means means);

/// What the exchange found.
struct PruneExchange {
  std::vector<PrunedNetwork> path;  ///< each smaller than the one before
  bool complete = true;             ///< whether it ended by itself, not at its limit of questions
};

/// Remembers every measurement; the results do not depend on the number of processors.
class PruneSearch {
 public:
  /// `order` must outlive it. Progress counts measurements. What `accuracy` and `progress` throw, all members throw.
  PruneSearch(const PruneOrder& order, PruneAccuracy accuracy, Progress progress = {});

  /// Smaller and smaller float networks, the whole one first. Each step takes a part of what one layer may lose: of the
  /// layer that loses least accuracy for the bytes it saves. The path ends behind the first network below `lowest`, or
  /// where only required units are left.
  [[nodiscard]] std::vector<Cuts> path(double lowest);

  /// Every one of these networks at every width, network by network in the order of kWeightBits.
  [[nodiscard]] std::vector<PrunedNetwork> networks(std::span<const Cuts> path);
  /// These networks at these widths, bytes and accuracies measured here.
  [[nodiscard]] std::vector<PrunedNetwork> measured(std::vector<PrunedNetwork> models);

  /// Networks of the same width smaller than `from` with at least `target`: one or two layers lose a part more, another
  /// at most a part less, of all such that make the network smaller the one that saves most, and again; then the same
  /// unit by unit. Looks at no more than `limit` networks.
  [[nodiscard]] PruneExchange exchange(const PrunedNetwork& from, double target, int limit);

  /// How many networks were measured.
  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(accuracies_.size()); }

 private:
  using Key = std::pair<Cuts, int>;
  void measure(std::span<const Key> wanted);

  const PruneOrder& order_;
  PruneAccuracy accuracy_;
  Progress progress_;
  std::map<Key, double> accuracies_;
};

}  // namespace systole::study
