// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gate: jobs of `systole regress` on the RTL as it is now, of however many nights.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "signoff/gates/gate.h"
#include "signoff/sheet/evidence.h"

namespace systole::signoff {

struct RegressionsQuestion {
  std::filesystem::path folder;  ///< of `systole regress`
  std::string rtl_sha256;        ///< of models whose results count
  std::uint64_t least = 0;       ///< jobs that must have passed
  std::function<void()> run;     ///< makes a run there; empty: the runs that are there are all
};

/// Reads runs from the newest on, until one has no result of that RTL: it changed since. Of each job the newest result
/// counts. Findings: "regressions JOB" where it did not pass, "... flaky JOB" where the same job on the same programs
/// had another result before, "... unreadable RUN", "... too few".
[[nodiscard]] Evidence check_regressions(const RegressionsQuestion& question, const GateProgress& progress = {});

/// What such evidence depends on: a SHA-256 of the summaries of all runs in the folder.
[[nodiscard]] std::string regressions_sha256(const std::filesystem::path& folder);

}  // namespace systole::signoff
