// SPDX-License-Identifier: Apache-2.0
#pragma once
// The head-room certificate: the largest and smallest partial sum that a layer's actual weights can reach with any
// legal input, proved, and an input that reaches it.
#include <vector>

#include "golden/fast/partial_sums.h"
#include "golden/model/network.h"
#include "golden/op/validate.h"

namespace systole::study {

/// What the partial sums of a layer, or of one output channel, can become. Both ends of both extents are attained.
struct Bounds {
  fast::Extent column;       ///< sums of a pass, on their way down a column of the array
  fast::Extent accumulator;  ///< after every pass, and with the bias

  void widen(const Bounds& other) {
    column.widen(other.column);
    accumulator.widen(other.accumulator);
  }
  /// Bits, sign included, of the narrowest register that holds every partial sum.
  [[nodiscard]] int width() const;
};

/// The layer's partial sums without clamp, for inputs in `input`, array order (numerics.md section 4). Interval
/// arithmetic: a value a - zero_in lies in [low, high], which includes 0, so the extreme products are w * low and
/// w * high, one of them at least 0 and the other at most 0. Hence sums only widen along the order of accumulation, and
/// with the taps inside the map: the extremes over all prefixes and all windows are those of a whole pass, of all
/// passes, and of the bias after them, in a window that no other contains. A shift is monotone, and different passes
/// read different inputs: all their extremes are reached at once, so the bounds are exact.
class Headroom {
 public:
  /// `input`: the values that the layer's inputs take, see input_range(). Keeps a reference to `layer`, which must have
  /// passed op::validate() and outlive this. Throws std::invalid_argument where a zero point is not in `input`, and for
  /// max_pool and concat, which add nothing up.
  Headroom(const op::Layer& layer, op::ElementRange input);
  Headroom(op::Layer&& layer, op::ElementRange input) = delete;

  /// Per output channel. An add has the extents of its biased sums, and its operands' (value - zero) as column.
  [[nodiscard]] const std::vector<Bounds>& channels() const { return channels_; }
  [[nodiscard]] Bounds layer() const;

  /// An input map with which the accumulator reaches layer().accumulator.high, or .low, in one output: zero points
  /// outside that output's window. An add reads it as both operands.
  [[nodiscard]] op::Tensor attaining_input(bool high) const;

 private:
  struct Window;
  struct Pass;
  [[nodiscard]] std::vector<Window> windows() const;
  [[nodiscard]] std::vector<Pass> passes(int channel) const;
  [[nodiscard]] std::int64_t level(int channel, std::int64_t tap, std::int64_t input_channel) const;
  [[nodiscard]] fast::Extent product(std::int64_t level) const;
  [[nodiscard]] Bounds window_bounds(const std::vector<Pass>& passes, const Window& window, int channel) const;
  [[nodiscard]] Bounds add_bounds(int channel) const;
  [[nodiscard]] op::Tensor attaining_window(int channel, const Window& window, bool high) const;

  const op::Layer& layer_;
  op::ElementRange input_;
  op::Matrix levels_;  ///< weights with codebook and zero point applied; empty where there are none
  std::vector<Bounds> channels_;
};

/// Whether Headroom bounds the layer's kind: all but max_pool and concat.
[[nodiscard]] bool has_headroom(const op::Layer& layer);

/// The values that the inputs of node `node` take: their element type, narrowed to the activation bounds of the layers
/// that make them, widened to the zero points (which padding reads).
[[nodiscard]] op::ElementRange input_range(const model::Network& network, std::size_t node);

}  // namespace systole::study
