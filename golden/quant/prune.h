// SPDX-License-Identifier: Apache-2.0
#pragma once
// Structured pruning: whole filters and whole input channels leave a float network, whose matrices get smaller. After
// Li et al., "Pruning Filters for Efficient ConvNets", ICLR 2017. docs/schemes.md, section 6.
#include <cstddef>
#include <vector>

#include "golden/model/float_network.h"

namespace systole::quant {

/// Whose weights say how much a channel matters.
enum class PruneBy {
  filter,  ///< those that make it: the rows of the layers that write it
  channel  ///< those that read it: the columns of the layers behind it
};

/// Channels that can only leave together: a filter's output, what pools, depthwise layers and concatenations make of
/// it, and whatever an add joins it with.
struct PruneUnit {
  int layer = -1;         ///< the first node with a filter of this unit, -1 for a channel of the image
  double norm = 0;        ///< L2 norm of the weights that PruneBy names, biases left out
  bool required = false;  ///< never leaves: the image, the network's outputs, and the largest norm of every tensor
};

/// What may leave a network, and the network without it.
class Pruner {
 public:
  /// `network` must outlive the pruner. Throws base::InputError where it is not valid.
  Pruner(const model::FloatNetwork& network, PruneBy by);

  /// In the order of their first channel: tensor by tensor, channel by channel.
  [[nodiscard]] const std::vector<PruneUnit>& units() const { return units_; }

  /// The network without the units whose entry is true: their filters with bias, the input channels of every layer that
  /// reads them (all pixels of a channel in a fully connected layer), their channels of depthwise layers. What stays
  /// computes what it did with those channels at zero. Throws std::invalid_argument for a list of another length or a
  /// required unit in it.
  [[nodiscard]] model::FloatNetwork without(const std::vector<bool>& removed) const;

 private:
  [[nodiscard]] std::size_t unit(int tensor, int channel) const;
  [[nodiscard]] std::vector<Eigen::Index> kept_channels(int tensor, const std::vector<bool>& removed) const;
  void join_channels();
  void measure(PruneBy by);
  void require();

  const model::FloatNetwork& network_;
  std::vector<std::size_t> first_slot_;  ///< of each tensor: its channels follow one another
  std::vector<std::size_t> unit_of_;     ///< by slot
  std::vector<PruneUnit> units_;
};

/// Of each layer's units the floor(fraction * n) with the smallest norm, the earlier of equals; required ones stay.
/// Throws std::invalid_argument for a fraction outside [0, 1].
std::vector<bool> smallest_fraction(const std::vector<PruneUnit>& units, double fraction);

/// The units with a norm below the threshold that are not required. Throws std::invalid_argument for a threshold that
/// is negative or not a number.
std::vector<bool> below_threshold(const std::vector<PruneUnit>& units, double threshold);

}  // namespace systole::quant
