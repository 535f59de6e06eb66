// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace systole::base {

/// The time now, UTC, as strftime formats it; 31 characters at most.
[[nodiscard]] std::string utc_now(const char* format = "%Y-%m-%d %H:%M:%S");

}  // namespace systole::base
