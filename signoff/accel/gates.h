// SPDX-License-Identifier: Apache-2.0
#pragma once
// The sign-off of accel: which gates a level has, on which models.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "signoff/gates/gate.h"
#include "signoff/gates/lint.h"

namespace systole::signoff {

/// What a run reads, copied when it began: an edit meanwhile changes nothing in it.
struct Frozen {
  std::filesystem::path folder;      ///< with rtl/, formal/ and the rest as they were
  std::vector<std::string> sources;  ///< "rtl/ctrl.v", in name order
  std::string rtl_sha256, program_sha256;
};

/// Copies what gates read of the source folder into `to`, which is made anew. Throws base::InputError where something
/// is missing, and where the RTL is not that of this program's models.
[[nodiscard]] Frozen freeze(const std::filesystem::path& sources, const std::filesystem::path& to);

/// Where the gate `regressions` looks.
struct RegressionRuns {
  std::filesystem::path folder;
  /// Makes a run of the plan there; empty: somebody else's runs are there.
  std::function<void(const std::filesystem::path& plan)> run;
};

/// The gates of a level of the file `levels`, signoff/levels.json where it is empty, in their order. `frozen` must
/// outlive them. Throws base::InputError for a level that there is none of.
[[nodiscard]] std::vector<Gate> gates_of(const Frozen& frozen, const std::string& levels, const std::string& level,
                                         const std::vector<LintedConfiguration>& configurations,
                                         const RegressionRuns& regressions, int workers);

}  // namespace systole::signoff
