// SPDX-License-Identifier: Apache-2.0
#pragma once
// A wish to end: Ctrl-C, `timeout`, a batch system, a terminal that closes. It becomes a flag that loops look at, so
// that a run ends with its report written and its trace closed.

namespace systole::base {

/// Catches SIGINT, SIGTERM and SIGHUP while it lives; the handlers of before come back afterwards. A second signal of
/// the same kind ends the process at once. A SIGHUP that is ignored (`nohup`) stays ignored.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  InterruptGuard(InterruptGuard&&) = delete;
  InterruptGuard& operator=(InterruptGuard&&) = delete;
};

/// One of the signals came since the last guard was made.
bool interrupted();

/// Before another program takes this one's place: a signal that came ends the process, as one does that comes from now
/// on until that program catches it. Without this the flag would be lost with this program.
void let_signals_end_it();

/// 128 + the number of the signal that came first, as a shell shows a process that a signal ended; SIGINT's where none
/// came.
int interrupt_exit_code();

}  // namespace systole::base
