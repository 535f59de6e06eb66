// SPDX-License-Identifier: Apache-2.0
#include "cli/compare_runs.h"

#include <fmt/format.h>

#include "base/terminal.h"
#include "report/comparison.h"

namespace systole::cli {

int compare_two_runs(const std::string& a, const std::string& b, const TableFiles& files, bool quiet) {
  constexpr std::size_t kMost = 20;  // of a kind
  const report::Comparison comparison = compare_runs(report::read_compared(a), report::read_compared(b));
  files.write(comparison_table(comparison));
  const int code = exit_code(comparison);
  const base::Table shown = comparison_table(comparison, kMost);
  if (!quiet && !shown.rows.empty()) {
    fmt::print("{}", terminal_table(shown));
    const std::size_t more = comparison.differences.size() - shown.rows.size();
    if (more > 0) fmt::print("and {} more (--json FILE has all)\n", more);
  }
  fmt::print("{}\n", base::in_tone(comparison_note(comparison), code == 0 ? base::Tone::good : base::Tone::bad));
  return code;
}

}  // namespace systole::cli
