// SPDX-License-Identifier: Apache-2.0
#pragma once
// Standard output and error where they are full or closed.
#include <string_view>

namespace systole::base {

/// Gives standard input, output and error a descriptor where the caller closed one: the next file that is opened would
/// take its number, and the program's tables would go into it. Writing to such an output fails. To be called first in
/// main().
void hold_standard_streams() noexcept;

/// "systole: MESSAGE" and a line feed on standard error. Never throws: an error that cannot be shown keeps its exit
/// code.
void print_error(std::string_view message) noexcept;

}  // namespace systole::base
