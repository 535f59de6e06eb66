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
  static constexpr std::size_t kKept = 16, kSeries = 64;

  void add(check::Mismatch mismatch) {
    ++counts_[static_cast<std::size_t>(mismatch.checker)];
    if (!origin_ || order(mismatch) < order(*origin_)) origin_ = mismatch;
    detect(mismatch);
    if (kept_.size() < kKept) kept_.push_back(std::move(mismatch));
  }
  /// Of cycles after the first that differs: not counted, but it may be what shows first outside the design.
  void add_later(const check::Mismatch& mismatch) {
    if (origin_ && mismatch.signal == origin_->signal && later_.size() < kSeries) later_.push_back(mismatch);
    detect(mismatch);
  }
  /// In the order in which they were found, kKept at most.
  [[nodiscard]] const std::vector<check::Mismatch>& kept() const { return kept_; }
  /// The one that is nearest to the cause: of the first cycle that differs a register before a pin, and what an output
  /// element explains before what none does, a column without a channel say. Nothing where nothing differs.
  [[nodiscard]] const std::optional<check::Mismatch>& origin() const { return origin_; }
  /// The first that shows outside the design: a pin, an out beat, a tensor.
  [[nodiscard]] const std::optional<check::Mismatch>& detection() const { return detection_; }
  /// Those of the origin's cycle, the origin first, kKept at most.
  [[nodiscard]] std::vector<check::Mismatch> first() const {
    std::vector<check::Mismatch> same;
    for (const check::Mismatch& mismatch : kept_) {
      if (mismatch.cycle == origin_->cycle) same.push_back(mismatch);
    }
    const auto upstream_first = [](const check::Mismatch& a, const check::Mismatch& b) { return order(a) < order(b); };
    std::ranges::sort(same, upstream_first);
    if (!same.empty() && upstream_first(*origin_, same.front())) {
      same.insert(same.begin(), *origin_);
      same.resize(std::min(same.size(), kKept));
    }
    return same;
  }
  /// The origin's signal from its cycle on, where cycles after it were looked at, kSeries more at most.
  [[nodiscard]] std::vector<check::Mismatch> series() const {
    if (!origin_) return {};
    std::vector<check::Mismatch> all{*origin_};
    all.insert(all.end(), later_.begin(), later_.end());
    return all;
  }
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
  void detect(const check::Mismatch& mismatch) {
    if (mismatch.checker == check::Checker::registers) return;
    if (!detection_ || order(mismatch) < order(*detection_)) detection_ = mismatch;
  }

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

  std::vector<check::Mismatch> kept_, later_;
  std::optional<check::Mismatch> origin_, detection_;
  std::array<std::uint64_t, check::kCheckers> counts_{};
};

}  // namespace systole::session
