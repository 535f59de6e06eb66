// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace systole::signoff {

/// The first line that a tool says of its version; "not installed" where it does not run.
[[nodiscard]] std::string version_of(const std::string& tool, const std::string& option);

}  // namespace systole::signoff
