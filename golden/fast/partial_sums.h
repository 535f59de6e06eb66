// SPDX-License-Identifier: Apache-2.0
#pragma once
// A histogram of every partial sum of a layer, exact to the last one, fast enough for each accumulation step.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace systole::fast {

/// The values low .. high; empty where low > high.
struct Extent {
  std::int64_t low = std::numeric_limits<std::int64_t>::max();
  std::int64_t high = std::numeric_limits<std::int64_t>::min();

  [[nodiscard]] bool empty() const { return low > high; }
  void widen(const Extent& other) {
    low = other.low < low ? other.low : low;
    high = other.high > high ? other.high : high;
  }
  /// The smallest b >= 0 with -2^b <= low and high <= 2^b - 1: clamp_psum(., b) changes no value of the extent.
  [[nodiscard]] int psum_bits() const {
    if (empty()) return 0;
    const auto magnitude = [](std::int64_t x) { return static_cast<std::uint64_t>(x < 0 ? ~x : x); };
    return static_cast<int>(std::bit_width(magnitude(low) | magnitude(high)));
  }
  bool operator==(const Extent&) const = default;
};

/// Counts partial sums in bins of 2^shift values, [k 2^shift, (k + 1) 2^shift): a limit 2^b >= 2^shift is an edge
/// between bins, so how many sums need more than b bits is exact. Minimum and maximum are exact.
class PartialSums {
 public:
  /// For sums within `range` (not empty, of 32-bit values). The bins are the narrowest of which at most 4096 cover it.
  explicit PartialSums(const Extent& range);

  /// Counts the results of `count` accumulations. Throws std::logic_error where one lies outside the range.
  template <class Sum>
  void add(const Sum* sums, std::int64_t count) {
    see(sums, count);
    std::uint64_t* counts = counts_.data();
    const std::int64_t first = first_bin_;
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t bin = (std::int64_t{sums[i]} >> shift_) - first;
      ++counts[bin * kInterleaved + i % kInterleaved];
    }
  }

  /// Widens the extent by values that a clamp sees but that are no accumulation: products that stand alone.
  template <class Sum>
  void see(const Sum* values, std::int64_t count) {
    if (count == 0) return;
    Sum low = values[0];
    Sum high = values[0];
    for (std::int64_t i = 1; i < count; ++i) {
      low = values[i] < low ? values[i] : low;
      high = values[i] > high ? values[i] : high;
    }
    if (low < range_.low || high > range_.high) fail(low, high);
    recent_.widen({.low = low, .high = high});
  }

  /// What was seen since the last call, which total() then includes.
  Extent take_extent();
  /// What was seen up to the last take_extent().
  [[nodiscard]] const Extent& total() const { return total_; }

  /// Adds another histogram of the same range. Throws std::invalid_argument for a different one.
  void merge(const PartialSums& other);

  struct Bin {
    std::int64_t low = 0;  ///< values low .. low + 2^shift - 1
    std::uint64_t count = 0;
  };
  [[nodiscard]] int shift() const { return shift_; }
  /// The bins that hold a sum, in ascending order.
  [[nodiscard]] std::vector<Bin> bins() const;

 private:
  /// Neighbouring lanes often fall into one bin; counters side by side, a cache line of them, keep the increments
  /// independent of each other.
  static constexpr std::int64_t kInterleaved = 8;
  [[noreturn]] void fail(std::int64_t low, std::int64_t high) const;

  Extent range_;
  int shift_ = 0;
  std::int64_t first_bin_ = 0;
  std::vector<std::uint64_t> counts_;  ///< [bin][interleaved]
  Extent recent_, total_;
};

}  // namespace systole::fast
