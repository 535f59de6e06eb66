// SPDX-License-Identifier: Apache-2.0
#pragma once
// Sums of products in a declared order with a clamp at every accumulation, docs/numerics.md section 4.
#include <cstdint>
#include <vector>

#include "golden/fast/run_stats.h"
#include "golden/fast/workspace.h"
#include "golden/op/layer.h"

namespace systole::fast {

/// The weights of a matrix-like layer, ready to be summed in one of the orders.
class OrderedSum {
 public:
  /// `weights`: (taps * channels) x out_c, zero point removed, row tap * channels + channel. `largest_product` bounds
  /// abs(a * w). The layer has passed check_order().
  OrderedSum(const op::Layer& layer, op::Matrix weights, std::int64_t channels, std::int64_t largest_product,
             op::PsumOrder order);

  /// acc[row][oc] for `rows` patches of taps * channels values (zero point removed). Sets overflow[oc] where a clamp
  /// changed a value; widens `stats` (if any) by the accumulator after every pass (channelwise: after every channel,
  /// fully connected after every product) and gives every partial sum to stats->every.
  void run(const std::int32_t* patches, std::int64_t rows, std::int32_t* acc, Workspace& workspace,
           RunStats* stats) const;

 private:
  /// One sum per lane: products of a scalar and a vector over the lanes, k = 0 .. taps * channels - 1 in the declared
  /// order.
  struct Operands {
    const std::int32_t* scalars;  ///< [k]
    const std::int32_t* vectors;  ///< [k][lane]
  };
  template <class Sum>
  struct Lanes;
  template <class Sum>
  Lanes<Sum> make_lanes(std::int64_t count, std::int32_t* overflow, Workspace& workspace, RunStats* stats) const;
  template <class Sum>
  void sum_in_order(const Operands& operands, Lanes<Sum>& lanes) const;
  template <class Sum>
  void lanes_are_channels(const std::int32_t* patches, std::int64_t rows, std::int32_t* acc, Workspace& workspace,
                          RunStats* stats) const;
  template <class Sum>
  void lanes_are_patches(const std::int32_t* patches, std::int64_t rows, std::int32_t* acc, Workspace& workspace,
                         RunStats* stats) const;
  template <class Sum>
  void run_as(const std::int32_t* patches, std::int64_t rows, std::int32_t* acc, Workspace& workspace,
              RunStats* stats) const;
  template <class Sum>
  void array_order(const Operands& operands, Lanes<Sum>& lanes) const;
  template <class Sum>
  void channelwise_order(const Operands& operands, Lanes<Sum>& lanes) const;
  template <class Sum>
  void product_order(const Operands& operands, Lanes<Sum>& lanes) const;

  op::Matrix weights_;             ///< [k][oc]
  op::Matrix weights_by_channel_;  ///< [oc][k]
  std::int64_t channels_, taps_, tile_channels_;
  std::vector<int> align_;  ///< one shift per ic tile
  int bits_;
  op::PsumOrder order_;
  bool lone_products_;  ///< every product goes into the accumulator: a channel has no sum of its own
  bool narrow_;         ///< every unclamped sum fits 32 bits
};

}  // namespace systole::fast
