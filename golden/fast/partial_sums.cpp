// SPDX-License-Identifier: Apache-2.0
#include "golden/fast/partial_sums.h"

#include <numeric>
#include <stdexcept>
#include <string>

namespace systole::fast {

PartialSums::PartialSums(const Extent& range) : range_(range) {
  constexpr std::int64_t kMostBins = 4096;  // of which a layer touches a few hundred: they stay in the first cache
  if (range.empty()) throw std::invalid_argument("partial sums: the range is empty");
  while ((range.high >> shift_) - (range.low >> shift_) >= kMostBins) ++shift_;
  first_bin_ = range.low >> shift_;
  const std::int64_t bins = (range.high >> shift_) - first_bin_ + 1;
  counts_.resize(static_cast<std::size_t>(bins * kInterleaved), 0);
}

Extent PartialSums::take_extent() {
  const Extent taken = recent_;
  total_.widen(taken);
  recent_ = {};
  return taken;
}

void PartialSums::merge(const PartialSums& other) {
  if (!(range_ == other.range_)) throw std::invalid_argument("partial sums: merged with those of another range");
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  recent_.widen(other.recent_);
  total_.widen(other.total_);
}

std::vector<PartialSums::Bin> PartialSums::bins() const {
  std::vector<Bin> result;
  for (std::int64_t bin = 0; bin * kInterleaved < static_cast<std::int64_t>(counts_.size()); ++bin) {
    const auto first = counts_.begin() + bin * kInterleaved;
    const std::uint64_t count = std::accumulate(first, first + kInterleaved, std::uint64_t{0});
    if (count != 0) result.push_back({.low = (first_bin_ + bin) * (std::int64_t{1} << shift_), .count = count});
  }
  return result;
}

void PartialSums::fail(std::int64_t low, std::int64_t high) const {
  throw std::logic_error("partial sums " + std::to_string(low) + " .. " + std::to_string(high) +
                         " leave the range that was proved: " + std::to_string(range_.low) + " .. " +
                         std::to_string(range_.high));
}

}  // namespace systole::fast
