// SPDX-License-Identifier: Apache-2.0
#pragma once
// Ctrl-C: a flag that loops look at, so that a run ends with its report written and its trace closed.

namespace systole::base {

/// Catches SIGINT while it lives; the handler of before comes back afterwards. A second SIGINT ends the process at
/// once.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  InterruptGuard(InterruptGuard&&) = delete;
  InterruptGuard& operator=(InterruptGuard&&) = delete;
};

/// SIGINT came since the guard was made.
bool interrupted();

}  // namespace systole::base
