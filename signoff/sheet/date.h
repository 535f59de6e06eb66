// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

namespace systole::signoff {

/// Whether it is a day of the calendar as "2026-11-29"; two of them compare as text.
[[nodiscard]] bool is_date(std::string_view text);

/// The same with a time behind it: "2026-11-29 22:21:37".
[[nodiscard]] bool is_date_and_time(std::string_view text);

}  // namespace systole::signoff
