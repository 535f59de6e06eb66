// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a run has found wrong: every difference counted, the first ones and the origin kept.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/counted.h"
#include "sim/check/mismatch.h"

namespace systole::session {

class Findings {
 public:
  static constexpr std::size_t kKept = 16;

  void add(check::Mismatch mismatch) {
    ++counts_[static_cast<std::size_t>(mismatch.checker)];
    if (!origin_ || order(mismatch) < order(*origin_)) origin_ = mismatch;
    if (kept_.size() < kKept) kept_.push_back(std::move(mismatch));
  }
  /// In the order in which they were found, kKept at most.
  [[nodiscard]] const std::vector<check::Mismatch>& kept() const { return kept_; }
  /// The one that is nearest to the cause: of the first cycle that differs a register before a pin, and what an output
  /// element explains before what none does, a column without a channel say. Nothing where nothing differs.
  [[nodiscard]] const std::optional<check::Mismatch>& origin() const { return origin_; }
  /// All but the origin, counted: "3 registers, 1 pin"; empty where there are none.
  [[nodiscard]] std::string others() const {
    std::string text;
    for (const check::Checker checker : kUpstreamFirst) {
      const std::uint64_t others = count(checker) - (origin_ && origin_->checker == checker ? 1 : 0);
      if (others > 0) text += (text.empty() ? "" : ", ") + base::counted(others, thing(checker));
    }
    return text;
  }
  [[nodiscard]] std::uint64_t count(check::Checker checker) const { return counts_[static_cast<std::size_t>(checker)]; }
  [[nodiscard]] std::uint64_t count() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : counts_) sum += count;
    return sum;
  }
  [[nodiscard]] bool any() const { return !kept_.empty(); }

 private:
  static constexpr std::array kUpstreamFirst{check::Checker::registers, check::Checker::pins, check::Checker::outputs,
                                             check::Checker::tensor};
  static constexpr std::string_view thing(check::Checker checker) {
    constexpr std::array<std::string_view, check::kCheckers> kThings{"pin", "register", "lane", "tensor element"};
    return kThings[static_cast<std::size_t>(checker)];
  }
  static std::tuple<std::uint64_t, std::ptrdiff_t, bool, std::size_t> order(const check::Mismatch& m) {
    const auto* const place = std::find(kUpstreamFirst.begin(), kUpstreamFirst.end(), m.checker);
    return {m.cycle, place - kUpstreamFirst.begin(), m.coordinate.empty(), m.index};
  }

  std::vector<check::Mismatch> kept_;
  std::optional<check::Mismatch> origin_;
  std::array<std::uint64_t, check::kCheckers> counts_{};
};

}  // namespace systole::session
