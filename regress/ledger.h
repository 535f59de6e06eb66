// SPDX-License-Identifier: Apache-2.0
#pragma once
// What became of every job that was planned. The sum is not made by counting what is left: each end is entered when it
// happens, and the results that lie in the run's folder are counted again.
#include <array>
#include <cstddef>
#include <string>

#include "regress/result.h"

namespace systole::regress {

class Ledger {
 public:
  explicit Ledger(std::size_t planned) : planned_(planned) {}
  void add(Verdict verdict) { ++counts_[static_cast<std::size_t>(verdict)]; }

  [[nodiscard]] std::size_t planned() const { return planned_; }
  [[nodiscard]] std::size_t count(Verdict verdict) const { return counts_[static_cast<std::size_t>(verdict)]; }
  /// Passed, failed and lost.
  [[nodiscard]] std::size_t ended() const;

  /// "planned 12 = 9 passed + 1 failed + 0 lost + 2 skipped + 0 cancelled"
  [[nodiscard]] std::string text() const;
  /// Empty where it closes: every job is counted once, and `kept` results lie there, one for each that has ended.
  /// Otherwise what does not.
  [[nodiscard]] std::string objection(std::size_t kept) const;

 private:
  std::size_t planned_;
  std::array<std::size_t, kVerdicts> counts_{};
};

}  // namespace systole::regress
