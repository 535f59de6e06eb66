// SPDX-License-Identifier: Apache-2.0
#pragma once
// The smallest network for an accuracy when every layer's weights may have a width of their own. docs/studies.md.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/model/float_network.h"
#include "golden/quant/affine.h"
#include "golden/study/parallel.h"
#include "golden/study/width_search.h"

namespace systole::study {

/// A layer with weights.
struct MixedLayer {
  std::string name;
  std::int64_t weights = 0, biases = 0;  ///< how many
};

/// In the network's order, as all widths below are. Throws base::InputError where two have one name.
std::vector<MixedLayer> mixed_layers(const model::FloatNetwork& network);

/// int8 activations, a scale per channel, weights of these widths over the range of least squared error.
quant::AffineOptions mixed_options(std::span<const MixedLayer> layers, const Widths& bits);

/// One set of widths and what it comes to.
struct MixedNetwork {
  Widths bits;
  std::int64_t bytes = 0;  ///< of parameters, as quant::parameter_bytes has them
  double accuracy = 0;     ///< 0 .. 1
};

struct MixedResult {
  MixedNetwork uniform;            ///< the smallest with one width for all layers
  MixedNetwork by_sensitivity;     ///< after the first step of the search
  MixedNetwork exchanged;          ///< after the second: never larger
  std::vector<MixedNetwork> path;  ///< every network on the way, each smaller than the one before
  bool complete = true;            ///< whether the exchange ended by itself, not at its limit of questions
};

using MixedAccuracy = std::function<double(const Widths&)>;  ///< 0 .. 1; several threads call at once

/// The smallest with at least `target`, to within MixedSearch::meets, the more accurate of equals; none where none has.
std::optional<MixedNetwork> smallest(std::span<const MixedNetwork> networks, double target);

/// Remembers every measurement; the results do not depend on the number of processors.
class MixedSearch {
 public:
  /// At least one layer; `widths`, at least one, ascend strictly. Progress counts measurements.
  MixedSearch(std::vector<MixedLayer> layers, std::vector<int> widths, MixedAccuracy accuracy, Progress progress = {});

  /// These widths, each measured once.
  [[nodiscard]] std::vector<MixedNetwork> networks(std::span<const Widths> wanted);
  /// All layers at one width, by width.
  [[nodiscard]] std::vector<MixedNetwork> uniform();
  /// Accuracy with one layer at a narrower width and all others at the widest, [layer][width] without the widest.
  [[nodiscard]] std::vector<std::vector<double>> sensitivity();

  /// The smallest network with at least `target` (0 .. 1, to within 1e-9) that the search finds; none where no common
  /// width is enough.
  ///   1. From the narrowest common width that is enough, every layer is narrowed as far as the target holds; first the
  ///   one that loses least accuracy at the narrowest width, alone, for each byte that it saves.
  ///   2. Exchange: one or two steps narrower in one or two layers and at most one step wider in another, of all that
  ///   make the network smaller the one that saves most while the target holds; again until there is none or `limit`
  ///   networks were looked at.
  [[nodiscard]] std::optional<MixedResult> run(double target, int limit);

  /// How many networks were measured.
  [[nodiscard]] std::int64_t measured() const { return static_cast<std::int64_t>(measured_.size()); }

  /// Whether an accuracy is enough.
  [[nodiscard]] static bool meets(double accuracy, double target) { return accuracy >= target - 1e-9; }

 private:
  [[nodiscard]] std::int64_t bytes(const Widths& bits) const;
  [[nodiscard]] std::optional<Widths> stepped(Widths bits, std::size_t layer, int steps) const;
  void measure(std::span<const Widths> wanted);
  [[nodiscard]] MixedNetwork network(const Widths& bits);
  [[nodiscard]] std::vector<std::size_t> order();
  void narrow(double target, MixedResult& result);
  void exchange(double target, int limit, MixedResult& result);

  std::vector<MixedLayer> layers_;
  std::vector<int> widths_;
  MixedAccuracy accuracy_;
  Progress progress_;
  std::map<Widths, double> measured_;
};

}  // namespace systole::study
