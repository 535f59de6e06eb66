// SPDX-License-Identifier: Apache-2.0
#include "regress/ledger.h"

#include <fmt/format.h>

#include <numeric>
#include <vector>

namespace systole::regress {

std::size_t Ledger::ended() const { return count(Verdict::passed) + count(Verdict::failed) + count(Verdict::lost); }

std::string Ledger::text() const {
  std::vector<std::string> terms;
  for (std::size_t i = 0; i < kVerdicts; ++i)
    terms.push_back(fmt::format("{} {}", counts_[i], to_string(static_cast<Verdict>(i))));
  return fmt::format("planned {} = {}", planned_, fmt::join(terms, " + "));
}

std::string Ledger::objection(std::size_t kept) const {
  const std::size_t sum = std::accumulate(counts_.begin(), counts_.end(), std::size_t{0});
  if (sum != planned_) return fmt::format("{} of {} jobs are counted", sum, planned_);
  if (kept != ended()) return fmt::format("{} results are kept of {} jobs that ended", kept, ended());
  return {};
}

}  // namespace systole::regress
