// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

namespace systole::report {

/// The folder of the run that a user means by a run's own folder, by DIR:N (run N in a folder of regressions) or by DIR
/// (its newest); an empty path where it is none of these. Throws base::InputError where there is no run N.
[[nodiscard]] std::filesystem::path regression_at(const std::string& place);

}  // namespace systole::report
