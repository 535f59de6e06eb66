// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <optional>
#include <string>

namespace systole::report {

/// How many mutants a sign-off killed of those that are not proved equivalent.
struct MutationScore {
  std::string text;    ///< "88 of 93 (94.6 %)"
  double percent = 0;  ///< 0 .. 100
};

/// Of the sign-off that a run of regressions belongs to: what the nearest signoff.json says that lies in its folder
/// (DIR/runs/N), in DIR, or where DIR lies, as that of `systole signoff` does. Nothing where there is none, it cannot
/// be read, or its mutants were not run.
[[nodiscard]] std::optional<MutationScore> mutation_score(const std::filesystem::path& run);

}  // namespace systole::report
