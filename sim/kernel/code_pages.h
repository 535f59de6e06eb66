// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where in memory the program's code lies.

namespace systole::kernel {

/// Moves the program's code to other physical pages, at the same addresses. The speed of a Verilated model, whose code
/// is larger than a first-level cache, hangs on them: the same binary copied to another file has run a third slower. To
/// be called between the rounds of a measurement, so that its median is that of no single placement. Other threads may
/// run on. Does nothing where the system does not allow it.
void move_code_pages();

}  // namespace systole::kernel
