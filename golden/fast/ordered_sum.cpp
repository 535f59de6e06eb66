// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/ordered_sum.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "golden/fixed/ceil_div.h"
#include "golden/op/validate.h"

namespace systole::fast {

/// Running sums of one output pixel, one lane per output channel: the lanes are independent, each keeps the exact
/// order.
template <class Sum>
struct OrderedSum::Lanes {
  std::int64_t count;
  Sum* partial;  ///< `col` of the array order, the channel's sum of the channelwise order
  Sum* acc;
  std::int32_t* overflow;  ///< sticky
  Sum low, high;
  RunStats* stats;     ///< of the accumulator, or null
  PartialSums* every;  ///< of every accumulation, or null

  void clear(Sum* sums) const { std::fill_n(sums, count, Sum{0}); }

  /// partial = clamp_psum(partial + a * w)
  void multiply_add(Sum a, const std::int32_t* weights) const {
    if (a == 0) return;  // adding 0 to a clamped sum changes nothing
    add_clamped(partial, [a, weights](std::int64_t i) { return a * static_cast<Sum>(weights[i]); });
  }

  /// acc = clamp_psum(acc + round_shift_floor(partial, shift))
  void accumulate(int shift) const {
    add_clamped(acc, [shift, from = partial](std::int64_t i) { return from[i] >> shift; });
  }

  /// The bounds are copied to locals: members could alias the lanes, which would keep the loop from being vectorised.
  template <class Addend>
  void add_clamped(Sum* sums, Addend addend) const {
    const Sum lowest = low;
    const Sum highest = high;
    std::int32_t* flags = overflow;
    for (std::int64_t i = 0, lanes = count; i < lanes; ++i) {
      const Sum sum = sums[i] + addend(i);
      const Sum clamped = sum < lowest ? lowest : (sum > highest ? highest : sum);
      flags[i] |= clamped != sum ? 1 : 0;
      sums[i] = clamped;
    }
  }

  void count_partial() const {
    if (every != nullptr) every->add(partial, count);
  }

  void observe() const {
    if (stats == nullptr) return;
    if (every != nullptr) every->add(acc, count);
    Sum least = acc[0];
    Sum most = acc[0];
    for (std::int64_t i = 1; i < count; ++i) {
      least = acc[i] < least ? acc[i] : least;
      most = acc[i] > most ? acc[i] : most;
    }
    stats->psum_min = std::min<std::int64_t>(stats->psum_min, least);
    stats->psum_max = std::max<std::int64_t>(stats->psum_max, most);
  }
};

OrderedSum::OrderedSum(const op::Layer& layer, op::Matrix weights, std::int64_t channels, std::int64_t largest_product,
                       op::PsumOrder order)
    : weights_(std::move(weights)),
      weights_by_channel_(weights_.transpose()),
      channels_(channels),
      taps_(weights_.rows() / channels),
      tile_channels_(layer.tile_channels),
      align_(layer.align),
      bits_(op::clamp_bits(layer)),
      order_(order),
      lone_products_(layer.kind == op::Kind::fully_connected && order != op::PsumOrder::array) {
  constexpr int kNarrowBits = 30;
  // |sum| <= 2^30 and |product| < 2^30, or two sums of at most 2^30 whose total is at most 2^31 - 2 or -2^31: no wrap
  // in 32 bits. Or all products together cannot leave 32 bits.
  narrow_ = (bits_ <= kNarrowBits && largest_product < std::int64_t{1} << kNarrowBits) ||
            largest_product * weights_.rows() <= fixed::kInt32Max;
  if (align_.empty()) align_.assign(static_cast<std::size_t>(fixed::ceil_div(channels, tile_channels_)), 0);
}

template <class Sum>
void OrderedSum::array_order(const Operands& operands, Lanes<Sum>& lanes) const {
  for (std::int64_t tile = 0; tile < static_cast<std::int64_t>(align_.size()); ++tile) {
    const std::int64_t first = tile * tile_channels_;
    const std::int64_t last = std::min(channels_, first + tile_channels_);
    for (std::int64_t tap = 0; tap < taps_; ++tap) {
      lanes.clear(lanes.partial);
      for (std::int64_t k = tap * channels_ + first; k < tap * channels_ + last; ++k) {
        lanes.multiply_add(operands.scalars[k], operands.vectors + k * lanes.count);
        lanes.count_partial();
      }
      lanes.accumulate(align_[static_cast<std::size_t>(tile)]);
      lanes.observe();
    }
  }
}

template <class Sum>
void OrderedSum::channelwise_order(const Operands& operands, Lanes<Sum>& lanes) const {
  for (std::int64_t channel = 0; channel < channels_; ++channel) {
    lanes.clear(lanes.partial);
    for (std::int64_t tap = 0; tap < taps_; ++tap) {
      const std::int64_t k = tap * channels_ + channel;
      lanes.multiply_add(operands.scalars[k], operands.vectors + k * lanes.count);
      lanes.count_partial();
    }
    lanes.accumulate(0);
    lanes.observe();
  }
}

template <class Sum>
void OrderedSum::product_order(const Operands& operands, Lanes<Sum>& lanes) const {
  for (std::int64_t channel = 0; channel < channels_; ++channel) {
    for (std::int64_t tap = 0; tap < taps_; ++tap) {
      const std::int64_t k = tap * channels_ + channel;
      lanes.clear(lanes.partial);
      lanes.multiply_add(operands.scalars[k], operands.vectors + k * lanes.count);
      if (lanes.every != nullptr) lanes.every->see(lanes.partial, lanes.count);
      lanes.accumulate(0);
      lanes.observe();
    }
  }
}

template <class Sum>
void OrderedSum::sum_in_order(const Operands& operands, Lanes<Sum>& lanes) const {
  lanes.clear(lanes.acc);
  if (order_ == op::PsumOrder::array) {
    array_order(operands, lanes);
  } else if (lone_products_) {
    product_order(operands, lanes);
  } else {
    channelwise_order(operands, lanes);
  }
}

template <class Sum>
OrderedSum::Lanes<Sum> OrderedSum::make_lanes(std::int64_t count, std::int32_t* overflow, Workspace& workspace,
                                              RunStats* stats) const {
  Sum* memory = nullptr;
  if constexpr (std::is_same_v<Sum, std::int32_t>) {
    memory = workspace.narrow_lanes.get(2 * count);
  } else {
    memory = workspace.wide_lanes.get(2 * count);
  }
  return {count,
          memory,
          memory + count,
          overflow,
          static_cast<Sum>(fixed::psum_min(bits_)),
          static_cast<Sum>(fixed::psum_max(bits_)),
          stats,
          stats != nullptr ? stats->every : nullptr};
}

/// One patch at a time, its values the scalars.
template <class Sum>
void OrderedSum::lanes_are_channels(const std::int32_t* patches, std::int64_t rows, std::int32_t* acc,
                                    Workspace& workspace, RunStats* stats) const {
  const std::int64_t out_c = weights_.cols();
  Lanes<Sum> lanes = make_lanes<Sum>(out_c, workspace.overflow.data(), workspace, stats);
  for (std::int64_t row = 0; row < rows; ++row) {
    sum_in_order({patches + row * weights_.rows(), weights_.data()}, lanes);
    for (std::int64_t oc = 0; oc < out_c; ++oc) acc[row * out_c + oc] = static_cast<std::int32_t>(lanes.acc[oc]);
  }
}

/// One output channel at a time, its weights the scalars.
template <class Sum>
void OrderedSum::lanes_are_patches(const std::int32_t* patches, std::int64_t rows, std::int32_t* acc,
                                   Workspace& workspace, RunStats* stats) const {
  const std::int64_t out_c = weights_.cols();
  const std::int64_t depth = weights_.rows();
  Eigen::Map<op::Matrix> transposed(workspace.transposed.get(rows * depth), depth, rows);
  transposed = Eigen::Map<const op::Matrix>(patches, rows, depth).transpose();
  std::int32_t* overflow = workspace.lane_overflow.get(rows);
  Lanes<Sum> lanes = make_lanes<Sum>(rows, overflow, workspace, stats);
  for (std::int64_t oc = 0; oc < out_c; ++oc) {
    std::fill_n(overflow, rows, 0);
    sum_in_order({weights_by_channel_.row(oc).data(), transposed.data()}, lanes);
    for (std::int64_t row = 0; row < rows; ++row) acc[row * out_c + oc] = static_cast<std::int32_t>(lanes.acc[row]);
    if (std::any_of(overflow, overflow + rows, [](std::int32_t flag) { return flag != 0; })) {
      workspace.overflow[static_cast<std::size_t>(oc)] = 1;
    }
  }
}

template <class Sum>
void OrderedSum::run_as(const std::int32_t* patches, std::int64_t rows, std::int32_t* acc, Workspace& workspace,
                        RunStats* stats) const {
  constexpr std::int64_t kManyChannels = 64;  // enough lanes for full vectors and short loop ends
  if (weights_.cols() >= std::min(rows, kManyChannels)) {
    lanes_are_channels<Sum>(patches, rows, acc, workspace, stats);
  } else {
    lanes_are_patches<Sum>(patches, rows, acc, workspace, stats);
  }
}

void OrderedSum::run(const std::int32_t* patches, std::int64_t rows, std::int32_t* acc, Workspace& workspace,
                     RunStats* stats) const {
  if (narrow_) {
    run_as<std::int32_t>(patches, rows, acc, workspace, stats);
  } else {
    run_as<std::int64_t>(patches, rows, acc, workspace, stats);
  }
}

}  // namespace systole::fast
