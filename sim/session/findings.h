// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run has found wrong: every difference counted, the first ones kept.
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/check/mismatch.h"

namespace systole::session {

class Findings {
 public:
  static constexpr std::size_t kKept = 16;

  void add(check::Mismatch mismatch) {
    ++counts_[static_cast<std::size_t>(mismatch.checker)];
    if (kept_.size() < kKept) kept_.push_back(std::move(mismatch));
  }
  [[nodiscard]] const std::vector<check::Mismatch>& kept() const { return kept_; }
  [[nodiscard]] std::uint64_t count(check::Checker checker) const { return counts_[static_cast<std::size_t>(checker)]; }
  [[nodiscard]] std::uint64_t count() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : counts_) sum += count;
    return sum;
  }
  [[nodiscard]] bool any() const { return !kept_.empty(); }

 private:
  std::vector<check::Mismatch> kept_;
  std::array<std::uint64_t, check::kCheckers> counts_{};
};

}  // namespace systole::session
