// SPDX-License-Identifier: Apache-2.0
#include "sim/session/verdict.h"

#include <fmt/format.h>

#include "base/counted.h"

namespace systole::session {

std::string failing_test(const RunOptions& options, std::string_view network, std::string_view layer) {
  return fmt::format("{}.{}.{}.stall_{}", options.test, network, layer, to_string(options.stall));
}

std::string differing(std::uint64_t values) {
  return base::counted(values, "value") + (values == 1 ? " differs" : " differ");
}

std::string failure_lines(std::string_view test, kernel::Outcome outcome, std::string_view detail, std::uint64_t seed,
                          std::string_view rerun) {
  return fmt::format("{}  {}  {}  seed {}\n  re-run: {}", test, to_string(outcome), detail, seed, rerun);
}

void judge_counts(RunReport& report, check::CheckLevel level, const std::string& canary_missing) {
  if (report.outcome != kernel::Outcome::passed) return;
  if (level == check::CheckLevel::none) {
    report.outcome = kernel::Outcome::not_checked;
    report.detail = "--check none compares nothing";
  } else if (!canary_missing.empty()) {
    report.outcome = kernel::Outcome::unproven;
    report.detail = canary_missing;
  } else if (report.compared == 0 || report.compared != report.expected_compared) {
    report.outcome = kernel::Outcome::nothing_compared;
    report.detail = fmt::format("{} values compared, {} expected", report.compared, report.expected_compared);
  }
}

}  // namespace systole::session
